//! Top-level boxes of ISO/IEC 14496-12: `size(4) type(4) [size(8) when size is 1] …`, 0 meaning "to the end"

use std::io::{Read, Seek, SeekFrom};

use super::Incomplete;

/// Boxes looked at before giving up: a ten-hour stream in fragments of one second has fewer.
const MAX_BOXES: usize = 100_000;

pub(super) fn check<R: Read + Seek>(reader: &mut R, size: u64) -> Result<(), Incomplete> {
    let (mut at, mut moov, mut media) = (0u64, false, false);
    for _ in 0..MAX_BOXES {
        if at >= size {
            break;
        }
        let mut header = [0; 8];
        reader.seek(SeekFrom::Start(at))?;
        reader.read_exact(&mut header)?;
        let [a, b, c, d, kind @ ..] = header;
        let length = match u32::from_be_bytes([a, b, c, d]) {
            0 => size - at,
            1 => {
                let mut large = [0; 8];
                reader.read_exact(&mut large)?;
                u64::from_be_bytes(large)
            }
            n => u64::from(n),
        };
        if length < 8 {
            return Err(Incomplete::Malformed("a box is shorter than its header"));
        }
        let name = String::from_utf8_lossy(&kind).into_owned();
        if length > size - at {
            return Err(Incomplete::Truncated(format!(
                "{} of {length} bytes of its «{name}» are there",
                size - at
            )));
        }
        moov |= kind == *b"moov";
        media |= kind == *b"mdat";
        at += length;
    }
    match (moov, media) {
        (true, true) => Ok(()),
        (false, _) => Err(Incomplete::Truncated("its index («moov») is missing".into())),
        (true, false) => Err(Incomplete::Truncated("its audio («mdat») is missing".into())),
    }
}
