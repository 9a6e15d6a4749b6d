//! serde_json with the habits of the original's encoder (Go's encoding/json), which a byte-compatible writer must have: `<`,
//! `>`, `&`, U+2028 and U+2029 are escaped, so that JSON can stand inside HTML; numbers have no `.0`, and an exponent only
//! below 1e-6 and from 1e21.

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
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
}

struct Pretty(PrettyFormatter<'static>);

impl Formatter for Pretty {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_escaped(writer, fragment)
    }
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write_float(writer, value)
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

/// The shortest digits that read back as the same number; as ECMAScript, but for -0.
fn write_float<W: ?Sized + Write>(writer: &mut W, value: f64) -> io::Result<()> {
    let magnitude = value.abs();
    if magnitude != 0.0 && magnitude < 1e-6 {
        write!(writer, "{value:e}")
    } else if magnitude >= 1e21 {
        let text = format!("{value:e}");
        writer.write_all(text.replace('e', "e+").as_bytes())
    } else {
        write!(writer, "{value}")
    }
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
        ] {
            assert_eq!(text(&value), expected);
        }
    }

    #[test]
    fn pretty_is_the_same_with_two_spaces() {
        let value = serde_json::json!({"a": [1.5, "<"], "b": {}});
        let pretty = String::from_utf8(to_vec_pretty(&value)).unwrap();
        assert_eq!(pretty, "{\n  \"a\": [\n    1.5,\n    \"\\u003c\"\n  ],\n  \"b\": {}\n}");
    }
}
