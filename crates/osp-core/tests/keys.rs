//! did:key vectors of its specification, Ed25519 of RFC 8032 and Wycheproof through [`PublicKey::verify`], and what
//! strict verification refuses beyond them.

#![allow(clippy::unwrap_used)]

mod common;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use osp_core::{
    did::Did,
    key::{ArtistKey, PublicKey},
};
use serde_json::Value;

fn hex(text: &Value) -> Vec<u8> {
    HEXLOWER_PERMISSIVE.decode(text.as_str().unwrap().as_bytes()).unwrap()
}

#[test]
fn did_key_vectors_of_its_specification() {
    let file = common::vectors("did-key.json");
    for case in file["good"].as_array().unwrap() {
        let text = case["did"].as_str().unwrap();
        let key = ArtistKey::from_seed(&hex(&case["seed"]).try_into().unwrap());
        assert_eq!(key.public().0[..], hex(&case["publicKey"])[..]);
        assert_eq!(key.did().to_string(), text);
        assert_eq!(Did::parse(text).unwrap(), key.did());
        assert_eq!(Did::parse(text).unwrap().embedded_key(), Some(&key.public()));
    }
    assert!(file["good"].as_array().unwrap().len() >= 5);
}

#[test]
fn what_is_no_ed25519_did_key() {
    let file = common::vectors("did-key.json");
    let bad = file["bad"].as_array().unwrap();
    assert!(bad.len() >= 21);
    for case in bad {
        assert!(Did::parse(case["did"].as_str().unwrap()).is_err(), "{}", case["name"]);
    }
}

/// RFC 8032 section 7.1: seed, public key, message, signature.
const RFC_8032: [[&str; 4]; 3] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
];

#[test]
fn rfc_8032_vectors() {
    for vector in RFC_8032 {
        let [seed, public, message, signature] = vector.map(|text| HEXLOWER.decode(text.as_bytes()).unwrap());
        let key = ArtistKey::from_seed(&seed.try_into().unwrap());
        assert_eq!(key.public().0[..], public[..]);
        assert_eq!(key.sign(&message)[..], signature[..]);
        assert!(key.public().verify(&message, &signature.try_into().unwrap()));
    }
}

#[test]
fn wycheproof_agrees_in_every_case() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/wycheproof-ed25519.json");
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut counts = [0, 0];
    for group in file["testGroups"].as_array().unwrap() {
        let key = PublicKey(hex(&group["publicKey"]["pk"]).try_into().unwrap());
        for test in group["tests"].as_array().unwrap() {
            let valid = test["result"] == "valid";
            // A signature of another length cannot reach the API: the type is 64 bytes.
            let verified = <[u8; 64]>::try_from(hex(&test["sig"]))
                .is_ok_and(|signature| key.verify(&hex(&test["msg"]), &signature));
            assert_eq!(verified, valid, "test {}: {}", test["tcId"], test["comment"]);
            counts[usize::from(valid)] += 1;
        }
    }
    assert!(counts[0] >= 60 && counts[1] >= 80, "{counts:?}");
}

/// Keys and R of small order, in every encoding that some verifier accepts (RFC 8032 and "Taming the many EdDSAs",
/// table 6): with S = 0 they "sign" almost anything for a lax verifier.
const SMALL_ORDER: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn small_order_and_non_canonical_points_sign_nothing() {
    for key in SMALL_ORDER {
        let key = PublicKey(HEXLOWER.decode(key.as_bytes()).unwrap().try_into().unwrap());
        for r in SMALL_ORDER {
            let mut signature = [0u8; 64];
            signature[..32].copy_from_slice(&HEXLOWER.decode(r.as_bytes()).unwrap());
            // Several messages, since each pair is "valid" for a share of them only.
            for message in 0..16u8 {
                assert!(!key.verify(&[message], &signature));
            }
        }
    }
}

#[test]
fn a_key_shows_no_secret() {
    let key = ArtistKey::from_seed(&[7; 32]);
    assert_eq!(format!("{key:?}"), format!("ArtistKey({})", key.did()));
    assert_eq!(*key.to_seed(), [7; 32]);
}
