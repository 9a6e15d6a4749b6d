//! Opus, Vorbis and FLAC in Ogg (RFC 3533, RFC 7845, RFC 9639 10.1).
//!
//! ```text
//! page    "OggS" 0 · flags(1): 1 a packet goes on, 2 first page, 4 last · granule(8) · serial(4) · sequence(4) · crc(4)
//!         · segments n(1) · lengths(n): a packet ends with the first below 255 · data               little endian
//! ```
//!
//! The granule is the time at which the last packet that ends in the page ends. So the first packet of a page begins
//! where the page before ended, if no packet goes on from there: such a page is a mark.

use std::io::{Read, Seek};

use super::{Found, Marks, Timeline, Window, damaged};

pub(crate) mod codec;
pub(crate) mod page;

use codec::{Codec, Headers};
use page::{CONTINUED, FIRST, LAST, MAX_PAGE, Page};

/// Streams of one file, of which one is read; the rest are pictures that move and the like.
const MAX_STREAMS: usize = 16;
/// Pages with header packets before giving up: a comment may hold a picture of a megabyte.
const MAX_HEADER_PAGES: usize = 4_096;

pub(super) fn read<R: Read + Seek>(window: &mut Window<R>, start: u64) -> Found {
    let Some((serial, codec)) = choose(window, start)? else { return Ok(None) };
    let Some((headers, at)) = read_headers(window, start, serial, &codec)? else {
        return damaged(start, "Ogg headers without an end");
    };
    let mut frames = Frames { codec: &codec, marks: Marks::new(), time: None, begin: 0 };
    let mut at = at;
    while let Some((place, page)) = next_page(window, at)? {
        if page.flags & FIRST != 0 {
            // Another stream behind this one: its time begins again.
            return Ok(None);
        }
        if page.serial == serial {
            frames.page(place, &page);
        }
        at = place + page.length as u64;
    }
    let duration = frames.ticks(frames.time.unwrap_or(0));
    let init = codec.init(serial, &headers);
    Ok(Some(Timeline { scale: codec.scale(), duration, init, frames: frames.marks.into_frames() }))
}

/// The pages of the stream, one by one.
struct Frames<'a> {
    codec: &'a Codec,
    marks: Marks,
    /// When the last packet that has ended ended, granules.
    time: Option<u64>,
    /// When the first packet began: not at 0 in what was recorded from the middle of a broadcast.
    begin: u64,
}

impl Frames<'_> {
    fn page(&mut self, place: u64, page: &Page<'_>) {
        if self.time.is_none() && page.flags & LAST == 0 {
            self.begin = self.codec.begin(page).unwrap_or(0);
        }
        if page.flags & CONTINUED == 0 && !page.segments.is_empty() {
            self.marks.push(self.ticks(self.time.unwrap_or(self.begin)), place);
        }
        self.time = page.granule.or(self.time);
    }

    fn ticks(&self, granule: u64) -> u64 {
        granule.saturating_sub(self.begin).saturating_sub(self.codec.skip())
    }
}

/// The first stream of a known codec, among the first pages.
fn choose<R: Read + Seek>(
    window: &mut Window<R>,
    start: u64,
) -> Result<Option<(u32, Codec)>, super::TimelineError> {
    let Some(page) = Page::parse(window.peek(start, MAX_PAGE)?) else {
        return damaged(start, "no Ogg page");
    };
    let mut at = start;
    let mut found = Codec::of(page.data).map(|codec| (page.serial, codec));
    for _ in 0..MAX_STREAMS {
        let Some((place, page)) = next_page(window, at)?.filter(|(_, page)| page.flags & FIRST != 0) else {
            break;
        };
        found = found.or_else(|| Codec::of(page.data).map(|codec| (page.serial, codec)));
        at = place + page.length as u64;
    }
    Ok(found)
}

/// The header packets, and where the pages behind them begin.
fn read_headers<R: Read + Seek>(
    window: &mut Window<R>,
    mut at: u64,
    serial: u32,
    codec: &Codec,
) -> std::io::Result<Option<(Headers, u64)>> {
    let mut headers = Headers::new(codec);
    for _ in 0..MAX_HEADER_PAGES {
        let Some((place, page)) = next_page(window, at)? else { break };
        at = place + page.length as u64;
        if page.serial == serial && headers.page(&page) {
            return Ok(Some((headers, at)));
        }
    }
    Ok(None)
}

/// The next whole page at or behind `at`.
fn next_page<R: Read + Seek>(
    window: &mut Window<R>,
    mut at: u64,
) -> std::io::Result<Option<(u64, Page<'_>)>> {
    loop {
        let bytes = window.peek(at, MAX_PAGE)?;
        if bytes.len() < page::HEADER {
            return Ok(None);
        }
        // What damage there is between pages is passed over.
        match page::find(bytes) {
            Some(0) => break,
            Some(offset) => at += offset as u64,
            None => at += bytes.len() as u64 - 3,
        }
    }
    Ok(Page::parse(window.peek(at, MAX_PAGE)?).map(|page| (at, page)))
}
