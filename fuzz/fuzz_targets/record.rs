//! The record parser: no bytes panic it, and what it accepts is the same record after a round trip.
#![no_main]

use libfuzzer_sys::fuzz_target;
use osp_core::record::{MAX_RECORD_BYTES, Record};

fuzz_target!(|bytes: &[u8]| {
    let Ok(record) = Record::parse(bytes) else { return };
    let canonical = record.to_bytes();
    let verdict = record.verify().map(|_| ()).map_err(|refusal| refusal.class);
    // Canonical numbers can be longer than they were spelled (1e20), so the copy may be over the limit.
    if canonical.len() <= MAX_RECORD_BYTES {
        let again = Record::parse(&canonical).expect("canonical bytes are a record");
        assert_eq!(again.to_bytes(), canonical);
        assert_eq!(again.verify().map(|_| ()).map_err(|refusal| refusal.class), verdict);
    }
});
