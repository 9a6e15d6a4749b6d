//! CIDs as text: every form of one CID, and nothing else.
#![allow(clippy::unwrap_used)]

use cid::multibase::Base;
use osp_core::content::{
    cid_from_bytes, cid_v0, dag_pb_cid, digest_of, parse_cid, raw_cid, same_block, sha256,
};
use proptest::prelude::*;

#[test]
fn all_forms_of_a_cid_are_one() {
    let digest = sha256(b"hello world");
    let raw = raw_cid(digest);
    assert_eq!(raw.to_string(), "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    for base in [Base::Base58Btc, Base::Base16Lower, Base::Base64, Base::Base32Upper] {
        let text = raw.to_string_of_base(base).unwrap();
        assert_eq!(parse_cid(&text).unwrap(), raw, "{text}");
    }
    let (v0, v1) = (cid_v0(digest), dag_pb_cid(digest));
    assert_ne!(v0, v1);
    assert!(same_block(&v0, &v1) && !same_block(&v1, &raw));
    assert_eq!(parse_cid(&v0.to_string()).unwrap(), v0);
    assert_eq!([v0, v1, raw].map(|c| digest_of(&c)), [Some(digest); 3]);
    let identity = parse_cid("bafkqabtimvwgy3yk").unwrap();
    assert_eq!(digest_of(&identity), None);
}

#[test]
fn what_is_no_bare_cid_is_refused() {
    let good = raw_cid(sha256(b"x"));
    let v0 = cid_v0(sha256(b"x"));
    let with_tail = [good.to_bytes(), vec![0]].concat();
    for text in [
        String::new(),
        "Q".into(),
        "b".into(),
        "é".into(),
        "bafkrei".into(),
        format!("/ipfs/{good}"),
        format!("https://gateway/ipfs/{good}"),
        format!("{good}/"),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{good}?x"),
        format!("b{}", data_encoding::BASE32_NOPAD.encode(&with_tail).to_lowercase()),
        // CIDv0 has one spelling (multiformats CID, "Decoding Algorithm")
        format!("z{v0}"),
        format!("f{}", data_encoding::HEXLOWER.encode(&v0.to_bytes())),
        format!("Qm{}", "0".repeat(44)),
        "b".repeat(300),
    ] {
        let error = parse_cid(&text).unwrap_err();
        assert!(error.text.chars().count() <= 80);
        assert!(error.to_string().contains("is not a CID"), "{error}");
    }
    assert!(cid_from_bytes(&with_tail).is_none());
    assert_eq!(cid_from_bytes(&good.to_bytes()), Some(good));
}

proptest! {
    #[test]
    fn any_text_is_a_cid_or_not(text in "[bBzmfQu]?[ -~é]{0,70}") {
        if let Ok(cid) = parse_cid(&text) {
            prop_assert_eq!(parse_cid(&cid.to_string()).unwrap(), cid);
        }
    }

    #[test]
    fn any_bytes_are_a_cid_or_not(bytes in prop::collection::vec(any::<u8>(), 0..90)) {
        if let Some(cid) = cid_from_bytes(&bytes) {
            prop_assert_eq!(parse_cid(&cid.to_string()).unwrap(), cid);
        }
    }
}
