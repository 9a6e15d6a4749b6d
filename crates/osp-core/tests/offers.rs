//! `sealed` and `offers`: what is taken and what is passed over, and that neither makes a record malformed.

#![allow(clippy::unwrap_used)]

use osp_core::{
    json::{self, Json},
    key::ArtistKey,
    record::{Offer, Preview, Sealed, SealedPart, TrackDraft, TrackRecord},
};
use std::path::Path;

fn track(members: &[(&str, Json)]) -> TrackRecord {
    let mut draft = TrackDraft {
        title: "Night".into(),
        format: "application/vnd.smsg".into(),
        cid: "bafkreicm63aemklh3n6weljbrqfwrdwu26ck4fmyffshexgam25dry6bau".into(),
        members: json::Object::new(),
    };
    for (name, value) in members {
        draft.set(name, value.clone());
    }
    let record = draft.sign(&ArtistKey::from_seed(&[1; 32]), None).unwrap();
    record.as_track().unwrap().clone()
}

fn vectors() -> json::Object {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors/offers.json");
    json::parse(&std::fs::read(path).unwrap()).unwrap().as_object().unwrap().clone()
}

#[test]
fn vectors_of_offers() {
    for case in vectors()["offers"].as_array().unwrap() {
        let case = case.as_object().unwrap();
        let name = case["name"].as_str().unwrap();
        let value = &case["value"];
        let taken = case["read"].as_array().unwrap().iter().map(|at| {
            let offers = Json::Array(vec![value.as_array().unwrap()[at.as_f64().unwrap() as usize].clone()]);
            let one = Offer::list(Some(&offers));
            assert_eq!(one.len(), 1, "{name}: {offers:?}");
            one.into_iter().next().unwrap()
        });
        assert_eq!(track(&[("offers", value.clone())]).offers(), taken.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn vectors_of_sealed() {
    for case in vectors()["sealed"].as_array().unwrap() {
        let case = case.as_object().unwrap();
        let sealed = track(&[("sealed", case["value"].clone())]).sealed();
        assert_eq!(Json::Bool(sealed.is_some()), case["read"], "{:?}", case["name"]);
    }
}

#[test]
fn what_is_written_is_read() {
    let sealed = Sealed {
        file: "A".repeat(43),
        version: "3.0".into(),
        parts: vec![
            SealedPart { format: "audio/mpeg".into(), tier: Some("standard".into()), duration: Some(208.4) },
            SealedPart { format: "application/zip".into(), ..SealedPart::default() },
        ],
        cuts: vec![("drop".into(), None), ("intro".into(), Some(12.5))],
        previews: vec![Preview { ranges: vec![(0, 8), (10, 11)], duration: Some(30.0) }],
    };
    let offer = Offer {
        price: "5.00".into(),
        currency: "EUR".into(),
        url: "https://max.example/buy".into(),
        licence: Some("rental".into()),
        period: Some(604_800),
        cut: Some("drop".into()),
        tier: None,
    };
    let record = track(&[("sealed", sealed.to_json()), ("offers", Json::Array(vec![offer.to_json()]))]);
    assert_eq!(record.sealed(), Some(sealed));
    assert_eq!(record.offers(), [offer]);
    let nothing = track(&[]);
    assert!(nothing.sealed().is_none() && nothing.offers().is_empty());
}
