//! Keys against the original's values, and what must hold for all of them.

use chacha20::{ChaCha20Rng, rand_core::SeedableRng as _};
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use serde::Deserialize;
use smsg::{
    OpenError, UnixTime,
    crypto::{Cek, Key, Nonce, PasswordKey, StreamKey},
    header::WrappedKey,
    keys::{
        Cadence, Licence, Period,
        lthn::{lthn, stream_key},
        period,
        wrap::{self, UnwrapError},
    },
};

fn vectors<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

fn key(hex: &str) -> Option<Key> {
    Some(Key::from_bytes(HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().ok()?))
}

/// Keys have no `==` of their own; in tests they are compared as what they are.
fn hex(key: &Key) -> String {
    HEXLOWER.encode(key.as_bytes())
}

fn licence(id: &str, fingerprint: &str) -> Licence {
    Licence { id: id.into(), fingerprint: fingerprint.into() }
}

#[test]
fn lthn_as_the_original() {
    #[derive(Deserialize)]
    struct Case {
        input: String,
        hash: String,
    }
    let cases: Vec<Case> = vectors(include_str!("vectors/lthn.json"));
    assert_eq!(cases.len(), 13);
    for case in cases {
        assert_eq!(HEXLOWER.encode(&lthn(&case.input)), case.hash, "{:?}", case.input);
    }
}

#[test]
fn stream_keys_as_the_original() {
    #[derive(Deserialize)]
    struct Case {
        period: String,
        license: String,
        fingerprint: String,
        key_hex: String,
    }
    let cases: Vec<Case> = vectors(include_str!("vectors/stream_keys.json"));
    assert_eq!(cases.len(), 30);
    for Case { period, license, fingerprint, key_hex } in cases {
        let made = stream_key(&period, &licence(&license, &fingerprint));
        assert_eq!(hex(&made.0), key_hex, "{period} {license} {fingerprint}");
    }
}

#[test]
fn password_keys_as_the_original() {
    #[derive(Deserialize)]
    struct Case {
        password: String,
        key_hex: String,
    }
    for case in vectors::<Vec<Case>>(include_str!("vectors/password_keys.json")) {
        assert_eq!(hex(&PasswordKey::derive(&case.password).0), case.key_hex, "{}", case.password);
    }
}

#[test]
fn periods_as_the_original() {
    #[derive(Deserialize)]
    struct Case {
        cadence: String,
        unix: i64,
        current: String,
        next: String,
        window_seconds: i64,
    }
    let cases: Vec<Case> = vectors(include_str!("vectors/periods.json"));
    assert_eq!(cases.len(), 120);
    for case in cases {
        let cadence = Cadence::from_name(&case.cadence);
        let now = UnixTime(case.unix);
        assert_eq!(cadence.name(), case.cadence);
        assert_eq!(cadence.seconds(), case.window_seconds, "{}", case.cadence);
        assert_eq!(Period::at(&cadence, now).name, case.current, "{} {now}", case.cadence);
        assert_eq!(Period::next(&cadence, now).name, case.next, "{} {now}", case.cadence);
    }
}

#[test]
fn names_that_are_no_period() {
    let none = [
        (Cadence::Daily, "2026-02-29"),
        (Cadence::Daily, "2026-1-12"),
        (Cadence::Daily, "2026-13-01"),
        (Cadence::Daily, "2026-00-01"),
        (Cadence::Daily, "02026-01-12"),
        (Cadence::Daily, "99999-01-12"),
        (Cadence::Daily, "+026-01-12"),
        (Cadence::Daily, "2026-01-12-AM"),
        (Cadence::Daily, ""),
        (Cadence::Daily, "2026-01-12\n"),
        (Cadence::HalfDay, "2026-01-12"),
        (Cadence::HalfDay, "2026-01-12-am"),
        (Cadence::Quarter, "2026-01-12-05"),
        (Cadence::Quarter, "2026-01-12-24"),
        (Cadence::Hourly, "2026-01-12-24"),
        (Cadence::Hourly, "2026-01-12-5"),
        (Cadence::Hourly, "2026-01-12-05-00"),
    ];
    for (cadence, name) in none {
        assert_eq!(period::parse(&cadence, name), None, "{cadence:?} {name:?}");
    }
}

#[test]
fn wrapped_keys_as_the_original() {
    #[derive(Deserialize)]
    struct Case {
        stream_key_hex: String,
        wrapped: String,
        cek_hex: Option<String>,
        error_class: Option<String>,
    }
    for case in vectors::<Vec<Case>>(include_str!("vectors/wrapped_keys.json")) {
        let Some(stream_key) = key(&case.stream_key_hex).map(StreamKey) else {
            // A key of 31 bytes cannot be expressed here.
            assert_eq!(case.error_class.as_deref(), Some("invalid_key_size"));
            continue;
        };
        match wrap::unwrap(&case.wrapped, &stream_key) {
            Ok(cek) => {
                assert_eq!(Some(hex(&cek.0)), case.cek_hex);
                let nonce =
                    data_encoding::BASE64.decode(case.wrapped.as_bytes()).unwrap()[..24].try_into().unwrap();
                assert_eq!(wrap::wrap(&cek, &stream_key, &Nonce(nonce)), case.wrapped);
            }
            Err(error) => assert_eq!(Some(error.class()), case.error_class.as_deref()),
        }
    }
}

/// 2026-01-12T15:04:05Z
const NOW: i64 = 1_768_230_245;
const DAY: i64 = 86_400;

fn cek() -> Cek {
    Cek(Key::from_bytes([7; 32]))
}

fn keys_for(dates: &[&str]) -> Vec<WrappedKey> {
    dates
        .iter()
        .map(|date| WrappedKey {
            date: (*date).into(),
            wrapped: wrap::wrap(&cek(), &stream_key(date, &licence("lic", "fp")), &Nonce([9; 24])),
        })
        .collect()
}

fn unwrap_daily(keys: &[WrappedKey], id: &str, now: i64) -> Result<Cek, OpenError> {
    wrap::unwrap_at(keys, &licence(id, "fp"), &Cadence::Daily, UnixTime(now))
}

#[test]
fn a_key_for_two_days_opens_on_three() {
    let keys = keys_for(&["2026-01-12", "2026-01-13"]);
    for day in -1..=1 {
        assert_eq!(hex(&unwrap_daily(&keys, "lic", NOW + day * DAY).unwrap().0), hex(&cek().0), "{day}");
    }
    let over = unwrap_daily(&keys, "lic", NOW + 2 * DAY).unwrap_err();
    assert!(matches!(&over, OpenError::PeriodOver { last } if last == "2026-01-13"), "{over}");
    let early = unwrap_daily(&keys, "lic", NOW - 2 * DAY).unwrap_err();
    assert!(matches!(&early, OpenError::PeriodNotBegun { first } if first == "2026-01-12"), "{early}");
}

#[test]
fn why_no_key_is_for_now() {
    let class = |dates: &[&str]| unwrap_daily(&keys_for(dates), "lic", NOW).unwrap_err().to_string();
    assert!(class(&[]).contains("never"));
    assert!(class(&["\u{1b}[31msoon", "someday"]).contains("never"), "a stranger's text is not repeated");
    assert!(
        class(&["2026-01-10", "2026-01-20", "2026-01-15"]).contains("2026-01-15"),
        "the earliest that is later"
    );
    assert!(class(&["2026-01-10", "2025-12-31", "zzz"]).contains("2026-01-10"), "the latest that was");
    assert!(
        class(&["2026-01-10-PM"]).contains("2026-01-10-PM"),
        "also of another cadence than the header says"
    );
}

#[test]
fn a_damaged_key_does_not_hide_a_good_one() {
    let good = keys_for(&["2026-01-12", "2026-01-13"]);
    let damaged = |date: &str, wrapped: &str| WrappedKey { date: date.into(), wrapped: wrapped.into() };
    let keys = [damaged("2026-01-12", "***"), good[1].clone()];
    assert_eq!(
        hex(&unwrap_daily(&keys, "lic", NOW).unwrap().0),
        hex(&cek().0),
        "falls through to the next period's"
    );
    for keys in [[good[0].clone(), damaged("2026-01-12", "")], [damaged("2026-01-12", ""), good[0].clone()]] {
        assert_eq!(hex(&unwrap_daily(&keys, "lic", NOW).unwrap().0), hex(&cek().0), "duplicate dates");
    }
    let none = unwrap_daily(&[damaged("2026-01-12", "***")], "lic", NOW).unwrap_err();
    assert!(matches!(none, OpenError::NoValidKey), "{none}");
}

#[test]
fn a_wrong_licence_opens_nothing() {
    let keys = keys_for(&["2026-01-12", "2026-01-13"]);
    assert!(matches!(unwrap_daily(&keys, "Lic", NOW), Err(OpenError::NoValidKey)));
    assert!(matches!(unwrap_daily(&keys, "", NOW), Err(OpenError::LicenceRequired)));
}

#[test]
fn a_key_dated_now_but_wrapped_for_another_day_does_not_open() {
    let mut keys = keys_for(&["2026-01-13"]);
    keys[0].date = "2026-01-12".into();
    assert!(matches!(unwrap_daily(&keys, "lic", NOW), Err(OpenError::NoValidKey)));
}

fn cadences() -> impl Strategy<Value = Cadence> {
    prop_oneof![
        Just(Cadence::Daily),
        Just(Cadence::HalfDay),
        Just(Cadence::Quarter),
        Just(Cadence::Hourly),
        "[a-z0-9]{0,8}".prop_map(|name| Cadence::from_name(&name)),
    ]
}

/// Years 0 to 9999, and all others.
fn moments() -> impl Strategy<Value = UnixTime> {
    prop_oneof![(-62_167_219_200..=253_402_300_799_i64).prop_map(UnixTime), any::<i64>().prop_map(UnixTime)]
}

proptest! {
    #[test]
    fn a_period_holds_its_moment_and_the_next_follows(cadence in cadences(), now in -62_167_219_200..=253_402_300_799_i64) {
        let (at, next) = (Period::at(&cadence, UnixTime(now)), Period::next(&cadence, UnixTime(now)));
        prop_assert!(at.start.0 <= now && now < next.start.0);
        prop_assert_eq!(next.start.0, at.start.0 + cadence.seconds());
        prop_assert_ne!(at.name, next.name);
    }

    #[test]
    fn a_period_is_found_by_its_name(cadence in cadences(), now in moments()) {
        for period in [Period::at(&cadence, now), Period::next(&cadence, now)] {
            prop_assert_eq!(period::parse(&cadence, &period.name), Some(period.start));
        }
    }

    #[test]
    fn no_name_panics(cadence in cadences(), name in "\\PC*|[0-9]{0,6}-[0-9]{0,3}-[0-9]{0,3}(-[0-9AMP]{0,3})?") {
        if let Some(start) = period::parse(&cadence, &name) {
            // The first of year 10000 is a name, but only of a next period.
            let before = UnixTime(start.0 - 1);
            prop_assert!(Period::at(&cadence, start).name == name || Period::next(&cadence, before).name == name);
        }
    }

    #[test]
    fn what_is_wrapped_unwraps(cek in any::<[u8; 32]>(), stream in any::<[u8; 32]>(), nonce in any::<[u8; 24]>(), bit in 0..576_usize) {
        let (cek, stream) = (Key::from_bytes(cek), StreamKey(Key::from_bytes(stream)));
        let wrapped = wrap::wrap(&Cek(cek.clone()), &stream, &Nonce(nonce));
        prop_assert_eq!(wrapped.len(), 96);
        prop_assert_eq!(hex(&wrap::unwrap(&wrapped, &stream).unwrap().0), hex(&cek));
        let mut bytes = data_encoding::BASE64.decode(wrapped.as_bytes()).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let changed = data_encoding::BASE64.encode(&bytes);
        prop_assert_eq!(wrap::unwrap(&changed, &stream).unwrap_err(), UnwrapError::NotAuthentic);
    }

    #[test]
    fn no_wrapped_text_panics(wrapped in "\\PC{0,200}|[A-Za-z0-9+/=]{0,200}") {
        prop_assert!(wrap::unwrap(&wrapped, &StreamKey(Key::from_bytes([0; 32]))).is_err());
    }

    #[test]
    fn what_is_wrapped_for_a_moment_opens_then(cadence in cadences(), now in moments(), id in "\\PC{1,12}", fingerprint in "\\PC{0,12}", seed in any::<u64>()) {
        let licence = licence(&id, &fingerprint);
        let keys = wrap::wrap_for(&cek(), &licence, &cadence, now, &mut ChaCha20Rng::seed_from_u64(seed));
        prop_assert_eq!(keys.len(), 2);
        prop_assert_eq!(hex(&wrap::unwrap_at(&keys, &licence, &cadence, now).unwrap().0), hex(&cek().0));
    }
}
