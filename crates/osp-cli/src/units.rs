//! Moments, lengths of time and sizes as people type them.

use smsg::{UnixTime, keys::Cadence};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// When a licence ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// At a moment.
    At(UnixTime),
    /// So long after it was sealed.
    After(Duration),
}

impl End {
    /// The moment, for a file that is sealed at `now`.
    pub(crate) fn from(self, now: UnixTime) -> UnixTime {
        match self {
            Self::At(moment) => moment,
            Self::After(length) => {
                let seconds = i64::try_from(length.as_secs()).unwrap_or(i64::MAX);
                UnixTime(now.0.saturating_add(seconds))
            }
        }
    }
}

/// Now.
pub(crate) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// RFC 3339, with `Z` or an offset; fractions of a second are dropped.
pub(crate) fn moment(text: &str) -> Result<UnixTime, String> {
    let form =
        || "write date, time and zone, as in 2026-12-31T23:59:59Z or 2026-12-31T23:59:59+01:00".to_owned();
    let text = text.trim().to_ascii_uppercase();
    let (local, offset) = match text.strip_suffix('Z') {
        Some(local) => (local, 0),
        None => {
            let at = text.len().checked_sub(6).filter(|at| text.is_char_boundary(*at)).ok_or_else(form)?;
            let (local, zone) = text.split_at(at);
            (local, offset(zone).ok_or_else(form)?)
        }
    };
    let moment = humantime::parse_rfc3339(&format!("{local}Z")).map_err(|_| form())?;
    let seconds = moment.duration_since(UNIX_EPOCH).map_err(|_| form())?.as_secs();
    i64::try_from(seconds).map(|s| UnixTime(s - offset)).map_err(|_| form())
}

/// Seconds that `+01:00` is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let number = |digits: &str, below: i64| -> Option<i64> {
        let all_digits = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|n| all_digits && *n < below)
    };
    Some(sign * (number(hours, 24)? * 3600 + number(minutes, 60)? * 60))
}

/// [`moment`], or a length of time as in `90d`.
pub(crate) fn end(text: &str) -> Result<End, String> {
    if let Ok(length) = humantime::parse_duration(text) {
        return Ok(End::After(length));
    }
    moment(text).map(End::At).map_err(|form| format!("{form}, or a time from now, as in 90d or 6months"))
}

/// Bytes: a number, or one with KiB, MiB, GiB (or K, M, G: the same).
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let form = || "write bytes, as in 1048576, 1024KiB, 1MiB or 2GiB".to_owned();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        _ => return Err(form()),
    };
    let number: u64 = number.parse().map_err(|_| form())?;
    number.checked_mul(1 << shift).ok_or_else(|| "that is more than there is".to_owned())
}

/// How often keys change. An unknown word would count as daily for every reader: so it is refused.
pub(crate) fn cadence(name: &str) -> Result<Cadence, String> {
    match Cadence::from_name(name) {
        Cadence::Unknown(_) => Err("write daily, 12h, 6h or 1h".to_owned()),
        known => Ok(known),
    }
}

#[cfg(test)]
mod tests {
    use super::{End, bytes, end, moment};
    use smsg::UnixTime;
    use std::time::Duration;

    #[test]
    fn moments() {
        for (text, seconds) in [
            ("2026-01-12T15:04:05Z", 1_768_230_245),
            ("2026-01-12t15:04:05z", 1_768_230_245),
            ("2026-01-12T15:04:05.999Z", 1_768_230_245),
            ("2026-01-12T16:04:05+01:00", 1_768_230_245),
            ("2026-01-12T09:34:05-05:30", 1_768_230_245),
            ("1970-01-01T00:00:00+01:00", -3600),
        ] {
            assert_eq!(moment(text), Ok(UnixTime(seconds)), "{text}");
        }
        for bad in [
            "",
            "now",
            "2026-01-12",
            "2026-01-12T15:04:05",
            "2026-13-12T15:04:05Z",
            "2026-01-12T15:04:05+1:00",
            "2026-01-12T15:04:05+24:00",
            "2026-01-12T15:04:05\u{2212}01:00",
            "\u{e9}\u{e9}\u{e9}\u{e9}",
        ] {
            assert!(moment(bad).is_err(), "{bad}");
        }
        assert_eq!(end("90d"), Ok(End::After(Duration::from_secs(90 * 86_400))));
        assert_eq!(end("1970-01-01T00:00:01Z"), Ok(End::At(UnixTime(1))));
        assert!(end("soon").is_err());
        assert_eq!(End::After(Duration::MAX).from(UnixTime(5)), UnixTime(i64::MAX));
    }

    #[test]
    fn sizes() {
        for (text, number) in [("0", 0), ("64", 64), ("64K", 65_536), ("1MiB", 1 << 20), ("2 GiB", 2 << 30)] {
            assert_eq!(bytes(text), Ok(number), "{text}");
        }
        for bad in ["", "K", "-1", "1.5M", "1T", "99999999999999999999", "99999999999G"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }
}
