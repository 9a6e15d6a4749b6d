//! Strict JSON: no bytes panic it, and canonical bytes are a fixed point.
#![no_main]

use libfuzzer_sys::fuzz_target;
use osp_core::json;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = json::parse(bytes) else { return };
    json::validate(&value).expect("what was parsed is within the limits");
    let canonical = json::canonical(&value);
    let again = json::parse(&canonical).expect("canonical bytes are strict JSON");
    assert_eq!(again, value);
    assert_eq!(json::canonical(&again), canonical);
});
