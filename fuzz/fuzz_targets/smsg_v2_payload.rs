//! What lies inside a box of v2: no plaintext panics it, none becomes more than the limit allows, and each attachment is as
//! long as the message says. The first byte chooses the compression.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smsg::{
    header::Compression,
    open::Collected,
    payload::{
        compression,
        stream::{Length, read_v2},
    },
};
use std::io::BufReader;

const LIMIT: u64 = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, payload)) = bytes.split_first() else { return };
    let (compression, length) = match choice % 3 {
        0 => (Compression::None, Length::Known(payload.len() as u64)),
        1 => (Compression::Gzip, Length::AtMost(LIMIT)),
        _ => (Compression::Zstd, Length::AtMost(LIMIT)),
    };
    let Ok(plaintext) = compression::reader(compression, payload, LIMIT) else { return };
    let mut collected = Collected::default();
    if let Ok(message) = read_v2(&mut BufReader::new(plaintext), length, &mut collected) {
        let sizes: Vec<u64> = message.attachments.iter().map(|attachment| attachment.size).collect();
        let lengths: Vec<u64> = collected.contents.iter().map(|content| content.len() as u64).collect();
        assert_eq!(sizes, lengths);
    }
});
