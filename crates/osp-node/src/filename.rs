//! File names made of titles: titles are data, so nothing in them can leave a folder, hide a file, break a header or
//! make `gpj.exe` read as `exe.jpg`.

/// Longest name that is made, in bytes; file systems take 255, and a number, an album and an extension may follow.
const MAX_NAME: usize = 180;

/// `title` without path separators, control and bidirectional-override characters, percent signs (some programs
/// decode them), or what Windows reserves. Empty when nothing is left.
#[must_use]
pub fn safe(title: &str) -> String {
    let mut name: String = title
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%' => '_',
            c if c.is_control() => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => ' ',
            c => c,
        })
        .collect();
    while name.len() > MAX_NAME {
        name.pop();
    }
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    // Leading dots hide files, trailing ones vanish on Windows.
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace()).to_owned();
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || ((stem.starts_with("COM") || stem.starts_with("LPT")) && stem.len() == 4);
    if device { format!("_{name}") } else { name }
}

/// [`safe`], or `track` when nothing is left.
#[must_use]
pub fn or_track(title: &str) -> String {
    let name = safe(title);
    if name.is_empty() { "track".to_owned() } else { name }
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
    use super::{MAX_NAME, safe};

    #[test]
    fn titles_cannot_leave_the_folder() {
        for (title, name) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a\nb\tc", "a b c"),
            ("..", ""),
            (".hidden", "hidden"),
            ("nul", "_nul"),
            ("CON.txt", "_CON.txt"),
            ("100%2f", "100_2f"),
            ("say \"hi\"; filename=x", "say _hi_; filename=x"),
            ("AC/DC \u{202e}gnp", "AC_DC gnp"),
            ("\u{1f3a7} ok", "\u{1f3a7} ok"),
        ] {
            assert_eq!(safe(title), name, "{title:?}");
        }
        assert!(safe(&"\u{e9}".repeat(500)).len() <= MAX_NAME);
    }
}
