//! Licence keys: made, checked, mistyped in every way.

use chacha20::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use proptest::prelude::*;
use smsg::keys::{
    Password,
    licence_key::{Checked, DEFAULT_PREFIX, Style, Typo, candidates, check, estimate_bits, generate},
};

const ALPHABET: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn key_text(text: &str) -> Password {
    Password::new(text)
}

fn code(seed: u64) -> String {
    generate(Style::Code, DEFAULT_PREFIX, &mut rng(seed)).unwrap()
}

fn typo(text: &str) -> Typo {
    match check(text) {
        Checked::Typo(typo) => typo,
        other => panic!("{text}: {other:?}"),
    }
}

/// Whether the error names this group, and no other.
fn names(typo: &Typo, group: usize) -> (bool, bool) {
    match typo {
        Typo::Groups(groups) => (groups.contains(&group), groups.len() == 1),
        Typo::Swapped(a, b) | Typo::Pair(a, b) => (*a == group || *b == group, a == b),
        Typo::GroupLength { group: named } | Typo::Character { group: named, .. } => (*named == group, true),
        _ => (false, false),
    }
}

/// The key with other characters at these places of its text.
fn with(key: &str, changes: &[(usize, u8)]) -> String {
    let mut bytes = key.as_bytes().to_vec();
    changes.iter().for_each(|(at, byte)| bytes[*at] = *byte);
    String::from_utf8(bytes).unwrap()
}

/// The places of the 32 symbols of an `OSP` key in its text, with their groups.
fn places() -> Vec<(usize, usize)> {
    (1..=8).flat_map(|group| (0..4).map(move |at| (4 + 5 * (group - 1) + at, group))).collect()
}

#[test]
fn a_code_is_bech32m() {
    let key = code(1);
    assert_eq!(key.len(), 3 + 8 * 5);
    let (prefix, symbols) = key.split_once('-').unwrap();
    let bech32m = format!("{prefix}1{}", symbols.replace('-', ""));
    let read = bech32::primitives::decode::CheckedHrpstring::new::<bech32::Bech32m>(&bech32m).unwrap();
    assert_eq!(read.hrp().as_str(), "OSP");
    assert!(bech32::primitives::decode::CheckedHrpstring::new::<bech32::Bech32>(&bech32m).is_err());
    // And the other way: a text that another program made.
    let theirs = bech32::encode::<bech32::Bech32m>(bech32::Hrp::parse("mgh").unwrap(), &[0x5a; 16]).unwrap();
    assert_eq!(check(&theirs), Checked::Good { style: Style::Code, canonical: key_text(&grouped(&theirs)) });
}

/// As our text form has it.
fn grouped(bech32m: &str) -> String {
    let (prefix, symbols) = bech32m.rsplit_once('1').unwrap();
    let groups = symbols.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap());
    std::iter::once(prefix).chain(groups).collect::<Vec<_>>().join("-").to_uppercase()
}

#[test]
fn which_prefixes_can_be_used() {
    for prefix in ["OSP", "AB", "ABCDEFGH", "2024", "B1O0I1", "11", "A1", "mgh"] {
        let key = generate(Style::Code, prefix, &mut rng(2)).unwrap();
        assert!(key.starts_with(&format!("{}-", prefix.to_uppercase())), "{key}");
        for text in [key.clone(), key.replace('-', ""), key.replacen('-', "1", 1), key.to_lowercase()] {
            assert_eq!(
                check(&text),
                Checked::Good { style: Style::Code, canonical: key_text(&key) },
                "{text}"
            );
        }
    }
    for prefix in ["", "A", "ABCDEFGHI", "A-B", "A B", "\u{c4}B", "\u{130}B", "A_", &"A".repeat(100)] {
        assert!(generate(Style::Code, prefix, &mut rng(2)).is_err(), "{prefix}");
        assert!(generate(Style::Words, prefix, &mut rng(2)).is_ok(), "counts for codes only");
    }
}

#[test]
fn however_it_is_written() {
    let key = code(3);
    let good = Checked::Good { style: Style::Code, canonical: key_text(&key) };
    for text in [
        key.to_lowercase(),
        key.replace('-', " "),
        key.replace('-', ""),
        key.replace('-', "\u{2013}"),
        key.replace('-', " \u{2014} "),
        key.replace('-', "\u{2011}"),
        key.replace('-', "\u{a0}"),
        key.replacen('-', "1", 1).replace('-', ""),
        format!("\u{feff}\n {key}\r\n"),
        key.chars().map(|c| format!("{c} ")).collect(),
        key.chars().map(|c| format!("{c}\u{200b}")).collect(),
    ] {
        assert_eq!(check(&text), good, "{text:?}");
    }
}

#[test]
fn every_substitution_names_its_group() {
    let (mut all, mut alone) = (0, 0);
    for key in (0..2).map(code) {
        for (at, group) in places() {
            for &symbol in ALPHABET.iter().filter(|symbol| **symbol != key.as_bytes()[at]) {
                let (named, only) = names(&typo(&with(&key, &[(at, symbol)])), group);
                assert!(named, "{key} {at}");
                all += 1;
                alone += u32::from(only);
            }
        }
    }
    assert_eq!(all, 2 * 32 * 31);
    assert!(alone * 100 > all * 98, "substitutions: {alone} of {all} name one group alone");
}

#[test]
fn every_substitution_in_the_prefix_is_caught_and_named() {
    let key = code(4);
    for at in 0..3 {
        for other in (b'A'..=b'Z').chain(b'0'..=b'9').filter(|other| *other != key.as_bytes()[at]) {
            assert!(names(&typo(&with(&key, &[(at, other)])), 0).0, "{}", char::from(other));
        }
    }
    assert!(names(&typo(&key.replace("OSP", "SOP")), 0).0);
    assert!(names(&typo(&key.replace("OSP", "OPS")), 0).0);
}

#[test]
fn every_exchange_of_neighbours_is_named_as_one() {
    for key in (0..32).map(code) {
        let places = places();
        for pair in places.windows(2) {
            let [(a, first), (b, second)] = [pair[0], pair[1]];
            let (one, other) = (key.as_bytes()[a], key.as_bytes()[b]);
            if one != other {
                assert_eq!(typo(&with(&key, &[(a, other), (b, one)])), Typo::Swapped(first, second));
            }
        }
    }
}

#[test]
fn a_damaged_group_is_always_among_those_named() {
    let (mut rng, mut alone, all) = (rng(5), 0, 2_000);
    for seed in 0..all {
        let key = code(u64::from(seed));
        let group = 1 + (rng.next_u32() % 8) as usize;
        let changes: Vec<(usize, u8)> = places()
            .into_iter()
            .filter(|(_, of)| *of == group)
            .map(|(at, _)| (at, ALPHABET[(rng.next_u32() % 32) as usize]))
            .collect();
        let text = with(&key, &changes);
        if text != key {
            let (named, only) = names(&typo(&text), group);
            assert!(named, "{key} {text}");
            alone += u32::from(only);
        }
    }
    assert!(alone * 100 > all * 98, "damage within one group: {alone} of {all} name it alone");
}

#[test]
fn one_error_in_each_of_two_groups() {
    let (mut rng, mut pairs, mut wrong, all) = (rng(6), 0, 0, 1_000_u32);
    for seed in 0..all {
        let key = code(u64::from(seed));
        let changes: Vec<(usize, usize)> = {
            let first = (rng.next_u32() % 32) as usize;
            let second = (first / 4 * 4 + 4 + (rng.next_u32() % 28) as usize) % 32;
            vec![places()[first.min(second)], places()[first.max(second)]]
        };
        let other = |at: usize, add: u32| {
            let is = ALPHABET.iter().position(|symbol| *symbol == key.as_bytes()[at]).unwrap();
            ALPHABET[(is + 1 + (add % 31) as usize) % 32]
        };
        let damage: Vec<(usize, u8)> =
            changes.iter().map(|(at, _)| (*at, other(*at, rng.next_u32()))).collect();
        match typo(&with(&key, &damage)) {
            Typo::Pair(a, b) if (a, b) == (changes[0].1, changes[1].1) => pairs += 1,
            Typo::Swapped(a, b) if (a, b) == (changes[0].1, changes[1].1) => pairs += 1,
            Typo::Groups(_) | Typo::Pair(..) | Typo::Swapped(..) => wrong += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(
        pairs * 100 > all * 98,
        "one error in each of two groups: {pairs} of {all} named, {wrong} taken for other damage"
    );
}

#[test]
fn two_damaged_groups_are_several() {
    let (mut rng, mut several, mut pairs, mut single, all) = (rng(7), 0, 0, 0, 1_000_u32);
    for seed in 0..all {
        let key = code(u64::from(seed));
        let first = 1 + (rng.next_u32() % 8) as usize;
        let second = 1 + (first + (rng.next_u32() % 7) as usize) % 8;
        let damaged = places().into_iter().filter(|(_, of)| *of == first || *of == second);
        let changes: Vec<(usize, u8)> =
            damaged.map(|(at, _)| (at, ALPHABET[(rng.next_u32() % 32) as usize])).collect();
        match typo(&with(&key, &changes)) {
            Typo::Several => several += 1,
            Typo::Pair(..) => pairs += 1,
            _ => single += 1,
        }
    }
    assert!(
        several * 100 > all * 97,
        "two damaged groups: {several} of {all} several, {pairs} as a pair, {single} as one group"
    );
}

#[test]
fn lengths_and_foreign_characters() {
    let key = code(8);
    for (at, group) in places() {
        let mut short = key.clone();
        short.remove(at);
        assert_eq!(typo(&short), Typo::GroupLength { group }, "{short}");
        let mut long = key.clone();
        long.insert(at, 'Q');
        assert_eq!(typo(&long), Typo::GroupLength { group }, "{long}");
        for found in ['1', 'B', 'I', 'O', '.', '\u{df}', '\u{1f3b5}'] {
            let mut foreign: Vec<char> = key.chars().collect();
            foreign[at] = found;
            let foreign: String = foreign.into_iter().collect();
            assert_eq!(typo(&foreign), Typo::Character { group, found }, "{foreign}");
            // A 1 after the prefix could be the separator of Bech32m; then its group is short.
            let bare = typo(&foreign.replace('-', ""));
            assert!(
                bare == Typo::Character { group, found } || (at == 4 && found == '1' && names(&bare, 1).0),
                "{bare}"
            );
        }
    }
    assert_eq!(typo(&key.replacen("OSP", "O", 1)), Typo::GroupLength { group: 0 });
    assert_eq!(typo(&key.replacen("OSP", "O.P", 1)), Typo::Character { group: 0, found: '.' });
    assert_eq!(typo(&key[..key.len() - 5]), Typo::Length { found: 28 });
    assert_eq!(typo(&format!("{key}-QQQQ")), Typo::Length { found: 36 });
    // A hyphen is missing, and a character of another group.
    let places = places();
    let mut joined = key.clone();
    joined.remove(places[31].0);
    joined.remove(8);
    assert_eq!(typo(&joined), Typo::GroupLength { group: 8 });
}

#[test]
fn without_separators_one_slip_is_found() {
    for key in [code(9), generate(Style::Code, "MGH", &mut rng(9)).unwrap()] {
        let bare = key.replace('-', "");
        for place in 0..32 {
            let group = place / 4 + 1;
            let mut short = bare.clone();
            let removed = short.remove(3 + place);
            // One of several equal neighbours: any of their groups is right.
            let equal = |at: usize| bare.as_bytes()[3 + at] == removed as u8;
            if (place == 0 || !equal(place - 1)) && (place == 31 || !equal(place + 1)) {
                assert_eq!(typo(&short), Typo::GroupLength { group }, "{short}");
            }
            let mut long = bare.clone();
            long.insert(3 + place, if equal(0) { 'P' } else { removed });
            assert!(matches!(typo(&long), Typo::GroupLength { .. }), "{long}");
        }
        let wrong = if bare.ends_with('Q') { 'P' } else { 'Q' };
        assert!(names(&typo(&format!("{}{wrong}", &bare[..34])), 8).0);
    }
    // Beyond repair, but it says what it is.
    assert_eq!(typo(&format!("OSP{}", "Q".repeat(30))), Typo::Length { found: 30 });
    assert_eq!(typo(&format!("osp1{}", "q2".repeat(16))), Typo::Several);
}

#[test]
fn passwords_are_not_taken_for_keys() {
    for text in [
        "",
        " ",
        "-",
        "password123",
        "MGH-2024-XKCD-7829",
        "ALBUM-2024-7G4X-C0DE",
        "correct horse battery staple",
        "PMVXogAJNVe_DDABfTmLYztaJAzsD0R7",
        "2f5eed53a4727b4bf8880d8f3f199efc90e58503",
        "550e8400e29b41d4a716446655440000",
        "the quick brown fox jumps over the lazy dog and runs away",
        "\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c}",
        &"A-".repeat(100),
        &"A".repeat(100_000),
    ] {
        assert_eq!(check(text), Checked::Unknown, "{text:.60}");
        let typed: Vec<String> =
            candidates(text).iter().map(|password| password.as_str().to_owned()).collect();
        assert_eq!(typed, [text]);
    }
}

#[test]
fn random_passwords_of_a_codes_length_are_rarely_taken_for_keys() {
    let (mut rng, mut taken, all) = (rng(10), 0, 10_000_u32);
    for _ in 0..all {
        let length = 30 + rng.next_u32() % 14;
        let text: String = (0..length)
            .map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789"[(rng.next_u32() % 36) as usize]))
            .collect();
        taken += u32::from(check(&text) != Checked::Unknown);
    }
    assert!(taken * 100 < all, "random texts: {taken} of {all} taken for mistyped codes");
}

/// BIP-39's own vectors, entropy of 128 bits.
const BIP39: [&str; 4] = [
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
    "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
];

#[test]
fn words_as_the_bip() {
    for mnemonic in BIP39 {
        let good = Checked::Good { style: Style::Words, canonical: key_text(&mnemonic.replace(' ', "-")) };
        for text in [
            mnemonic.to_owned(),
            mnemonic.to_uppercase(),
            mnemonic.replace(' ', " - "),
            mnemonic.replace(' ', "-"),
        ] {
            assert_eq!(check(&text), good, "{text}");
        }
    }
}

#[test]
fn mistyped_words() {
    let with = |position: usize, word: &str| {
        let mut words: Vec<&str> = BIP39[1].split(' ').collect();
        words[position - 1] = word;
        typo(&words.join(" "))
    };
    for (typed, meant) in [
        ("sausge", Some("sausage")),
        ("sausagee", Some("sausage")),
        ("saus", Some("sausage")),
        ("suasage", Some("sausage")),
        ("xausage", Some("sausage")),
        ("xxxxxxxxxx", None),
        ("s4usage", Some("sausage")),
    ] {
        assert_eq!(with(6, typed), Typo::Word { position: 6, found: key_text(typed), suggestion: meant });
    }
    assert_eq!(with(6, "winner"), Typo::WordsChecksum);
    assert_eq!(typo(BIP39[1].rsplit_once(' ').unwrap().0), Typo::WordCount(11));
    assert_eq!(typo(&format!("{} zoo", BIP39[1])), Typo::WordCount(13));
    let Typo::Word { found, .. } = with(1, &"\u{7}x".repeat(60)) else { panic!("an unknown word") };
    assert!(found.as_str().len() <= 24 && !found.as_str().contains('\u{7}'));
}

#[test]
fn fifteen_of_sixteen_wrong_words_are_caught() {
    let list = include_str!("../src/keys/licence_key/english.txt");
    let others =
        list.lines().map(|word| BIP39[1].replacen("sausage", word, 1)).filter(|text| text != BIP39[1]);
    let caught = others.filter(|text| check(text) == Checked::Typo(Typo::WordsChecksum)).count();
    assert!((1_850..2_000).contains(&caught), "{caught} of 2047, 1919 expected");
}

#[test]
fn uuids() {
    let uuid = "550e8400-e29b-41d4-a716-446655440000";
    let form = Checked::FormOnly { canonical: key_text(uuid) };
    for text in [uuid.to_owned(), uuid.to_uppercase(), uuid.replace('-', "\u{2013}"), format!(" {uuid}\n")] {
        assert_eq!(check(&text), form, "{text}");
    }
    assert_eq!(typo("550e8400-e29b-41d4-a716-44665544000"), Typo::GroupLength { group: 5 });
    assert_eq!(typo("550e8400-e29b-41d4-a71-446655440000"), Typo::GroupLength { group: 4 });
    assert_eq!(typo("550e8400-e29b-41d4-a7l6-446655440000"), Typo::Character { group: 4, found: 'l' });
    assert_eq!(check("abcdwxyz-qrst-uvwx-ghij-zzzzzzzzzzzz"), Checked::Unknown);
}

#[test]
fn what_is_tried_for_what_was_typed() {
    let texts =
        |typed: &str| candidates(typed).iter().map(|text| text.as_str().to_owned()).collect::<Vec<_>>();
    let key = code(11);
    assert_eq!(texts(&key), std::slice::from_ref(&key));
    assert_eq!(texts(&key.to_lowercase()), [key.clone(), key.to_lowercase()]);
    assert_eq!(texts(BIP39[0]), [BIP39[0].replace(' ', "-"), BIP39[0].to_owned()]);
    let uuid = "550E8400-E29B-41D4-A716-446655440000";
    assert_eq!(texts(uuid), [uuid.to_owned(), uuid.to_lowercase()], "as typed first: it may be written so");
    let wrong = key.replace("OSP", "OSQ");
    assert_eq!(texts(&wrong), std::slice::from_ref(&wrong), "never corrected");
}

#[test]
fn what_is_printed_of_a_check_holds_nothing_of_the_key() {
    let (code, uuid) = (code(15), "550e8400-e29b-41d4-a716-446655440000");
    for (text, secret) in [
        (code.as_str(), &code[4..8]),
        (BIP39[1], "sausage"),
        (uuid, "550e8400"),
        (&BIP39[1].replace("sausage", "sausge"), "sausge"),
    ] {
        for printed in [format!("{:?}", check(text)), format!("{:#?}", candidates(text))] {
            assert!(!printed.to_lowercase().contains(&secret.to_lowercase()), "{printed}");
        }
    }
}

#[test]
fn strength() {
    let between = |text: &str, low: f64, high: f64| {
        let bits = estimate_bits(text);
        assert!((low..=high).contains(&bits), "{text}: {bits:.1} bits");
    };
    between("MGH-2024-XKCD-7829", 32.0, 40.0);
    between("password123", 4.0, 20.0);
    between("password", 0.0, 8.0);
    between("qwerty", 0.0, 8.0);
    between("", 0.0, 0.0);
    between("a", 0.0, 0.0);
    between("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0.0, 1.0);
    between("abcdefghijklmnopqrstuvwxyz0123456789", 0.0, 30.0);
    between("MyAlbum2024", 10.0, 30.0);
    between("correct horse battery staple", 35.0, 60.0);
    between("correcthorsebatterystaple", 30.0, 60.0);
    between("abcabcabcabcabcabcabcabcabcabcabc", 0.0, 30.0);
    between("PMVXogAJNVe_DDABfTmLYztaJAzsD0R7", 100.0, 192.0);
    between("2f5eed53a4727b4bf8880d8f3f199efc", 70.0, 128.0);
    between(&code(12), 130.0, 130.0);
    between(BIP39[2], 128.0, 128.0);
    between("550e8400-e29b-41d4-a716-446655440000", 122.0, 122.0);
}

#[test]
fn of_a_long_text_the_beginning_is_estimated() {
    let mut rng = rng(14);
    let mut long: String = (0..2_000).map(|_| char::from(b'!' + (rng.next_u32() % 94) as u8)).collect();
    assert_eq!(estimate_bits(&long), estimate_bits(&long[..512]));
    // A character of two bytes across the end is left out.
    long.insert(511, '\u{e9}');
    assert_eq!(estimate_bits(&long), estimate_bits(&long[..511]));
}

#[test]
fn sentences_name_the_place_and_not_the_key() {
    assert_eq!(
        typo(&code(13).replace("OSP", "OSPREYOSPREY")).to_string(),
        "the prefix has too many or too few characters; compare it with the key you were given"
    );
    let sentence = Typo::Groups(vec![0, 3]).to_string();
    assert!(sentence.contains("the prefix or group 3 of 8"), "{sentence}");
    let sentence =
        Typo::Word { position: 2, found: key_text("sausge"), suggestion: Some("sausage") }.to_string();
    assert!(sentence.ends_with("is it \"sausage\"?"), "{sentence}");
    assert!(Typo::Swapped(4, 4).to_string().contains("in group 4 of 8;"));
    assert!(Typo::Pair(4, 5).to_string().contains("group 4 of 8 and group 5 of 8"));
}

fn styles() -> impl Strategy<Value = Style> {
    prop_oneof![Just(Style::Code), Just(Style::Words), Just(Style::Uuid)]
}

proptest! {
    #[test]
    fn what_is_made_is_good(style in styles(), prefix in "[A-Z0-9]{2,8}", seed in any::<u64>()) {
        let key = generate(style, &prefix, &mut rng(seed)).unwrap();
        let expected = match style {
            Style::Uuid => Checked::FormOnly { canonical: key_text(&key) },
            style => Checked::Good { style, canonical: key_text(&key) },
        };
        prop_assert_eq!(check(&key), expected);
        prop_assert_eq!(estimate_bits(&key), f64::from(style.bits()));
        prop_assert_ne!(generate(style, &prefix, &mut rng(seed ^ 1)).unwrap(), key);
    }

    #[test]
    fn one_slip_in_a_key_is_never_good(seed in any::<u64>(), prefix in "[A-Z0-9]{2,8}", place in any::<prop::sample::Index>(), other in "[A-Z0-9]") {
        let key = generate(Style::Code, &prefix, &mut rng(seed)).unwrap();
        let mut slip: Vec<char> = key.chars().collect();
        let at = place.index(slip.len());
        prop_assume!(slip[at] != '-' && slip[at].to_string() != other);
        slip[at] = other.chars().next().unwrap();
        let slip: String = slip.into_iter().collect();
        prop_assert!(matches!(check(&slip), Checked::Typo(_)), "{}", slip);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}|[0-9A-Za-z -]{0,60}|([A-Z0-9]{3,5}[ -]?){6,11}|([a-z]{3,8} ?){8,16}|[0-9a-f]{7,9}(-[0-9a-g]{4}){3}-[0-9a-f]{11,13}") {
        let checked = check(&text);
        if let Checked::Typo(typo) = &checked {
            prop_assert!(typo.to_string().len() < 250);
        }
        prop_assert!(estimate_bits(&text).is_finite() && estimate_bits(&text) >= 0.0);
        prop_assert!(candidates(&text).iter().any(|candidate| candidate.as_str() == text));
    }
}
