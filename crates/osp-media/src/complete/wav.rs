//! RIFF chunks: `id(4) size(4, little endian) data… [pad to even]`

use std::io::{Read, Seek, SeekFrom};

use super::Incomplete;

/// Chunks looked at before giving up.
const MAX_CHUNKS: usize = 10_000;

pub(super) fn check<R: Read + Seek>(reader: &mut R, size: u64) -> Result<(), Incomplete> {
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        if at + 8 > size {
            break;
        }
        let mut header = [0; 8];
        reader.seek(SeekFrom::Start(at))?;
        reader.read_exact(&mut header)?;
        let [a, b, c, d, length @ ..] = header;
        let length = u64::from(u32::from_le_bytes(length));
        if [a, b, c, d] == *b"data" {
            let there = size - at - 8;
            return match length {
                // What a program writes that could not go back and fill it in.
                0xffff_ffff | 0 if there > 0 => Err(Incomplete::Malformed("its header was never finished")),
                n if n > there => {
                    Err(Incomplete::Truncated(format!("{there} of {n} bytes of audio are there")))
                }
                _ => Ok(()),
            };
        }
        at += 8 + length + (length & 1);
    }
    Err(Incomplete::Truncated("it has no audio data".into()))
}
