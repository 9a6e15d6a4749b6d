//! The pass that checks a value from its first byte to its last.

use super::value::Value;

/// Deepest nesting that is read; `.torrent` files and peer messages have four levels at most.
pub const MAX_DEPTH: usize = 16;

/// Whether the keys of dictionaries have to be in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrder {
    /// Ascending as bytes and each once, as BEP 3 says.
    Sorted,
    /// As they come. [`Dict::get`](super::Dict::get) gives the first of a key that is there twice.
    Any,
}

/// Why bytes are no bencode, or not what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BencodeError {
    /// The bytes end inside a value.
    #[error("the bytes end inside a bencoded value")]
    Truncated,
    /// A byte that starts no value, or a key that is no string.
    #[error("no bencoded value starts at byte {0}")]
    Unexpected(usize),
    /// An integer or a length that is not canonical, or beyond 64 bits.
    #[error("the number at byte {0} is not canonical or too large")]
    Number(usize),
    /// A dictionary whose keys are not ascending, where they had to be.
    #[error("the key at byte {0} is not after the one before it")]
    Unsorted(usize),
    /// Nested more than [`MAX_DEPTH`] deep.
    #[error("the value at byte {0} is nested too deeply")]
    TooDeep(usize),
    /// Bytes after the value, where it had to be all.
    #[error("{0} bytes follow the bencoded value")]
    Trailing(usize),
}

/// Reads one value that is all of `bytes`.
///
/// # Errors
/// [`BencodeError`]
pub fn read(bytes: &[u8], order: KeyOrder) -> Result<Value<'_>, BencodeError> {
    match read_first(bytes, order)? {
        (value, []) => Ok(value),
        (_, rest) => Err(BencodeError::Trailing(rest.len())),
    }
}

/// Reads the value at the start of `bytes`, and gives the bytes after it.
///
/// # Errors
/// [`BencodeError`]
pub fn read_first(bytes: &[u8], order: KeyOrder) -> Result<(Value<'_>, &[u8]), BencodeError> {
    let mut scanner = Scanner { bytes, at: 0, order };
    let value = scanner.value(0)?;
    Ok((value, &bytes[scanner.at..]))
}

/// A place in bytes that are being checked.
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    order: KeyOrder,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Result<u8, BencodeError> {
        self.bytes.get(self.at).copied().ok_or(BencodeError::Truncated)
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, BencodeError> {
        let start = self.at;
        let kind = self.peek()?;
        match kind {
            b'i' => {
                self.at += 1;
                self.number(b'e').map(Value::Integer)
            }
            b'0'..=b'9' => self.string().map(Value::Bytes),
            b'l' | b'd' if depth >= MAX_DEPTH => Err(BencodeError::TooDeep(start)),
            b'l' => {
                self.at += 1;
                while self.peek()? != b'e' {
                    self.value(depth + 1)?;
                }
                self.at += 1;
                Ok(Value::list(&self.bytes[start..self.at]))
            }
            b'd' => {
                self.at += 1;
                self.entries(depth)?;
                self.at += 1;
                Ok(Value::dict_of(&self.bytes[start..self.at]))
            }
            _ => Err(BencodeError::Unexpected(start)),
        }
    }

    /// The keys and values of a dictionary, up to its `e`.
    fn entries(&mut self, depth: usize) -> Result<(), BencodeError> {
        let mut before: Option<&[u8]> = None;
        while self.peek()? != b'e' {
            let at = self.at;
            let key = self.string()?;
            if self.order == KeyOrder::Sorted && before.is_some_and(|before| before >= key) {
                return Err(BencodeError::Unsorted(at));
            }
            before = Some(key);
            self.value(depth + 1)?;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<&'a [u8], BencodeError> {
        let start = self.at;
        if !self.peek()?.is_ascii_digit() {
            return Err(BencodeError::Unexpected(start));
        }
        let len = self.number(b':')?;
        let rest = &self.bytes[self.at..];
        let len = usize::try_from(len).map_err(|_| BencodeError::Number(start))?;
        let string = rest.get(..len).ok_or(BencodeError::Truncated)?;
        self.at += len;
        Ok(string)
    }

    /// A canonical decimal number and the byte `end` after it.
    fn number(&mut self, end: u8) -> Result<i64, BencodeError> {
        let start = self.at;
        let wrong = BencodeError::Number(start);
        let negative = self.peek()? == b'-';
        self.at += usize::from(negative);
        let digits = self.at;
        // Counted down from zero, because there is one more negative number than positive ones.
        let mut value = 0i64;
        while self.peek()?.is_ascii_digit() {
            let digit = i64::from(self.bytes[self.at] - b'0');
            value = value.checked_mul(10).and_then(|v| v.checked_sub(digit)).ok_or(wrong)?;
            self.at += 1;
        }
        let len = self.at - digits;
        let zero_in_front = self.bytes[digits] == b'0' && (len > 1 || negative);
        if len == 0 || zero_in_front || self.peek()? != end {
            return Err(wrong);
        }
        self.at += 1;
        if negative { Ok(value) } else { value.checked_neg().ok_or(wrong) }
    }
}

/// The first value of bytes that were checked before, and the bytes after it.
pub(super) fn next_checked(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    if bytes.first() == Some(&b'e') {
        return None;
    }
    read_first(bytes, KeyOrder::Any).ok()
}
