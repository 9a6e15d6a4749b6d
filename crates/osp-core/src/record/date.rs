//! Dates as records write them. Only their form is checked: this crate has no clock to compare them with.

use super::Refusal;

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, and such a day exists in the (proleptic) Gregorian calendar.
pub(super) fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let year = parts.next().and_then(|year| digits(year, 4));
    let month = parts.next().map(|month| digits(month, 2));
    let day = parts.next().map(|day| digits(day, 2));
    match (year, month, day, parts.next()) {
        (Some(_), None, None, None) => true,
        (Some(_), Some(Some(month)), None, None) => (1..=12).contains(&month),
        (Some(year), Some(Some(month)), Some(Some(day)), None) => {
            (1..=days_in_month(year, month)).contains(&day)
        }
        _ => false,
    }
}

/// XML Schema `dateTimeStamp` in the years 0000 to 9999, its offset optional: Data Integrity reads a time without
/// one as UTC.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_once('T') else { return false };
    let time = |time: &str| {
        let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let parts: Vec<_> = whole.split(':').map(|part| digits(part, 2)).collect();
        let in_range = matches!(parts[..], [Some(0..=23), Some(0..=59), Some(0..=59)]);
        in_range && !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit())
    };
    let offset = |offset: &str| {
        let parts: Vec<_> = offset.split(':').map(|part| digits(part, 2)).collect();
        matches!(parts[..], [Some(0..=13), Some(0..=59)] | [Some(14), Some(0)])
    };
    let clock_is_right = match (rest.strip_suffix('Z'), rest.split_once(['+', '-'])) {
        (Some(clock), _) => time(clock),
        (None, Some((clock, zone))) => time(clock) && offset(zone),
        (None, None) => time(rest),
    };
    date.len() == 10 && is_date(date) && clock_is_right
}

/// `YYYY-MM-DDThh:mm:ssZ`, the one form OSP writes.
pub(super) fn is_utc_seconds(text: &str) -> bool {
    text.len() == 20 && text.ends_with('Z') && is_date_time(text)
}

/// Refuses a time that is not of that form.
pub(super) fn must_be_utc_seconds(what: &str, text: &str) -> Result<(), Refusal> {
    if is_utc_seconds(text) {
        Ok(())
    } else {
        Err(Refusal::malformed(format!("`{what}` is not a time of the form 2026-01-15T12:00:00Z")))
    }
}

/// Seconds since 1970 of a time in that form; `None` for any other text.
pub(super) fn unix_seconds(text: &str) -> Option<i64> {
    if !is_utc_seconds(text) {
        return None;
    }
    let number = |at: std::ops::Range<usize>| text.get(at)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let clock = number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    // Days from 1970-01-01 in the proleptic Gregorian calendar; years begin in March, so that the leap day is last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some((days + (153 * month + 2) / 5 + day - 1 - 719_468) * 86_400 + clock)
}

/// The time in that form; `None` before the year 0 and after the year 9999.
pub(super) fn of_unix_seconds(seconds: i64) -> Option<String> {
    let (days, clock) = (seconds.div_euclid(86_400) + 719_468, seconds.rem_euclid(86_400));
    // The inverse of the above: eras of 400 years, which all have the same length.
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + carry;
    let (h, m, s) = (clock / 3600, clock / 60 % 60, clock % 60);
    (0..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z"))
}

fn digits(text: &str, width: usize) -> Option<u32> {
    (text.len() == width && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn days_in_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_exist() {
        for text in ["2026", "0000", "2026-01", "2026-12", "2026-01-31", "2024-02-29", "2000-02-29"] {
            assert!(is_date(text), "{text}");
        }
    }

    #[test]
    fn dates_that_do_not() {
        for text in [
            "",
            "26",
            "02026",
            "2026-",
            "2026-1",
            "2026-00",
            "2026-13",
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-01-00",
            "2026-01-01-01",
            "2026-01-01T00:00:00Z",
            "-2026",
            "+202",
            " 2026",
            "2026/01",
            "٢٠٢٦",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn seconds_since_1970() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T12:34:56Z", 951_827_696),
            ("2026-01-15T12:00:00Z", 1_768_478_400),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(unix_seconds(text), Some(seconds), "{text}");
            assert_eq!(of_unix_seconds(seconds).as_deref(), Some(text));
        }
        assert_eq!(unix_seconds("2026-01-15T12:00:00"), None);
        // Every day of four centuries and some.
        for day in -719_528..200_000 {
            let text = of_unix_seconds(day * 86_400).unwrap_or_default();
            assert_eq!(unix_seconds(&text), Some(day * 86_400), "{text}");
        }
        assert_eq!(of_unix_seconds(253_402_300_800), None);
    }

    #[test]
    fn instants() {
        for text in [
            "2026-01-15T12:00:00Z",
            "2026-01-15T12:00:00.5+01:00",
            "2026-01-15T12:00:00-14:00",
            "2026-01-15T12:00:00",
        ] {
            assert!(is_date_time(text), "{text}");
        }
        for text in [
            "2026-01-15",
            "2026-01-15 12:00:00Z",
            "2026-01T12:00:00Z",
            "2026-02-30T12:00:00Z",
            "2026-01-15T24:00:00Z",
            "2026-01-15T12:00Z",
            "2026-01-15T12:00:00.Z",
            "2026-01-15T12:00:00+15:00",
            "2026-01-15T12:00:00+0100",
            "2026-01-15T12:00:60Z",
            "2026-01-15T12:00:00ZZ",
        ] {
            assert!(!is_date_time(text), "{text}");
        }
        assert!(is_utc_seconds("2026-01-15T12:00:00Z"));
        assert!(!is_utc_seconds("2026-01-15T12:00:00.0Z") && !is_utc_seconds("2026-01-15T12:00:00"));
    }
}
