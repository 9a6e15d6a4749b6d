//! Boxes and wrapped keys of the original implementation, both ways.

#![allow(clippy::unwrap_used)]

use data_encoding::{BASE64, HEXLOWER};
use serde::Deserialize;
use smsg::crypto::{Key, Nonce, keystream, sealed_box};

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
            assert_eq!(result, Err(sealed_box::NotAuthentic));
            refused += 1;
        }
    }
    assert_eq!((opened, refused), (6, 2));
}
