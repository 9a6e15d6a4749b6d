//! Media types of records, and what HTTP serves for them.

/// What a browser understands for a record's `format` (Opus is served as `audio/ogg; codecs=opus`).
#[must_use]
pub fn http_content_type(format: &str) -> &str {
    let _ = format;
    todo!()
}
