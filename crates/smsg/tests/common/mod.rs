//! The original's files (`spec/vectors/smsg`), as the tests use them.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test file uses some of it")]

use serde_json::Value;
use std::path::PathBuf;

/// A file of the vectors.
pub fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors/smsg").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The index.
pub fn index() -> Value {
    serde_json::from_slice(&file("index.json")).unwrap()
}

/// One case of the index.
pub struct Case(pub Value);

impl Case {
    /// A member that is a text; empty when there is none.
    pub fn text(&self, member: &str) -> &str {
        self.0[member].as_str().unwrap_or_default()
    }
    pub fn id(&self) -> &str {
        self.text("id")
    }
    pub fn file(&self) -> Vec<u8> {
        file(self.text("file"))
    }
    /// The class the original's failure belongs to; `None` when it opens the file.
    pub fn error_class(&self) -> Option<&str> {
        self.0["expect"]["error_class"].as_str()
    }
    pub fn number(&self, member: &str) -> u64 {
        self.0[member].as_u64().unwrap_or_else(|| panic!("{} has no {member}", self.id()))
    }
}

/// All cases.
pub fn cases() -> Vec<Case> {
    let Value::Array(cases) = index()["cases"].take() else { panic!("the index has cases") };
    assert!(cases.len() >= 175, "all cases are there");
    cases.into_iter().map(Case).collect()
}

/// The case of an id.
pub fn case(id: &str) -> Case {
    cases().into_iter().find(|case| case.id() == id).unwrap_or_else(|| panic!("there is a case {id}"))
}
