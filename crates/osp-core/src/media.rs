//! Media types of records, and what HTTP serves for them.
//!
//! A record's `format` is the artist's word, and a gateway that repeats any word would serve script from its own
//! origin (`text/html`, `image/svg+xml`). So only types from this list are passed on; all else is bytes.

/// The media types a Track Record's `format` uses (spec section 8).
pub const TRACK_FORMATS: [&str; 7] =
    ["audio/opus", "audio/ogg", "audio/mpeg", "audio/flac", "audio/mp4", "audio/wav", "application/vnd.smsg"];

/// What HTTP sends for content that has no safe type.
pub const OCTET_STREAM: &str = "application/octet-stream";

/// What a browser understands for a record's `format`: Opus as `audio/ogg; codecs=opus`, the other types of
/// [`TRACK_FORMATS`] and of cover images as they are, common aliases by their registered name, and everything
/// else as [`OCTET_STREAM`]. Parameters are dropped; case does not matter.
#[must_use]
pub fn http_content_type(format: &str) -> &'static str {
    let essence = format.split(';').next().unwrap_or_default().trim();
    // The longest known type is much shorter; a 60 KiB "type" is not worth a copy.
    if essence.len() > 64 {
        return OCTET_STREAM;
    }
    match essence.to_ascii_lowercase().as_str() {
        // Browsers know Opus only inside Ogg, which is what these files are (RFC 7845).
        "audio/opus" => "audio/ogg; codecs=opus",
        // Without codecs: a browser looks, and other publishers call Opus this too.
        "audio/ogg" | "application/ogg" => "audio/ogg",
        "audio/mpeg" | "audio/mp3" => "audio/mpeg",
        "audio/flac" | "audio/x-flac" => "audio/flac",
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" => "audio/mp4",
        "audio/aac" => "audio/aac",
        "audio/webm" => "audio/webm",
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => "audio/wav",
        "application/vnd.smsg" => "application/vnd.smsg",
        "image/jpeg" | "image/jpg" => "image/jpeg",
        "image/png" => "image/png",
        "image/webp" => "image/webp",
        "image/gif" => "image/gif",
        "image/avif" => "image/avif",
        _ => OCTET_STREAM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_track_format_is_served_as_something_specific() {
        for format in TRACK_FORMATS {
            assert_ne!(http_content_type(format), OCTET_STREAM, "{format}");
        }
        assert_eq!(http_content_type("audio/opus"), "audio/ogg; codecs=opus");
        assert_eq!(http_content_type("Audio/MPEG; charset=x"), "audio/mpeg");
    }

    #[test]
    fn nothing_a_browser_would_run_is_passed_on() {
        for format in [
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/javascript",
            "application/pdf",
            "text/xml",
            "audio/opus\r\nSet-Cookie: a=b",
            "audio/x, text/html",
            "",
            "/",
        ] {
            assert_eq!(http_content_type(format), OCTET_STREAM, "{format:?}");
        }
    }
}
