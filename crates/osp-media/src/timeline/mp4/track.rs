//! The track that is heard.

use std::io::{self, Read, Seek};

use super::boxes::{self, Place, long, word};
use crate::timeline::Window;

/// The first track of sound.
pub(super) struct Track {
    pub(super) id: u32,
    /// Ticks in a second.
    pub(super) scale: u64,
    /// Ticks.
    pub(super) duration: u64,
    /// Ticks at its beginning that are not heard (edit list).
    pub(super) skip: u64,
    /// The tables of its samples.
    pub(super) tables: Place,
    /// Whether there is more of it in fragments.
    pub(super) fragmented: bool,
    /// Ticks of a sample in fragments that do not say.
    pub(super) usual: u32,
}

/// The track, if there is one that makes sense.
pub(super) fn find<R: Read + Seek>(window: &mut Window<R>, moov: Place) -> io::Result<Option<Track>> {
    let movie_scale = match boxes::child(window, moov, b"mvhd")? {
        Some(header) => scale_and_duration(&boxes::head(window, header)?).map(|(scale, _)| scale),
        None => None,
    };
    let movie_scale = movie_scale.unwrap_or(0);
    let extends = boxes::child(window, moov, b"mvex")?;
    for place in boxes::children(window, moov)?.into_iter().filter(|place| place.kind == *b"trak") {
        if let Some(mut track) = read(window, place, movie_scale)? {
            if let Some(extends) = extends {
                track.fragmented = true;
                track.usual = usual(window, extends, track.id)?;
            }
            return Ok(Some(track));
        }
    }
    Ok(None)
}

fn read<R: Read + Seek>(window: &mut Window<R>, trak: Place, movie_scale: u64) -> io::Result<Option<Track>> {
    let mut head = |kinds: &[&[u8; 4]]| match boxes::inside(window, trak, kinds)? {
        Some(place) => boxes::head(window, place).map(Some),
        None => Ok(None),
    };
    let (Some(header), Some(media), Some(handler)) =
        (head(&[b"tkhd"])?, head(&[b"mdia", b"mdhd"])?, head(&[b"mdia", b"hdlr"])?)
    else {
        return Ok(None);
    };
    let edits = head(&[b"edts", b"elst"])?;
    let Some(tables) = boxes::inside(window, trak, &[b"mdia", b"minf", b"stbl"])? else { return Ok(None) };
    let id = word(&header, if header.first() == Some(&1) { 20 } else { 12 });
    let (Some(id), Some((scale, duration))) = (id, scale_and_duration(&media)) else { return Ok(None) };
    if handler.get(8..12) != Some(b"soun") || scale == 0 {
        return Ok(None);
    }
    let (skip, heard) = edits.and_then(|edits| edit(&edits)).unwrap_or((0, 0));
    let heard = u128::from(heard) * u128::from(scale) / u128::from(movie_scale.max(1));
    let left = duration.saturating_sub(skip);
    let duration = match u64::try_from(heard) {
        Ok(heard @ 1..) if movie_scale > 0 => heard.min(left),
        _ => left,
    };
    Ok(Some(Track { id, scale, duration, skip, tables, fragmented: false, usual: 0 }))
}

/// Of `mvhd` and `mdhd`: `version(1) flags(3) created modified scale(4) duration`, times of 8 bytes in version 1, else of 4.
fn scale_and_duration(head: &[u8]) -> Option<(u64, u64)> {
    match head.first()? {
        1 => Some((word(head, 20)?.into(), long(head, 24)?)),
        _ => Some((word(head, 12)?.into(), word(head, 16)?.into())),
    }
}

/// Of `elst`, where what is heard begins and how long it is (in ticks of the movie), if it is one piece:
/// `version(1) flags(3) count(4)`, then for each `duration start(-1: silence) rate(4)`.
fn edit(head: &[u8]) -> Option<(u64, u64)> {
    if word(head, 4)? != 1 {
        return None;
    }
    let (heard, start) = match head.first()? {
        1 => (long(head, 8)?, long(head, 16)? as i64),
        _ => (word(head, 8)?.into(), i64::from(word(head, 12)? as i32)),
    };
    u64::try_from(start).ok().map(|start| (start, heard))
}

/// Of the track's `trex`: `version(1) flags(3) track(4) description(4) duration(4) …`
fn usual<R: Read + Seek>(window: &mut Window<R>, extends: Place, track: u32) -> io::Result<u32> {
    for place in boxes::children(window, extends)?.into_iter().filter(|place| place.kind == *b"trex") {
        let head = boxes::head(window, place)?;
        if word(&head, 4) == Some(track) {
            return Ok(word(&head, 12).unwrap_or(0));
        }
    }
    Ok(0)
}
