//! MP3 has no container, but encoders write a first frame that counts what follows ("Xing", or "Info" when
//! the bit rate is constant): `tag(4) flags(4) [frames(4)] [bytes(4)] …`

use std::io::{Read, Seek};

use super::Incomplete;
use crate::detect::mpeg_frame_length;

const HAS_FRAMES: u32 = 1;
const HAS_BYTES: u32 = 2;

pub(super) fn check<R: Read + Seek>(reader: &mut R, start: u64, end: u64) -> Result<(), Incomplete> {
    let mut head = Vec::new();
    reader.take(64).read_to_end(&mut head)?;
    let there = end.saturating_sub(start);
    if let Some(counted) = counted_bytes(&head).map(u64::from).filter(|n| *n > there) {
        return Err(Incomplete::Truncated(format!("{there} of {counted} bytes of audio are there")));
    }
    if mpeg_frame_length(&head).is_some_and(|length| length as u64 > there) {
        return Err(Incomplete::Truncated("it ends within its first frame".into()));
    }
    Ok(())
}

fn counted_bytes(head: &[u8]) -> Option<u32> {
    let (mpeg1, mono) = (head.get(1)? >> 3 & 3 == 3, head.get(3)? >> 6 == 3);
    let side_info = match (mpeg1, mono) {
        (true, false) => 32,
        (true, true) | (false, false) => 17,
        (false, true) => 9,
    };
    let xing = head.get(4 + side_info..)?;
    let word = |at: usize| xing.get(at..)?.first_chunk().map(|b| u32::from_be_bytes(*b));
    if !xing.starts_with(b"Xing") && !xing.starts_with(b"Info") {
        return None;
    }
    let flags = word(4)?;
    let at = if flags & HAS_FRAMES != 0 { 12 } else { 8 };
    word(at).filter(|_| flags & HAS_BYTES != 0)
}
