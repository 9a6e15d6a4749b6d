//! CIDs, DIDs and dates: which texts are well-formed is said by hand in spec/vectors/identifiers.json.

#![allow(clippy::unwrap_used)]

mod common;

use osp_core::{
    content::parse_cid,
    did::Did,
    json::Object,
    key::ArtistKey,
    record::{Record, TrackDraft},
};

fn judge(kind: &str, well_formed: impl Fn(&str) -> bool) {
    let file = common::vectors("identifiers.json");
    for (list, expected) in [("good", true), ("bad", false)] {
        let cases = file[kind][list].as_array().unwrap();
        assert!(cases.len() >= 7);
        for case in cases {
            let text = case["text"].as_str().unwrap();
            assert_eq!(well_formed(text), expected, "{kind} {}: {text:?}", case["name"]);
        }
    }
}

#[test]
fn cids() {
    judge("cid", |text| parse_cid(text).is_ok());
}

#[test]
fn dids() {
    judge("did", |text| Did::parse(text).is_ok_and(|did| did.to_string() == text));
}

#[test]
fn dates() {
    let key = ArtistKey::from_seed(&[1; 32]);
    judge("released", |text| {
        let mut draft = TrackDraft {
            title: "t".into(),
            format: "audio/opus".into(),
            cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e".into(),
            members: Object::new(),
        };
        draft.set("released", text.into());
        draft.sign(&key, None).is_ok()
    });
}

#[test]
fn the_worked_example_of_the_specification_verifies() {
    let file = common::vectors("worked-example.json");
    let record = Record::parse(&serde_json::to_vec(&file["record"]).unwrap()).unwrap().verify().unwrap();
    let mut older = file["record"].clone();
    older["id"] = file["idV0"].clone();
    // Another id is another signed text: only the id check would have let it through.
    assert!(Record::parse(&serde_json::to_vec(&older).unwrap()).unwrap().verify().is_err());
    assert_eq!(record.id().as_str(), file["record"]["id"].as_str().unwrap());
}
