//! The plaintext behind the JSON: attachments from their sources, exactly as long as announced.

use super::Source;
use crate::{Message, SealError};
use std::io::{self, Read};

/// What all attachments hold together, bytes.
pub(super) fn total(message: &Message) -> Result<u64, SealError> {
    message
        .attachments
        .iter()
        .try_fold(0_u64, |sum, a| sum.checked_add(a.size))
        .ok_or(SealError::OverLimit { what: "the size of all attachments", limit: u64::MAX })
}

/// Reads JSON, then one attachment after the other.
pub(super) struct Plaintext<'p, 's> {
    json: &'p [u8],
    message: &'p Message,
    sources: &'p mut [Source<'s>],
    /// The attachment that is being read.
    index: usize,
    /// Bytes it has given.
    given: u64,
}

impl<'p, 's> Plaintext<'p, 's> {
    /// `json` comes first; it may be empty.
    pub(super) fn new(json: &'p [u8], message: &'p Message, sources: &'p mut [Source<'s>]) -> Self {
        Self { json, message, sources, index: 0, given: 0 }
    }

    /// Appends up to `wanted` bytes; fewer only at the end of everything, where every source was seen to end.
    pub(super) fn read(&mut self, wanted: usize, out: &mut Vec<u8>) -> Result<(), SealError> {
        let goal = out.len() + wanted;
        let (now, later) = self.json.split_at(wanted.min(self.json.len()));
        out.extend_from_slice(now);
        self.json = later;
        loop {
            let Some((attachment, source)) =
                self.message.attachments.get(self.index).zip(self.sources.get_mut(self.index))
            else {
                return Ok(());
            };
            let left = attachment.size - self.given;
            if left > 0 && out.len() == goal {
                return Ok(());
            }
            let fail = |error| SealError::Read { name: attachment.name.clone(), error };
            let changed =
                || SealError::SourceLength { name: attachment.name.clone(), expected: attachment.size };
            if left > 0 {
                let step = left.min((goal - out.len()) as u64);
                let read = (&mut source.0).take(step).read_to_end(out).map_err(fail)? as u64;
                self.given += read;
                if read < step {
                    return Err(changed());
                }
                continue;
            }
            if !ended(&mut source.0).map_err(fail)? {
                return Err(changed());
            }
            self.index += 1;
            self.given = 0;
        }
    }
}

/// Whether a reader has nothing more.
fn ended(source: &mut impl Read) -> io::Result<bool> {
    loop {
        match source.read(&mut [0]) {
            Ok(read) => return Ok(read == 0),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
