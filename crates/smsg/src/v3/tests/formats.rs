//! Headers that are refused, each for its reason.

use super::support::{Notary, artist, draft, part, rng, seal};
use crate::v3::{
    Header,
    json::{self, Object},
    signing::Signer as _,
};
use serde_json::{Value, json};

/// A header with a member changed, signed by the artist.
fn changed(change: impl FnOnce(&mut Object)) -> Vec<u8> {
    let mut object = seal(1, true, &[&[100, 65_536]], &[]).header.json().clone();
    change(&mut object);
    object.remove("signature");
    container(&json::canonical(&json::sign(object, &artist("artist")).unwrap()))
}

fn container(json: &[u8]) -> Vec<u8> {
    [b"SMSG\x03", &(json.len() as u32).to_be_bytes()[..], json].concat()
}

fn class(bytes: &[u8]) -> &'static str {
    Header::parse(bytes, &Notary::default()).map_or_else(|refused| refused.class(), |_| "")
}

fn with(member: &str, value: Value) -> &'static str {
    class(&changed(|header| drop(header.insert(member.into(), value))))
}

#[test]
fn members_are_what_they_must_be() {
    assert_eq!(with("unknown", json!(["kept", {"a": 1}])), "");
    for (member, value, expected) in [
        ("version", json!("3.1"), "unsupported_version"),
        ("version", json!(3), "bad_member"),
        ("type", json!("smsg:Table"), "bad_member"),
        ("salt", json!("AAAA"), "bad_member"),
        ("title", Value::Null, "bad_member"),
        ("created", json!("now"), "bad_member"),
        ("digest", json!("sha1"), "bad_member"),
        ("keyPrefix", json!("x"), "bad_member"),
        ("keyPrefix", json!("MGH"), ""),
        ("crit", json!(["variants"]), "unknown_critical"),
        ("crit", json!(["tracks", "cuts"]), ""),
        ("crit", json!("tracks"), "bad_member"),
        ("links", json!({"a": 1}), "bad_member"),
        ("links", json!({"shop": "https://example.org"}), ""),
        ("parts", json!([]), "bad_member"),
        ("parts", json!(vec![0; 65]), "over_limit"),
        ("parts", json!([1]), "bad_member"),
        ("cuts", json!([{"name": "a", "ranges": [[0, 1]]}, {"name": "a", "ranges": [[0, 1]]}]), "bad_member"),
        ("cuts", json!([{"name": "a", "ranges": [[0, 3]]}]), "bad_member"),
        ("cuts", json!([{"name": "a", "ranges": [[0, 2]]}]), ""),
        ("tracks", json!([{"title": "t", "start": 5, "end": 5}]), "bad_member"),
        ("tracks", json!([{"title": "t", "start": 0, "end": 5, "loop": [1, 4], "mix": "club"}]), ""),
        ("tracks", json!([{"title": "t", "start": 0, "end": 5, "loop": [4]}]), "bad_member"),
    ] {
        assert_eq!(with(member, value.clone()), expected, "{member}: {value}");
    }
    for member in ["version", "type", "salt", "title", "created", "parts"] {
        let without = changed(|header| drop(header.remove(member)));
        assert_eq!(class(&without), "bad_member", "{member}");
    }
}

#[test]
fn parts_are_what_they_must_be() {
    let with_part = |member: &str, value: Value| {
        let mut part = json!({"name": "a", "mime": "audio/flac", "segments": [70_000, 5], "scale": 1000});
        part[member] = value;
        with("parts", json!([part]))
    };
    let index = |bytes: &[u8]| json::bytes(bytes);
    for (member, value, expected) in [
        ("segments", json!([]), "bad_member"),
        ("segments", json!([0]), "bad_member"),
        ("segments", json!(["1"]), "bad_member"),
        ("segments", json!(vec![1; 1025]), "over_limit"),
        ("segments", json!([1u64 << 34]), ""),
        ("segments", json!([(1u64 << 34) + 1]), "over_limit"),
        ("segments", json!([(1u64 << 53) - 1, (1u64 << 53) - 1]), "over_limit"),
        ("name", json!(""), "bad_member"),
        ("init", index(&[]), "bad_member"),
        ("init", index(&[0; 8192]), ""),
        ("init", index(&[0; 8193]), "over_limit"),
        ("init", json!("AB"), "bad_member"),
        ("init", json!("AA=="), "bad_member"),
        ("scale", json!(0), "bad_member"),
        ("tier", json!("premium"), ""),
        ("index", index(&[0, 0, 10, 1]), ""),
        ("index", index(&[0, 0, 10, 1, 3, 4]), ""),
        ("index", index(&[0, 0, 10, 1, 3, 5]), "bad_member"),
        ("index", index(&[0, 0, 10, 1, 3, 4, 1, 1]), "bad_member"),
        ("index", index(&[0]), "bad_member"),
        ("index", index(&[0x80]), "bad_member"),
        ("index", index(&[0x80, 0, 1]), "bad_member"),
        ("index", index(&[0xff; 20]), "bad_member"),
        ("index", index(&[0; 32_769]), "over_limit"),
        ("indexStep", json!(0), "bad_member"),
    ] {
        assert_eq!(with_part(member, value.clone()), expected, "{member}: {value}");
    }
    let part = json!({"name": "a", "mime": "", "segments": [1], "index": ""});
    assert_eq!(with("parts", json!([part])), "bad_member");
    let twice =
        json!([{"name": "a", "mime": "", "segments": [1]}, {"name": "a", "mime": "", "segments": [1]}]);
    assert_eq!(with("parts", twice), "bad_member");
}

#[test]
fn containers_are_what_they_must_be() {
    let good = changed(|_| ());
    assert_eq!(class(&good), "");
    for length in 0..good.len() {
        assert_eq!(class(&good[..length]), "truncated_container", "{length}");
    }
    assert_eq!(class(&[good.as_slice(), b" "].concat()), "trailing_bytes");
    assert_eq!(class(b"SMSG\x02\0\0\0\x02{}"), "bad_version");
    assert_eq!(class(b"RIFF\x03\0\0\0\x02{}"), "bad_magic");
    assert_eq!(class(b"SM"), "truncated_container");
    assert_eq!(class(b"SMSG\x03\0\x01\0\x01"), "header_too_large");
    assert_eq!(class(b"SMSG\x03\xff\xff\xff\xff"), "header_too_large");
    assert_eq!(class(&container(b"{}")), "bad_member");
    assert_eq!(class(&container(b"")), "not_canonical");
    // Oversize, deep, duplicate: none of it is looked at for longer than it takes to read it.
    assert_eq!(class(&container(&[b'['; 65_536])), "not_canonical");
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(100), "]".repeat(100));
    assert_eq!(class(&container(deep.as_bytes())), "over_limit");
    let twice = String::from_utf8(good[9..].to_vec()).unwrap().replacen('{', r#"{"artist":"x","#, 1);
    assert_eq!(class(&container(twice.as_bytes())), "not_canonical");
}

/// Readers of older versions say what it is, and readers of this one say so of older files.
#[test]
fn versions_do_not_mix() {
    let sealed = seal(1, true, &[&[100]], &[]);
    let refused = crate::Prefix::parse(&sealed.file).unwrap_err();
    assert_eq!(refused.class(), "bad_version");
}

#[test]
fn a_header_keeps_what_it_was_told() {
    let mut draft = draft(true, vec![part("a", &[10])]);
    draft.key_prefix = Some("MGH".into());
    draft.links = vec![("shop".into(), "https://example.org".into())];
    draft.more.insert("label".into(), "none".into());
    let artist = artist("artist");
    let header = draft.sign(&artist, &Notary::default(), &mut rng(1)).unwrap();
    assert_eq!((header.title.as_str(), header.created), (draft.title.as_str(), draft.created));
    assert_eq!(
        (header.links.clone(), header.key_prefix.clone()),
        (draft.links.clone(), draft.key_prefix.clone())
    );
    assert_eq!((header.artist(), header.json()["label"].as_str()), (artist.artist(), Some("none")));
    draft.key_prefix = Some("not a prefix".into());
    assert!(draft.sign(&artist, &Notary::default(), &mut rng(1)).is_err());
    let foreign = |_: &str, _: &[u8], _: &[u8; 64]| false;
    assert_eq!(Header::parse(header.bytes(), &foreign).unwrap_err().class(), "bad_signature");
}
