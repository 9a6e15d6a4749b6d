//! MP4 (ISO/IEC 14496-12): boxes, of which `moov` says what there is.
//!
//! ```text
//! ftyp · moov( mvhd · trak( tkhd · edts(elst) · mdia( mdhd · hdlr "soun" · minf( stbl( stts stsc stsz stco|co64 )))) ) · mdat
//! ftyp · moov( … · mvex( trex ) ) · moof( traf( tfhd · tfdt · trun… )) · mdat · moof · mdat …                 fragments
//! ```
//!
//! Without fragments all of `moov` is needed to find a single sample, and it speaks of places in the whole file: the marks
//! tell where in the file a moment is, but nothing put before a piece makes it playable.

mod boxes;
mod fragments;
mod samples;
mod track;

use std::io::{Read, Seek};

use super::{Found, MAX_INIT, Timeline, Window, damaged};
use boxes::Place;
use track::Track;

/// Boxes of a file looked at before giving up: a ten-hour stream in fragments of one second has fewer.
const MAX_BOXES: usize = 200_000;

pub(super) fn read<R: Read + Seek>(window: &mut Window<R>, start: u64) -> Found {
    let (mut at, mut ftyp, mut moov) = (start, None, None);
    for _ in 0..MAX_BOXES {
        let Some(place) = boxes::at(window, at, window.size())? else { break };
        match &place.kind {
            b"ftyp" => ftyp = Some(place),
            b"moov" => {
                moov = Some(place);
                break;
            }
            _ => {}
        }
        at = place.end;
    }
    let Some(moov) = moov else { return damaged(start, "no «moov» box") };
    let Some(track) = track::find(window, moov)? else { return Ok(None) };
    // A file may have its beginning in the tables and the rest in fragments.
    let mut frames = samples::read(window, &track)?;
    if !track.fragmented {
        return Ok(Some(Timeline { scale: track.scale, duration: track.duration, init: None, frames }));
    }
    let fragments = fragments::read(window, moov.end, &track)?;
    let init = match ftyp {
        Some(ftyp) if fragments.movable && frames.is_empty() => init(window, ftyp, moov)?,
        _ => None,
    };
    let later = frames.last().map_or(0, |last| last.byte + 1);
    frames.extend(fragments.frames.into_iter().filter(|mark| mark.byte >= later));
    Ok(Some(Timeline { scale: track.scale, duration: fragments.duration, init, frames }))
}

/// `ftyp` and `moov` without texts and pictures, if they are short.
fn init<R: Read + Seek>(
    window: &mut Window<R>,
    ftyp: Place,
    moov: Place,
) -> std::io::Result<Option<Vec<u8>>> {
    let Some(mut init) = boxes::copy(window, ftyp)? else { return Ok(None) };
    let Some(moov) = boxes::copy(window, moov)? else { return Ok(None) };
    init.extend(moov);
    Ok(Some(init).filter(|init| init.len() <= MAX_INIT))
}
