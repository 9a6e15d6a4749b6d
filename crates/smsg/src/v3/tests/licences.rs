//! Keys that are sold after the file was made.

use super::support::{Notary, artist, key, read, rng, seal, terms};
use crate::{
    keys::licence_key::Style,
    v3::{
        key_text::{KeyTextError, LicenceKey},
        licence::{Licence, file_name, from_link, to_link},
        open::Opener,
        terms::{Asked, Kind, Terms},
    },
};
use sha2::{Digest as _, Sha256};

#[test]
fn a_thousand_licences_and_the_file_stays() {
    let sealed = seal(1, true, &[&[100, 100, 100]], &[]);
    let before = Sha256::digest(&sealed.file);
    let mut random = rng(5);
    let mut names = std::collections::HashSet::new();
    let notary = Notary::default();
    for sale in 0..1_000 {
        let key = key(sale);
        let secret = key.secret(sealed.header.id());
        let mut terms = terms([0..1, 2..3]);
        terms.buyer = Some(format!("buyer {sale}"));
        let licence =
            Licence::issue(&sealed.header, &sealed.keys, &secret, &terms, &sealed.artist, &mut random)
                .unwrap();
        assert!(names.insert(file_name(&secret)) && licence.len() < 1_000, "{}", licence.len());
        if sale % 250 == 0 {
            let parsed = Licence::parse(&licence, &sealed.header, &notary).unwrap();
            assert_eq!(parsed.terms, terms);
            let licence = from_link(&to_link(&licence)).unwrap();
            let released = read(&sealed.file, &Opener::Licence { licence, key }).unwrap();
            assert_eq!(released.iter().map(|(_, at, _)| *at).collect::<Vec<_>>(), [0, 200]);
            assert!(sealed.holds(&released));
        }
    }
    assert_eq!(Sha256::digest(&sealed.file), before);
}

#[test]
fn licences_that_are_refused() {
    let sealed = seal(1, true, &[&[100]], &[]);
    let notary = Notary::default();
    let secret = key(1).secret(sealed.header.id());
    let issue = |terms: &Terms| {
        Licence::issue(&sealed.header, &sealed.keys, &secret, terms, &sealed.artist, &mut rng(1)).unwrap()
    };
    let class = |bytes: &[u8], header| {
        Licence::parse(bytes, header, &notary).map(drop).map_err(|refused| refused.class())
    };
    let good = issue(&terms([0..1]));
    assert_eq!(class(&good, &sealed.header), Ok(()));
    assert_eq!(class(&[&good[..], b" "].concat(), &sealed.header), Err("not_canonical"));
    assert_eq!(class(&vec![b' '; 32_769], &sealed.header), Err("header_too_large"));
    let other = seal(2, true, &[&[100]], &[]);
    assert_eq!(class(&good, &other.header), Err("wrong_file"));
    let foreign = super::support::seal_draft(
        3,
        artist("other"),
        &super::support::draft(true, vec![super::support::part("a", &[100])]),
        &[],
    );
    assert_eq!(class(&good, &foreign.header), Err("wrong_artist"));
    let mut critical = terms([0..1]);
    critical.more.insert("crit".into(), vec!["device"].into());
    critical.more.insert("device".into(), "only mine".into());
    assert_eq!(class(&issue(&critical), &sealed.header), Err("unknown_critical"));
    critical.more.remove("crit");
    assert_eq!(class(&issue(&critical), &sealed.header), Ok(()));
    assert!(from_link("not base64!").is_none() && from_link(&"A".repeat(44_000)).is_none());
    // Every bit of a licence is bound.
    for at in 0..good.len() {
        let mut damaged = good.clone();
        damaged[at] ^= 1;
        assert!(class(&damaged, &sealed.header).is_err(), "{at}");
    }
}

#[test]
fn what_is_asked_of_time() {
    let mut terms = Terms::new(Kind::Rental, terms([0..1]).ranges);
    assert_eq!(terms.asked(5, None), Asked::Nothing);
    (terms.not_before, terms.not_after, terms.period) = (Some(10), Some(100), Some(20));
    let asked = [(9, None), (10, None), (100, None), (101, None), (50, Some(30)), (51, Some(30))];
    assert_eq!(
        asked.map(|(now, first)| terms.asked(now, first)),
        [Asked::Wait(10), Asked::Nothing, Asked::Nothing, Asked::Over(100), Asked::Nothing, Asked::Over(50)]
    );
    for word in ["perpetual", "rental", "stream", "preview", "club night"] {
        assert_eq!(Kind::from_word(word).as_str(), word);
    }
}

/// However a key is written, it is one key; and a slip is found before anything is fetched.
#[test]
fn key_texts() {
    let file = seal(1, false, &[&[1]], &[]).header.id();
    for style in [Style::Code, Style::Words, Style::Uuid] {
        let key = LicenceKey::generate(style, "MGH", &mut rng(1)).unwrap();
        let shown = key.shown().as_str().to_owned();
        let spaced = format!("  {} ", shown.to_uppercase().replace('-', " "));
        for typed in [shown.clone(), shown.to_lowercase(), spaced] {
            let read = LicenceKey::parse(&typed).unwrap();
            assert_eq!(read.secret(file).id(), key.secret(file).id(), "{typed}");
        }
    }
    let shown = key(1).shown().as_str().to_owned();
    for at in 4..shown.len() {
        let mut typed = shown.clone().into_bytes();
        if typed[at] == b'-' {
            continue;
        }
        typed[at] = if typed[at] == b'Q' { b'P' } else { b'Q' };
        let error = LicenceKey::parse(std::str::from_utf8(&typed).unwrap()).unwrap_err();
        assert_eq!(error.class(), "typing_error");
        let group = (at - 4) / 5 + 1;
        assert!(error.to_string().contains(&format!("group {group} of 8")), "{at}: {error}");
    }
    for text in ["", "hunter2", "correct horse battery staple"] {
        assert_eq!(LicenceKey::parse(text), Err(KeyTextError::NotAKey));
    }
}
