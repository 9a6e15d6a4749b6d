//! Byte ranges (RFC 9110 section 14): a pure, total parser.
//!
//! ```text
//!  Range: bytes=0-99        the first hundred
//!  Range: bytes=100-        from byte 100 on
//!  Range: bytes=-100        the last hundred
//! ```
//!
//! A server may ignore `Range` (section 14.2). Ours does for units other than bytes, for what is not a range and
//! for several ranges at once: nobody who plays music asks for those, and overlapping ranges multiply the bytes
//! sent. Ignored means 200 with the whole content, which every client must be ready for.

use std::ops::Range;

/// What a `Range` header selects of `len` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of it, as if there were no header: 200.
    Whole,
    /// These bytes, never none: 206.
    Part(Range<u64>),
    /// No byte there is: 416.
    Unsatisfiable,
}

/// Reads the value of a `Range` header for content of `len` bytes. Never fails: see the module's text for what is
/// ignored.
#[must_use]
pub fn select(header: &[u8], len: u64) -> Selection {
    single_spec(header).and_then(|spec| resolve(spec, len)).unwrap_or(Selection::Whole)
}

/// The one range-spec after `bytes=`; `None` when there are none or several.
fn single_spec(header: &[u8]) -> Option<&[u8]> {
    let (unit, set) = header.split_at(header.iter().position(|b| *b == b'=')?);
    if !unit.trim_ascii().eq_ignore_ascii_case(b"bytes") {
        return None;
    }
    // Recipients ignore empty list elements (RFC 9110 section 5.6.1.2).
    let mut specs = set[1..].split(|b| *b == b',').map(trim_ows).filter(|spec| !spec.is_empty());
    let first = specs.next()?;
    specs.next().is_none().then_some(first)
}

/// `first-last`, `first-` or `-suffix` against `len`; `None` when it is none of them.
fn resolve(spec: &[u8], len: u64) -> Option<Selection> {
    let dash = spec.iter().position(|b| *b == b'-')?;
    let (first, last) = (&spec[..dash], &spec[dash + 1..]);
    if first.is_empty() {
        let suffix = number(last)?;
        return Some(match (suffix, len) {
            (0, _) => Selection::Unsatisfiable,
            // Satisfiable by section 14.1.2, yet no Content-Range can say so.
            (_, 0) => Selection::Whole,
            _ => Selection::Part(len - suffix.min(len)..len),
        });
    }
    let first = number(first)?;
    let end = if last.is_empty() {
        len
    } else {
        let last = number(last)?;
        if last < first {
            return None;
        }
        last.saturating_add(1).min(len)
    };
    Some(if first < len { Selection::Part(first..end) } else { Selection::Unsatisfiable })
}

/// Digits only; more than fit count as the largest number, for positions beyond any file.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |sum: u64, d: &u8| sum.saturating_mul(10).saturating_add(u64::from(d - b'0'));
    Some(digits.iter().fold(0, add))
}

/// Without optional white space (SP, HTAB) around it.
fn trim_ows(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// The value of `Content-Range` for a part of `len` bytes.
#[must_use]
pub fn content_range(part: &Range<u64>, len: u64) -> String {
    format!("bytes {}-{}/{len}", part.start, part.end.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::{Selection::*, *};

    #[test]
    fn the_examples_of_rfc_9110_on_ten_thousand_bytes() {
        let cases: [(&[u8], Selection); 6] = [
            (b"bytes=0-499", Part(0..500)),
            (b"bytes=500-999", Part(500..1000)),
            (b"bytes=-500", Part(9500..10_000)),
            (b"bytes=9500-", Part(9500..10_000)),
            (b"bytes=0-0,-1", Whole),
            (b"bytes= 0-999, 4500-5499, -1000", Whole),
        ];
        for (header, want) in cases {
            assert_eq!(select(header, 10_000), want, "{}", String::from_utf8_lossy(header));
        }
    }

    #[test]
    fn what_is_not_a_range_of_bytes_is_ignored() {
        let cases: [&[u8]; 18] = [
            b"",
            b"=",
            b"bytes",
            b"bytes=",
            b"bytes=,",
            b"bytes=-",
            b"bytes=--1",
            b"bytes=1",
            b"bytes=a-b",
            b"bytes=1-0",
            b"bytes=+1-2",
            b"bytes=0-1-2",
            b"bytes=0x1-2",
            b"bytes=0 -1",
            b"items=0-1",
            b"bytes 0-1",
            b"bytes=0-1;q=1",
            b"\xff\xfe=0-1",
        ];
        for header in cases {
            assert_eq!(select(header, 100), Whole, "{}", String::from_utf8_lossy(header));
        }
    }

    #[test]
    fn edges() {
        assert_eq!(select(b"bytes=100-", 100), Unsatisfiable);
        assert_eq!(select(b"bytes=99-", 100), Part(99..100));
        assert_eq!(select(b"bytes=99-200", 100), Part(99..100));
        assert_eq!(select(b"bytes=-200", 100), Part(0..100));
        assert_eq!(select(b"bytes=-0", 100), Unsatisfiable);
        assert_eq!(select(b"bytes=0-", 0), Unsatisfiable);
        assert_eq!(select(b"bytes=-1", 0), Whole);
        assert_eq!(select(b"BYTES=, 1-2 ,", 100), Part(1..3));
        assert_eq!(select(b"bytes=0-99999999999999999999999", 100), Part(0..100));
        assert_eq!(select(b"bytes=99999999999999999999999-", u64::MAX), Unsatisfiable);
        assert_eq!(select(b"bytes=0-18446744073709551615", u64::MAX), Part(0..u64::MAX));
    }
}
