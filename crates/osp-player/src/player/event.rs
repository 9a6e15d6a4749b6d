//! What the player is told, and what it tells.

use crate::{
    TrackInfo, Volume,
    decode::{DecodeError, OpenError, SeekError},
};
use std::time::Duration;

/// A wish of the listener's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Stop, or go on.
    Pause,
    /// Forward or back by so many seconds.
    SeekBy(i32),
    /// The next track.
    Next,
    /// The beginning of this track; at the beginning, the track before.
    Previous,
    /// Louder or softer by so many per cent.
    Volume(i8),
    /// Enough.
    Quit,
}

/// Something happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<E> {
    /// A track was opened and sounds next.
    Opened {
        /// Its number.
        index: usize,
        /// What is known of it.
        info: TrackInfo,
    },
    /// Its first samples are in the sink.
    FirstSound {
        /// Its number.
        index: usize,
        /// Since it was due.
        after: Duration,
    },
    /// It plays on.
    Progress {
        /// Its number.
        index: usize,
        /// The frame that comes next. A device is heard a fraction of a second behind.
        position: u64,
        /// What is known of it.
        info: TrackInfo,
        /// Gaps so far.
        stalls: u32,
    },
    /// Playing stands still, or goes on.
    Paused(bool),
    /// It is this loud now.
    Volume(Volume),
    /// The track is over.
    Ended {
        /// Its number.
        index: usize,
        /// What is known of it.
        info: TrackInfo,
        /// What was played of it.
        report: Report,
        /// How it came to its end.
        ended: Ended,
    },
    /// A track, or a wish, failed; playing goes on with what comes next.
    Failed {
        /// The track's number.
        index: usize,
        /// Why.
        failure: Failure<E>,
    },
}

/// How a track came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its last sample was played.
    Finished,
    /// The listener went on, or it broke.
    Left,
}

/// What was played of a track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Frames given to the sink, in the track's own rate.
    pub frames: u64,
    /// Samples: frames times channels.
    pub samples: u64,
    /// How often playing would have stood still for a listener who began at the first sound.
    pub stalls: u32,
    /// From when the track was due (it was asked for, or the one before had ended) to its first samples in the sink.
    pub first_sound: Option<Duration>,
    /// Whether it was decoded to its end.
    pub complete: bool,
}

/// Why a track was passed over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure<E> {
    /// It is not there.
    #[error("{0}")]
    Missing(E),
    /// It is no audio that can be played.
    #[error(transparent)]
    Open(OpenError),
    /// It broke in the middle.
    #[error(transparent)]
    Decode(DecodeError),
    /// It plays, but from another place than was wished.
    #[error(transparent)]
    Seek(SeekError),
}
