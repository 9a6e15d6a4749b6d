//! Standard base64 (RFC 4648 section 4) with padding, CR and LF anywhere, piece by piece.
//!
//! Whole groups of four characters are decoded at once by data-encoding; what it would also take (padding inside the text,
//! which concatenated base64 has) is refused.

use data_encoding::BASE64;

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Damage {
    /// A character of another alphabet, white space, padding too early, or stray bits before the padding.
    #[error("character {0} does not belong there")]
    Character(u64),
    /// The last group has fewer than four characters.
    #[error("it ends in the middle of a group of four characters, after {0}")]
    End(u64),
}

pub(crate) fn is_line_break(byte: u8) -> bool {
    byte == b'\r' || byte == b'\n'
}

/// The whole text at once.
pub(crate) fn decode(text: &[u8]) -> Result<Vec<u8>, Damage> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut decoder = Decoder::default();
    let mut kept = [0; PIECE];
    for piece in text.chunks(PIECE) {
        decoder.push(without_line_breaks(piece, &mut kept), &mut out)?;
    }
    decoder.finish()?;
    Ok(out)
}

/// Characters that are decoded together: few enough to stay in the processor's cache.
pub(crate) const PIECE: usize = 16 << 10;

/// The text but for CR and LF; copied only if there are any. Takes at most [`PIECE`] characters.
pub(crate) fn without_line_breaks<'t>(text: &'t [u8], kept: &'t mut [u8; PIECE]) -> &'t [u8] {
    let text = &text[..text.len().min(PIECE)];
    let mut breaks = memchr::memchr2_iter(b'\r', b'\n', text).peekable();
    if breaks.peek().is_none() {
        return text;
    }
    let (mut from, mut len) = (0, 0);
    for at in breaks.chain([text.len()]) {
        let line = &text[from..at];
        kept[len..len + line.len()].copy_from_slice(line);
        len += line.len();
        from = at + 1;
    }
    &kept[..len]
}

/// Decodes pieces of text without line breaks.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// The last characters, up to a group: a group can only be judged when it is known whether it is the last.
    held: [u8; 4],
    held_len: usize,
    /// Characters decoded, line breaks not counted.
    taken: u64,
    /// A group with padding was decoded: nothing may follow.
    padded: bool,
}

impl Decoder {
    /// Decodes what is whole and appends it.
    pub(crate) fn push(&mut self, mut text: &[u8], out: &mut Vec<u8>) -> Result<(), Damage> {
        if self.padded && !text.is_empty() {
            return Err(Damage::Character(self.taken));
        }
        if self.held_len > 0 {
            let missing = text.len().min(4 - self.held_len);
            let (now, rest) = text.split_at(missing);
            self.held[self.held_len..self.held_len + missing].copy_from_slice(now);
            self.held_len += missing;
            text = rest;
            if self.held_len < 4 {
                return Ok(());
            }
            let held = self.held;
            self.held_len = 0;
            self.groups(&held, out)?;
            if self.padded && !text.is_empty() {
                return Err(Damage::Character(self.taken));
            }
        }
        let (whole, rest) = text.split_at(text.len() / 4 * 4);
        self.groups(whole, out)?;
        if self.padded && !rest.is_empty() {
            return Err(Damage::Character(self.taken));
        }
        self.held[..rest.len()].copy_from_slice(rest);
        self.held_len = rest.len();
        Ok(())
    }

    /// The text is over.
    pub(crate) fn finish(&self) -> Result<(), Damage> {
        if self.held_len == 0 { Ok(()) } else { Err(Damage::End(self.taken + self.held_len as u64)) }
    }

    /// Decodes groups of four, of which only the last may have padding.
    fn groups(&mut self, groups: &[u8], out: &mut Vec<u8>) -> Result<(), Damage> {
        let Some(last) = groups.len().checked_sub(4) else { return Ok(()) };
        let (inner, last) = groups.split_at(last);
        let decoded = self.decode(inner, out);
        if decoded != Ok(inner.len() / 4 * 3) {
            // Whichever comes first: the damage, or what follows padding.
            let behind_padding =
                inner.iter().position(|byte| *byte == b'=').map(|at| self.taken + at as u64 / 4 * 4 + 4);
            let damage = decoded.err().map(|(Damage::Character(at) | Damage::End(at))| at);
            let first = behind_padding.into_iter().chain(damage).min().unwrap_or(self.taken);
            return Err(Damage::Character(first));
        }
        self.taken += inner.len() as u64;
        self.padded = self.decode(last, out)? < 3;
        self.taken += 4;
        Ok(())
    }

    fn decode(&self, groups: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage> {
        let start = out.len();
        out.resize(start + groups.len() / 4 * 3, 0);
        match BASE64.decode_mut(groups, &mut out[start..]) {
            Ok(len) => {
                out.truncate(start + len);
                Ok(len)
            }
            Err(partial) => {
                out.truncate(start);
                Err(Damage::Character(self.taken + partial.error.position as u64))
            }
        }
    }
}
