//! A corruptor for each field of a file, in the clear and sealed: what each must come to.

use crate::support;

use serde_json::{Value, json};
use smsg::{
    Format, Header, Prefix,
    crypto::{Key, Nonce, sealed_box},
    header::Compression,
    keys::Credential,
    open::open_bytes,
};
use support::{
    CEK, PASSWORD, any_time, case, cek, credential, file, noise, one_box, open_all_ways, password,
    v2_plaintext, vector,
};

/// A vector taken apart.
struct Parts {
    header: Value,
    payload: Vec<u8>,
    credential: Credential,
}

impl Parts {
    fn of(id: &str) -> Self {
        let case = case(id);
        let bytes = vector(case["file"].as_str().unwrap());
        let prefix = Prefix::parse_whole(&bytes).unwrap();
        Self {
            header: serde_json::from_slice(&prefix.header_json).unwrap(),
            payload: bytes[usize::try_from(prefix.payload_offset).unwrap()..].to_vec(),
            credential: credential(&case),
        }
    }

    /// The class that the file comes to, and that nothing was released unless it opens.
    fn class(&self) -> &'static str {
        let bytes = file(&self.header.to_string(), &self.payload);
        let outcome = open_all_ways(&bytes, &self.credential, &any_time());
        assert!(outcome.error.is_none() || !outcome.message_seen, "released, then {}", outcome.class());
        outcome.class()
    }
}

/// Changes the header of a vector, or removes a member for `null`; the class.
fn with_member(id: &str, pointer: &str, value: Value) -> &'static str {
    let mut parts = Parts::of(id);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = parts.header.pointer_mut(parent).unwrap_or_else(|| panic!("{id} has no {pointer}"));
    match parent {
        Value::Object(members) if value.is_null() => {
            members.remove(name).unwrap();
        }
        Value::Object(members) => {
            members.insert(name.into(), value);
        }
        other => other[name.parse::<usize>().unwrap()] = value,
    }
    parts.class()
}

/// Each field of the clear header: member, value (`null`: left out), class.
#[test]
fn header_members() {
    let (v2, v3, chunked) = ("v2-zstd-manifest", "v3-daily", "v3c-6h-16k");
    let cases: &[(&str, &str, Value, &str)] = &[
        (v2, "/version", json!("2.0"), "unsupported_version"),
        (v2, "/version", json!(1), "header_not_json"),
        (v2, "/version", Value::Null, "ok"),
        (v2, "/algorithm", json!("aes-256-gcm"), "unsupported_algorithm"),
        (v2, "/algorithm", Value::Null, "ok"),
        (v2, "/format", json!("v4"), "unsupported_format"),
        (v2, "/format", json!(["v2"]), "header_not_json"),
        // Without a format it is v1, whose plaintext is JSON from its first byte.
        (v2, "/format", Value::Null, "invalid_payload"),
        (v2, "/format", json!("v3"), "unsupported_key_method"),
        (v2, "/compression", json!("brotli"), "unsupported_compression"),
        (v2, "/compression", json!("gzip"), "decompression_failed"),
        (v2, "/compression", json!(""), "invalid_payload"),
        (v2, "/compression", Value::Null, "invalid_payload"),
        (v2, "/manifest", json!("title"), "header_not_json"),
        (v2, "/manifest/title", json!("another"), "ok"),
        (v2, "/manifest/expires_at", json!("tomorrow"), "header_not_json"),
        (v2, "/checksum", json!("00"), "checksum"),
        (v2, "/hint", json!({}), "header_not_json"),
        (v2, "/unknown", json!({"x": [1]}), "ok"),
        (v3, "/format", json!("v2"), "not_v3"),
        (v3, "/keyMethod", json!("direct"), "unsupported_key_method"),
        (v3, "/compression", json!("gzip"), "decompression_failed"),
        (v3, "/cadence", json!("1h"), "not_yet_valid"),
        (v3, "/wrappedKeys", json!("x"), "header_not_json"),
        (v3, "/wrappedKeys", json!([]), "not_yet_valid"),
        // The next period's key opens it too.
        (v3, "/wrappedKeys/0/date", json!("2026-01-13"), "ok"),
        (v3, "/wrappedKeys/0/wrapped", json!("AAAA"), "ok"),
        (v3, "/wrappedKeys", json!([{"date": "2026-01-12", "wrapped": "AAAA"}]), "no_valid_key"),
        (v3, "/wrappedKeys/0", json!({"date": 7, "wrapped": "AAAA"}), "header_not_json"),
        (
            v3,
            "/chunked",
            json!({"chunkSize": 1, "totalChunks": 0, "totalSize": 0, "index": []}),
            "invalid_payload",
        ),
        (chunked, "/chunked", json!(7), "header_not_json"),
        (chunked, "/chunked/index", json!("x"), "header_not_json"),
        // Without the table it is read as plain v3, and is not.
        (chunked, "/chunked", Value::Null, "invalid_payload"),
        // Nothing needs them; `inspect` warns.
        (chunked, "/chunked/chunkSize", json!(1), "ok"),
        (chunked, "/chunked/totalChunks", json!(1), "ok"),
        (chunked, "/chunked/totalSize", json!(1), "ok"),
        (chunked, "/chunked/index/0/offset", json!(-1), "chunk_out_of_bounds"),
        (chunked, "/chunked/index/0/offset", json!(1), "decryption_failed"),
        (chunked, "/chunked/index/0/offset", json!(i64::MAX), "chunk_out_of_bounds"),
        (chunked, "/chunked/index/0/offset", json!("0"), "header_not_json"),
        (chunked, "/chunked/index/0/size", json!(-1), "chunk_out_of_bounds"),
        (chunked, "/chunked/index/0/size", json!(39), "decryption_failed"),
        (chunked, "/chunked/index/0/size", json!(16_423), "decryption_failed"),
        (chunked, "/chunked/index/0/size", json!(i64::MAX), "chunk_out_of_bounds"),
        (chunked, "/chunked/index/0/size", json!(1.5), "header_not_json"),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .map(|(id, pointer, value, class)| {
            (id, pointer, value, with_member(id, pointer, value.clone()), *class)
        })
        .filter(|(_, _, _, found, class)| found != class)
        .collect();
    assert!(wrong.is_empty(), "found, expected: {wrong:#?}");
    assert_eq!(with_member("x-checksum-good", "/checksum", json!("00")), "checksum");
    assert_eq!(with_member("x-checksum-good", "/checksum_algo", json!("crc-3")), "checksum");
}

/// The fixed bytes before the header.
#[test]
fn fixed_bytes() {
    let good = vector("v2-none.smsg");
    let opened = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        open_all_ways(&bytes, &password(PASSWORD), &any_time()).class()
    };
    assert_eq!(opened(&|_| ()), "ok");
    for at in 0..4 {
        assert_eq!(opened(&|bytes| bytes[at] ^= 0x20), "bad_magic");
    }
    for version in [0, 1, 3, 255] {
        assert_eq!(opened(&|bytes| bytes[4] = version), "bad_version");
    }
    assert_eq!(opened(&|bytes| bytes[5] = 1), "header_too_large");
    // One less and the JSON does not end; one more and it is followed by something.
    assert_eq!(opened(&|bytes| bytes[8] -= 1), "header_not_json");
    assert_eq!(opened(&|bytes| bytes[8] += 1), "header_not_json");
    assert_eq!(opened(&|bytes| bytes[6] = 0x80), "truncated_container");
}

/// The lengths in the clear of plain v3.
#[test]
fn lengths_of_plain_v3() {
    let changed = |at_message_len: bool, change: &dyn Fn(u32) -> u32| {
        let mut parts = Parts::of("v3-daily");
        let header_len = u32::from_be_bytes(parts.payload[..4].try_into().unwrap()) as usize;
        let at = if at_message_len { 4 + header_len } else { 0 };
        let field = &mut parts.payload[at..at + 4];
        let old = u32::from_be_bytes(field.try_into().unwrap());
        field.copy_from_slice(&change(old).to_be_bytes());
        parts.class()
    };
    assert_eq!(changed(false, &|len| len), "ok");
    assert_eq!(changed(false, &|_| u32::MAX), "invalid_payload");
    assert_eq!(changed(false, &|_| 16 << 20), "invalid_payload");
    assert_eq!(changed(true, &|_| u32::MAX), "invalid_payload");
    assert_eq!(changed(true, &|len| len - 1), "decryption_failed");
    assert_eq!(changed(true, &|len| len + 1), "decryption_failed");
    assert_eq!(changed(true, &|_| 0), "decryption_failed");
    let mut short = Parts::of("v3-daily");
    for len in [0, 3, 4, 7] {
        short.payload.truncate(len);
        short.payload.resize(len, 0);
        assert_eq!(short.class(), "invalid_payload", "{len}");
    }
    // The header's copy is not authenticated and not used: `inspect` compares it.
    let mut copy = Parts::of("v3-daily");
    copy.payload[10] ^= 1;
    assert_eq!(copy.class(), "ok");
    // Without the second box there are no attachments.
    let mut half = Parts::of("v3-daily");
    half.payload.truncate(half.payload.len() - 33_040);
    assert_eq!(half.class(), "attachment_truncated");
}

/// The sealed JSON, made wrongly by somebody who has the key.
#[test]
fn sealed_members() {
    let v2 = |json: &str, rest: &[u8]| {
        let bytes = one_box(&Header::new(Format::V2), &v2_plaintext(json, rest));
        open_all_ways(&bytes, &password(PASSWORD), &any_time()).class()
    };
    let attachment = |size: &str| format!(r#"{{"body":"b","attachments":[{{"name":"a","size":{size}}}]}}"#);
    assert_eq!(v2(&attachment("3"), b"abc"), "ok");
    assert_eq!(v2(&attachment("2"), b"abc"), "ok");
    assert_eq!(v2(&attachment("4"), b"abc"), "attachment_truncated");
    assert_eq!(v2(&attachment("18446744073709551615"), b"abc"), "invalid_payload");
    assert_eq!(v2(&attachment("9223372036854775807"), b"abc"), "attachment_truncated");
    for size in ["-1", "1.5", "\"3\"", "true", "1e99"] {
        assert_eq!(v2(&attachment(size), b"abc"), "invalid_payload", "{size}");
    }
    for json in [
        "",
        "null",
        "[]",
        "7",
        "{",
        r#"{"body":"#,
        r#"{"body":7}"#,
        r#"{"body":"b","timestamp":"x"}"#,
        r#"{"body":"b","attachments":{}}"#,
        r#"{"body":"b","attachments":[7]}"#,
        r#"{"body":"b","meta":[]}"#,
        r#"{"body":"b"} x"#,
    ] {
        assert_eq!(v2(json, b""), "invalid_payload", "{json}");
    }
    let short = |plaintext: &[u8]| {
        let bytes = one_box(&Header::new(Format::V2), plaintext);
        open_all_ways(&bytes, &password(PASSWORD), &any_time()).class()
    };
    for len in 0..4 {
        assert_eq!(short(&[0; 4][..len]), "invalid_payload");
    }
    assert_eq!(short(&[0, 0, 1, 0, b'{', b'}']), "invalid_payload");
}

/// A chunked file made here: 10 chunks of noise.
fn chunked() -> (Header, Vec<Vec<u8>>, Vec<u8>) {
    let content = noise(5, 950);
    let json = br#"{"body":"b","attachments":[{"name":"a","size":950}]}"#;
    let plaintext = [&json[..], &content].concat();
    let key = Key::from_bytes(CEK);
    let boxes: Vec<_> = plaintext
        .chunks(100)
        .enumerate()
        .map(|(i, chunk)| sealed_box::seal(&key, &Nonce([u8::try_from(i).unwrap(); 24]), chunk))
        .collect();
    let mut header = Header::new(Format::V3);
    let mut at = 0;
    let index = boxes.iter().map(|sealed| {
        let len = i64::try_from(sealed.len()).unwrap();
        at += len;
        (at - len, len)
    });
    header.chunked = Some(smsg::header::ChunkTable {
        chunk_size: 100,
        total_chunks: boxes.len() as u64,
        total_size: plaintext.len() as u64,
        index: index.collect(),
    });
    (header, boxes, content)
}

fn assemble(header: &Header, payload: &[u8]) -> Vec<u8> {
    file(std::str::from_utf8(&header.to_json()).unwrap(), payload)
}

/// Other people's files may have their chunks anywhere.
#[test]
fn chunks_in_any_place() {
    let (header, boxes, content) = chunked();
    let opens = |header: &Header, payload: &[u8]| {
        let outcome = open_all_ways(&assemble(header, payload), &Credential::Cek(cek()), &any_time());
        assert!(outcome.error.is_none(), "{:?}", outcome.error);
        assert!(outcome.all_contents() == content);
    };
    opens(&header, &boxes.concat());
    // Behind them, and between them, there may be anything.
    opens(&header, &[boxes.concat(), noise(1, 77)].concat());
    let mut gaps = header.clone();
    for (i, place) in gaps.chunked.as_mut().unwrap().index.iter_mut().enumerate() {
        place.0 += 7 * (i as i64 + 1);
    }
    let payload: Vec<u8> = boxes.iter().flat_map(|sealed| [&[9; 7][..], sealed].concat()).collect();
    opens(&gaps, &payload);
    // The last first.
    let mut backwards = header.clone();
    let total: i64 = boxes.iter().map(|sealed| sealed.len() as i64).sum();
    for place in &mut backwards.chunked.as_mut().unwrap().index {
        place.0 = total - place.0 - place.1;
    }
    opens(&backwards, &boxes.iter().rev().flatten().copied().collect::<Vec<_>>());
    // Empty chunks in between.
    let empty = sealed_box::seal(&Key::from_bytes(CEK), &Nonce([99; 24]), b"");
    let mut with_empty = header;
    with_empty.chunked.as_mut().unwrap().index.insert(3, (total, 40));
    opens(&with_empty, &[boxes.concat(), empty].concat());
}

/// A table's entries: place and length of each box.
type Places = Vec<(i64, i64)>;

/// What the format does not protect opens (and `inspect` warns); what it does is refused, and named.
#[test]
fn chunks_swapped_dropped_and_damaged() {
    let (header, boxes, content) = chunked();
    let outcome = |header: &Header, payload: &[u8]| {
        open_all_ways(&assemble(header, payload), &Credential::Cek(cek()), &any_time())
    };
    let changed = |change: &dyn Fn(&mut Places)| {
        let mut header = header.clone();
        change(&mut header.chunked.as_mut().unwrap().index);
        outcome(&header, &boxes.concat())
    };
    let swapped = changed(&|index| index.swap(3, 4));
    assert!(swapped.error.is_none() && swapped.all_contents() != content);
    let repeated = changed(&|index| index[4] = index[3]);
    assert!(repeated.error.is_none() && repeated.all_contents() != content);
    let dropped = changed(&|index| {
        index.remove(3);
    });
    assert_eq!((dropped.class(), dropped.message_seen), ("attachment_truncated", false));
    let headless = changed(&|index| {
        index.remove(0);
    });
    assert_eq!((headless.class(), headless.message_seen), ("invalid_payload", false));

    let mut payload = boxes.concat();
    payload[140 * 5 + 30] ^= 1;
    let damaged = outcome(&header, &payload);
    assert_eq!(damaged.class(), "decryption_failed");
    assert!(damaged.error.as_ref().unwrap().to_string().contains("chunk 5"));
    assert_eq!(damaged.all_contents(), content[..5 * 100 - 52]);
    // The first fault in the order of the plaintext is the one that is named, however many threads there are.
    payload.truncate(140 * 8);
    let both = open_bytes(&assemble(&header, &payload), &Credential::Cek(cek()), &any_time()).unwrap_err();
    assert_eq!(both.class(), "chunk_out_of_bounds");
}

/// A checksum in the header is compared whatever the format.
#[test]
fn checksums() {
    let (mut header, boxes, _) = chunked();
    let payload = [boxes.concat(), b"behind".to_vec()].concat();
    for (digest, class) in [(support::sha256(&payload), "ok"), ("ab".repeat(32), "checksum")] {
        header.checksum = Some(smsg::header::Checksum { algorithm: "sha256".into(), digest });
        let outcome = open_all_ways(&assemble(&header, &payload), &Credential::Cek(cek()), &any_time());
        assert_eq!(outcome.class(), class, "{:?}", outcome.error);
    }
    let mut v2 = Header::new(Format::V2);
    v2.compression = Compression::None;
    v2.checksum = Some(smsg::header::Checksum { algorithm: "sha256".into(), digest: "cd".repeat(32) });
    let outcome = open_all_ways(&one_box(&v2, b"?"), &password("wrong"), &any_time());
    assert_eq!(outcome.class(), "checksum", "it is compared before the key is tried");
}
