//! Both sides of an encrypted handshake against each other, however the bytes are cut; and what each refuses.
#![cfg(feature = "mse")]
use osp_swarm::{
    InfoHash,
    wire::mse::{
        Called, Caller, Chance, Established, Heard, MAX_PAD, Method, MseError, SkeyHash, looks_plain,
    },
};
use proptest::prelude::*;

const INFOHASH: InfoHash = InfoHash([7; 20]);
const BOTH: [Method; 2] = [Method::Plain, Method::Rc4];

fn chance(key: u8, first: usize, second: usize) -> Chance {
    Chance::new([key; 20], &vec![0xaa; first], &vec![0xbb; second]).unwrap()
}

/// Bytes on their way, that arrive in parts of these lengths.
fn cut<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    let mut cuts = cuts.iter().cycle();
    while !rest.is_empty() {
        let (part, after) = rest.split_at((*cuts.next().unwrap()).clamp(1, rest.len()));
        parts.push(part);
        rest = after;
    }
    parts
}

struct Ends {
    caller: Established,
    called: Established,
}

/// Lets two sides talk until both are done.
fn talk(
    mut caller: Caller,
    step1: Vec<u8>,
    mut called: Called,
    cuts: &[usize],
    behind: [&[u8]; 2],
) -> Result<Ends, MseError> {
    let mut step2 = Vec::new();
    for part in cut(&step1, cuts) {
        assert!(matches!(called.received(part, &mut step2)?, Heard::More));
    }
    let mut step3 = Vec::new();
    for part in cut(&step2, cuts) {
        assert!(caller.received(part, &mut step3)?.is_none());
    }
    // Only with one method can the caller know what becomes of bytes behind IA; here they are plain or none.
    step3.extend_from_slice(behind[0]);
    let mut step4 = Vec::new();
    let mut done = None;
    let mut late = Vec::new();
    for part in cut(&step3, cuts) {
        if done.is_some() {
            late.extend_from_slice(part);
            continue;
        }
        let mut heard = called.received(part, &mut step4)?;
        if let Heard::Asked(name) = heard {
            assert_eq!(name, SkeyHash::of(INFOHASH));
            heard = called.found(INFOHASH, &mut step4)?;
        }
        if let Heard::Done(established) = heard {
            done = Some(*established);
        }
    }
    let mut called = done.expect("the called side is done");
    if let Some(ciphers) = &mut called.ciphers {
        ciphers.receiving.apply(&mut late);
    }
    called.received.extend(late);
    let mut words = behind[1].to_vec();
    if let Some(ciphers) = &mut called.ciphers {
        ciphers.sending.apply(&mut words);
    }
    step4.extend(words);
    let (mut done, mut late, mut nothing) = (None, Vec::new(), Vec::new());
    for part in cut(&step4, cuts) {
        match done {
            None => done = caller.received(part, &mut nothing)?,
            Some(_) => late.extend_from_slice(part),
        }
    }
    let mut caller = done.expect("the caller is done");
    if let Some(ciphers) = &mut caller.ciphers {
        ciphers.receiving.apply(&mut late);
    }
    caller.received.extend(late);
    assert_eq!(nothing, Vec::<u8>::new());
    Ok(Ends { caller, called })
}

proptest! {
    #[test]
    fn however_it_is_cut_and_padded(
        pads in [0..=MAX_PAD, 0..=MAX_PAD, 0..=MAX_PAD, 0..=MAX_PAD],
        cuts in prop::collection::vec(prop_oneof![1..5_usize, 1..2000_usize], 1..6),
        payload in prop::collection::vec(any::<u8>(), 0..200),
        words in prop::collection::vec(any::<u8>(), 0..200),
        offered in 1..4_u8,
        prefers_rc4: bool,
    ) {
        let offered: Vec<_> = BOTH.into_iter().enumerate().filter(|(i, _)| offered & (1 << i) != 0).map(|(_, m)| m).collect();
        let accepted = if prefers_rc4 { [Method::Rc4, Method::Plain] } else { BOTH };
        let selected = *accepted.iter().find(|method| offered.contains(method)).unwrap();
        let (caller, step1) = Caller::start(INFOHASH, &offered, &payload, chance(1, pads[0], pads[2]));
        let called = Called::start(&accepted, chance(2, pads[1], pads[3]));
        let early: &[u8] = if selected == Method::Plain { b"early" } else { b"" };
        let mut ends = talk(caller, step1, called, &cuts, [early, &words]).unwrap();
        prop_assert_eq!((ends.caller.method, ends.called.method), (selected, selected));
        prop_assert_eq!((ends.caller.infohash, ends.called.infohash), (INFOHASH, INFOHASH));
        prop_assert_eq!(ends.called.received, [&payload[..], early].concat());
        prop_assert_eq!(ends.caller.received, words);
        // The key streams go on where they were.
        if let (Some(a), Some(b)) = (&mut ends.caller.ciphers, &mut ends.called.ciphers) {
            let mut said = *b"and so on";
            a.sending.apply(&mut said);
            prop_assert_ne!(&said, b"and so on");
            b.receiving.apply(&mut said);
            prop_assert_eq!(&said, b"and so on");
        }
        prop_assert_eq!(ends.caller.ciphers.is_some(), selected == Method::Rc4);
    }

    #[test]
    fn anything_may_come(bytes in prop::collection::vec(any::<u8>(), 0..3000), cuts in prop::collection::vec(1..400_usize, 1..6)) {
        let (mut caller, _) = Caller::start(INFOHASH, &BOTH, b"", chance(1, 0, 0));
        let mut called = Called::start(&BOTH, chance(2, 0, 0));
        let mut out = Vec::new();
        let told: Result<Vec<_>, _> = cut(&bytes, &cuts).into_iter().map(|part| caller.received(part, &mut out)).collect();
        let heard: Result<Vec<_>, _> = cut(&bytes, &cuts).into_iter().map(|part| called.received(part, &mut out)).collect();
        // A key, the longest pad and the sign behind it are there, and no sign in them.
        prop_assert_eq!(told.is_err(), bytes.len() >= 96 + MAX_PAD + 8);
        prop_assert_eq!(heard.is_err(), bytes.len() >= 96 + MAX_PAD + 20);
    }
}

/// Runs the exchange up to step 4, `step3` changed on its way. The called side knows `known`.
fn called_hears(
    change: impl FnOnce(&mut Vec<u8>),
    offered: &[Method],
    accepted: &[Method],
    known: InfoHash,
) -> MseError {
    let (mut caller, step1) = Caller::start(INFOHASH, offered, b"", chance(1, 0, 3));
    let mut called = Called::start(accepted, chance(2, 0, 0));
    let (mut step2, mut step3) = (Vec::new(), Vec::new());
    called.received(&step1, &mut step2).unwrap();
    caller.received(&step2, &mut step3).unwrap();
    change(&mut step3);
    match called.received(&step3, &mut Vec::new()) {
        Ok(Heard::Asked(_)) => called.found(known, &mut Vec::new()).unwrap_err(),
        Ok(other) => panic!("{other:?}"),
        Err(error) => error,
    }
}

#[test]
fn the_called_side_refuses() {
    let same = |_: &mut Vec<u8>| {};
    // Another secret: the caller's sign is never found, the pad only seems longer and longer.
    let scrambled = |step3: &mut Vec<u8>| {
        step3[0] ^= 1;
        step3.resize(MAX_PAD + 20, 0);
    };
    assert_eq!(called_hears(scrambled, &BOTH, &BOTH, INFOHASH), MseError::NoSign);
    let late = |step3: &mut Vec<u8>| drop(step3.splice(0..0, [0; MAX_PAD + 1]));
    assert_eq!(called_hears(late, &BOTH, &BOTH, INFOHASH), MseError::NoSign);
    // Another torrent than the one named gives other keys.
    assert_eq!(called_hears(same, &BOTH, &BOTH, InfoHash([8; 20])), MseError::Verification);
    assert_eq!(called_hears(same, &[Method::Plain], &[Method::Rc4], INFOHASH), MseError::NothingInCommon(1));
    // Bits of the encrypted fields, turned: they decrypt with the same bits turned.
    let unknown = |step3: &mut Vec<u8>| step3[40 + 11] ^= 3 ^ 4;
    assert_eq!(called_hears(unknown, &BOTH, &BOTH, INFOHASH), MseError::NothingInCommon(4));
    let long = |step3: &mut Vec<u8>| step3[40 + 12] ^= 2;
    assert_eq!(called_hears(long, &BOTH, &BOTH, INFOHASH), MseError::Pad(515));
    let constant = |step3: &mut Vec<u8>| step3[40 + 7] ^= 1;
    assert_eq!(called_hears(constant, &BOTH, &BOTH, INFOHASH), MseError::Verification);
}

/// Runs the exchange to its end, `step4` changed on its way.
fn caller_hears(change: impl FnOnce(&mut Vec<u8>), offered: &[Method]) -> MseError {
    let (mut caller, step1) = Caller::start(INFOHASH, offered, b"", chance(1, 0, 0));
    let mut called = Called::start(&BOTH, chance(2, 0, 3));
    let (mut step2, mut step3, mut step4) = (Vec::new(), Vec::new(), Vec::new());
    called.received(&step1, &mut step2).unwrap();
    caller.received(&step2, &mut step3).unwrap();
    called.received(&step3, &mut Vec::new()).unwrap();
    called.found(INFOHASH, &mut step4).unwrap();
    change(&mut step4);
    caller.received(&step4, &mut Vec::new()).unwrap_err()
}

#[test]
fn the_caller_refuses() {
    let other = |step4: &mut Vec<u8>| {
        step4[7] ^= 1;
        step4.resize(MAX_PAD + 8, 0);
    };
    assert_eq!(caller_hears(other, &BOTH), MseError::NoSign);
    let both = |step4: &mut Vec<u8>| step4[11] ^= 1 ^ 3;
    assert_eq!(caller_hears(both, &BOTH), MseError::Selection(3));
    let unknown = |step4: &mut Vec<u8>| step4[11] ^= 1 ^ 4;
    assert_eq!(caller_hears(unknown, &BOTH), MseError::Selection(4));
    // RC4 was all that was offered.
    let plain = |step4: &mut Vec<u8>| step4[11] ^= 2 ^ 1;
    assert_eq!(caller_hears(plain, &[Method::Rc4]), MseError::Selection(1));
    let long = |step4: &mut Vec<u8>| step4[12] ^= 2;
    assert_eq!(caller_hears(long, &BOTH), MseError::Pad(515));
}

#[test]
fn pads_are_bounded_where_they_are_made() {
    assert!(Chance::new([0; 20], &[0; MAX_PAD + 1], &[]).is_none());
    assert!(Chance::new([0; 20], &[], &[0; MAX_PAD + 1]).is_none());
    // Randomness that is all ones, and so on: what comes of it is never too long.
    for byte in 0..=u8::MAX {
        let drawn = Chance::draw(|bytes| {
            bytes.fill(byte);
            Ok::<_, std::convert::Infallible>(())
        });
        let (_, step1) = Caller::start(INFOHASH, &BOTH, b"", drawn.unwrap());
        assert!((96..=96 + MAX_PAD).contains(&step1.len()));
    }
}

#[test]
fn a_plain_handshake_is_told_by_its_first_bytes() {
    let plain = b"\x13BitTorrent protocol and the rest";
    for length in 0..20 {
        assert_eq!(looks_plain(&plain[..length]), None, "{length} bytes");
        let mut other = plain[..=length].to_vec();
        other[length] ^= 0x20;
        assert_eq!(looks_plain(&other), Some(false));
    }
    assert_eq!(looks_plain(&plain[..20]), Some(true));
    assert_eq!(looks_plain(plain), Some(true));
}
