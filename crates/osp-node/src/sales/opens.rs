//! What a licence is to open, of a file that is sealed already: from names and stretches to chunks.
//!
//! Cuts and tiers that were declared when the file was sealed are exact. A stretch that is thought of later is rounded outwards to
//! whole chunks: it gives away up to 64 KiB at either end, and never lacks what it promises.

use crate::sealed::release::ranges::{Stretch, Stretches};
use smsg::v3::{Header, Refused, ranges::Ranges};
use std::ops::Range;

/// What is sold; nothing: everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opens {
    /// A declared cut.
    pub cut: Option<String>,
    /// A tier.
    pub tier: Option<String>,
    /// A stretch.
    pub range: Option<Stretches>,
}

/// The file has no such thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpensError {
    /// A cut.
    #[error("there is no cut {name:?} in this release; it has {}", .there)]
    NoSuchCut {
        /// What was asked for.
        name: String,
        /// Those there are, for people.
        there: String,
    },
    /// A tier.
    #[error("there is no tier {name:?} in this release; it has {}", .there)]
    NoSuchTier {
        /// What was asked for.
        name: String,
        /// Those there are, for people.
        there: String,
    },
    /// A track.
    #[error("there is no track {0}; this release has {1}")]
    NoSuchTrack(usize, usize),
    /// Nothing is left.
    #[error(
        "what was asked for takes nothing out of this release; times need a time index, and must lie before the end"
    )]
    Nothing,
    /// It is in too many pieces.
    #[error("this is in too many pieces for a licence: {0}")]
    Refused(#[from] Refused),
}

impl Opens {
    /// Whether a part of the release only was asked for.
    #[must_use]
    pub fn is_part(&self) -> bool {
        *self != Self::default()
    }

    /// The chunks: of cut, tier and stretch what they have in common.
    ///
    /// # Errors
    /// [`OpensError`].
    pub fn ranges(&self, header: &Header) -> Result<Ranges, OpensError> {
        let mut found = Ranges::all(header.geometry().chunks());
        if let Some(name) = &self.cut {
            let cut = header.cuts.iter().find(|cut| cut.name == *name);
            let there = || list(header.cuts.iter().map(|cut| cut.name.as_str()));
            let cut = cut.ok_or_else(|| OpensError::NoSuchCut { name: name.clone(), there: there() })?;
            found = common(&found, &cut.ranges)?;
        }
        if let Some(name) = &self.tier {
            found = common(&found, &tier(header, name)?)?;
        }
        if let Some(stretches) = &self.range {
            let mut chunks = Vec::new();
            for stretch in &stretches.0 {
                chunks.extend(stretched(header, stretch)?);
            }
            if chunks.is_empty() {
                return Err(OpensError::Nothing);
            }
            found = common(&found, &Ranges::union(chunks)?)?;
        }
        Ok(found)
    }
}

/// Chunks of the tier, and of parts that belong to all.
fn tier(header: &Header, name: &str) -> Result<Ranges, OpensError> {
    let tiers = || header.parts().iter().filter_map(|part| part.tier.as_deref());
    if !tiers().any(|tier| tier == name) {
        return Err(OpensError::NoSuchTier { name: name.to_owned(), there: list(tiers()) });
    }
    let parts = header.parts().iter().enumerate();
    let parts = parts.filter(|(_, part)| part.tier.as_deref().is_none_or(|tier| tier == name));
    Ok(Ranges::union(parts.filter_map(|(at, _)| header.geometry().part(at)))?)
}

fn stretched(header: &Header, stretch: &Stretch) -> Result<Vec<Range<u32>>, OpensError> {
    let music: Vec<usize> = header
        .parts()
        .iter()
        .enumerate()
        .filter(|(_, part)| {
            part.mime.starts_with("audio/") || part.mime.starts_with("video/") || part.scale.is_some()
        })
        .map(|(at, _)| at)
        .collect();
    match stretch {
        Stretch::Time { from, to } => {
            Ok(music.iter().filter_map(|part| timed(header, *part, *from, *to)).collect())
        }
        Stretch::Tracks(tracks) if music.len() == 1 && !header.tracks.is_empty() => {
            let marks = header.tracks.get(tracks.start() - 1..*tracks.end());
            let marks = marks.ok_or(OpensError::NoSuchTrack(*tracks.end(), header.tracks.len()))?;
            let chunks = marks.iter().flat_map(|mark| match &mark.ranges {
                Some(ranges) => ranges.as_slice().to_vec(),
                None => timed(header, music[0], mark.start, Some(mark.end)).into_iter().collect(),
            });
            Ok(chunks.collect())
        }
        Stretch::Tracks(tracks) => {
            let parts = music.get(tracks.start() - 1..*tracks.end());
            let parts = parts.ok_or(OpensError::NoSuchTrack(*tracks.end(), music.len()))?;
            Ok(parts.iter().filter_map(|part| header.geometry().part(*part)).collect())
        }
    }
}

/// Chunks of a stretch of time, by the part's index; `None` if it has none, or ends before.
fn timed(header: &Header, number: usize, from: u64, to: Option<u64>) -> Option<Range<u32>> {
    let (part, geometry) = (header.parts().get(number)?, header.geometry());
    let scale = part.scale?;
    // A player cannot begin in the middle of MP4 without what stands before the frames.
    if part.init.is_none() && (part.mime.ends_with("/mp4") || part.mime.ends_with("m4a")) {
        return None;
    }
    let ticks =
        |millis: u64| u64::try_from(u128::from(millis) * u128::from(scale) / 1000).unwrap_or(u64::MAX);
    let marks = part.index.marks();
    let first = marks.first()?;
    let start_ticks = ticks(from);
    if part.duration.is_some_and(|duration| start_ticks >= duration) {
        return None;
    }
    let start = if start_ticks <= first.ticks { 0 } else { part.index.seek(start_ticks)?.byte };
    let length = geometry.part_bytes(number)?;
    let end = to.map(ticks).map_or(length, |to| {
        marks.get(marks.partition_point(|mark| mark.ticks < to)).map_or(length, |mark| mark.byte)
    });
    geometry.chunks_of(number, start..end).filter(|chunks| !chunks.is_empty())
}

/// What is in both.
fn common(a: &Ranges, b: &Ranges) -> Result<Ranges, OpensError> {
    let both = a.as_slice().iter().flat_map(|a| {
        let within = move |b: &Range<u32>| a.start.max(b.start)..a.end.min(b.end);
        b.as_slice().iter().map(within).filter(|range| range.start < range.end)
    });
    let both: Vec<Range<u32>> = both.collect();
    if both.is_empty() { Err(OpensError::Nothing) } else { Ok(Ranges::union(both)?) }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: std::collections::BTreeSet<&str> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.into_iter().collect::<Vec<_>>().join(", ") }
}
