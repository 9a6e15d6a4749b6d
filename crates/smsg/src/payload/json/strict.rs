//! The door that all JSON of strangers comes in by: header, message and ABR manifest alike (`spec/SMSG.md` section 6).
//!
//! serde_json looks only into the strings that it hands out, and we skip members that are not known. What is wrong in those,
//! another reader could stumble over or replace; so the whole text is looked through.

use serde::Deserialize;

/// The value, or why this is not JSON of this shape: cut to what a person reads, as it may quote the file.
pub(crate) fn parse<'j, T: Deserialize<'j>>(json: &'j [u8]) -> Result<T, String> {
    let text = std::str::from_utf8(json).map_err(|error| error.to_string())?;
    if let Some(at) = unpaired_surrogate(json) {
        return Err(format!("half a pair of surrogates at byte {at}"));
    }
    serde_json::from_str(text).map_err(|error| reason(&error))
}

/// Where the first escape of half a pair stands. Only for JSON: there a backslash stands in strings alone.
fn unpaired_surrogate(json: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = memchr::memchr(b'\\', &json[from..]) {
        let at = from + found;
        from = match escaped(&json[at..]) {
            Some(0xd800..=0xdbff) if matches!(escaped(&json[at + ESCAPE..]), Some(0xdc00..=0xdfff)) => {
                at + 2 * ESCAPE
            }
            Some(0xd800..=0xdfff) => return Some(at),
            Some(_) => at + ESCAPE,
            // Another escape: a backslash and a character, which can be a backslash too.
            None => json.len().min(at + 2),
        };
    }
    None
}

/// Bytes of `\u` and four digits.
const ESCAPE: usize = 6;

/// The number in the `\u` escape that a text begins with.
fn escaped(text: &[u8]) -> Option<u16> {
    let digits = text.get(..ESCAPE)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |number, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(number << 4 | digit as u16)
    })
}

/// An error's text, shortened.
fn reason(error: &serde_json::Error) -> String {
    const MAX: usize = 200;
    let text = error.to_string();
    match text.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{parse, unpaired_surrogate};
    use proptest::prelude::*;

    proptest! {
        /// serde_json judges strings that it hands out, which is the same for us.
        #[test]
        fn halves_are_found_where_serde_json_finds_them(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "\\ud800", "\\uDBFF", "\\udc00", "\\uDfff", "\\ud7ff", "\\ue000", "\\\\", "\\\"", "\\n", "u", "d800", "\u{1F3B5}",
                ]),
                0..8,
            ),
        ) {
            let json = format!("\"{}\"", pieces.concat());
            prop_assert_eq!(unpaired_surrogate(json.as_bytes()).is_none(), serde_json::from_str::<String>(&json).is_ok());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..40), escapes in "(\\\\|u|d8|dc|00|x){0,12}") {
            let _ = parse::<String>(&bytes);
            let _ = unpaired_surrogate(&bytes);
            let _ = unpaired_surrogate(escapes.as_bytes());
        }
    }
}
