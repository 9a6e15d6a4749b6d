//! Track Records signed by an independent implementation: good ones verify, bad ones fall in the class named.

#![allow(clippy::unwrap_used)]

mod common;

use common::{check_bad, check_good, record_text};

#[test]
fn good_records_verify_and_keep_every_member() {
    let file = common::vectors("records/track-records.json");
    let cases = file["good"].as_array().unwrap();
    assert!(cases.len() >= 14);
    for case in cases {
        check_good(case["name"].as_str().unwrap(), &record_text(case));
    }
}

#[test]
fn bad_records_are_refused_with_their_class() {
    let file = common::vectors("records/track-records.json");
    let cases = file["bad"].as_array().unwrap();
    assert!(cases.len() >= 26);
    for case in cases {
        check_bad(case["name"].as_str().unwrap(), &record_text(case), case["error"].as_str().unwrap());
    }
}
