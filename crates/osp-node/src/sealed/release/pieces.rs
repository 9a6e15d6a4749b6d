//! What of a part a licence opens: all of it, or stretches that make a file of their own.
//!
//! ```text
//! part      |--- chunks ---|=== open ===|--- chunks ---|=== open ===|
//! virtual   init || === open === || === open ===         init: unless the first stretch is the part's beginning
//! ```
//!
//! The beginning of a WAV file says how long all of it is. A cut that begins with it gets the header's init in its place.

use smsg::v3::{Header, grant::Granted};
use std::ops::Range;

/// A part, as far as it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pieces {
    /// Whether that is all of it.
    pub(super) whole: bool,
    /// Whether `init` of the header goes before it.
    pub(super) init: bool,
    /// Bytes at the beginning of the first chunk that are left out.
    pub(super) skip: usize,
    /// Bytes of the part, rising.
    pub(super) ranges: Vec<Range<u64>>,
}

impl Pieces {
    /// Of part `part`; `None` if nothing of it opens.
    pub(super) fn of(header: &Header, granted: &Granted, part: usize) -> Option<Self> {
        let geometry = header.geometry();
        let (chunks, size) = (geometry.part(part)?, geometry.part_bytes(part)?);
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for range in granted.terms.ranges.as_slice() {
            let (from, to) = (range.start.max(chunks.start), range.end.min(chunks.end));
            if from < to {
                ranges.push(geometry.chunk(from)?.plain.start..geometry.chunk(to - 1)?.plain.end);
            }
        }
        let first = ranges.first()?.start;
        let whole = ranges.as_slice() == std::slice::from_ref(&(0..size));
        let said = &header.parts()[part];
        let skip = if whole || first > 0 { 0 } else { length_of_wav_beginning(said).min(ranges[0].end) };
        ranges[0].start += skip;
        let init = said.init.is_some() && (first > 0 || skip > 0);
        // Below a chunk's length.
        Some(Self { whole, init, skip: skip as usize, ranges })
    }

    /// What goes before the stretches. A WAV beginning is for any number of samples; here it is known.
    pub(super) fn beginning(&self, header: &Header, part: usize) -> Vec<u8> {
        let init = header.parts().get(part).and_then(|part| part.init.as_deref()).filter(|_| self.init);
        let init = init.unwrap_or_default();
        osp_media::timeline::sized_wav(init, self.bytes()).unwrap_or_else(|| init.to_vec())
    }

    /// Bytes of the stretches alone.
    pub(super) fn bytes(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).sum()
    }
}

/// Bytes before the first sample of a WAV file; 0 of others.
fn length_of_wav_beginning(part: &smsg::v3::header::Part) -> u64 {
    let wav = part.init.as_ref().is_some_and(|init| osp_media::timeline::sized_wav(init, 0).is_some());
    let first = part.index.marks().first().filter(|mark| wav && mark.ticks == 0);
    first.map_or(0, |mark| mark.byte).min(smsg::v3::limits::CHUNK as u64)
}

/// `NAME (cut).mp3`.
pub(super) fn cut_name(name: &str) -> String {
    match name.rfind('.').filter(|at| *at > 0) {
        Some(dot) => format!("{} (cut){}", &name[..dot], &name[dot..]),
        None => format!("{name} (cut)"),
    }
}
