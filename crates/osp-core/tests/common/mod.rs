//! Reading the files of spec/vectors and judging records by them.

#![allow(clippy::unwrap_used, dead_code)]

use osp_core::{json, record::Record};
use serde_json::Value;

/// A vector file by its path below spec/vectors.
pub fn vectors(path: &str) -> Value {
    let path = format!("{}/../../spec/vectors/{path}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_slice(&bytes).unwrap()
}

/// The bytes of a case: `text` where the exact text matters, else `record`.
pub fn record_text(case: &Value) -> Vec<u8> {
    match case.get("text") {
        Some(text) => text.as_str().unwrap().as_bytes().to_vec(),
        None => serde_json::to_vec(&case["record"]).unwrap(),
    }
}

/// The record verifies, and nothing in it was lost or changed.
pub fn check_good(name: &str, text: &[u8]) {
    let record = Record::parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
    let record = record.verify().unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(json::Json::Object(record.members().clone()), json::parse(text).unwrap(), "{name}");
    // What we store and serve is the same record to the next reader.
    let again = Record::parse(&record.to_bytes()).unwrap().verify().unwrap();
    assert_eq!(again.id(), record.id(), "{name}");
    assert_eq!(again.to_bytes(), record.to_bytes(), "{name}");
}

/// The record is refused with `class`.
pub fn check_bad(name: &str, text: &[u8], class: &str) {
    match Record::parse(text).and_then(Record::verify) {
        Ok(_) => panic!("{name}: verified, but must be refused as {class}"),
        Err(refusal) => assert_eq!(refusal.class.as_str(), class, "{name}: {refusal}"),
    }
}
