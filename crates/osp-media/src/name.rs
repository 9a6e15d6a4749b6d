//! What a file's name says, for files without tags.

use std::path::Path;

/// What [`guess_from_name`] found.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct NameGuess {
    /// The name without its number and extension; `None` only when nothing printable is left.
    pub title: Option<String>,
    /// Track number, from 1.
    pub track_number: Option<u32>,
    /// Disc number, from 1, of names such as `2-01 Title`.
    pub disc_number: Option<u32>,
}

/// Guesses title and numbers from a file name: `01 - Title.opus`, `1-02. Title.flac`, `03_Title.mp3`,
/// `Artist - Album - 04 Title.ogg`. A number that is not plainly a track number stays in the title ("1979").
#[must_use]
pub fn guess_from_name(path: &Path) -> NameGuess {
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    // Names without spaces use underscores for them.
    let stem = if stem.contains(' ') { stem } else { stem.replace('_', " ") };
    let stem = stem.trim();

    let (disc_number, track_number, title) = leading_numbers(stem).unwrap_or_else(|| {
        // The number may follow the names of artist and album.
        let inner = stem.match_indices(" - ").find_map(|(at, sep)| leading_numbers(&stem[at + sep.len()..]));
        inner.unwrap_or((None, None, stem))
    });
    NameGuess { title: crate::tags::clean(title), track_number, disc_number }
}

/// Splits `1-02 - Title` or `02. Title` into disc, track and title.
fn leading_numbers(text: &str) -> Option<(Option<u32>, Option<u32>, &str)> {
    let (first, rest) = digits(text)?;
    if let Some((second, tail)) = rest.strip_prefix(['-', '.']).and_then(digits)
        && first.len() <= 2
        && second.len() == 2
        && let Some(title) = after_separator(tail, true)
    {
        return Some((number(first), number(second), title));
    }
    if first.len() > 3 {
        return None;
    }
    // "99 Luftballons" is a title: a number with nothing but a space behind it must look like a track number.
    let plain_space_will_do =
        first.starts_with('0') || first.len() == 2 && number(first).is_some_and(|n| n <= 30);
    if rest.is_empty() && first.len() == 2 && first.starts_with('0') {
        return Some((None, number(first), text));
    }
    let title = after_separator(rest, plain_space_will_do)?;
    Some((None, Some(number(first)?), title))
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn number(digits: &str) -> Option<u32> {
    digits.parse().ok().filter(|n| *n > 0)
}

fn after_separator(rest: &str, space_will_do: bool) -> Option<&str> {
    let trimmed = rest.trim_start();
    let title = match trimmed.strip_prefix(['-', '.', ')', ':', '\u{2013}', '\u{2014}']) {
        Some(title) => title,
        None if space_will_do && trimmed.len() < rest.len() => trimmed,
        None => return None,
    };
    let title = title.trim();
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(name: &str) -> (Option<u32>, Option<u32>, Option<String>) {
        let g = guess_from_name(Path::new(name));
        (g.disc_number, g.track_number, g.title)
    }

    fn want(
        disc: Option<u32>,
        track: Option<u32>,
        title: &str,
    ) -> (Option<u32>, Option<u32>, Option<String>) {
        (disc, track, Some(title.to_owned()))
    }

    #[test]
    fn takes_numbers_off_titles() {
        assert_eq!(guess("music/01 - Title.opus"), want(None, Some(1), "Title"));
        assert_eq!(guess("02. Title.flac"), want(None, Some(2), "Title"));
        assert_eq!(guess("3 - Title.flac"), want(None, Some(3), "Title"));
        assert_eq!(guess("04 Title - Part 2.ogg"), want(None, Some(4), "Title - Part 2"));
        assert_eq!(guess("05_Two_Words.mp3"), want(None, Some(5), "Two Words"));
        assert_eq!(guess("2-06 Title.mp3"), want(Some(2), Some(6), "Title"));
        assert_eq!(guess("Artist - Album - 07 Title.flac"), want(None, Some(7), "Title"));
        assert_eq!(guess("08.wav"), want(None, Some(8), "08"));
    }

    #[test]
    fn leaves_titles_that_are_numbers() {
        for title in ["1979", "99 Luftballons", "7 Rings", "Awakening", "Artist - Title", "Mr. 5", "4'33\""] {
            assert_eq!(guess(&format!("{title}.ogg")), want(None, None, title));
        }
    }

    #[test]
    fn survives_odd_names() {
        assert_eq!(guess("..").2, None);
        assert_eq!(guess("00 - Zero.ogg"), want(None, None, "00 - Zero"));
        assert_eq!(guess("a\nb.ogg"), want(None, None, "a b"));
        assert_eq!(guess("99999999999999 - x.ogg"), want(None, None, "99999999999999 - x"));
    }
}
