//! The table of keys: head, directory and pages made of anything; and grants that are not what their terms say.
#![no_main]

#[path = "../src/smsg3.rs"]
#[allow(dead_code)]
mod smsg3;

use libfuzzer_sys::fuzz_target;
use smsg::v3::{
    open::Begun,
    table::{Head, Lookup},
};
use std::sync::LazyLock;

static SAMPLE: LazyLock<smsg3::Sample> = LazyLock::new(|| smsg3::sample(true).expect("it seals"));

fuzz_target!(|input: &[u8]| {
    let header = &SAMPLE.header;
    let Some((length, rest)) = input.split_first_chunk::<2>() else { return };
    let (json, behind) = rest.split_at(rest.len().min(u16::from_be_bytes(*length).into()));
    let _ = Head::length(rest);
    let _ = Head::alone(rest);
    // Any signature will do: what an artist signs need not make sense.
    let any = |_: &str, _: &[u8], _: &[u8; 64]| true;
    let Ok(head) = Head::parse(json, 0, header, 0, &any) else { return };
    let _ = head.open_grants(header);
    for (number, slot) in head.slots.iter().enumerate() {
        assert!(slot.stretch.check().is_ok() && slot.grant < head.grants.len(), "{number}");
    }
    let mut lookup = Lookup::new(header, &head, SAMPLE.key.secret(header.id()));
    if Begun::new(behind.to_vec()).serve(&mut lookup) == Ok(None) {
        let _ = lookup.finish();
    }
});
