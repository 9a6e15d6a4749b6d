//! Fragments: a `moof` that describes the samples behind it. Each is a mark.
//!
//! ```text
//! tfhd  flags(3) · track(4) [place(8)] [description(4)] [ticks of a sample(4)] …
//! tfdt  version(1) … · when its first sample plays(4|8)
//! trun  flags(3) · samples(4) [place(4)] [flags(4)] · for each [ticks(4)] [size(4)] [flags(4)] [offset(4)]
//! ```

use std::io::{self, Read, Seek};

use super::{
    MAX_BOXES, Track,
    boxes::{self, Place, long, word},
};
use crate::timeline::{Mark, Marks, Window};

/// Bytes of a run looked at at once; a multiple of every length that a sample's entry has.
const BLOCK: u64 = 48 << 10;

/// What fragments tell.
pub(super) struct Fragments {
    pub(super) frames: Vec<Mark>,
    /// Ticks up to the end of the last.
    pub(super) duration: u64,
    /// Whether they say where samples are by their own place, so that they can be played from anywhere.
    pub(super) movable: bool,
}

/// The part of a track in a fragment.
struct Fragment {
    begins: Option<u64>,
    ticks: u64,
    movable: bool,
}

/// The fragments from `at` on.
pub(super) fn read<R: Read + Seek>(
    window: &mut Window<R>,
    mut at: u64,
    track: &Track,
) -> io::Result<Fragments> {
    let (mut marks, mut now, mut movable) = (Marks::new(), 0u64, true);
    for _ in 0..MAX_BOXES {
        let Some(place) = boxes::at(window, at, window.size())? else { break };
        if place.kind == *b"moof" {
            let mut first = true;
            for traf in boxes::children(window, place)?.into_iter().filter(|place| place.kind == *b"traf") {
                let Some(found) = fragment(window, traf, track)? else { continue };
                now = found.begins.unwrap_or(now);
                movable &= found.movable;
                if std::mem::take(&mut first) {
                    marks.push(now.saturating_sub(track.skip), place.start);
                }
                now = now.saturating_add(found.ticks);
            }
        }
        at = place.end;
    }
    Ok(Fragments { frames: marks.into_frames(), duration: now.saturating_sub(track.skip), movable })
}

/// The track's part of a fragment, if this is it.
fn fragment<R: Read + Seek>(
    window: &mut Window<R>,
    traf: Place,
    track: &Track,
) -> io::Result<Option<Fragment>> {
    const HAS_PLACE: u32 = 1;
    const HAS_DESCRIPTION: u32 = 2;
    const HAS_TICKS: u32 = 8;
    let (mut usual, mut ours) = (track.usual, false);
    let mut found = Fragment { begins: None, ticks: 0, movable: true };
    for place in boxes::children(window, traf)? {
        let head = boxes::head(window, place)?;
        let flags = word(&head, 0).unwrap_or(0);
        match &place.kind {
            b"tfhd" => {
                ours = word(&head, 4) == Some(track.id);
                found.movable = flags & HAS_PLACE == 0;
                let before = if flags & HAS_PLACE != 0 { 8 } else { 0 }
                    + if flags & HAS_DESCRIPTION != 0 { 4 } else { 0 };
                if flags & HAS_TICKS != 0 {
                    usual = word(&head, 8 + before).unwrap_or(usual);
                }
            }
            b"tfdt" => {
                found.begins =
                    if head.first() == Some(&1) { long(&head, 4) } else { word(&head, 4).map(u64::from) };
            }
            b"trun" => found.ticks = found.ticks.saturating_add(run(window, place, &head, usual)?),
            _ => {}
        }
    }
    Ok(ours.then_some(found))
}

/// How long the samples of a run are.
fn run<R: Read + Seek>(window: &mut Window<R>, place: Place, head: &[u8], usual: u32) -> io::Result<u64> {
    const HAS_PLACE: u32 = 1;
    const HAS_FIRST_FLAGS: u32 = 4;
    const HAS_TICKS: u32 = 0x100;
    /// Ticks, size, flags, offset of a sample.
    const OF_SAMPLE: u32 = 0xf00;
    let (Some(flags), Some(samples)) = (word(head, 0), word(head, 4)) else { return Ok(0) };
    if flags & HAS_TICKS == 0 {
        return Ok(u64::from(samples) * u64::from(usual));
    }
    let before = (flags & HAS_PLACE).count_ones() + (flags & HAS_FIRST_FLAGS).count_ones();
    let mut at = place.body + 8 + u64::from(4 * before);
    let width = 4 * u64::from((flags & OF_SAMPLE).count_ones());
    let end = place.end.min(at + width * u64::from(samples));
    let mut ticks = 0u64;
    while at < end {
        let length = (end - at).min(BLOCK);
        let block = window.peek(at, length as usize)?;
        let entries = block.chunks_exact(width as usize);
        ticks = entries.fold(ticks, |sum, entry| sum.saturating_add(word(entry, 0).unwrap_or(0).into()));
        at += length;
    }
    Ok(ticks)
}
