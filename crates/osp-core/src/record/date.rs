//! Dates as records write them. Only their form is checked: this crate has no clock to compare them with.

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
