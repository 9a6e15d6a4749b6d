//! File names made of titles and of attachments' names: both are data, so nothing in them can leave a folder, hide a file,
//! break a header or make `gpj.exe` read as `exe.jpg`.

use std::collections::{HashMap, HashSet};
use unicode_normalization::UnicodeNormalization as _;

/// Longest name that is made of a title, in bytes; a number, an album and an extension may follow.
const MAX_NAME: usize = 180;

/// Longest file name that file systems take, in bytes.
const MAX_FILE_NAME: usize = 255;

/// Longest extension that is kept when a name is cut, in bytes with the dot.
const MAX_EXTENSION: usize = 16;

/// `title` without path separators, control and bidirectional-override characters, percent signs (some programs
/// decode them), or what Windows reserves. Empty when nothing is left.
#[must_use]
pub fn safe(title: &str) -> String {
    let mut name = clean(title);
    while name.len() > MAX_NAME {
        name.pop();
    }
    disarm(&name)
}

/// The file name for an attachment: [`safe`], but as long as file systems take, with its extension kept, and never empty
/// nor with a hyphen at the start, which programs take for an option. `content_type` decides the extension of what has no name.
#[must_use]
pub fn of_attachment(name: &str, content_type: &str) -> String {
    let name = disarm(&clean(name));
    let name = match name.strip_prefix('-') {
        Some(rest) => format!("_{rest}"),
        None => name,
    };
    if name.is_empty() { format!("attachment{}", extension(content_type)) } else { fit(&name, "") }
}

/// Without what no file system or terminal should see; white space is one space.
fn clean(title: &str) -> String {
    let name: String = title
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%' => '_',
            c if c.is_control() => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => ' ',
            c => c,
        })
        .collect();
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without what means something to a system: leading dots hide files, trailing ones vanish on Windows, and some names
/// are devices there.
fn disarm(name: &str) -> String {
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace()).to_owned();
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered.is_some_and(|n| n.chars().count() == 1);
    if device { format!("_{name}") } else { name }
}

/// `name` with `number` before its extension, cut in front of both to what file systems take.
fn fit(name: &str, number: &str) -> String {
    let dot = name.rfind('.').filter(|at| *at > 0 && name.len() - at <= MAX_EXTENSION);
    let (stem, extension) = name.split_at(dot.unwrap_or(name.len()));
    let mut room = (MAX_FILE_NAME - number.len() - extension.len()).min(stem.len());
    while !stem.is_char_boundary(room) {
        room -= 1;
    }
    format!("{}{number}{extension}", stem[..room].trim_end_matches(|c: char| c == '.' || c.is_whitespace()))
}

/// File names of one folder, no two of which are the same: an artist may have two albums with an "Intro".
#[derive(Debug, Default)]
pub struct Distinct {
    /// As file systems compare that do not tell cases or compositions apart.
    taken: HashSet<String>,
    /// The number that was given last to names like these: many equal names must not take quadratic time.
    last: HashMap<String, u32>,
}

impl Distinct {
    /// `name`, or with a number before its extension when it was taken before.
    pub fn take(&mut self, name: String) -> String {
        let folded = |name: &str| name.to_lowercase().nfc().collect::<String>();
        if self.taken.insert(folded(&name)) {
            return name;
        }
        let last = self.last.entry(folded(&name)).or_insert(1);
        loop {
            *last += 1;
            let numbered = fit(&name, &format!(" ({last})"));
            if self.taken.insert(folded(&numbered)) {
                return numbered;
            }
        }
    }
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
    use super::{Distinct, MAX_FILE_NAME, MAX_NAME, of_attachment, safe};

    #[test]
    fn titles_cannot_leave_the_folder() {
        for (title, name) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a\nb\tc", "a b c"),
            ("..", ""),
            (".hidden", "hidden"),
            ("nul", "_nul"),
            ("CON.txt", "_CON.txt"),
            ("com\u{b9}.txt", "_com\u{b9}.txt"),
            ("Companion", "Companion"),
            ("100%2f", "100_2f"),
            ("say \"hi\"; filename=x", "say _hi_; filename=x"),
            ("AC/DC \u{202e}gnp", "AC_DC gnp"),
            ("\u{1f3a7} ok", "\u{1f3a7} ok"),
        ] {
            assert_eq!(safe(title), name, "{title:?}");
        }
        assert!(safe(&"\u{e9}".repeat(500)).len() <= MAX_NAME);
    }

    #[test]
    fn attachments_keep_their_extension() {
        for (attachment, name) in [
            ("", "attachment.mp3"),
            ("...", "attachment.mp3"),
            ("-rf", "_rf"),
            ("C:\\x.exe", "C__x.exe"),
            ("/abs", "_abs"),
            ("a/b", "a_b"),
            ("CON", "_CON"),
            ("song.opus.", "song.opus"),
            ("\u{65e5}\u{672c} - \u{e9}.opus", "\u{65e5}\u{672c} - \u{e9}.opus"),
        ] {
            assert_eq!(of_attachment(attachment, "audio/mpeg"), name, "{attachment:?}");
        }
        let long = of_attachment(&("\u{65e5}".repeat(500) + ".opus"), "");
        assert!(
            long.len() <= MAX_FILE_NAME && long.len() > MAX_FILE_NAME - 4 && long.ends_with("\u{65e5}.opus")
        );
        let all_extension = of_attachment(&("x.".to_owned() + &"y".repeat(500)), "");
        assert_eq!(all_extension.len(), MAX_FILE_NAME);
    }

    #[test]
    fn no_two_names_are_the_same() {
        let mut names = Distinct::default();
        for (name, taken) in [
            ("Intro.opus", "Intro.opus"),
            ("Intro.mp3", "Intro.mp3"),
            ("intro.opus", "intro (2).opus"),
            ("Intro (2).opus", "Intro (2) (2).opus"),
            ("bafk", "bafk"),
            ("bafk", "bafk (2)"),
            ("\u{e9}", "\u{e9}"),
            ("e\u{301}", "e\u{301} (2)"),
        ] {
            assert_eq!(names.take(name.to_owned()), taken);
        }
        let long = "n".repeat(MAX_FILE_NAME);
        assert_eq!(names.take(long.clone()), long);
        let second = names.take(long);
        assert!(second.len() == MAX_FILE_NAME && second.ends_with("n (2)"));
        // As many as a sealed file may have, in time.
        assert_eq!(
            (0..65_536).map(|_| names.take("same".to_owned())).last().as_deref(),
            Some("same (65536)")
        );
    }
}
