//! Periods: which stretch of UTC a stream key is for.
//!
//! | cadence | periods of 2026-01-12 |
//! |---|---|
//! | `daily`, and every name that is not below | `2026-01-12` |
//! | `12h` | `2026-01-12-AM`, `2026-01-12-PM` |
//! | `6h` | `2026-01-12-00`, `-06`, `-12`, `-18` |
//! | `1h` | `2026-01-12-00` to `2026-01-12-23` |

use crate::time::{DAY, Date, UnixTime};

/// How often stream keys change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// `daily`: `2026-01-12`
    Daily,
    /// `12h`: `2026-01-12-AM`, `-PM`
    HalfDay,
    /// `6h`: `2026-01-12-00`, `-06`, `-12`, `-18`
    Quarter,
    /// `1h`: `2026-01-12-15`
    Hourly,
    /// Anything else: counts as daily, and its name is kept.
    Unknown(String),
}

impl Cadence {
    /// From the header's text.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "daily" => Self::Daily,
            "12h" => Self::HalfDay,
            "6h" => Self::Quarter,
            "1h" => Self::Hourly,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// For the header.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Daily => "daily",
            Self::HalfDay => "12h",
            Self::Quarter => "6h",
            Self::Hourly => "1h",
            Self::Unknown(name) => name,
        }
    }

    /// Seconds a period lasts.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        match self {
            Self::Daily | Self::Unknown(_) => DAY,
            Self::HalfDay => DAY / 2,
            Self::Quarter => DAY / 4,
            Self::Hourly => DAY / 24,
        }
    }
}

/// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: the years that are written with four digits.
const FIRST_SECOND: i64 = -62_167_219_200;
const LAST_SECOND: i64 = 253_402_300_799;

/// One period of a cadence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// As in `wrappedKeys[].date`.
    pub name: String,
    /// Its first second.
    pub start: UnixTime,
}

impl Period {
    /// The period that holds a moment. Years beyond 0..=9999 are clamped there.
    #[must_use]
    pub fn at(cadence: &Cadence, now: UnixTime) -> Self {
        Self::starting(cadence, start_of(cadence, now))
    }

    /// The one after this moment's. The one after the last of year 9999 is the first of 10000, as in the original.
    #[must_use]
    pub fn next(cadence: &Cadence, now: UnixTime) -> Self {
        Self::starting(cadence, start_of(cadence, now) + cadence.seconds())
    }

    fn starting(cadence: &Cadence, start: i64) -> Self {
        let Date { year, month, day } = Date::from_days(start.div_euclid(DAY));
        let hour = start.rem_euclid(DAY) / 3_600;
        let date = format!("{year:04}-{month:02}-{day:02}");
        let name = match cadence {
            Cadence::Daily | Cadence::Unknown(_) => date,
            Cadence::HalfDay => format!("{date}-{}", if hour < 12 { "AM" } else { "PM" }),
            Cadence::Quarter | Cadence::Hourly => format!("{date}-{hour:02}"),
        };
        Self { name, start: UnixTime(start) }
    }
}

/// The first second of the period that holds a moment: days of every cadence start at midnight UTC, and periods divide them.
fn start_of(cadence: &Cadence, now: UnixTime) -> i64 {
    let now = now.0.clamp(FIRST_SECOND, LAST_SECOND);
    now - now.rem_euclid(cadence.seconds())
}

/// The first second of a period by its name, if it has exactly the form of this cadence and its date exists. Every name that
/// [`Period`] makes is read.
#[must_use]
pub fn parse(cadence: &Cadence, name: &str) -> Option<UnixTime> {
    // Read loosely, then compared with the one way to write it: so 2026-02-30, 2026-1-2 and +026-01-02 are none.
    let mut parts = name.split('-');
    let year = number(parts.next()?, 5)?;
    let (month, day) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let hour = match (cadence, parts.next()) {
        (Cadence::Daily | Cadence::Unknown(_), None) => 0,
        (Cadence::HalfDay, Some("AM")) => 0,
        (Cadence::HalfDay, Some("PM")) => 12,
        (Cadence::Quarter | Cadence::Hourly, Some(hour)) => number(hour, 2)?,
        _ => return None,
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 {
        return None;
    }
    let start = Date { year, month, day }.to_days() * DAY + hour * 3_600;
    let period = Period::starting(cadence, start - start.rem_euclid(cadence.seconds()));
    (period.name == name && start <= LAST_SECOND + 1).then_some(period.start)
}

/// The first second of a period of any cadence: what a strange file's dates mean for an error text.
pub(super) fn parse_any(name: &str) -> Option<UnixTime> {
    [Cadence::Daily, Cadence::HalfDay, Cadence::Hourly].iter().find_map(|cadence| parse(cadence, name))
}

/// Digits, at most so many.
fn number(text: &str, max_len: usize) -> Option<i64> {
    if text.len() > max_len || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
