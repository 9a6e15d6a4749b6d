//! Pages and answers that carry a sealed file: taking it out never panics, and what we wrap comes out again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smsg::embed::{extract, to_html, to_json};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = extract(bytes) {
        assert_eq!(extract(to_html(&file).as_bytes()).as_ref(), Ok(&file));
        assert_eq!(extract(&to_json(&file)).as_ref(), Ok(&file));
    }
});
