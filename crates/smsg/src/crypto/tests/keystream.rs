//! Every way to compute the key stream against its definition.

use crate::crypto::{
    Nonce,
    keystream::{Backend, xor, xor_with},
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

/// The definition, word for word: slow and obvious.
fn model(nonce: &Nonce, offset: u64, len: usize) -> Vec<u8> {
    let first = offset / 32;
    let blocks = (len as u64).div_ceil(32) + 1;
    let stream: Vec<u8> = (first..first + blocks)
        .flat_map(|n| Sha256::new().chain_update(nonce.0).chain_update(n.to_be_bytes()).finalize())
        .collect();
    let skip = usize::try_from(offset % 32).unwrap();
    stream[skip..skip + len].to_vec()
}

/// Offsets near the start, anywhere, and before the counter's low half wraps (2^37 bytes in, and a multiple of it).
fn offsets() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..5000u64,
        0..1u64 << 62,
        (1..1u64 << 20, 0..5000u64).prop_map(|(wraps, before)| (wraps << 37) - before),
    ]
}

proptest! {
    #[test]
    fn every_backend_gives_the_defined_stream(nonce: [u8; 24], offset in offsets(), len in 0..5000usize) {
        let nonce = Nonce(nonce);
        let expected = model(&nonce, offset, len);
        for backend in Backend::available() {
            let mut data = vec![0; len];
            xor_with(backend, &nonce, offset, &mut data);
            prop_assert!(data == expected, "{:?}", backend);
        }
    }

    #[test]
    fn it_is_xored_and_parts_are_as_the_whole(nonce: [u8; 24], data: Vec<u8>, cut: prop::sample::Index) {
        let nonce = Nonce(nonce);
        let cut = cut.index(data.len() + 1);
        let expected: Vec<u8> = model(&nonce, 0, data.len()).iter().zip(&data).map(|(k, d)| k ^ d).collect();
        let mut parts = data;
        let (front, back) = parts.split_at_mut(cut);
        xor(&nonce, 0, front);
        xor(&nonce, cut as u64, back);
        prop_assert_eq!(parts, expected);
    }
}

#[test]
fn the_portable_backend_is_always_there() {
    assert_eq!(Backend::available().last(), Some(Backend::Portable));
    assert_eq!(Backend::available().next(), Some(Backend::best()));
}

/// With the feature `threads` this is shared by several.
#[test]
fn a_long_stretch_is_as_its_parts() {
    let nonce = Nonce([7; 24]);
    let mut whole = vec![0; (9 << 20) + 13];
    xor(&nonce, 5, &mut whole);
    let mut parts = vec![0; whole.len()];
    for (part, n) in parts.chunks_mut(1 << 20).zip(0u64..) {
        xor(&nonce, 5 + (n << 20), part);
    }
    assert!(whole == parts);
}
