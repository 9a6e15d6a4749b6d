//! Sets of chunks: `[[a, b], ...]`, chunks `a` to `b - 1`.

use super::{
    error::Refused,
    json::Members,
    limits::{MAX_CHUNKS, MAX_RANGES},
};
use serde_json::Value;
use std::ops::Range;

/// 1 to 64 ranges, none empty, rising, with a gap between each two: one set has one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges(Vec<Range<u32>>);

impl Ranges {
    /// Takes ranges as they are.
    ///
    /// # Errors
    /// [`Refused::BadMember`] if they are not as said above, [`Refused::OverLimit`] if they are too many.
    pub fn new(ranges: Vec<Range<u32>>) -> Result<Self, Refused> {
        if ranges.len() > MAX_RANGES {
            return Err(Refused::OverLimit("ranges"));
        }
        let rising = ranges.windows(2).all(|pair| pair[0].end < pair[1].start);
        if ranges.is_empty() || !rising || ranges.iter().any(|range| range.start >= range.end) {
            return Err(Refused::BadMember { of: "chunks", member: "ranges" });
        }
        Ok(Self(ranges))
    }

    /// The set that these cover together, in its one form.
    ///
    /// # Errors
    /// As [`Ranges::new`].
    pub fn union(ranges: impl IntoIterator<Item = Range<u32>>) -> Result<Self, Refused> {
        let mut ranges: Vec<_> = ranges.into_iter().filter(|range| range.start < range.end).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        let mut joined: Vec<Range<u32>> = Vec::new();
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        Self::new(joined)
    }

    /// All chunks of a file that has so many.
    #[must_use]
    pub fn all(chunks: u32) -> Self {
        Self(std::iter::once(0..chunks.max(1)).collect())
    }

    /// The ranges, rising.
    #[must_use]
    pub fn as_slice(&self) -> &[Range<u32>] {
        &self.0
    }

    /// Whether a chunk is among them.
    #[must_use]
    pub fn contains(&self, chunk: u32) -> bool {
        let after = self.0.partition_point(|range| range.start <= chunk);
        after.checked_sub(1).is_some_and(|at| self.0[at].contains(&chunk))
    }

    /// One past the last chunk.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.0.last().map_or(0, |range| range.end)
    }

    /// How many chunks they are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    pub(super) fn parse(members: &Members<'_>, chunks: u32) -> Result<Self, Refused> {
        let bad = || members.bad("ranges");
        let mut ranges = Vec::new();
        for pair in members.array("ranges", 1, MAX_RANGES)? {
            let number = |value: &Value| {
                value.as_u64().filter(|n| *n <= MAX_CHUNKS).and_then(|n| u32::try_from(n).ok())
            };
            match pair.as_array().map(Vec::as_slice) {
                Some([a, b]) => ranges.push(number(a).ok_or_else(bad)?..number(b).ok_or_else(bad)?),
                _ => return Err(bad()),
            }
        }
        let ranges = Self::new(ranges).map_err(|_| bad())?;
        if ranges.end() <= chunks { Ok(ranges) } else { Err(bad()) }
    }

    pub(super) fn to_json(&self) -> Value {
        self.0.iter().map(|range| Value::from(vec![range.start, range.end])).collect()
    }
}
