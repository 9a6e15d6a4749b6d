//! Properties of records and of strict JSON, for all inputs that proptest can think of.

#![allow(clippy::unwrap_used)]

mod common;

use osp_core::{
    json::{self, Json, Object},
    key::ArtistKey,
    record::{Record, RecordId, RefusalClass, Retraction, TrackDraft},
    reference::Reference,
};
use proptest::{collection, prelude::*};

const CID: &str = "bafkreicm63aemklh3n6weljbrqfwrdwu26ck4fmyffshexgam25dry6bau";
const CREATED: &str = "2026-01-15T12:00:00Z";

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        prop::num::f64::NORMAL.prop_map(Json::Number),
        prop::num::f64::SUBNORMAL.prop_map(Json::Number),
        any::<i32>().prop_map(|n| Json::Number(f64::from(n))),
        any::<String>().prop_map(Json::String),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            collection::btree_map(any::<String>(), inner, 0..6).prop_map(Json::Object),
        ]
    })
}

/// A draft with members that no specification knows.
fn any_draft() -> impl Strategy<Value = TrackDraft> {
    let members = collection::btree_map("[a-z]{0,3}:[^\u{0}]{0,8}", any_json(), 0..4);
    (any::<String>(), members).prop_map(|(title, members)| TrackDraft {
        title,
        format: "audio/opus".into(),
        cid: CID.into(),
        members,
    })
}

proptest! {
    #[test]
    fn canonical_bytes_parse_to_the_same_value(value in any_json()) {
        let canonical = json::canonical(&value);
        let parsed = json::parse(&canonical).unwrap();
        prop_assert_eq!(&parsed, &value);
        prop_assert_eq!(json::canonical(&parsed), canonical);
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in collection::vec(any::<u8>(), 0..200)) {
        let _ = json::parse(&bytes);
        let _ = Record::parse(&bytes);
    }

    #[test]
    fn nearly_json_is_judged_without_panic(text in r#"[\[\]{}",:0-9eE.+\-\\u d8tfn]{0,60}"#) {
        if let Ok(value) = json::parse(text.as_bytes()) {
            prop_assert_eq!(json::parse(&json::canonical(&value)).unwrap(), value);
        }
    }

    #[test]
    fn any_text_is_a_reference_or_says_why_not(text in "(osp:track:|did:key:z|did:web:|magnet:\\?|ipfs://|https://|)\\PC{0,60}") {
        if let Err(error) = Reference::parse(&text) {
            prop_assert!(error.to_string().len() < 1000);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_signed_verifies_after_a_round_trip(draft in any_draft(), seed in any::<[u8; 32]>(), prove: bool) {
        let key = ArtistKey::from_seed(&seed);
        let signed = draft.sign(&key, prove.then_some(CREATED)).unwrap();
        let read = Record::parse(&signed.to_bytes()).unwrap().verify().unwrap();
        prop_assert_eq!(read.to_bytes(), signed.to_bytes());
        prop_assert_eq!(read.artist(), key.did());
        prop_assert_eq!(read.as_track().unwrap().title(), draft.title);
        for (name, value) in &draft.members {
            prop_assert_eq!(&read.members()[name], value);
        }
    }

    /// Changing, removing or adding any one member breaks a record. Without its proof it still holds, which is why
    /// the proof is left out of "removing".
    #[test]
    fn any_single_change_breaks_a_record(draft in any_draft(), which in any::<prop::sample::Index>(), value in any_json()) {
        let signed = draft.sign(&ArtistKey::from_seed(&[1; 32]), Some(CREATED)).unwrap();
        let names: Vec<&String> = signed.members().keys().collect();
        let name = names[which.index(names.len())];
        let mut changed = signed.members().clone();
        if changed[name] != value {
            changed.insert(name.clone(), value.clone());
            prop_assert!(refused(&changed), "{} changed", name);
        }
        if name != "proof" {
            changed.remove(name);
            prop_assert!(refused(&changed), "{} removed", name);
        }
        let mut added = signed.members().clone();
        if added.insert("x:added".into(), value).is_none() {
            prop_assert!(refused(&added));
        }
    }

    #[test]
    fn any_flipped_bit_of_a_record_breaks_it_or_changes_nothing(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let signed = sample().sign(&ArtistKey::from_seed(&[1; 32]), Some(CREATED)).unwrap();
        let mut bytes = signed.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(record) = Record::parse(&bytes).and_then(Record::verify) {
            prop_assert_eq!(record.to_bytes(), signed.to_bytes());
        }
    }
}

fn refused(members: &Object) -> bool {
    Record::parse(&json::canonical_object(members)).and_then(Record::verify).is_err()
}

fn sample() -> TrackDraft {
    TrackDraft { title: "T".into(), format: "audio/opus".into(), cid: CID.into(), members: Object::new() }
}

#[test]
fn the_worked_example_of_the_specification_verifies() {
    let file = common::vectors("worked-example.json");
    let text = serde_json::to_vec(&file["record"]).unwrap();
    let record = Record::parse(&text).unwrap().verify().unwrap();
    assert_eq!(record.id().as_str(), file["record"]["id"].as_str().unwrap());
}

#[test]
fn drafts_that_would_not_be_records_are_refused_before_anyone_sees_them() {
    let key = ArtistKey::from_seed(&[1; 32]);
    let deep = (0..63).fold(Json::Null, |inner, _| Json::Array(vec![inner]));
    let too_deep = Json::Array(vec![deep.clone()]);
    assert!(sample().set("x", deep).sign(&key, None).is_ok());
    for (member, value) in [
        ("duration", Json::Number(f64::NAN)),
        ("duration", Json::Number(f64::INFINITY)),
        ("duration", Json::Number(-1.0)),
        ("x", Json::Array(vec![Json::Number(f64::NAN)])),
        ("x", too_deep),
        ("x", "y".repeat(70_000).into()),
        ("album", Json::Null),
        ("released", "2026-02-30".into()),
        ("id", "osp:track:x".into()),
        ("artist", "did:key:x".into()),
        ("proof", Json::Object(Object::new())),
        ("@context", "https://example.com".into()),
    ] {
        let refusal = sample().set(member, value).sign(&key, None).unwrap_err();
        assert_eq!(refusal.class, RefusalClass::Malformed, "{member}: {refusal}");
    }
    for created in
        ["", "2026-01-15", "2026-01-15T12:00:00+00:00", "2026-01-15T12:00:00.5Z", "2026-02-30T12:00:00Z"]
    {
        assert_eq!(
            sample().sign(&key, Some(created)).unwrap_err().class,
            RefusalClass::Malformed,
            "{created}"
        );
    }
    let not_a_cid = TrackDraft { cid: "x".into(), ..sample() };
    assert_eq!(not_a_cid.sign(&key, None).unwrap_err().class, RefusalClass::Malformed);
}

#[test]
fn a_retraction_of_ours_reads_back() {
    let key = ArtistKey::from_seed(&[1; 32]);
    let track = sample().sign(&key, None).unwrap().id();
    let signed = Retraction::sign(&track, Some("wrong master"), &key).unwrap();
    let read = Record::parse(&signed.to_bytes()).unwrap().verify().unwrap();
    let retraction = read.as_retraction().unwrap();
    assert_eq!((retraction.track(), retraction.reason()), (track, Some("wrong master")));
    assert!(retraction.id().as_str().starts_with("osp:retraction:bafkrei"));
    assert_eq!(retraction.artist(), key.did());
    // Only tracks are withdrawn.
    assert_eq!(Retraction::sign(&retraction.id(), None, &key).unwrap_err().class, RefusalClass::Malformed);
}

#[test]
fn the_context_we_write_is_the_document_we_carry() {
    let record = sample().sign(&ArtistKey::from_seed(&[1; 32]), Some(CREATED)).unwrap();
    let uri = record.members()["@context"].as_str().unwrap();
    let cid = osp_core::content::parse_cid(uri.strip_prefix("ipfs://").unwrap()).unwrap();
    let document = osp_core::context::DOCUMENT;
    assert_eq!(osp_core::content::digest_of(&cid), Some(osp_core::content::sha256(document)));
    // Stock verifiers ask for the same @context in the proof.
    assert_eq!(record.members()["proof"].as_object().unwrap()["@context"].as_str(), Some(uri));
    assert!(json::parse(document).unwrap().as_object().unwrap().contains_key("@context"));
}

#[test]
fn ids_know_their_kind() {
    let id = RecordId::parse(&format!("osp:retraction:{CID}")).unwrap();
    assert_eq!((id.cid_text(), id.kind().type_name()), (CID, "osp:Retraction"));
    for text in [
        "",
        "osp:",
        "osp:track:",
        "osp:album:x",
        "track:x",
        &format!("osp:track:{CID}:x"),
        &format!("osp:track: {CID}"),
    ] {
        assert_eq!(RecordId::parse(text).unwrap_err().class, RefusalClass::Malformed, "{text}");
    }
}
