//! Keys, records, regions and distances against what Python's `unicodedata` and `hashlib` make of them.
use osp_core::{content::parse_cid, did::Did, record::Record, record::RecordId};
use osp_discovery::{
    DhtKey, IndexKey, Point, Prefix,
    key::{KeyKind, MAX_KEY_BYTES, keys_of},
    lookup::Region,
};
use serde_json::Value;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/vectors/dht-keys.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn point(text: &Value) -> Point {
    let text = text.as_str().unwrap();
    let bytes: Vec<u8> = (0..32).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect();
    Point::from_bytes(bytes.try_into().unwrap())
}

#[test]
fn keys_and_their_places() {
    let file = vectors();
    let cases = file["keys"].as_array().unwrap();
    assert!(cases.len() >= 30);
    for case in cases {
        let value = case["value"].as_str().unwrap();
        let key = match case["kind"].as_str().unwrap() {
            "artist" => IndexKey::artist(&Did::parse(value).unwrap()),
            "title" => IndexKey::title(value),
            "genre" => IndexKey::genre(value),
            "track" => IndexKey::track(&RecordId::parse(value).unwrap()),
            "content" => IndexKey::content(&parse_cid(value).unwrap()),
            other => panic!("{other}"),
        }
        .unwrap();
        assert_eq!(key.as_str(), case["key"].as_str().unwrap());
        assert_eq!(hex(key.dht_key().as_bytes()), case["dhtKey"].as_str().unwrap(), "{key}");
        assert_eq!(key.point(), point(&case["point"]), "{key}");
        assert_eq!(IndexKey::parse(key.as_str()).unwrap(), key);
        assert_eq!(format!("osp/0.1/{}/{}", key.kind().as_str(), key.value()), key.as_str());
        assert_eq!(DhtKey::from_bytes(key.dht_key().as_bytes()), Some(key.dht_key()));
    }
}

#[test]
fn records_and_all_their_keys() {
    let file = vectors();
    for case in file["records"].as_array().unwrap() {
        let record = Record::parse(case["record"].to_string().as_bytes()).unwrap();
        let other = case["unixfsV1"].as_str().map(|cid| parse_cid(cid).unwrap());
        let keys: Vec<String> = keys_of(&record, other.as_ref()).iter().map(ToString::to_string).collect();
        let expected: Vec<&str> =
            case["keys"].as_array().unwrap().iter().map(|k| k.as_str().unwrap()).collect();
        assert_eq!(keys, expected, "{}", case["name"]);
    }
}

#[test]
fn regions_hold_at_least_twenty() {
    let file = vectors();
    let regions = &file["regions"];
    let point = point(&regions["point"]);
    for case in regions["cases"].as_array().unwrap() {
        let peers = case["peers"].as_f64().unwrap();
        let region = Region::in_network(&point, peers);
        let bits = case["prefix"].as_str().unwrap();
        assert_eq!(region.prefix.to_string(), if bits.is_empty() { "*" } else { bits }, "{peers} peers");
        assert!(region.prefix == Prefix::ALL || (20.0..40.0).contains(&region.expected), "{peers} peers");
    }
}

#[test]
fn distances() {
    let file = vectors();
    for case in file["distances"].as_array().unwrap() {
        let (a, b) = (point(&case["a"]), point(&case["b"]));
        assert_eq!(u64::from(a.common_prefix(&b)), case["commonPrefix"].as_u64().unwrap());
        assert_eq!(a.distance(&b), Point::from_bytes([0; 32]).distance(&point(&case["distance"])));
        assert_eq!(a.distance(&b), b.distance(&a));
    }
}

#[test]
fn what_is_no_key() {
    for text in [
        "",
        "osp/0.1/",
        "osp/0.1/artist",
        "osp/0.1/artist/",
        "osp/0.1/album/x",
        "osp/0.2/artist/did:web:a.b",
        "OSP/0.1/title/x",
        "osp/0.1/Title/x",
        "title/x",
    ] {
        assert!(IndexKey::parse(text).is_err(), "{text}");
    }
    let longest = format!("osp/0.1/genre/{}", "x".repeat(MAX_KEY_BYTES - 14));
    assert_eq!(IndexKey::parse(&longest).unwrap().kind(), KeyKind::Genre);
    assert!(IndexKey::parse(&format!("{longest}x")).is_err());
}

#[test]
fn prefixes_halve_into_siblings_that_cover_them() {
    let point = DhtKey::random(7).point();
    for length in 0..=255u8 {
        let prefix = point.prefix(length);
        assert!(
            prefix.contains(&point) && prefix.contains(&prefix.start()) && prefix.contains(&prefix.end())
        );
        assert_eq!(prefix.end().prefix(length), prefix);
        if let Some([low, high]) = prefix.halves() {
            assert_eq!((low.sibling(), high.sibling()), (Some(high), Some(low)));
            assert_eq!((low.start(), high.end()), (prefix.start(), prefix.end()));
            assert!(low.contains(&point) != high.contains(&point));
            assert_eq!(low.shortened(length), prefix);
        }
    }
    assert_eq!(Prefix::ALL.sibling(), None);
}

#[test]
fn a_key_is_found_in_any_part() {
    for length in 0..14 {
        let part = DhtKey::random(length.into()).point().prefix(length);
        let (a, b) = (DhtKey::within(part, 1), DhtKey::within(part, 2));
        assert!(part.contains(&a.point()) && part.contains(&b.point()) && a != b);
        assert_eq!(a, DhtKey::within(part, 1));
    }
}
