//! Where samples go.

mod null;
mod program;
mod wav;

pub use null::NullSink;
pub use program::{PROGRAMS, ProgramSink};
pub use wav::WavSink;

use crate::Format;
use std::io;

/// Takes a stream of samples. Implementors block as long as they have enough, so that a device sets the pace.
pub trait Sink: Send {
    /// Begins; called once. `wanted` is the format of the first track, the answer what will be written: the same, or what
    /// the device can do.
    ///
    /// # Errors
    /// [`SinkError`].
    fn start(&mut self, wanted: Format) -> Result<Format, SinkError>;

    /// Writes interleaved samples in the format that [`start`](Self::start) answered.
    ///
    /// # Errors
    /// [`SinkError`].
    fn write(&mut self, samples: &[f32]) -> Result<(), SinkError>;

    /// Forgets what was written and is not heard yet, where it can: the listener went elsewhere.
    fn discard(&mut self) {}

    /// Whether silence between writes does no harm. A device that runs dry crackles at most; a file would keep no trace.
    fn is_live(&self) -> bool {
        false
    }

    /// Lets what was written be heard to its end, or completes the file.
    ///
    /// # Errors
    /// [`SinkError`].
    fn finish(&mut self) -> Result<(), SinkError>;
}

/// Why samples went nowhere.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// Nothing here makes a sound.
    #[error("no sound device was found ({}); write a file with --output FILE.wav, or decode only with --null", .tried.join("; "))]
    NoDevice {
        /// What was tried, and what came of it.
        tried: Vec<String>,
    },
    /// The device stopped.
    #[error("the sound device stopped: {0}; check it, or use --output FILE.wav")]
    Device(String),
    /// The file cannot be written.
    #[error("cannot write the sound: {0}")]
    Write(#[from] io::Error),
    /// The file has reached the size its format can hold.
    #[error("a WAV file cannot be larger than 4 GiB, about four hours; play fewer tracks at once")]
    Full,
}
