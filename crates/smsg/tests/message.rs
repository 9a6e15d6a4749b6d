//! Messages: the original's JSON is read strictly, and what we write is byte for byte what it writes.

use crate::common;

use common::{Case, case, cases};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use smsg::{
    Attachment, Format, Message, OpenError, Prefix,
    crypto::{Key, PasswordKey, sealed_box},
    header::Compression,
    limits,
    message::ReplyKey,
    payload::json::{Boundary, parse, parse_v1, write, write_v1},
};

/// The plaintext of a case, if no compression is in between.
fn plaintext(case: &Case) -> Option<(Format, Vec<u8>)> {
    let file = case.file();
    let Prefix { header, payload_offset, .. } = Prefix::parse_whole(&file).ok()?;
    let payload = &file[usize::try_from(payload_offset).unwrap()..];
    if header.compression != Compression::None {
        return None;
    }
    let plaintext = match (header.format, &header.chunked) {
        (Format::V1 | Format::V2, _) => {
            sealed_box::open(&PasswordKey::derive(case.text("password")).0, payload).ok()?
        }
        (Format::V3, Some(table)) => {
            let cek = data_encoding::HEXLOWER.decode(case.text("cek_hex").as_bytes()).unwrap();
            let cek = Key::from_bytes(cek.try_into().ok()?);
            let mut all = Vec::new();
            for &(at, size) in &table.index {
                let (at, size) = (usize::try_from(at).ok()?, usize::try_from(size).ok()?);
                all.extend(sealed_box::open(&cek, payload.get(at..at.checked_add(size)?)?).ok()?);
            }
            all
        }
        (Format::V3, None) => return None,
    };
    Some((header.format, plaintext))
}

/// The JSON of v2 and chunked v3, and what is behind it.
fn split(format: Format, plaintext: &[u8]) -> (&[u8], &[u8]) {
    match format {
        Format::V1 => (plaintext, &[]),
        Format::V2 => {
            let (len, rest) = plaintext.split_first_chunk().unwrap();
            rest.split_at(u32::from_be_bytes(*len) as usize)
        }
        Format::V3 => plaintext.split_at(Boundary::default().push(plaintext).unwrap().unwrap()),
    }
}

#[test]
fn messages_of_the_original_are_read_and_come_back_byte_for_byte() {
    let mut compared = 0;
    for case in cases() {
        // Made by other writers, or broken.
        let regular = ["v1-", "v2-", "v3c-", "n3-base"].iter().any(|start| case.id().starts_with(start));
        if !regular || case.error_class().is_some() {
            continue;
        }
        let Some((format, plaintext)) = plaintext(&case) else { continue };
        let (json, behind) = split(format, &plaintext);
        let (message, contents) = if format == Format::V1 {
            let parsed = parse_v1(json).unwrap();
            (parsed.message, parsed.contents)
        } else {
            let message = parse(json).unwrap();
            let mut rest = behind;
            let contents = message
                .attachments
                .iter()
                .map(|a| rest.split_off(..usize::try_from(a.size).unwrap()).unwrap().to_vec());
            let contents: Vec<_> = contents.collect();
            assert!(rest.is_empty(), "{}", case.id());
            (message, contents)
        };
        expect(&case, &message, &contents);

        let written = if format == Format::V1 { write_v1(&message, &contents) } else { write(&message) };
        if case.id() == "v1-multi-unicode" {
            // Written with the original's other call, whose sizes are those of the base64 text.
            assert_ne!(written, json);
            continue;
        }
        assert_eq!(String::from_utf8(written).unwrap(), std::str::from_utf8(json).unwrap(), "{}", case.id());
        compared += 1;
    }
    assert!(compared >= 15, "only {compared} messages were compared");
}

fn expect(case: &Case, message: &Message, contents: &[Vec<u8>]) {
    let expected = &case.0["expect"];
    let mut ours = serde_json::to_value(message).unwrap();
    ours.as_object_mut().unwrap().remove("attachments");
    assert_eq!(ours, expected["message"], "{}", case.id());
    let attachments = expected["attachments"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert_eq!(message.attachments.len(), attachments.len(), "{}", case.id());
    for ((ours, content), theirs) in message.attachments.iter().zip(contents).zip(attachments) {
        assert_eq!(theirs["name"], ours.name.as_str());
        assert_eq!(theirs["mime"], ours.mime.as_str());
        assert_eq!(theirs["len"], ours.size, "{}: the real size", case.id());
        assert_eq!(theirs["sha256"], data_encoding::HEXLOWER.encode(&Sha256::digest(content)).as_str());
    }
}

#[test]
fn odd_messages_are_read_or_refused() {
    for (id, expected) in [
        ("x-v1-null-fields", None),
        ("x-v1-not-json", Some("invalid_payload")),
        ("x-v1-json-array", Some("invalid_payload")),
        ("x-v1-extra-fields", Some("invalid_payload")),
        ("x-v1-bom", Some("invalid_payload")),
        ("x-v2-size-float", Some("invalid_payload")),
        ("x-v2-size-string", Some("invalid_payload")),
        ("x-v2-not-json", Some("invalid_payload")),
        // From here on the original is laxer.
        ("x-v2-size-negative", Some("invalid_payload")),
        ("x-v1-json-null", Some("invalid_payload")),
        ("x-v1-content-not-base64", Some("invalid_payload")),
        ("x-v1-duplicate-keys", Some("invalid_payload")),
        ("x-v1-case-insensitive-keys", Some("invalid_payload")),
        ("x-v1-invalid-utf8", Some("invalid_payload")),
        ("x-v1-lone-surrogate", Some("invalid_payload")),
    ] {
        let case = case(id);
        let (format, plaintext) = plaintext(&case).unwrap();
        let (json, _) = split(format, &plaintext);
        let message =
            if format == Format::V1 { parse_v1(json).map(|parsed| parsed.message) } else { parse(json) };
        assert_eq!(message.as_ref().err().map(OpenError::class), expected, "{id}: {message:?}");
        if let Ok(message) = message {
            expect(&case, &message, &[]);
        }
    }
    let huge = plaintext(&case("x-v2-size-maxint")).unwrap();
    assert_eq!(parse(split(huge.0, &huge.1).0).unwrap().attachments[0].size, i64::MAX as u64);
}

fn class(json: &str) -> &'static str {
    parse(json.as_bytes()).map_or_else(|error| error.class(), |_| "ok")
}

#[test]
fn types_are_strict() {
    for json in [
        "",
        "{",
        "{} {}",
        "null",
        "[]",
        "\"\"",
        r#"{"body":1}"#,
        r#"{"body":"\ud800"}"#,
        r#"{"timestamp":1.0}"#,
        r#"{"timestamp":1e3}"#,
        r#"{"timestamp":"1"}"#,
        r#"{"timestamp":9223372036854775808}"#,
        r#"{"attachments":{}}"#,
        r#"{"attachments":[null]}"#,
        r#"{"attachments":[["a"]]}"#,
        r#"{"attachments":[{"size":-1}]}"#,
        r#"{"attachments":[{"size":1.5}]}"#,
        r#"{"attachments":[{"Name":"x"}]}"#,
        r#"{"meta":{"a":1}}"#,
        r#"{"meta":{"a":null}}"#,
        r#"{"meta":[]}"#,
        r#"{"meta":{"a":"1","a":"2"}}"#,
        r#"{"reply_key":"x"}"#,
        r#"{"reply_key":{"key_id":"a","key_id":"a"}}"#,
        r#"{"Body":"x"}"#,
        r#"{"body":"x","body":"x"}"#,
        r#"{"body":null,"body":"x"}"#,
        "{\"attachments\":[{\"name\":\"n\",\"\u{17f}ize\":5}]}",
        "{\"reply_key\":{\"public_\u{212a}ey\":\"x\"}}",
        r#"{"attachments":[{"\u017fize":5}]}"#,
        r#"{"x":"\ud800"}"#,
        r#"{"x":{"\udfff":1}}"#,
        r#"{"attachments":[{"content":"\ud800"}]}"#,
        r#"{"attachments":[{"content":["\ud800\ud800\udc00"]}]}"#,
    ] {
        assert_eq!(class(json), "invalid_payload", "{json}");
    }
    for json in [
        "{}",
        " \n{\"body\":\"x\"}\t",
        r#"{"subject":null,"body":null,"attachments":null,"reply_key":null,"from":null,"timestamp":null,"meta":null}"#,
        r#"{"attachments":[{"name":null,"content":null,"mime":null,"size":null}]}"#,
        r#"{"other":{"body":[1.5,{"x":null}]},"attachments":[{"content":7,"more":[]}]}"#,
    ] {
        assert_eq!(class(json), "ok", "{json}");
    }
}

#[test]
fn v1_counts_real_bytes() {
    let json = br#"{"body":"","attachments":[{"name":"a","content":"AAEC\r\nAwQ=\n","size":99},{"name":"b"},{"content":"","size":4}]}"#;
    let parsed = parse_v1(json).unwrap();
    assert_eq!(parsed.contents, [vec![0, 1, 2, 3, 4], vec![], vec![]]);
    assert_eq!(parsed.message.attachments.iter().map(|a| a.size).collect::<Vec<_>>(), [5, 0, 0]);
    for content in ["A", "AAEC ", "AAE", "AA==AA==", "_w==", "A\\u0000=="] {
        let json = format!(r#"{{"attachments":[{{"content":"{content}"}}]}}"#);
        assert_eq!(parse_v1(json.as_bytes()).unwrap_err().class(), "invalid_payload", "{content}");
        assert_eq!(class(&json), "ok", "v2 and v3 do not look at it");
    }
}

#[test]
fn numbers_of_things_are_bounded() {
    let attachments = |count: usize| format!(r#"{{"attachments":[{}{{}}]}}"#, "{},".repeat(count - 1));
    assert_eq!(class(&attachments(limits::MAX_ATTACHMENTS)), "ok");
    assert_eq!(class(&attachments(limits::MAX_ATTACHMENTS + 1)), "over_limit");
    let over = attachments(limits::MAX_ATTACHMENTS + 1);
    assert_eq!(parse_v1(over.as_bytes()).unwrap_err().class(), "over_limit");
    let meta = |count: usize| {
        let entries: Vec<_> = (0..count).map(|i| format!(r#""{i}":"""#)).collect();
        format!(r#"{{"meta":{{{}}}}}"#, entries.join(","))
    };
    assert_eq!(class(&meta(limits::MAX_ENTRIES)), "ok");
    assert_eq!(class(&meta(limits::MAX_ENTRIES + 1)), "over_limit");
    assert_eq!(parse_v1(meta(limits::MAX_ENTRIES + 70).as_bytes()).unwrap_err().class(), "over_limit");
    let body = |len: usize| format!(r#"{{"body":"{}"}}"#, "x".repeat(len - r#"{"body":""}"#.len()));
    let max = usize::try_from(limits::MAX_MESSAGE_JSON).unwrap();
    assert_eq!(class(&body(max)), "ok");
    assert_eq!(class(&body(max + 1)), "over_limit");
}

#[test]
fn an_error_quotes_only_so_much_of_the_message() {
    let json = format!(r#"{{"timestamp":"{}"}}"#, "x".repeat(100_000));
    assert!(parse(json.as_bytes()).unwrap_err().to_string().len() < 400);
}

fn text() -> impl Strategy<Value = String> {
    "[a-z<>&\"\\\\{}\u{0}\u{8}\n\u{2028}\u{e9}\u{1F3B5}]{0,8}"
}

prop_compose! {
    fn message()(
        [subject, body, from] in prop::array::uniform3(text()),
        attachments in prop::collection::vec((text(), text()), 0..4),
        reply_key in prop::option::of(prop::array::uniform4(text())),
        timestamp: i64,
        meta in prop::collection::btree_map(text(), text(), 0..3),
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 4),
    ) -> (Message, Vec<Vec<u8>>) {
        let attachments: Vec<_> = attachments.into_iter().zip(&contents)
            .map(|((name, mime), content)| Attachment { name, mime, size: content.len() as u64 })
            .collect();
        let contents = contents.into_iter().take(attachments.len()).collect();
        let reply_key = reply_key.map(|[public_key, key_id, algorithm, fingerprint]| {
            ReplyKey { public_key, key_id, algorithm, fingerprint }
        });
        (Message { subject, body, attachments, reply_key, from, timestamp, meta }, contents)
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read((message, contents) in message()) {
        let json = write(&message);
        prop_assert_eq!(&parse(&json).unwrap(), &message);
        prop_assert_eq!(Boundary::default().push(&json).unwrap(), Some(json.len()));
        let parsed = parse_v1(&write_v1(&message, &contents)).unwrap();
        prop_assert_eq!(parsed.message, message);
        prop_assert_eq!(parsed.contents, contents);
    }

    #[test]
    fn no_damage_makes_parsing_panic((message, contents) in message(), at: prop::sample::Index, with: u8) {
        let mut json = write_v1(&message, &contents);
        let at = at.index(json.len());
        json[at] = with;
        if let Ok(parsed) = parse_v1(&json) {
            prop_assert_eq!(parsed.message.attachments.len(), parsed.contents.len());
        }
        let _ = parse(&json);
    }
}
