//! A file of which nobody says what it is: hosts of plain files know few media types, and say `application/octet-stream` of the rest.

use super::{Format, Frames, Input, RemuxError, Stream, aac, flac, mp3, mp4, opus, tag_length, wav};
use crate::detect::mpeg_frame_length;

/// Tags in front of the sound that are skipped.
const MAX_TAGS: u8 = 4;
/// Bytes by which every format is known.
const HEAD: usize = 32;

/// Becomes what its first bytes say.
#[derive(Default)]
pub(super) struct Any {
    found: Option<Box<dyn Format + Send>>,
    /// Tags before it.
    tags: u8,
}

impl Format for Any {
    fn read(&mut self, input: &mut Input, out: &mut Frames) -> Result<(), RemuxError> {
        while self.found.is_none() {
            if input.bytes().len() < HEAD && !input.is_last() {
                return Ok(());
            }
            match tag_length(input.bytes()) {
                Some(length) if self.tags < MAX_TAGS => {
                    self.tags += 1;
                    input.skip(length);
                }
                _ => self.found = Some(told(input.bytes())?),
            }
        }
        match &mut self.found {
            Some(found) => found.read(input, out),
            None => Ok(()),
        }
    }

    fn stream(&self) -> Option<&Stream> {
        self.found.as_ref()?.stream()
    }

    fn end(&self) -> Option<u64> {
        self.found.as_ref()?.end()
    }

    fn seek(&mut self, moment: u64, input: &mut Input) {
        if let Some(found) = &mut self.found {
            found.seek(moment, input);
        }
    }

    fn warm_up(&self) -> u64 {
        self.found.as_ref().map_or(0, |found| found.warm_up())
    }
}

fn told(head: &[u8]) -> Result<Box<dyn Format + Send>, RemuxError> {
    Ok(match head {
        [b'O', b'g', b'g', b'S', ..] => Box::new(opus::Opus::default()),
        [b'f', b'L', b'a', b'C', ..] => Box::new(flac::Flac::default()),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Box::new(wav::Wav::default()),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Box::new(mp4::Mp4::default()),
        // ADTS: sync, layer always 00
        [0xff, second, ..] if second & 0xf6 == 0xf0 => Box::new(aac::Aac::default()),
        head if mpeg_frame_length(head).is_some() => Box::new(mp3::Mp3::default()),
        _ => return Err(RemuxError::Unsupported("a file of no known kind")),
    })
}
