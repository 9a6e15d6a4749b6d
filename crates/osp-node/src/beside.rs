//! What a Track Record names beside its audio: cover, waveform and lyrics, each of them small.

use crate::publish::lyrics::MAX_LYRICS_BYTES;
use osp_core::{Cid, record::TrackRecord};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beside {
    pub(crate) cid: Cid,
    /// For people.
    pub(crate) what: &'static str,
    /// Bytes from which on it is not what it says.
    pub(crate) max_size: u64,
}

impl Beside {
    /// All that a record names.
    pub(crate) fn of(track: &TrackRecord) -> Vec<Self> {
        let all = [
            (track.artwork(), "cover", osp_media::image::MAX_COVER_BYTES),
            (track.waveform(), "waveform", osp_player::waveform::MAX_BYTES as u64),
            (track.lyrics(), "lyrics", MAX_LYRICS_BYTES),
        ];
        all.into_iter().filter_map(|(cid, what, max_size)| Some(Self { cid: cid?, what, max_size })).collect()
    }
}
