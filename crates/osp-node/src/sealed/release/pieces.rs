//! What of a part a licence opens: all of it, or stretches that make a file of their own.
//!
//! ```text
//! part      |--- chunks ---|=== open ===|--- chunks ---|=== open ===|
//! virtual   init || === open === || === open ===         init: unless the first stretch is the part's beginning
//! ```

use smsg::v3::{Header, grant::Granted};
use std::ops::Range;

/// A part, as far as it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pieces {
    /// Whether that is all of it.
    pub(super) whole: bool,
    /// Whether `init` of the header goes before it.
    pub(super) init: bool,
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
        Some(Self { whole, init: first > 0 && header.parts()[part].init.is_some(), ranges })
    }

    /// Bytes of the stretches alone.
    pub(super) fn bytes(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).sum()
    }
}

/// `NAME (cut).mp3`.
pub(super) fn cut_name(name: &str) -> String {
    match name.rfind('.').filter(|at| *at > 0) {
        Some(dot) => format!("{} (cut){}", &name[..dot], &name[dot..]),
        None => format!("{name} (cut)"),
    }
}
