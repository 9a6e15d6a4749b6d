//! Every file of the original's vectors: what it must give, or the class of its error.

use crate::support;

use serde_json::Value;
use smsg::{
    Limits, Prefix, UnixTime,
    chunked::{ChunkIndex, ChunkNo, Head, Layout, open_chunk},
    crypto::{Cek, Key},
    keys::{Cadence, Credential, wrap::unwrap_at},
    open::{Access, Options, admit},
    text,
};
use std::collections::BTreeMap;
use support::{Outcome, any_time, by_reader, credential, index, open_all_ways, sha256, vector};

/// Where we differ from the original: the class of our error, or `ok` when the file opens. `differences.json` says why, and
/// is what the browser module is held to as well.
fn differences() -> BTreeMap<String, String> {
    let listed: BTreeMap<String, Value> = serde_json::from_slice(&vector("differences.json")).unwrap();
    listed.into_iter().map(|(id, ours)| (id, ours["class"].as_str().unwrap().to_owned())).collect()
}

/// Where our content is right and the original's is not.
const CONTENT_OF_OURS: &[(&str, &[&[u8]])] = &[
    // The original takes white space behind the JSON for a part of it, and drops the attachment.
    ("q-v3c-whitespace-attachment", &[b" \n\t\r  "]),
];

fn expected_class<'c>(case: &'c Value, differences: &'c BTreeMap<String, String>) -> &'c str {
    let theirs =
        if case["expect"]["ok"] == true { "ok" } else { case["expect"]["error_class"].as_str().unwrap() };
    differences.get(case["id"].as_str().unwrap()).map_or(theirs, String::as_str)
}

fn attempt(case: &Value) -> Outcome {
    let bytes = vector(case["file"].as_str().unwrap());
    let (credential, options) = (credential(case), any_time());
    if case["kind"] != "decrypt_password_base64" {
        return open_all_ways(&bytes, &credential, &options);
    }
    // The caller says it is base64, as the original's browser calls do.
    match text::decode(&String::from_utf8_lossy(&bytes)) {
        Ok(binary) => open_all_ways(&binary, &credential, &options),
        Err(e) => Outcome { error: Some(e.into()), ..Outcome::default() },
    }
}

#[test]
fn every_file() {
    let index = index();
    let cases = index["cases"].as_array().unwrap();
    let differences = differences();
    let mut failed = Vec::new();
    for case in cases {
        let id = case["id"].as_str().unwrap();
        let expected = expected_class(case, &differences);
        let outcome = attempt(case);
        if outcome.class() != expected {
            failed.push(format!("{id}: {} instead of {expected}: {:?}", outcome.class(), outcome.error));
            continue;
        }
        if expected == "ok" && case["expect"]["ok"] == true {
            failed.extend(compare(case, &outcome).into_iter().map(|what| format!("{id}: {what}")));
        }
    }
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), cases.len(), failed.join("\n"));
    let ids: Vec<_> = cases.iter().map(|case| case["id"].as_str().unwrap()).collect();
    for id in differences.keys() {
        assert!(ids.contains(&id.as_str()), "{id} is no case");
    }
}

/// What differs from the expected message and attachments.
fn compare(case: &Value, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut message = serde_json::to_value(&outcome.got.message).unwrap();
    message.as_object_mut().unwrap().remove("attachments");
    if message != case["expect"]["message"] {
        wrong.push(format!("{message} instead of {}", case["expect"]["message"]));
    }
    let ours = CONTENT_OF_OURS.iter().find(|(id, _)| case["id"] == *id).map(|(_, contents)| contents);
    let none = Vec::new();
    let attachments = case["expect"]["attachments"].as_array().unwrap_or(&none);
    if attachments.len() != outcome.got.contents.len() {
        wrong.push(format!("{} attachments instead of {}", outcome.got.contents.len(), attachments.len()));
    }
    for (index, (expected, content)) in attachments.iter().zip(&outcome.got.contents).enumerate() {
        let attachment = &outcome.got.message.attachments[index];
        if attachment.name != expected["name"].as_str().unwrap()
            || attachment.mime != expected["mime"].as_str().unwrap()
        {
            wrong.push(format!("attachment {index} is {attachment:?}"));
        }
        if attachment.size != content.len() as u64 {
            wrong.push(format!(
                "attachment {index} claims {} bytes and has {}",
                attachment.size,
                content.len()
            ));
        }
        let right = match ours {
            Some(contents) => content == contents[index],
            None => sha256(content) == expected["sha256"].as_str().unwrap(),
        };
        if !right {
            wrong.push(format!("attachment {index} has another content"));
        }
    }
    wrong
}

/// The way of a player: prefix, key, index, message, then chunks by their places in the file.
#[test]
fn chunks_by_index() {
    let index = index();
    let mut seen = 0;
    for case in index["cases"].as_array().unwrap() {
        let Some(chunks) = case["chunks"].as_array() else { continue };
        seen += 1;
        let file = vector(case["file"].as_str().unwrap());
        let Prefix { header, payload_offset, .. } = Prefix::parse_whole(&file).unwrap();
        assert_eq!(payload_offset, case["payload_offset"].as_u64().unwrap());
        let Credential::Licence { licence, at, .. } = credential(case) else {
            panic!("chunked files are v3")
        };
        let cadence = header.cadence.clone().unwrap_or(Cadence::Daily);
        let cek = unwrap_at(&header.wrapped_keys, &licence, &cadence, at).unwrap();
        assert_eq!(data_encoding::HEXLOWER.encode(cek.0.as_bytes()), case["cek_hex"].as_str().unwrap());
        let payload_len = case["payload_len"].as_u64();
        let table = ChunkIndex::new(&header, payload_offset, payload_len).unwrap();
        // Of many chunks only some are listed.
        assert!(chunks.len() == table.len() || chunks.len() == 12);
        let plaintexts: Vec<Vec<u8>> = (0..table.len())
            .map(|i| {
                let range = table.file_range(ChunkNo(i)).unwrap();
                let mut sealed =
                    file[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec();
                let plaintext = open_chunk(&cek, ChunkNo(i), &mut sealed).unwrap();
                if let Some(expected) = chunks.iter().find(|chunk| chunk["i"] == i) {
                    assert_eq!(plaintext.len() as u64, expected["len"].as_u64().unwrap());
                    assert_eq!(sha256(plaintext), expected["sha256"].as_str().unwrap());
                }
                plaintext.to_vec()
            })
            .collect();
        let layout = head(&plaintexts);
        layout.check(table.plaintext_len()).unwrap();
        let all = plaintexts.concat();
        for (i, expected) in case["expect"]["attachments"].as_array().unwrap().iter().enumerate() {
            let range = layout.attachment(i).unwrap();
            let covering = table.covering(range.clone());
            let start = table.place(ChunkNo(covering.start)).unwrap().plain_offset;
            assert!(
                start <= range.start
                    && table.place(ChunkNo(covering.end - 1)).unwrap().plain_offset < range.end
            );
            let content = &all[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
            assert_eq!(sha256(content), expected["sha256"].as_str().unwrap());
        }
    }
    assert_eq!(seen, 5);
}

fn head(plaintexts: &[Vec<u8>]) -> Layout {
    let mut head = Head::default();
    plaintexts.iter().find_map(|plaintext| head.push(plaintext).unwrap()).unwrap()
}

/// Whoever has the content key needs no licence and no clock.
#[test]
fn by_content_key() {
    let index = index();
    let mut seen = 0;
    for case in index["cases"].as_array().unwrap() {
        let Some(cek) = case["cek_hex"].as_str() else { continue };
        if case["expect"]["ok"] != true || case["kind"] != "decrypt_v3" {
            continue;
        }
        seen += 1;
        let cek = data_encoding::HEXLOWER.decode(cek.as_bytes()).unwrap().try_into().unwrap();
        let file = vector(case["file"].as_str().unwrap());
        let outcome = by_reader(&file[..], None, &Credential::Cek(Cek(Key::from_bytes(cek))), &any_time());
        assert_eq!(compare(case, &outcome), Vec::<String>::new(), "{}", case["id"]);
    }
    assert!(seen > 20, "{seen}");
}

/// The original never looks at the date; we do when we are told what time it is.
#[test]
fn an_expired_manifest_is_refused_when_the_time_is_known() {
    let case = support::case("v2-expired-manifest");
    let file = vector("v2-expired-manifest.smsg");
    let end = Prefix::parse_whole(&file).unwrap().header.manifest.unwrap().expires_at().unwrap();
    let at = |now| Options { limits: Limits::default(), now: Some(now) };
    let late = open_all_ways(&file, &credential(&case), &at(UnixTime(end.0 + 1)));
    assert_eq!(late.class(), "expired");
    assert!(!late.message_seen);
    // Whoever opens chunks by themselves asks the same.
    let header = Prefix::parse_whole(&file).unwrap().header;
    let refused = admit(&header, &credential(&case), &at(UnixTime(end.0 + 1))).unwrap_err();
    assert_eq!(refused.class(), "expired");
    assert!(matches!(admit(&header, &credential(&case), &at(end)), Ok(Access::Password(_))));
    assert_eq!(open_all_ways(&file, &credential(&case), &at(end)).class(), "ok");
}

/// Text is found to be text, and read as it goes.
#[test]
fn base64_text_is_opened_like_the_file() {
    for id in ["b64-std", "b64-wrapped76", "b64-crlf"] {
        let case = support::case(id);
        let outcome = open_all_ways(&vector(case["file"].as_str().unwrap()), &credential(&case), &any_time());
        assert_eq!(outcome.class(), "ok", "{id}");
        assert_eq!(compare(&case, &outcome), Vec::<String>::new(), "{id}");
    }
}
