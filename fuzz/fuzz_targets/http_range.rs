//! The Range parser: no header panics it or selects bytes that are not there.
#![no_main]

// The file itself, not the crate: it depends on nothing, and the whole node under a sanitizer takes minutes to build.
#[allow(dead_code)]
#[path = "../../crates/osp-node/src/http/range.rs"]
mod range;

use libfuzzer_sys::fuzz_target;
use range::{Selection, content_range, select};

fuzz_target!(|input: (u64, &[u8])| {
    let (len, bytes) = input;
    // Headers that begin like a range reach deeper, and libFuzzer need not find the unit each time.
    for header in [bytes.to_vec(), [b"bytes=", bytes].concat()] {
        match select(&header, len) {
            Selection::Part(part) => {
                assert!(part.start < part.end && part.end <= len);
                // What a client reads back from Content-Range is the same part.
                let text = content_range(&part, len);
                let again = text.strip_prefix("bytes ").and_then(|t| t.split_once('/'));
                let (part_text, len_text) = again.expect("bytes FROM-TO/LEN");
                assert_eq!(len_text.parse(), Ok(len));
                assert_eq!(select(format!("bytes={part_text}").as_bytes(), len), Selection::Part(part));
            }
            // Only a header of the right unit refuses anything.
            Selection::Unsatisfiable => assert!(header.len() > 6 && header.contains(&b'-')),
            Selection::Whole => {}
        }
    }
});
