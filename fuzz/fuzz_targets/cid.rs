//! The CID parser: no text panics it, and what it accepts has a text that names the same CID.
#![no_main]

use libfuzzer_sys::fuzz_target;
use osp_core::content::{digest_of, parse_cid, same_block};

fuzz_target!(|text: &str| {
    let Ok(cid) = parse_cid(text) else { return };
    let _ = digest_of(&cid);
    let again = parse_cid(&cid.to_string()).expect("the text of a CID is a CID");
    assert!(same_block(&cid, &again));
});
