//! Boxes through the public interface: those of the original implementation, those of Wycheproof, and what is refused.

use data_encoding::{BASE64, HEXLOWER};
use proptest::prelude::*;
use serde::Deserialize;
use smsg::crypto::{
    Key, Nonce, keystream,
    sealed_box::{self, NONCE_LEN, NotAuthentic, OVERHEAD},
};

/// `vectors/sealed_box.json`.
#[derive(Deserialize)]
struct Vectors {
    boxes: Vec<Sealed>,
    wrapped_keys: Vec<Wrapped>,
}

#[derive(Deserialize)]
struct Sealed {
    key_hex: String,
    nonce_hex: String,
    plaintext_hex: String,
    /// Plaintext XOR key stream.
    obfuscated_hex: String,
    sealed_hex: String,
}

#[derive(Deserialize)]
struct Wrapped {
    stream_key_hex: String,
    wrapped: String,
    /// Absent in those that the original refuses.
    cek_hex: Option<String>,
    error_class: Option<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/sealed_box.json")).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn key(text: &str) -> Key {
    Key::from_bytes(hex(text).try_into().unwrap())
}

#[test]
fn boxes_of_the_original_are_made_and_opened() {
    let boxes = vectors().boxes;
    assert_eq!(boxes.len(), 10);
    for case in boxes {
        let nonce = Nonce(hex(&case.nonce_hex).try_into().unwrap());
        let plaintext = hex(&case.plaintext_hex);

        let mut obfuscated = plaintext.clone();
        keystream::xor(&nonce, 0, &mut obfuscated);
        assert_eq!(obfuscated, hex(&case.obfuscated_hex));

        let sealed = sealed_box::seal(&key(&case.key_hex), &nonce, &plaintext);
        assert_eq!(sealed, hex(&case.sealed_hex));
        assert_eq!(sealed_box::open(&key(&case.key_hex), &sealed).unwrap(), plaintext);
    }
}

#[test]
fn wrapped_keys_of_the_original_open_or_are_refused_as_there() {
    let (mut opened, mut refused) = (0, 0);
    for case in vectors().wrapped_keys {
        let class = case.error_class.as_deref();
        // Text that is not base64, and keys that are too short, do not come as far as a box.
        if matches!(class, Some("bad_base64" | "invalid_key_size")) {
            continue;
        }
        let sealed = BASE64.decode(case.wrapped.as_bytes()).unwrap();
        let result = sealed_box::open(&key(&case.stream_key_hex), &sealed);
        if let Some(cek) = case.cek_hex {
            assert_eq!(result.unwrap(), hex(&cek));
            opened += 1;
        } else {
            assert_eq!(class, Some("decryption_failed"));
            assert_eq!(result, Err(NotAuthentic));
            refused += 1;
        }
    }
    assert_eq!((opened, refused), (6, 2));
}

/// `vectors/wycheproof_xchacha20_poly1305.json`.
#[derive(Deserialize)]
struct Wycheproof {
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(rename = "tcId")]
    id: u32,
    key: String,
    iv: String,
    aad: String,
    msg: String,
    ct: String,
    tag: String,
    result: String,
}

/// A box has no associated data and its plaintext is XORed with the key stream. Cases with associated data are tested inside
/// the crate; here a valid one must be refused, because its data is missing.
#[test]
fn boxes_of_wycheproof_end_as_they_say() {
    let set: Wycheproof =
        serde_json::from_str(include_str!("vectors/wycheproof_xchacha20_poly1305.json")).unwrap();
    let (mut opened, mut refused) = (0, 0);
    for case in set.tests {
        let sealed = [hex(&case.iv), hex(&case.ct), hex(&case.tag)].concat();
        let result = sealed_box::open(&key(&case.key), &sealed);
        if case.result == "valid" && case.aad.is_empty() {
            let nonce = Nonce(hex(&case.iv).try_into().unwrap());
            let mut plaintext = hex(&case.msg);
            keystream::xor(&nonce, 0, &mut plaintext);
            assert_eq!(result, Ok(plaintext.clone()), "{}", case.id);
            assert_eq!(sealed_box::seal(&key(&case.key), &nonce, &plaintext), sealed, "{}", case.id);
            opened += 1;
        } else {
            assert_eq!(result, Err(NotAuthentic), "{}", case.id);
            refused += 1;
        }
    }
    assert_eq!((opened, refused), (45, 270));
}

proptest! {
    #[test]
    fn what_was_sealed_opens(key: [u8; 32], nonce: [u8; 24], plaintext in prop::collection::vec(any::<u8>(), 0..3000)) {
        let key = Key::from_bytes(key);
        let sealed = sealed_box::seal(&key, &Nonce(nonce), &plaintext);
        prop_assert_eq!(sealed.len(), plaintext.len() + OVERHEAD);
        prop_assert_eq!(&sealed[..NONCE_LEN], &nonce);
        prop_assert_eq!(sealed_box::open(&key, &sealed), Ok(plaintext));
    }

    #[test]
    fn another_key_does_not_open(key: [u8; 32], bit in 0..256usize, plaintext: Vec<u8>) {
        let sealed = sealed_box::seal(&Key::from_bytes(key), &Nonce([7; 24]), &plaintext);
        let mut other = key;
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(sealed_box::open(&Key::from_bytes(other), &sealed), Err(NotAuthentic));
    }

    #[test]
    fn a_changed_bit_is_refused_and_nothing_released(
        plaintext in prop::collection::vec(any::<u8>(), 16..3000),
        bit: prop::sample::Index,
    ) {
        let key = Key::from_bytes([3; 32]);
        let mut sealed = sealed_box::seal(&key, &Nonce([7; 24]), &plaintext);
        let bit = bit.index(sealed.len() * 8);
        sealed[bit / 8] ^= 1 << (bit % 8);
        let mut obfuscated = plaintext.clone();
        keystream::xor(&Nonce([7; 24]), 0, &mut obfuscated);
        prop_assert_eq!(sealed_box::open_in_place(&key, &mut sealed).err(), Some(NotAuthentic));
        // Neither the plaintext nor what the cipher gave, from which anyone could make it.
        for (left, (plain, obfuscated)) in
            sealed[NONCE_LEN..].chunks_exact(16).zip(plaintext.chunks_exact(16).zip(obfuscated.chunks_exact(16)))
        {
            prop_assert_ne!(left, plain);
            prop_assert_ne!(left, obfuscated);
        }
    }
}

#[test]
fn every_changed_bit_and_every_cut_is_refused() {
    let key = Key::from_bytes([3; 32]);
    let sealed = sealed_box::seal(&key, &Nonce([7; 24]), &[5; 70]);
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(sealed_box::open(&key, &changed), Err(NotAuthentic), "bit {bit}");
    }
    for len in 0..sealed.len() {
        assert_eq!(sealed_box::open(&key, &sealed[..len]), Err(NotAuthentic), "cut to {len} bytes");
        assert_eq!(
            sealed_box::open(&key, &sealed[sealed.len() - len..]),
            Err(NotAuthentic),
            "last {len} bytes"
        );
    }
}
