//! Names of the files that an output folder gets.

use crate::filename;
use osp_core::{
    Cid,
    media::http_content_type,
    record::{Record, Verified},
};
use std::collections::HashSet;

/// `01 - Title.opus`, made only of characters that are safe on every file system.
#[must_use]
pub fn file_name(record: Option<&Verified<Record>>, cid: &Cid) -> String {
    let Some(track) = record.and_then(|r| r.as_track()) else { return cid.to_string() };
    let title = filename::safe(track.title());
    let title = if title.is_empty() { cid.to_string() } else { title };
    let number = track.number("trackNumber").filter(|n| *n >= 1.0 && *n < 1000.0);
    let prefix = number.map(|n| format!("{n:02} - ")).unwrap_or_default();
    format!("{prefix}{title}{}", filename::extension(http_content_type(track.format())))
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

#[cfg(test)]
mod tests {
    use super::Distinct;

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
}
