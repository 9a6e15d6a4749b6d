//! serde_json with the habits of the original's encoder (Go's encoding/json), which a byte-compatible writer must have: `<`,
//! `>`, `&`, U+2028 and U+2029 are escaped, so that JSON can stand inside HTML; numbers have no `.0`, and an exponent only
//! below 1e-6 and from 1e21; bytes are base64 text.

use data_encoding::BASE64;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

/// JSON on one line. `T` is one of this crate's wire types, which serialise without fail.
pub(crate) fn to_vec<T: Serialize>(value: &T) -> Vec<u8> {
    serialize(value, Compact)
}

/// As [`to_vec`], indented by two spaces.
pub(crate) fn to_vec_pretty<T: Serialize>(value: &T) -> Vec<u8> {
    serialize(value, Pretty(PrettyFormatter::new()))
}

fn serialize<T: Serialize>(value: &T, formatter: impl Formatter) -> Vec<u8> {
    let mut out = Vec::new();
    value
        .serialize(&mut Serializer::with_formatter(&mut out, formatter))
        .expect("our types have text keys only, and a Vec takes every byte");
    out
}

struct Compact;

impl Formatter for Compact {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_escaped(writer, fragment)
    }
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write_float(writer, value)
    }
    fn write_byte_array<W: ?Sized + Write>(&mut self, writer: &mut W, value: &[u8]) -> io::Result<()> {
        write_base64(writer, value)
    }
}

struct Pretty(PrettyFormatter<'static>);

impl Formatter for Pretty {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_escaped(writer, fragment)
    }
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write_float(writer, value)
    }
    fn write_byte_array<W: ?Sized + Write>(&mut self, writer: &mut W, value: &[u8]) -> io::Result<()> {
        write_base64(writer, value)
    }
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }
    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }
    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// A stretch of a string that JSON itself would not escape.
fn write_escaped<W: ?Sized + Write>(writer: &mut W, fragment: &str) -> io::Result<()> {
    let bytes = fragment.as_bytes();
    let mut done = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let (escape, len): (&[u8], usize) = match byte {
            b'<' => (b"\\u003c", 1),
            b'>' => (b"\\u003e", 1),
            b'&' => (b"\\u0026", 1),
            0xe2 if bytes[at..].starts_with("\u{2028}".as_bytes()) => (b"\\u2028", 3),
            0xe2 if bytes[at..].starts_with("\u{2029}".as_bytes()) => (b"\\u2029", 3),
            _ => continue,
        };
        writer.write_all(&bytes[done..at])?;
        writer.write_all(escape)?;
        done = at + len;
    }
    writer.write_all(&bytes[done..])
}

/// Bytes as text, piece by piece: they may be a whole attachment, and need no look for escapes.
fn write_base64<W: ?Sized + Write>(writer: &mut W, value: &[u8]) -> io::Result<()> {
    const PIECE: usize = 12 << 10;
    let mut text = [0; PIECE / 3 * 4];
    writer.write_all(b"\"")?;
    for piece in value.chunks(PIECE) {
        let text = &mut text[..BASE64.encode_len(piece.len())];
        BASE64.encode_mut(piece, text);
        writer.write_all(text)?;
    }
    writer.write_all(b"\"")
}

/// The shortest digits that read back as the same number, where two are equally near the even one: serde_json's, not those
/// of [`std::fmt`]. Only where the point stands differs from serde_json.
fn write_float<W: ?Sized + Write>(writer: &mut W, value: f64) -> io::Result<()> {
    let mut text = Vec::with_capacity(32);
    CompactFormatter.write_f64(&mut text, value.abs())?;
    let text = String::from_utf8_lossy(&text);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    // The number is 0.digits times ten to this.
    let point = exponent.parse::<i32>().unwrap_or_default() + as_exponent(whole.len())
        - as_exponent(all.len() - digits.len());
    let digits = digits.trim_end_matches('0');
    if value.is_sign_negative() {
        writer.write_all(b"-")?;
    }
    let magnitude = value.abs();
    if digits.is_empty() {
        writer.write_all(b"0")
    } else if !(1e-6..1e21).contains(&magnitude) {
        let (first, rest) = digits.split_at(1);
        let (dot, exponent) = (if rest.is_empty() { "" } else { "." }, point - 1);
        write!(writer, "{first}{dot}{rest}e{exponent:+}")
    } else if let Ok(whole) = usize::try_from(point)
        && whole > 0
    {
        let (before, behind) = digits.split_at(whole.min(digits.len()));
        let dot = if behind.is_empty() { "" } else { "." };
        write!(writer, "{before:0<whole$}{dot}{behind}")
    } else {
        let zeros = usize::try_from(-point).unwrap_or_default();
        write!(writer, "0.{:0<zeros$}{digits}", "")
    }
}

/// A count of digits, of which a number has a few hundred at most.
fn as_exponent(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{to_vec, to_vec_pretty};

    fn text<T: serde::Serialize>(value: &T) -> String {
        String::from_utf8(to_vec(value)).unwrap()
    }

    #[test]
    fn strings_are_escaped_as_by_the_original() {
        assert_eq!(
            text(&"<a href=\"x\">&\u{2028}\u{2029}"),
            r#""\u003ca href=\"x\"\u003e\u0026\u2028\u2029""#
        );
        assert_eq!(
            text(&"\0\u{1f}\u{8}\u{c}\n\r\t\u{7f}\\/"),
            "\"\\u0000\\u001f\\b\\f\\n\\r\\t\u{7f}\\\\/\""
        );
        assert_eq!(text(&"â€¨ 🎵 \u{2027}\u{202a}"), "\"â€¨ 🎵 \u{2027}\u{202a}\"");
    }

    #[test]
    #[allow(clippy::excessive_precision, reason = "the last digit is what is tested")]
    fn numbers_are_written_as_by_the_original() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (61.5, "61.5"),
            (180.0, "180"),
            (-1.25, "-1.25"),
            (1e-6, "0.000001"),
            (9.5e-7, "9.5e-7"),
            (1e-9, "1e-9"),
            (1.5e-10, "1.5e-10"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.25e300, "-1.25e+300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1_000_000.0, "1000000"),
            (123e18, "123000000000000000000"),
            (0.000_012_5, "0.0000125"),
            // Two shortest texts are equally near.
            (1_804_662_911_953_491.25, "1804662911953491.2"),
            (-114_254_380_250_401.625, "-114254380250401.62"),
        ] {
            assert_eq!(text(&value), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn numbers_come_back(value: f64) {
            let value = if value.is_finite() { value } else { 1.0 };
            let written = text(&value);
            proptest::prop_assert_eq!(written.parse::<f64>().unwrap().to_bits(), value.to_bits(), "{}", written);
            proptest::prop_assert!(!written.ends_with(".0") && written.matches('.').count() <= 1);
        }
    }

    #[test]
    fn bytes_are_base64() {
        struct Bytes(Vec<u8>);
        impl serde::Serialize for Bytes {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(&self.0)
            }
        }
        for len in [0, 1, 2, 3, 12 << 10, (12 << 10) + 1, 50_000] {
            let bytes = vec![7; len];
            assert_eq!(text(&Bytes(bytes.clone())), format!("\"{}\"", data_encoding::BASE64.encode(&bytes)));
        }
    }

    #[test]
    fn pretty_is_the_same_with_two_spaces() {
        let value = serde_json::json!({"a": [1.5, "<"], "b": {}});
        let pretty = String::from_utf8(to_vec_pretty(&value)).unwrap();
        assert_eq!(pretty, "{\n  \"a\": [\n    1.5,\n    \"\\u003c\"\n  ],\n  \"b\": {}\n}");
    }
}
