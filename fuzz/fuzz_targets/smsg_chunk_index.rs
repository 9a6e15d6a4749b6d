//! The chunk index of v3, and the message at the start of the plaintext: no numbers panic them, what is accepted lies in the
//! file, and where the message is cut into chunks changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smsg::{
    Format, Header, Limits,
    chunked::{ChunkIndex, ChunkNo, Head},
    header::ChunkTable,
};

fuzz_target!(|input: (Vec<(i64, i64)>, u64, Option<u64>, std::ops::Range<u64>, Vec<u8>, usize)| {
    let (index, payload_offset, payload_len, range, plaintext, cut) = input;
    let mut header = Header::new(Format::V3);
    header.chunked = Some(ChunkTable { chunk_size: 0, total_chunks: 0, total_size: 0, index });
    if let Ok(index) = ChunkIndex::new(&header, payload_offset, payload_len) {
        let _ = index.check_size(Limits::default());
        for chunk in index.covering(range.clone()) {
            let place = index.place(ChunkNo(chunk)).expect("a covering chunk exists");
            assert!(place.plain_offset < range.end && place.plain_offset + place.plain_len > range.start);
        }
        for chunk in 0..index.len() {
            let bytes = index.file_range(ChunkNo(chunk)).expect("a chunk has a place");
            assert!(payload_len.is_none_or(|len| bytes.end - payload_offset <= len));
        }
    }
    let whole = Head::default().push(&plaintext).ok().flatten();
    let (first, second) = plaintext.split_at(cut.min(plaintext.len()));
    let mut head = Head::default();
    let in_two = match head.push(first) {
        Ok(None) => head.push(second).ok().flatten(),
        other => other.ok().flatten(),
    };
    assert_eq!(whole.is_some(), in_two.is_some());
    if let (Some(whole), Some(in_two)) = (whole, in_two) {
        assert_eq!(whole.attachments_at(), in_two.attachments_at());
        let _ = whole.check(plaintext.len() as u64);
        let _ = (0..whole.message().attachments.len()).map(|index| whole.attachment(index)).count();
    }
});
