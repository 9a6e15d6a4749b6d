//! Which part of an MP4's audio is meant to be heard: its edit list, which Symphonia passes over.
//!
//! Encoders put their delay before the first sound and padding behind the last; the edit list (ISO/IEC 14496-12, 8.6.6) says
//! where the music begins and how long it is:
//!
//! ```text
//! moov ── mvhd   timescale of the movie
//!      └─ trak ── edts ── elst   [ length in the movie's timescale | first frame in the track's timescale, -1: silence ] ...
//!              └─ mdia ── mdhd   timescale of the track
//!                      └─ hdlr   "soun"
//! ```

use std::io::{self, Read, Seek, SeekFrom};

/// Largest `moov` that is searched; an hour's is below 2 MiB. Larger ones play without trimming.
const MAX_MOOV: u64 = 16 << 20;
/// Boxes at the top level that are looked at.
const MAX_TOP: usize = 64;

/// The part that is meant to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// Ticks of the track before it.
    start: u64,
    track_scale: u32,
    /// Ticks of the movie that it lasts.
    length: u64,
    movie_scale: u32,
}

impl Edit {
    /// Frames before the part, at `rate` frames in a second.
    pub(super) fn lead(&self, rate: u32) -> u64 {
        scaled(self.start, self.track_scale, rate)
    }

    /// Frames in it; `None` when the movie's timescale (often 1000) is too coarse to say it.
    pub(super) fn frames(&self, rate: u32) -> Option<u64> {
        let exact = self.movie_scale >= rate && self.movie_scale.is_multiple_of(rate);
        Some(scaled(self.length, self.movie_scale, rate)).filter(|n| exact && *n > 0)
    }
}

fn scaled(ticks: u64, scale: u32, rate: u32) -> u64 {
    let frames = u128::from(ticks) * u128::from(rate) / u128::from(scale.max(1));
    u64::try_from(frames).unwrap_or(u64::MAX)
}

/// The edit of the first sound track, if the file is an MP4 with exactly one that is more than "all of it". The reader is at
/// its beginning afterwards.
///
/// # Errors
/// The reader's.
pub(super) fn read(reader: &mut (impl Read + Seek)) -> io::Result<Option<Edit>> {
    let moov = find_moov(reader);
    reader.rewind()?;
    Ok(moov?.and_then(|moov| edit(&moov)))
}

fn find_moov(reader: &mut (impl Read + Seek)) -> io::Result<Option<Vec<u8>>> {
    let mut at = 0_u64;
    for number in 0..MAX_TOP {
        reader.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        let mut have = 0;
        while have < head.len() {
            match reader.read(&mut head[have..])? {
                0 => break,
                n => have += n,
            }
        }
        let kind = &head[4..8];
        if have < 8 || (number == 0 && kind != b"ftyp") {
            return Ok(None);
        }
        let short = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
        let (size, header) = match short {
            1 if have == 16 => (head[8..].iter().fold(0, |n, b| n << 8 | u64::from(*b)), 16),
            0 | 1 => return Ok(None),
            short => (short, 8),
        };
        let Some(body) = size.checked_sub(header) else { return Ok(None) };
        if kind == b"moov" {
            if body > MAX_MOOV {
                return Ok(None);
            }
            reader.seek(SeekFrom::Start(at + header))?;
            let mut moov = Vec::new();
            reader.take(body).read_to_end(&mut moov)?;
            return Ok(Some(moov));
        }
        let Some(next) = at.checked_add(size) else { return Ok(None) };
        at = next;
    }
    Ok(None)
}

fn edit(moov: &[u8]) -> Option<Edit> {
    let movie_scale = u32_at(child(moov, b"mvhd")?, scale_at(child(moov, b"mvhd")?)?)?;
    let track = children(moov).filter(|(kind, _)| kind == b"trak").map(|(_, body)| body).find(|track| {
        let handler = child(track, b"mdia").and_then(|mdia| child(mdia, b"hdlr"));
        handler.and_then(|hdlr| hdlr.get(8..12)) == Some(b"soun")
    })?;
    let mdhd = child(child(track, b"mdia")?, b"mdhd")?;
    let track_scale = u32_at(mdhd, scale_at(mdhd)?)?;
    let list = child(child(track, b"edts")?, b"elst")?;
    let wide = *list.first()? == 1;
    let count = u32_at(list, 4)?;
    let entry = if wide { 20 } else { 12 };
    // Silence before the music is not ours to make; more than one piece is beyond a player of tracks.
    let mut media = (0..count.min(8)).filter_map(|n| {
        let entry = list.get(8 + n as usize * entry..)?;
        let (length, start) = if wide {
            (u64_at(entry, 0)?, u64_at(entry, 8)?.cast_signed())
        } else {
            (u64::from(u32_at(entry, 0)?), i64::from(u32_at(entry, 4)?.cast_signed()))
        };
        u64::try_from(start).ok().map(|start| (length, start))
    });
    let (length, start) = media.next()?;
    if media.next().is_some() || movie_scale == 0 || track_scale == 0 {
        return None;
    }
    Some(Edit { start, track_scale, length, movie_scale })
}

/// Where a timescale stands in `mvhd` and `mdhd`: behind two dates, which version 1 has wider.
fn scale_at(full_box: &[u8]) -> Option<usize> {
    Some(if *full_box.first()? == 1 { 20 } else { 12 })
}

fn children(mut bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let size = u32_at(bytes, 0)? as usize;
        let kind = *bytes.get(4..)?.first_chunk()?;
        let body = bytes.get(8..size)?;
        bytes = &bytes[size..];
        Some((kind, body))
    })
}

fn child<'b>(bytes: &'b [u8], wanted: &[u8; 4]) -> Option<&'b [u8]> {
    children(bytes).find_map(|(kind, body)| (kind == *wanted).then_some(body))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_be_bytes(*b))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|b| u64::from_be_bytes(*b))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::read;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
    }

    fn scale(rate: u32) -> Vec<u8> {
        [&[0; 12][..], &rate.to_be_bytes(), &[0; 8]].concat()
    }

    /// A file with this edit list, and frames of 44100 in a second.
    fn file(movie_scale: u32, entries: &[(u32, i32)]) -> Vec<u8> {
        let mut list = [&[0; 4][..], &(entries.len() as u32).to_be_bytes()].concat();
        for (length, start) in entries {
            list.extend([&length.to_be_bytes()[..], &start.to_be_bytes(), &[0, 1, 0, 0]].concat());
        }
        let mdia =
            [boxed(b"mdhd", &scale(44_100)), boxed(b"hdlr", &[&[0; 8][..], b"soun", &[0; 13]].concat())]
                .concat();
        let trak = [boxed(b"edts", &boxed(b"elst", &list)), boxed(b"mdia", &mdia)].concat();
        let moov = [boxed(b"mvhd", &scale(movie_scale)), boxed(b"trak", &trak)].concat();
        [boxed(b"ftyp", b"M4A \0\0\0\0"), boxed(b"mdat", &[7; 100]), boxed(b"moov", &moov)].concat()
    }

    #[test]
    fn the_part_to_be_heard_is_found_behind_the_music() {
        let edit = |scale, entries: &[(u32, i32)]| {
            let edit = read(&mut Cursor::new(file(scale, entries))).unwrap()?;
            Some((edit.lead(44_100), edit.frames(44_100)))
        };
        assert_eq!(edit(44_100, &[(5000, 1024)]), Some((1024, Some(5000))));
        assert_eq!(edit(1000, &[(5000, 2112)]), Some((2112, None)));
        assert_eq!(edit(44_100, &[(9, -1), (5000, 1024)]), Some((1024, Some(5000))));
        assert_eq!(edit(44_100, &[(9, 0), (5000, 1024)]), None);
        assert_eq!(edit(0, &[(5000, 1024)]), None);
    }

    proptest! {
        #[test]
        fn damage_gives_an_answer(at in 0usize..300, to: u8, cut in 0usize..300) {
            let mut bytes = file(44_100, &[(5000, 1024)]);
            let len = bytes.len();
            bytes[at % len] = to;
            bytes.truncate(cut);
            let mut reader = Cursor::new(bytes);
            prop_assert!(read(&mut reader).is_ok());
            prop_assert_eq!(reader.position(), 0);
        }
    }
}
