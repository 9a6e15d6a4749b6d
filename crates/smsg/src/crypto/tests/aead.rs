//! Project Wycheproof against the cipher of this target and against RustCrypto's parts, which the browser uses.

use crate::crypto::{
    Key, Nonce,
    aead::{backend, portable},
    cipher::Cipher,
    sealed_box::{NotAuthentic, TAG_LEN},
};
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Set {
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

type Seal = fn(&Cipher, &[u8], &mut [u8]) -> [u8; TAG_LEN];
type Open = fn(&Cipher, &[u8], &mut [u8], &[u8; TAG_LEN]) -> Result<(), NotAuthentic>;

const BACKENDS: [(Seal, Open); 3] = [
    (backend::ring_seals, backend::ring_opens),
    (portable::seal, portable::open),
    (from_elsewhere, backend::open),
];

fn from_elsewhere(cipher: &Cipher, aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
    let source = data.to_vec();
    backend::seal_from(cipher, aad, &source, data)
}

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

#[test]
fn all_cases_of_wycheproof_end_as_they_say() {
    let set = include_str!("../../../tests/vectors/wycheproof_xchacha20_poly1305.json");
    let set: Set = serde_json::from_str(set).unwrap();
    let (mut valid, mut invalid, mut impossible) = (0, 0, 0);
    for case in set.tests {
        let Ok(nonce) = <[u8; 24]>::try_from(hex(&case.iv)) else {
            // Nonces of other lengths cannot be said.
            assert_eq!(case.result, "invalid", "{}", case.id);
            impossible += 1;
            continue;
        };
        let cipher = Cipher::for_box(&Key::from_bytes(hex(&case.key).try_into().unwrap()), &Nonce(nonce));
        let (aad, plaintext, ciphertext) = (hex(&case.aad), hex(&case.msg), hex(&case.ct));
        let tag = hex(&case.tag).try_into().unwrap();
        for (seal, open) in BACKENDS {
            let mut data = ciphertext.clone();
            let opened = open(&cipher, &aad, &mut data, &tag);
            if case.result == "valid" {
                assert_eq!((opened, &data), (Ok(()), &plaintext), "{}", case.id);
                assert_eq!(seal(&cipher, &aad, &mut data), tag, "{}", case.id);
                assert_eq!(data, ciphertext, "{}", case.id);
            } else {
                assert_eq!(opened, Err(NotAuthentic), "{}", case.id);
                assert!(
                    data == ciphertext || data.iter().all(|byte| *byte == 0),
                    "{} leaks plaintext",
                    case.id
                );
            }
        }
        if case.result == "valid" { valid += 1 } else { invalid += 1 }
    }
    assert_eq!((valid, invalid, impossible), (246, 60, 9));
}

proptest! {
    #[test]
    fn all_ciphers_are_the_same(
        key: [u8; 32],
        nonce: [u8; 24],
        aad in prop::collection::vec(any::<u8>(), 0..40),
        data in prop::collection::vec(any::<u8>(), 0..5000),
    ) {
        let cipher = Cipher::for_box(&Key::from_bytes(key), &Nonce(nonce));
        let ciphertexts = BACKENDS.map(|(seal, _)| {
            let mut data = data.clone();
            (seal(&cipher, &aad, &mut data), data)
        });
        prop_assert_eq!(&ciphertexts[0], &ciphertexts[1]);
        prop_assert_eq!(&ciphertexts[0], &ciphertexts[2]);
    }
}
