//! Boxes: `size(4) type(4) [size(8) when size is 1] …`, 0 meaning "to the end".

use std::io::{self, Read, Seek};

use crate::timeline::{MAX_INIT, Window};

/// Boxes within one that are looked at.
const MAX_CHILDREN: usize = 1_000;

/// Where a box is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) kind: [u8; 4],
    pub(super) start: u64,
    /// Where what is in it begins.
    pub(super) body: u64,
    pub(super) end: u64,
}

/// The box at `at`, which ends at `end` at the latest; `None` if there is none, or it is cut off.
pub(super) fn at<R: Read + Seek>(window: &mut Window<R>, at: u64, end: u64) -> io::Result<Option<Place>> {
    let Some([a, b, c, d, kind @ ..]) = window.array::<8>(at)? else { return Ok(None) };
    let (header, length) = match u32::from_be_bytes([a, b, c, d]) {
        0 => (8, end.saturating_sub(at)),
        1 => match window.array::<8>(at + 8)? {
            Some(length) => (16, u64::from_be_bytes(length)),
            None => return Ok(None),
        },
        length => (8, length.into()),
    };
    let stop = at.checked_add(length).filter(|stop| length >= header && *stop <= end);
    Ok(stop.map(|stop| Place { kind, start: at, body: at + header, end: stop }))
}

/// The boxes in a box.
pub(super) fn children<R: Read + Seek>(window: &mut Window<R>, parent: Place) -> io::Result<Vec<Place>> {
    let (mut from, mut found) = (parent.body, Vec::new());
    while found.len() < MAX_CHILDREN {
        let Some(place) = at(window, from, parent.end)? else { break };
        found.push(place);
        from = place.end;
    }
    Ok(found)
}

/// The first box of this kind in a box.
pub(super) fn child<R: Read + Seek>(
    window: &mut Window<R>,
    parent: Place,
    kind: &[u8; 4],
) -> io::Result<Option<Place>> {
    Ok(children(window, parent)?.into_iter().find(|place| place.kind == *kind))
}

/// The box inside boxes inside a box.
pub(super) fn inside<R: Read + Seek>(
    window: &mut Window<R>,
    parent: Place,
    kinds: &[&[u8; 4]],
) -> io::Result<Option<Place>> {
    let mut place = parent;
    for kind in kinds {
        match child(window, place, kind)? {
            Some(found) => place = found,
            None => return Ok(None),
        }
    }
    Ok(Some(place))
}

/// What a box begins with, at most 64 bytes.
pub(super) fn head<R: Read + Seek>(window: &mut Window<R>, place: Place) -> io::Result<Vec<u8>> {
    let length = usize::try_from(place.end - place.body).unwrap_or(usize::MAX).min(64);
    Ok(window.peek(place.body, length)?.to_vec())
}

/// The box again, without what tells people about the recording; `None` if it is too long.
pub(super) fn copy<R: Read + Seek>(window: &mut Window<R>, place: Place) -> io::Result<Option<Vec<u8>>> {
    if !matches!(&place.kind, b"moov" | b"trak") {
        let length = usize::try_from(place.end - place.start).unwrap_or(usize::MAX);
        return Ok(if length <= MAX_INIT { Some(window.peek(place.start, length)?.to_vec()) } else { None });
    }
    let mut body = Vec::new();
    for child in children(window, place)? {
        if matches!(&child.kind, b"udta" | b"meta" | b"free" | b"skip" | b"uuid") {
            continue;
        }
        match copy(window, child)? {
            Some(bytes) if body.len() + bytes.len() <= MAX_INIT => body.extend(bytes),
            _ => return Ok(None),
        }
    }
    let length = (8 + body.len() as u32).to_be_bytes();
    Ok(Some([&length[..], &place.kind, &body].concat()))
}

/// The big-endian number of 32 bits at `at`.
pub(super) fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_be_bytes(*word))
}

/// The big-endian number of 64 bits at `at`.
pub(super) fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|long| u64::from_be_bytes(*long))
}
