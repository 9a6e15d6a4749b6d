//! The tables of a track (ISO/IEC 14496-12, 8.6 and 8.7), and what is not heard of it.
//!
//! ```text
//! stts  count(4) · { samples(4) ticks of each(4) }
//! stsc  count(4) · { first chunk(4) samples of each from there on(4) description(4) }
//! stsz  size of all(4), or 0 · count(4) · { size(4) }
//! stco  count(4) · { place(4) }              co64: of 8 bytes
//! ```
//!
//! What encoders add is told by an edit list, or by iTunes as text: `00000000 delay padding samples …` in hexadecimal.

use crate::remux::{RemuxError, damaged};

/// What is needed of a track.
pub(super) struct Track {
    pub(super) scale: u32,
    /// Ticks before the sound.
    pub(super) start: u64,
    /// The tick behind it.
    pub(super) end: u64,
    times: Vec<(u32, u32)>,
    /// A decoder gives as many samples of every frame.
    of_one_length: bool,
    per_chunk: Vec<(u32, u32)>,
    /// Size of all, if not 0.
    size: u32,
    count: u32,
    sizes: Vec<u8>,
    chunks: Vec<u64>,
}

/// A frame among the tables.
#[derive(Clone, Default)]
pub(super) struct Place {
    sample: u32,
    time: u64,
    /// Which entry of `times`, and how many of it are behind.
    time_entry: (usize, u32),
    chunk: usize,
    chunk_entry: usize,
    in_chunk: u32,
    byte: u64,
}

/// Where a frame is, and when.
pub(super) struct Frame {
    pub(super) byte: u64,
    pub(super) size: u32,
    pub(super) time: u64,
    pub(super) ticks: u32,
}

impl Track {
    pub(super) fn first(&self) -> Place {
        Place { byte: self.chunks.first().copied().unwrap_or(0), ..Place::default() }
    }

    /// `None` behind the last.
    pub(super) fn frame(&self, place: &Place) -> Option<Frame> {
        if place.sample >= self.count || place.chunk >= self.chunks.len() {
            return None;
        }
        let (_, mut ticks) = *self.times.get(place.time_entry.0)?;
        if self.of_one_length && place.sample + 1 == self.count {
            // Of the last frame tables often count only what is heard; a decoder gives all of it.
            ticks = ticks.max(self.times.first().map_or(0, |(_, ticks)| *ticks));
        }
        Some(Frame { byte: place.byte, size: self.size_of(place.sample)?, time: place.time, ticks })
    }

    fn size_of(&self, sample: u32) -> Option<u32> {
        if self.size > 0 { Some(self.size) } else { word(&self.sizes, sample as usize * 4) }
    }

    pub(super) fn advance(&self, place: &mut Place) {
        let Some(frame) = self.frame(place) else { return };
        place.sample += 1;
        place.time = place.time.saturating_add(frame.ticks.into());
        place.time_entry.1 += 1;
        while self.times.get(place.time_entry.0).is_some_and(|(count, _)| place.time_entry.1 >= *count) {
            place.time_entry = (place.time_entry.0 + 1, 0);
        }
        place.in_chunk += 1;
        place.byte = place.byte.saturating_add(frame.size.into());
        let of_chunk = self.per_chunk.get(place.chunk_entry).map_or(u32::MAX, |(_, samples)| *samples);
        if place.in_chunk >= of_chunk {
            (place.chunk, place.in_chunk) = (place.chunk + 1, 0);
            let next = self.per_chunk.get(place.chunk_entry + 1);
            if next.is_some_and(|(first, _)| place.chunk as u64 + 1 >= u64::from(*first)) {
                place.chunk_entry += 1;
            }
            place.byte = self.chunks.get(place.chunk).copied().unwrap_or(u64::MAX);
        }
    }
}

/// The boxes one behind another in `bytes`, by their kind and what is in them.
fn children(mut bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8], &[u8])> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let kind = *rest.first_chunk::<4>()?;
        let (whole, behind) = bytes.split_at_checked(if length == 0 { bytes.len() } else { length })?;
        bytes = behind;
        Some((kind, whole.get(8..)?, whole))
    })
}

/// What is in the first box of this kind.
pub(super) fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    children(bytes).find(|(found, ..)| found == kind).map(|(_, body, _)| body)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_be_bytes(*word))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|long| u64::from_be_bytes(*long))
}

/// The entries of a table of pairs, `width` bytes each.
fn pairs(table: &[u8], width: usize) -> Vec<(u32, u32)> {
    let count = word(table, 4).unwrap_or(0) as usize;
    let entries = table.get(8..).unwrap_or_default().chunks_exact(width);
    entries.take(count).filter_map(|entry| Some((word(entry, 0)?, word(entry, 4)?))).collect()
}

/// The description of the first audio track's samples, and its tables. `at` is where `moov` is, for what is said of damage.
pub(super) fn read(moov: &[u8], at: u64) -> Result<(&[u8], Track), RemuxError> {
    if child(moov, b"mvex").is_some() {
        return Err(RemuxError::Unsupported("MP4 in fragments"));
    }
    for (_, trak, _) in children(moov).filter(|(kind, ..)| kind == b"trak") {
        let Some(mdia) = child(trak, b"mdia") else { continue };
        if child(mdia, b"hdlr").and_then(|hdlr| hdlr.get(8..12)) == Some(b"soun") {
            return match track(moov, trak, mdia) {
                Some(found) => Ok(found),
                None => damaged(at, "tables that tell of no frames"),
            };
        }
    }
    Err(RemuxError::Unsupported("an MP4 file without sound"))
}

fn track<'a>(moov: &[u8], trak: &'a [u8], mdia: &'a [u8]) -> Option<(&'a [u8], Track)> {
    let head = child(mdia, b"mdhd")?;
    let scale = word(head, if head.first() == Some(&1) { 20 } else { 12 }).filter(|scale| *scale > 0)?;
    let stbl = child(child(mdia, b"minf")?, b"stbl")?;
    let (_, _, entry) = children(child(stbl, b"stsd")?.get(8..)?).next()?;
    let times: Vec<_> = pairs(child(stbl, b"stts")?, 8).into_iter().filter(|(count, _)| *count > 0).collect();
    let per_chunk = pairs(child(stbl, b"stsc")?, 12);
    let stsz = child(stbl, b"stsz")?;
    let (size, count) = (word(stsz, 4)?, word(stsz, 8)?);
    let chunks: Vec<u64> = match (child(stbl, b"stco"), child(stbl, b"co64")) {
        (Some(short), _) => {
            short.get(8..)?.chunks_exact(4).filter_map(|entry| word(entry, 0)).map(u64::from).collect()
        }
        (None, Some(wide)) => wide.get(8..)?.chunks_exact(8).filter_map(|entry| long(entry, 0)).collect(),
        (None, None) => return None,
    };
    let all = times
        .iter()
        .fold(0u64, |sum, (count, ticks)| sum.saturating_add(u64::from(*count) * u64::from(*ticks)));
    let (start, end) = itunes(moov).or_else(|| edit(moov, trak, scale, all)).unwrap_or((0, all));
    let sizes = stsz.get(12..).unwrap_or_default().to_vec();
    let track = Track {
        scale,
        start: start.min(all),
        end: end.min(all),
        times,
        of_one_length: entry.get(4..8) != Some(b"fLaC"),
        per_chunk,
        size,
        count,
        sizes,
        chunks,
    };
    track.frame(&track.first())?;
    Some((entry, track))
}

/// By the first edit that is not a pause: of its length only in so far as the ticks of the movie can tell it.
fn edit(moov: &[u8], trak: &[u8], scale: u32, all: u64) -> Option<(u64, u64)> {
    let mvhd = child(moov, b"mvhd")?;
    let coarse = u64::from(word(mvhd, if mvhd.first() == Some(&1) { 20 } else { 12 })?.max(1));
    let list = child(child(trak, b"edts")?, b"elst")?;
    let wide = list.first() == Some(&1);
    let edits = list.get(8..)?.chunks_exact(if wide { 20 } else { 12 });
    let (length, start) = edits
        .filter_map(|edit| match wide {
            true => Some((long(edit, 0)?, long(edit, 8)? as i64)),
            false => Some((word(edit, 0)?.into(), i64::from(word(edit, 4)? as i32))),
        })
        .find(|(_, start)| *start >= 0)?;
    let start = start as u64;
    let length = u128::from(length) * u128::from(scale) / u128::from(coarse);
    let (end, step) = (start.saturating_add(length as u64), u64::from(scale).div_ceil(coarse));
    // What the tables say is finer, if it is the same.
    Some((start, if end == start || end.saturating_add(step) >= all { all } else { end }))
}

fn itunes(moov: &[u8]) -> Option<(u64, u64)> {
    let list = child(child(moov, b"udta")?, b"meta")?;
    let list = child(list.get(4..)?, b"ilst")?;
    let note = children(list).find(|(kind, body, _)| {
        kind == b"----" && child(body, b"name").is_some_and(|name| name.ends_with(b"iTunSMPB"))
    })?;
    let text = std::str::from_utf8(child(note.1, b"data")?.get(8..)?).ok()?;
    let mut fields = text.split_whitespace().skip(1).map(|field| u64::from_str_radix(field, 16).ok());
    let (delay, _padding, samples) = (fields.next()??, fields.next()??, fields.next()??);
    (samples > 0).then(|| (delay, delay.saturating_add(samples)))
}
