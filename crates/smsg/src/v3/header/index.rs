//! The time index of a part: from a moment to the first byte that a decoder needs.
//!
//! ```text
//! pair j: varint ticks later than the pair before, varint bytes behind the beginning of the part's chunk j * step
//! ```
//!
//! A pair is about the first frame that begins in its chunk or behind it: frames can be longer than a chunk.

use super::geometry::Geometry;
use crate::v3::{error::Refused, limits::MAX_INTEGER};

/// A frame from which a decoder can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// When it plays, ticks.
    pub ticks: u64,
    /// Where it begins in the part, bytes.
    pub byte: u64,
}

/// Marks of a part, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeIndex(Vec<Mark>);

const BAD: Refused = Refused::BadMember { of: "part", member: "index" };

impl TimeIndex {
    pub(super) fn parse(
        mut bytes: &[u8],
        geometry: &Geometry,
        part: usize,
        step: u64,
    ) -> Result<Self, Refused> {
        let (chunks, len) = geometry.part(part).zip(geometry.part_bytes(part)).ok_or(BAD)?;
        let mut marks: Vec<Mark> = Vec::new();
        let mut ticks = 0u64;
        while !bytes.is_empty() {
            let behind = step.checked_mul(marks.len() as u64).ok_or(BAD)?;
            let chunk = u32::try_from(behind).ok().and_then(|behind| chunks.start.checked_add(behind));
            let chunk = chunk.filter(|chunk| chunks.contains(chunk)).ok_or(BAD)?;
            let start = geometry.chunk(chunk).ok_or(BAD)?.plain.start;
            ticks =
                ticks.checked_add(varint(&mut bytes)?).filter(|ticks| *ticks <= MAX_INTEGER).ok_or(BAD)?;
            let byte = start.checked_add(varint(&mut bytes)?).filter(|byte| *byte < len).ok_or(BAD)?;
            if marks.last().is_some_and(|last| byte < last.byte) {
                return Err(BAD);
            }
            marks.push(Mark { ticks, byte });
        }
        Ok(Self(marks))
    }

    /// The index of a part from all its frames, in order; its bytes, and how many chunks are between pairs, are for
    /// [`super::PartDraft`]. As coarse as it must be to stay below the cap.
    #[must_use]
    pub fn build(geometry: &Geometry, part: usize, frames: &[Mark]) -> Option<(Vec<u8>, u64)> {
        Self::build_within(geometry, part, frames, crate::v3::limits::MAX_INDEX)
    }

    /// [`Self::build`] in at most `max` bytes: a header with many parts has less room for each.
    #[must_use]
    pub fn build_within(
        geometry: &Geometry,
        part: usize,
        frames: &[Mark],
        max: usize,
    ) -> Option<(Vec<u8>, u64)> {
        let max = max.min(crate::v3::limits::MAX_INDEX);
        let chunks = geometry.part(part)?;
        (0..32).map(|power| 1u32 << power).find_map(|step| {
            let (mut bytes, mut ticks, mut at) = (Vec::new(), 0, 0);
            for chunk in chunks.clone().step_by(step as usize) {
                let start = geometry.chunk(chunk)?.plain.start;
                at += frames.get(at..)?.partition_point(|frame| frame.byte < start);
                let Some(frame) = frames.get(at) else { break };
                write_varint(&mut bytes, frame.ticks.checked_sub(ticks)?);
                write_varint(&mut bytes, frame.byte - start);
                ticks = frame.ticks;
            }
            (bytes.len() <= max).then_some((bytes, u64::from(step)))
        })
    }

    /// The last mark that does not play behind this moment; the first one for moments before it.
    #[must_use]
    pub fn seek(&self, ticks: u64) -> Option<Mark> {
        let after = self.0.partition_point(|mark| mark.ticks <= ticks);
        self.0.get(after.saturating_sub(1)).copied()
    }

    /// The marks.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.0
    }
}

/// Unsigned LEB128 of at most 8 bytes, in the fewest that do.
fn varint(bytes: &mut &[u8]) -> Result<u64, Refused> {
    let mut value = 0;
    for at in 0..8 {
        let (&byte, rest) = bytes.split_first().ok_or(BAD)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return if byte == 0 && at > 0 { Err(BAD) } else { Ok(value) };
        }
    }
    Err(BAD)
}

fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
