//! Normalised text.

#![allow(clippy::unwrap_used)]

mod common;

use osp_core::text::normalise;
use proptest::prelude::*;

#[test]
fn vectors() {
    let file = common::vectors("normalise.json");
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() >= 70);
    for case in cases {
        let input = case["input"].as_str().unwrap();
        assert_eq!(normalise(input), case["normalised"].as_str().unwrap(), "{input:?}");
    }
}

#[test]
fn every_character_alone_is_stable() {
    for c in '\0'..=char::MAX {
        let once = normalise(c.encode_utf8(&mut [0; 4]));
        assert_eq!(normalise(&once), once, "{c:?} {:x}", c as u32);
    }
}

proptest! {
    #[test]
    fn normalising_twice_changes_nothing(text in any::<String>()) {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    /// The places where normal forms interact: combining marks, final sigma, iota subscript, spacing accents.
    #[test]
    fn even_where_marks_meet_cases(text in "[ΑΆᾼᾳςΣιẞßİiIıŉǰaA¨´\u{300}\u{301}\u{308}\u{342}\u{345}\u{327}\u{31b} \u{a0}\u{1fbe}\u{1fbf}]{0,12}") {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn white_space_is_single_inside_and_absent_outside(text in "[a \t\n\u{85}\u{1680}\u{2028}\u{3000}]{0,20}") {
        let once = normalise(&text);
        prop_assert_eq!(once.trim(), once.as_str());
        prop_assert!(!once.contains("  ") && once.chars().all(|c| c == ' ' || !c.is_whitespace()));
    }
}
