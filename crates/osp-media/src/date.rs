//! Dates as records write them: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

/// Brings a tag's date into the record's form, as precise as the tag is and no more.
///
/// Understands ISO 8601 dates with or without a time, `YYYYMMDD`, other separators (`2011/08/23`, `2011.08.23`)
/// and `23.08.2011`. A month or day that cannot be is dropped with what follows it; a text without a year from
/// 1000 to 9999 is `None`.
#[must_use]
pub fn normalise(text: &str) -> Option<String> {
    let text = text.trim();
    // A time, and anything after it, says nothing about the release.
    let date = text.split(['T', 't', ' ']).next().unwrap_or_default();
    let fields: Vec<&str> = date.split(['-', '/', '.']).collect();
    if fields.iter().any(|f| !f.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    match fields.as_slice() {
        [all] if all.len() == 8 => build(&all[..4], Some(&all[4..6]), Some(&all[6..])),
        [year] => build(year, None, None),
        // Only the dotted order day.month.year is used by everyone who uses dots.
        [day, month, year] if year.len() == 4 && date.contains('.') => build(year, Some(month), Some(day)),
        // 08/23/2011 or 23/08/2011: nobody can tell, but the year is certain.
        [.., year] if fields[0].len() < 4 && year.len() == 4 => build(year, None, None),
        [year, month] => build(year, Some(month), None),
        [year, month, day] => build(year, Some(month), Some(day)),
        _ => None,
    }
}

fn build(year: &str, month: Option<&str>, day: Option<&str>) -> Option<String> {
    let year: u16 = year.parse().ok().filter(|y| year.len() == 4 && (1000..=9999).contains(y))?;
    let Some(month) = month.and_then(|m| m.parse::<u8>().ok()).filter(|m| (1..=12).contains(m)) else {
        return Some(format!("{year:04}"));
    };
    let Some(day) =
        day.and_then(|d| d.parse::<u8>().ok()).filter(|d| (1..=days_in_month(year, month)).contains(d))
    else {
        return Some(format!("{year:04}-{month:02}"));
    };
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn keeps_the_precision_of_the_tag() {
        for (tag, want) in [
            ("2011", "2011"),
            ("2011-08", "2011-08"),
            ("2011-08-23", "2011-08-23"),
            ("2011-08-23T10:11:12Z", "2011-08-23"),
            ("2011-08-23 10:11", "2011-08-23"),
            ("20110823", "2011-08-23"),
            ("2011/8/3", "2011-08-03"),
            ("23.08.2011", "2011-08-23"),
            (" 1969 ", "1969"),
        ] {
            assert_eq!(normalise(tag).as_deref(), Some(want), "{tag}");
        }
    }

    #[test]
    fn drops_what_cannot_be() {
        assert_eq!(normalise("2011-00-00").as_deref(), Some("2011"));
        assert_eq!(normalise("2011-13-01").as_deref(), Some("2011"));
        assert_eq!(normalise("2011-02-29").as_deref(), Some("2011-02"));
        assert_eq!(normalise("2012-02-29").as_deref(), Some("2012-02-29"));
        assert_eq!(normalise("1900-02-29").as_deref(), Some("1900-02"));
        assert_eq!(normalise("08/09/2011").as_deref(), Some("2011"));
        for nothing in ["", "0000", "soon", "11", "-", "99999", "2011-08-23-1", "2O11", "12/11"] {
            assert_eq!(normalise(nothing), None, "{nothing}");
        }
    }
}
