//! Licences: no bytes panic them, and a changed one is refused by who checks the signature.
#![no_main]

#[path = "../src/smsg3.rs"]
#[allow(dead_code)]
mod smsg3;

use libfuzzer_sys::fuzz_target;
use smsg::v3::licence::{Licence, from_link, to_link};
use std::sync::LazyLock;

static SAMPLE: LazyLock<smsg3::Sample> = LazyLock::new(|| smsg3::sample(true).expect("it seals"));

fuzz_target!(|input: &[u8]| {
    let header = &SAMPLE.header;
    let secret = SAMPLE.key.secret(header.id());
    if let Ok(licence) = Licence::parse(input, header, &|_: &str, _: &[u8], _: &[u8; 64]| true) {
        let _ = licence.open(header, &secret);
    }
    if let Some(bytes) = std::str::from_utf8(input).ok().and_then(from_link) {
        assert_eq!(to_link(&bytes).as_bytes(), input);
    }
    // Bytes of the good one, exchanged at the places that the input names.
    let mut changed = SAMPLE.licence.clone();
    for pair in input.as_chunks::<3>().0 {
        let at = usize::from(u16::from_be_bytes([pair[0], pair[1]])) % changed.len();
        changed[at] = pair[2];
    }
    let parsed = Licence::parse(&changed, header, &smsg3::verifies);
    assert_eq!(parsed.is_ok(), changed == SAMPLE.licence);
});
