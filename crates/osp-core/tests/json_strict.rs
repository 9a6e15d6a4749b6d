//! RFC 8785 vectors, and JSON that a strict reader refuses.

#![allow(clippy::unwrap_used)]

mod common;

use osp_core::json::{self, Json, MAX_DEPTH};

#[test]
fn rfc_8785_numbers() {
    let file = common::vectors("jcs.json");
    let numbers = file["numbers"].as_array().unwrap();
    assert!(numbers.len() >= 24);
    for case in numbers {
        let bits = u64::from_str_radix(case["ieee754"].as_str().unwrap(), 16).unwrap();
        let text = case["text"].as_str().unwrap();
        let number = f64::from_bits(bits);
        assert_eq!(json::canonical(&Json::Number(number)), text.as_bytes());
        // And back, to the bit; zero has one sign.
        let Json::Number(parsed) = json::parse(text.as_bytes()).unwrap() else { panic!("{text}") };
        assert_eq!(parsed.to_bits(), if number == 0.0 { 0 } else { bits }, "{text}");
    }
}

#[test]
fn rfc_8785_texts() {
    let file = common::vectors("jcs.json");
    let texts = file["texts"].as_array().unwrap();
    assert!(texts.len() >= 8);
    for case in texts {
        let value = json::parse(case["input"].as_str().unwrap().as_bytes()).unwrap();
        let canonical = String::from_utf8(json::canonical(&value)).unwrap();
        assert_eq!(canonical, case["canonical"].as_str().unwrap(), "{}", case["name"]);
    }
}

#[test]
fn nesting_ends_at_the_limit_and_long_before_the_stack() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert!(json::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        for depth in [MAX_DEPTH + 1, 128, 100_000] {
            let error = json::parse(nested(depth).as_bytes()).unwrap_err().to_string();
            assert!(error.contains("64 deep"), "{error}");
        }
        // Unclosed brackets only, as an attacker saves bytes.
        assert!(json::parse(open.repeat(100_000).as_bytes()).is_err());
    }
}

#[test]
fn numbers_stay_doubles_whatever_serde_json_is_built_with() {
    // With its arbitrary_precision feature on anywhere in the build, numbers would arrive as strings in a map.
    assert_eq!(json::parse(b"1e2").unwrap(), Json::Number(100.0));
    assert_eq!(json::parse(b"9007199254740993").unwrap(), Json::Number(9_007_199_254_740_992.0));
    assert!(json::parse(b"1e400").is_err());
    // And so would a text that pretends.
    let pretender = br#"{"$serde_json::private::Number":"1"}"#;
    assert!(matches!(json::parse(pretender).unwrap(), Json::Object(_)));
}

#[test]
fn whole_numbers_inside_answers_have_no_fraction() {
    let value = json::parse(br#"{"a":243,"b":243.5,"c":-0,"d":1e21}"#).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"a":243,"b":243.5,"c":0,"d":1e+21}"#);
}

#[test]
fn values_built_by_hand_can_be_checked() {
    let mut deep = Json::Null;
    for _ in 0..MAX_DEPTH {
        deep = Json::Array(vec![deep]);
    }
    assert!(json::validate(&deep).is_ok());
    assert!(json::validate(&Json::Array(vec![deep])).is_err());
    assert!(json::validate(&Json::from(vec![f64::NAN])).is_err());
    assert_eq!(json::canonical(&Json::Number(f64::INFINITY)), b"null");
}
