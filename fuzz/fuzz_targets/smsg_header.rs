//! The header: no bytes panic it, and what it accepts is the same header after a round trip.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smsg::{Header, header::warnings};

fuzz_target!(|json: &[u8]| {
    let Ok(header) = Header::parse(json) else { return };
    let _ = warnings(&header, Some(json.len() as u64), Some(json));
    let written = header.to_json();
    let again = Header::parse(&written).expect("what is written is read");
    assert_eq!(again.to_json(), written);
});
