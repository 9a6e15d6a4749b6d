//! File names made from titles: titles are data, so nothing in them can leave the folder or break a shell.

use osp_core::{
    Cid,
    record::{Record, TrackRecord},
};

use std::collections::HashSet;

/// Longest name that is made, in bytes; file systems take 255.
const MAX_NAME: usize = 180;

/// `01 - Title.opus`, made only of characters that are safe on every file system.
#[must_use]
pub fn file_name(record: Option<&osp_core::record::Verified<Record>>, cid: &Cid) -> String {
    let Some(track) = record.and_then(|r| r.as_track()) else { return cid.to_string() };
    let title = safe(track.title());
    let title = if title.is_empty() { cid.to_string() } else { title };
    let number = track.number("trackNumber").filter(|n| *n >= 1.0 && *n < 1000.0);
    let prefix = number.map(|n| format!("{n:02} - ")).unwrap_or_default();
    format!("{prefix}{title}.{}", extension(track))
}

/// File names of one folder, no two of which are the same: an artist may have two albums with an "Intro".
#[derive(Debug, Default)]
pub struct Distinct {
    /// In lower case, since some file systems do not tell the cases apart.
    taken: HashSet<String>,
}

impl Distinct {
    /// `name`, or with a number before its extension when it was taken before.
    pub fn take(&mut self, name: String) -> String {
        let (stem, extension) = name.rsplit_once('.').map_or((name.as_str(), None), |(s, e)| (s, Some(e)));
        let numbered = (2..).map(|n| match extension {
            Some(extension) => format!("{stem} ({n}).{extension}"),
            None => format!("{stem} ({n})"),
        });
        let free =
            std::iter::once(name.clone()).chain(numbered).find(|n| self.taken.insert(n.to_lowercase()));
        free.unwrap_or(name)
    }
}

/// The usual extension of a record's format.
#[must_use]
pub fn extension(track: &TrackRecord) -> &'static str {
    match track.format() {
        "audio/opus" => "opus",
        "audio/ogg" => "ogg",
        "audio/mpeg" => "mp3",
        "audio/flac" => "flac",
        "audio/mp4" => "m4a",
        "audio/wav" => "wav",
        "application/vnd.smsg" => "smsg",
        _ => "bin",
    }
}

/// A title without path separators, control and bidirectional-override characters, or what Windows reserves.
#[must_use]
pub fn safe(title: &str) -> String {
    let mut name: String = title
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
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

#[cfg(test)]
mod tests {
    use super::{Distinct, safe};

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
        ] {
            assert_eq!(names.take(name.to_owned()), taken);
        }
    }

    #[test]
    fn titles_cannot_leave_the_folder() {
        for (title, name) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a\nb\tc", "a b c"),
            ("..", ""),
            (".hidden", "hidden"),
            ("nul", "_nul"),
            ("CON.txt", "_CON.txt"),
            ("AC/DC \u{202e}gnp", "AC_DC gnp"),
            ("\u{1f3a7} ok", "\u{1f3a7} ok"),
        ] {
            assert_eq!(safe(title), name, "{title:?}");
        }
        assert!(safe(&"\u{e9}".repeat(500)).len() <= super::MAX_NAME);
    }
}
