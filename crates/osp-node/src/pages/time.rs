//! Places in a track, as addresses have them: `?t=68`, `?t=1:08`, `?t=1m08s`, `?t=1h2m3.5s`.

/// In seconds; `None` for anything else, and for what no track is as long as.
#[must_use]
pub(super) fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let number = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        plain.then(|| text.parse::<f64>().ok()).flatten()
    };
    let mut seconds = 0.0;
    if text.contains(':') {
        for part in text.split(':') {
            seconds = seconds * 60.0 + number(part)?;
        }
    } else if let Some(plain) = number(text) {
        seconds = plain;
    } else {
        let mut rest = text;
        for (unit, worth) in [('h', 3600.0), ('m', 60.0), ('s', 1.0)] {
            if let Some((value, after)) = rest.split_once(unit) {
                seconds += number(value)? * worth;
                rest = after;
            }
        }
        if !rest.is_empty() || text.is_empty() {
            return None;
        }
    }
    (seconds <= 7.0 * 86_400.0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, expected) in [
            ("68", 68.0),
            ("1:08", 68.0),
            ("1m08s", 68.0),
            ("1h2m3.5s", 3723.5),
            ("90s", 90.0),
            ("2m", 120.0),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "s", "1m08", "m1", "-5", "1e9", "NaN", "inf", "1:x", "9999999999"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
