//! Encrypted handshakes as webtorrent makes them (tests/vectors/webtorrent-mse.txt): with its private keys and pads ours
//! are the same, byte for byte, on both sides.
#![cfg(feature = "mse")]
use osp_swarm::{
    InfoHash,
    wire::mse::{Called, Caller, Chance, Heard, Keystream, Method, SkeyHash},
};
use std::collections::BTreeMap;

fn recorded() -> BTreeMap<&'static str, Vec<u8>> {
    include_str!("vectors/webtorrent-mse.txt")
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, hex)| {
            let (digits, []) = hex.as_bytes().as_chunks::<2>() else { panic!("{name}: odd digits") };
            let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            (name, digits.iter().map(byte).collect())
        })
        .collect()
}

fn infohash() -> InfoHash {
    InfoHash(std::array::from_fn(|i| i as u8 + 1))
}

fn sent(stream: Option<&mut Keystream>, words: &[u8]) -> Vec<u8> {
    let mut words = words.to_vec();
    if let Some(stream) = stream {
        stream.apply(&mut words);
    }
    words
}

/// Both sides of the recorded exchange `name`, each against the other's recorded bytes.
fn exchange(name: &str, offered: &[Method], selected: Method) {
    let recorded = recorded();
    let part = |of: &str| recorded[format!("{name}-{of}").as_str()].as_slice();
    let chance = |key: &str, first: &[u8], second: &str| {
        Chance::new(part(key).try_into().unwrap(), &first[96..], part(second)).unwrap()
    };

    let (mut caller, first) =
        Caller::start(infohash(), offered, &[], chance("caller-private-key", part("step-1"), "pad-c"));
    assert_eq!(first, part("step-1"));
    let mut out = Vec::new();
    assert!(caller.received(part("step-2"), &mut out).unwrap().is_none());
    assert_eq!(out, part("step-3"));
    out.clear();
    let behind = [part("step-4"), part("from-called")].concat();
    let mut done = caller.received(&behind, &mut out).unwrap().unwrap();
    assert_eq!((done.method, &out[..]), (selected, &[][..]));
    assert_eq!(done.received, b"what the called says");
    let words = sent(done.ciphers.as_mut().map(|c| &mut c.sending), b"what the caller says");
    assert_eq!(words, part("from-caller"));

    let chance = chance("called-private-key", part("step-2"), "pad-d");
    let mut called = Called::start(&[selected], chance);
    let first = [part("step-1"), part("step-3"), part("from-caller")].concat();
    let Heard::Asked(name) = called.received(&first, &mut out).unwrap() else { panic!("it names a torrent") };
    assert_eq!(name, SkeyHash::of(infohash()));
    assert_eq!(out, part("step-2"));
    out.clear();
    let Heard::Done(mut done) = called.found(infohash(), &mut out).unwrap() else { panic!("it is over") };
    assert_eq!(out, part("step-4"));
    assert_eq!(done.received, b"what the caller says");
    let words = sent(done.ciphers.as_mut().map(|c| &mut c.sending), b"what the called says");
    assert_eq!(words, part("from-called"));
}

#[test]
fn rc4_for_the_whole_connection() {
    exchange("rc4", &[Method::Rc4], Method::Rc4);
}

#[test]
fn plaintext_behind_the_exchange() {
    exchange("plain", &[Method::Plain, Method::Rc4], Method::Plain);
}

#[test]
fn numbers_that_begin_with_zeros_keep_their_length() {
    let recorded = recorded();
    for step in ["short-keys-step-1", "short-keys-step-2"] {
        assert_eq!(recorded[step][0], 0, "{step}");
    }
    exchange("short-keys", &[Method::Rc4], Method::Rc4);
    exchange("short-secret", &[Method::Rc4], Method::Rc4);
}
