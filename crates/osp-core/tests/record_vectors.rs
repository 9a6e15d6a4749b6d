//! Records of spec/vectors/records, all signed by implementations that share no code with this one: good ones
//! verify, bad ones fall in the class named.

#![allow(clippy::unwrap_used)]

mod common;

use common::{case_bytes, vectors};
use osp_core::{
    json,
    record::{Record, Verified},
};

/// Runs one file; `good` and `bad` are how many cases it has at least, so that a file read wrongly is not a pass.
fn run(file: &str, good: usize, bad: usize) {
    let data = vectors(&format!("records/{file}"));
    let cases = |kind: &str| data[kind].as_array().unwrap().clone();
    let mut failures = Vec::new();
    for case in cases("good") {
        let name = case["name"].as_str().unwrap();
        match judge(&case_bytes(&case)) {
            Ok(record) => keeps_everything(name, &case_bytes(&case), &record),
            Err(refusal) => failures.push(format!("{name}: must verify, but: {refusal}")),
        }
    }
    for case in cases("bad") {
        let (name, class) = (case["name"].as_str().unwrap(), case["error"].as_str().unwrap());
        match judge(&case_bytes(&case)) {
            Ok(_) => failures.push(format!("{name}: verified, but must be refused as {class}")),
            Err(refusal) if refusal.class.as_str() == class => {}
            Err(refusal) => {
                failures.push(format!("{name}: must be {class}, was {}: {refusal}", refusal.class.as_str()));
            }
        }
    }
    assert!(failures.is_empty(), "{file}:\n{}", failures.join("\n"));
    assert!(cases("good").len() >= good && cases("bad").len() >= bad, "{file} has lost cases");
}

fn judge(bytes: &[u8]) -> Result<Verified<Record>, osp_core::record::Refusal> {
    Record::parse(bytes).and_then(Record::verify)
}

/// Nothing in the record was lost or changed, and what we store and serve is the same record to the next reader.
fn keeps_everything(name: &str, text: &[u8], record: &Record) {
    assert_eq!(json::Json::Object(record.members().clone()), json::parse(text).unwrap(), "{name}");
    let again = judge(&record.to_bytes()).unwrap();
    assert_eq!(again.id(), record.id(), "{name}");
    assert_eq!(again.to_bytes(), record.to_bytes(), "{name}");
}

#[test]
fn track_records() {
    run("track-records.json", 14, 26);
}

#[test]
fn the_first_failing_check_names_the_class() {
    run("error-order.json", 1, 11);
}

#[test]
fn ids_have_two_forms_and_one_text_each() {
    run("ids.json", 4, 10);
}

#[test]
fn numbers_are_doubles_however_they_are_spelled() {
    run("numbers.json", 21, 17);
}

#[test]
fn members_and_strict_json() {
    run("members.json", 17, 120);
}

#[test]
fn proofs() {
    run("proofs.json", 10, 27);
}

#[test]
fn retractions() {
    run("retractions.json", 7, 14);
}

#[test]
fn profiles() {
    run("profiles.json", 17, 80);
}

#[test]
fn follows() {
    run("follows.json", 9, 24);
}
