//! Stretches of a release as people write them.
//!
//! ```text
//! 0:00-0:30       from a time to a time, of every file that has a time line
//! 1:08-           from a time to the end
//! 2-3, 2          files (or the marks of a single file), counted from 1
//! 0:00-0:30,4     several
//! ```

use std::{ops::RangeInclusive, str::FromStr};

/// One stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// Milliseconds; without an end: to the end.
    Time {
        /// From.
        from: u64,
        /// To.
        to: Option<u64>,
    },
    /// Tracks, from 1.
    Tracks(RangeInclusive<usize>),
}

/// Stretches, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretches(pub Vec<Stretch>);

/// Not written as stretches are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadStretch {
    /// Neither a time nor a number.
    #[error("{0:?} is no range; write times as in 0:00-0:30, or tracks as in 2-3")]
    Form(String),
    /// It ends before it begins.
    #[error("{0:?} ends where it begins or before; write the earlier one first")]
    Backwards(String),
}

impl Stretches {
    /// The first seconds of everything.
    #[must_use]
    pub fn first_seconds(seconds: u64) -> Self {
        Self(vec![Stretch::Time { from: 0, to: Some(seconds * 1000) }])
    }
}

impl FromStr for Stretches {
    type Err = BadStretch;

    fn from_str(text: &str) -> Result<Self, BadStretch> {
        text.split(',').map(|one| stretch(one.trim())).collect::<Result<_, _>>().map(Self)
    }
}

fn stretch(text: &str) -> Result<Stretch, BadStretch> {
    let form = || BadStretch::Form(text.to_owned());
    let (from, to) = text.split_once('-').map_or((text, None), |(from, to)| (from.trim(), Some(to.trim())));
    if text.contains(':') {
        let from = time(from).ok_or_else(form)?;
        let to = match to {
            None => return Err(form()),
            Some("") => None,
            Some(to) => Some(time(to).ok_or_else(form)?),
        };
        return match to {
            Some(to) if to <= from => Err(BadStretch::Backwards(text.to_owned())),
            to => Ok(Stretch::Time { from, to }),
        };
    }
    let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number > 0);
    let from = number(from).ok_or_else(form)?;
    let to = match to {
        None => from,
        Some(to) => number(to).ok_or_else(form)?,
    };
    if to < from { Err(BadStretch::Backwards(text.to_owned())) } else { Ok(Stretch::Tracks(from..=to)) }
}

/// `m:ss`, `h:mm:ss`, perhaps with a fraction of a second; in milliseconds.
fn time(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let fields: Vec<&str> = whole.split(':').collect();
    if !(2..=3).contains(&fields.len()) || !fields.iter().all(|field| digits(field)) || !digits(fraction) {
        return None;
    }
    let numbers: Vec<u64> = fields.iter().filter_map(|field| field.parse().ok()).collect();
    if numbers[1..].iter().any(|number| *number > 59) {
        return None;
    }
    let seconds = numbers.iter().fold(0, |sum, number| sum * 60 + number);
    let millis: u64 = format!("{fraction:0<3}")[..3].parse().ok()?;
    Some(seconds * 1000 + millis)
}

#[cfg(test)]
mod tests {
    use super::{BadStretch, Stretch, Stretches};

    #[test]
    fn what_people_write() {
        let time = |from, to| Stretch::Time { from, to };
        for (text, stretches) in [
            ("0:00-0:30", vec![time(0, Some(30_000))]),
            ("1:08-", vec![time(68_000, None)]),
            ("1:02:03.5 - 2:00:00", vec![time(3_723_500, Some(7_200_000))]),
            ("2-3", vec![Stretch::Tracks(2..=3)]),
            ("7", vec![Stretch::Tracks(7..=7)]),
            ("0:00-0:01.25, 4", vec![time(0, Some(1250)), Stretch::Tracks(4..=4)]),
        ] {
            assert_eq!(text.parse(), Ok(Stretches(stretches)), "{text}");
        }
        for text in
            ["", "-", "0-1", "0:30", "a", "1:2:3:4-5:00", "0:60-1:00", "1-", ":30-1:00", "1:0x-2:00", "1,,2"]
        {
            assert!(matches!(text.parse::<Stretches>(), Err(BadStretch::Form(_))), "{text}");
        }
        for text in ["3-2", "0:30-0:30", "1:00-0:59"] {
            assert!(matches!(text.parse::<Stretches>(), Err(BadStretch::Backwards(_))), "{text}");
        }
    }
}
