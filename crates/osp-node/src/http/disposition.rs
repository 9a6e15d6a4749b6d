//! `Content-Disposition` (RFC 6266) with names that come from artists and from URLs.

use axum::http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 8187 lets stand unencoded in `filename*`.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Whether a browser shows or saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Show or play it.
    Inline,
    /// Save it.
    Attachment,
}

/// The header's value: a plain ASCII name for old clients, the real one in `filename*`.
#[must_use]
pub fn content_disposition(kind: Kind, filename: &str) -> HeaderValue {
    let word = match kind {
        Kind::Inline => "inline",
        Kind::Attachment => "attachment",
    };
    let plain: String = filename.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let mut value = format!("{word}; filename=\"{plain}\"");
    if plain != filename {
        value.push_str("; filename*=UTF-8''");
        value.extend(utf8_percent_encode(filename, ATTR_CHAR));
    }
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_ascii_come_in_both_forms() {
        let value = content_disposition(Kind::Inline, "Björk’s.opus");
        assert_eq!(
            value.to_str().expect("ASCII"),
            "inline; filename=\"Bj_rk_s.opus\"; filename*=UTF-8''Bj%C3%B6rk%E2%80%99s.opus"
        );
        let value = content_disposition(Kind::Attachment, "x.torrent");
        assert_eq!(value.to_str().expect("ASCII"), "attachment; filename=\"x.torrent\"");
    }
}
