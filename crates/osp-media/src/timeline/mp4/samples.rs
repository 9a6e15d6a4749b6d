//! The tables of a file without fragments: samples lie one behind another in chunks.
//!
//! ```text
//! stts  count(4) · { samples(4) ticks of each(4) }
//! stsc  count(4) · { first chunk(4) samples of each from there on(4) description(4) }
//! stsz  size of all(4), or 0 · count(4) · { size(4) }
//! stco  count(4) · { place(4) }              co64: of 8 bytes
//! ```
//!
//! All begin with `version(1) flags(3)`. They are read side by side, so that a long file needs no more memory.

use std::io::{self, Read, Seek};

use super::{
    Track,
    boxes::{self, Place, long, word},
};
use crate::timeline::{Mark, Marks, Window};

/// Bytes of a table held at once.
const BLOCK: usize = 24 << 10;

/// The entries of a table, one by one.
struct Table {
    at: u64,
    left: u32,
    width: usize,
    block: Vec<u8>,
    used: usize,
}

impl Table {
    /// Of entries of `width` bytes, behind their count, which stands `before` bytes behind version and flags.
    fn new<R: Read + Seek>(
        window: &mut Window<R>,
        place: Place,
        before: u64,
        width: usize,
    ) -> io::Result<Self> {
        let count = place.body + 4 + before;
        let left = window.array::<4>(count)?.map_or(0, u32::from_be_bytes);
        let fit = place.end.saturating_sub(count + 4) / width as u64;
        let left = left.min(u32::try_from(fit).unwrap_or(u32::MAX));
        Ok(Self { at: count + 4, left, width, block: Vec::new(), used: 0 })
    }

    fn next<R: Read + Seek>(&mut self, window: &mut Window<R>) -> io::Result<Option<&[u8]>> {
        if self.left == 0 {
            return Ok(None);
        }
        if self.used == self.block.len() {
            self.block = window.peek(self.at, BLOCK)?.to_vec();
            self.block.truncate(self.block.len() / self.width * self.width);
            self.at += self.block.len() as u64;
            self.used = 0;
        }
        self.left -= 1;
        let entry = self.block.get(self.used..self.used + self.width);
        self.used += self.width;
        Ok(entry)
    }
}

/// Ticks as samples go by.
struct Clock {
    table: Table,
    samples: u64,
    each: u64,
    now: u64,
}

impl Clock {
    fn advance<R: Read + Seek>(&mut self, window: &mut Window<R>, mut samples: u64) -> io::Result<()> {
        while samples > 0 {
            if self.samples == 0 {
                let Some(entry) = self.table.next(window)? else { return Ok(()) };
                self.samples = word(entry, 0).unwrap_or(0).into();
                self.each = word(entry, 4).unwrap_or(0).into();
                continue;
            }
            let step = samples.min(self.samples);
            self.now = self.now.saturating_add(step.saturating_mul(self.each));
            self.samples -= step;
            samples -= step;
        }
        Ok(())
    }
}

/// How many samples each chunk has.
struct PerChunk {
    table: Table,
    now: u64,
    then: Option<(u64, u64)>,
}

impl PerChunk {
    fn of<R: Read + Seek>(&mut self, window: &mut Window<R>, chunk: u64) -> io::Result<u64> {
        while let Some((first, samples)) = self.then.filter(|(first, _)| *first <= chunk) {
            self.now = samples;
            self.then = self.following(window)?.filter(|(next, _)| *next > first);
        }
        Ok(self.now)
    }

    fn following<R: Read + Seek>(&mut self, window: &mut Window<R>) -> io::Result<Option<(u64, u64)>> {
        let entry = self.table.next(window)?;
        Ok(entry.and_then(|entry| Some((word(entry, 0)?.into(), word(entry, 4)?.into()))))
    }
}

pub(super) fn read<R: Read + Seek>(window: &mut Window<R>, track: &Track) -> io::Result<Vec<Mark>> {
    let mut table = |kind| boxes::child(window, track.tables, kind);
    let (times, per_chunk, sizes) = (table(b"stts")?, table(b"stsc")?, table(b"stsz")?);
    let (short, wide) = (table(b"stco")?, table(b"co64")?);
    let (Some(times), Some(per_chunk), Some(sizes)) = (times, per_chunk, sizes) else {
        return Ok(Vec::new());
    };
    let mut places = match (short, wide) {
        (Some(short), _) => Table::new(window, short, 0, 4)?,
        (None, Some(wide)) => Table::new(window, wide, 0, 8)?,
        (None, None) => return Ok(Vec::new()),
    };
    let mut clock = Clock { table: Table::new(window, times, 0, 8)?, samples: 0, each: 0, now: 0 };
    let mut per_chunk = PerChunk { table: Table::new(window, per_chunk, 0, 12)?, now: 0, then: None };
    per_chunk.then = per_chunk.following(window)?;
    let of_one_size = word(&boxes::head(window, sizes)?, 4).unwrap_or(0) > 0;
    let mut sizes = Table::new(window, sizes, 4, 4)?;

    let mut marks = Marks::new();
    let mut chunk = 0;
    while let Some(place) = places.next(window)? {
        let mut place =
            if place.len() == 8 { long(place, 0) } else { word(place, 0).map(u64::from) }.unwrap_or(0);
        chunk += 1;
        let samples = per_chunk.of(window, chunk)?;
        if of_one_size {
            mark(&mut marks, window, track, &clock, place);
            clock.advance(window, samples)?;
            continue;
        }
        for _ in 0..samples {
            let Some(size) = sizes.next(window)?.and_then(|size| word(size, 0)) else {
                return Ok(marks.into_frames());
            };
            mark(&mut marks, window, track, &clock, place);
            clock.advance(window, 1)?;
            place = place.saturating_add(size.into());
        }
    }
    Ok(marks.into_frames())
}

fn mark<R: Read + Seek>(marks: &mut Marks, window: &Window<R>, track: &Track, clock: &Clock, place: u64) {
    if place < window.size() {
        marks.push(clock.now.saturating_sub(track.skip), place);
    }
}
