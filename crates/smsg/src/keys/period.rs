//! Periods: which stretch of UTC a stream key is for.

use crate::time::UnixTime;

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
        todo!("{name:?}")
    }
    /// For the header.
    #[must_use]
    pub fn name(&self) -> &str {
        todo!()
    }
    /// Seconds a period lasts.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        todo!()
    }
}

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
        todo!("{cadence:?} {now:?}")
    }
    /// The one after this moment's.
    #[must_use]
    pub fn next(cadence: &Cadence, now: UnixTime) -> Self {
        todo!("{cadence:?} {now:?}")
    }
}

/// The first second of a period by its name, if it has the form of this cadence.
#[must_use]
pub fn parse(cadence: &Cadence, name: &str) -> Option<UnixTime> {
    todo!("{cadence:?} {name:?}")
}
