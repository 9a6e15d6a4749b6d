//! The SMSG vectors, and what this program makes of them.

use serde_json::Value;
use std::path::PathBuf;

/// One case of `spec/vectors/smsg/index.json`.
pub(crate) struct Case(pub(crate) Value);

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    let index = std::fs::read(folder().join("index.json")).unwrap();
    let index: Value = serde_json::from_slice(&index).unwrap();
    index["cases"].as_array().unwrap().iter().cloned().map(Case).collect()
}

pub(crate) fn folder() -> PathBuf {
    super::repository("spec/vectors/smsg")
}

/// A file of the vectors.
pub(crate) fn vector(name: &str) -> PathBuf {
    folder().join(name)
}

impl Case {
    pub(crate) fn id(&self) -> &str {
        super::text(&self.0, "id")
    }

    pub(crate) fn file(&self) -> PathBuf {
        vector(super::text(&self.0, "file"))
    }

    /// `osp unseal` for it, without `--out`.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["unseal".to_owned(), self.file().to_str().unwrap().to_owned()];
        let mut flag = |flag: &str, member: &str| {
            if let Some(text) = self.0[member].as_str() {
                arguments.push(format!("{flag}={text}"));
            }
        };
        flag("--key", "password");
        flag("--license-id", "license");
        flag("--cadence", "params_cadence");
        if self.0["kind"] == "decrypt_v3" {
            flag("--fingerprint", "fingerprint");
            flag("--at", "now");
        }
        arguments
    }
}
