//! Reading the files of spec/vectors.

#![allow(clippy::unwrap_used, dead_code)]

use serde_json::Value;

/// A vector file by its path below spec/vectors.
pub(crate) fn vectors(path: &str) -> Value {
    let path = format!("{}/../../spec/vectors/{path}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_slice(&bytes).unwrap()
}

/// The bytes of a case: `text` where the exact text matters, `base64` where it is not text, else `record`.
pub(crate) fn case_bytes(case: &Value) -> Vec<u8> {
    if let Some(text) = case.get("text") {
        return text.as_str().unwrap().as_bytes().to_vec();
    }
    if let Some(bytes) = case.get("base64") {
        return data_encoding::BASE64.decode(bytes.as_str().unwrap().as_bytes()).unwrap();
    }
    serde_json::to_vec(&case["record"]).unwrap()
}
