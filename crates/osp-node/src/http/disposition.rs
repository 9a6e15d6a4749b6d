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

/// Longest name, in characters; file systems stop at 255 bytes.
const MAX_NAME: usize = 60;

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

/// A file name made of any text: no separators, no control characters, nothing hidden, not too long.
#[must_use]
pub fn safe_name(text: &str) -> String {
    let swap = |c: char| match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%' => '_',
        // Control characters, and the marks that make "gpj.exe" read as "exe.jpg".
        c if c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
        {
            '_'
        }
        c => c,
    };
    let name: String = text.trim().chars().take(MAX_NAME).map(swap).collect();
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if name.is_empty() { "track".to_owned() } else { name.to_owned() }
}

/// The usual extension of a content type, with its dot.
#[must_use]
pub fn extension(content_type: &str) -> &'static str {
    match content_type {
        "audio/ogg; codecs=opus" => ".opus",
        "audio/ogg" => ".ogg",
        "audio/mpeg" => ".mp3",
        "audio/flac" => ".flac",
        "audio/mp4" => ".m4a",
        "audio/aac" => ".aac",
        "audio/webm" => ".webm",
        "audio/wav" => ".wav",
        "application/vnd.smsg" => ".smsg",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/webp" => ".webp",
        "image/gif" => ".gif",
        "image/avif" => ".avif",
        "application/ld+json" => ".jsonld",
        _ => ".bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder_and_on_their_line() {
        let cases = [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a\r\nSet-Cookie: x=1", "a__Set-Cookie_ x=1"),
            ("  ", "track"),
            ("...", "track"),
            ("say \"hi\"; filename=x", "say _hi_; filename=x"),
            ("\u{202e}gpj.exe", "_gpj.exe"),
        ];
        for (text, want) in cases {
            assert_eq!(safe_name(text), want);
        }
        assert!(safe_name(&"\u{1F3B5}".repeat(500)).len() <= 255 - 6);
    }

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
