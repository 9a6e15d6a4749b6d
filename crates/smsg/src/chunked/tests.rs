#![allow(clippy::unwrap_used)]

use super::{ChunkIndex, ChunkNo, Head, Layout, Place};
use crate::{
    Attachment, ContainerError, Format, Header, Limits, Message,
    header::ChunkTable,
    limits::{MAX_CHUNK, MAX_CHUNKS},
};
use proptest::prelude::*;

fn header(index: Vec<(i64, i64)>) -> Header {
    let mut header = Header::new(Format::V3);
    header.chunked = Some(ChunkTable { chunk_size: 100, total_chunks: 9, total_size: 9, index });
    header
}

fn table(index: Vec<(i64, i64)>) -> ChunkIndex {
    ChunkIndex::new(&header(index), 1_000, None).unwrap()
}

#[test]
fn places_count_plaintext_and_file() {
    let index = table(vec![(0, 140), (200, 50), (140, 60)]);
    assert_eq!(
        index.place(ChunkNo(2)),
        Some(Place { offset: 140, size: 60, plain_offset: 110, plain_len: 20 })
    );
    assert_eq!(index.file_range(ChunkNo(1)), Some(1_200..1_250));
    assert_eq!(index.plaintext_len(), 130);
    assert_eq!((index.len(), index.is_empty(), index.place(ChunkNo(3))), (3, false, None));
}

#[test]
fn no_table_is_no_chunks() {
    let index = ChunkIndex::new(&Header::new(Format::V3), 9, Some(100)).unwrap();
    assert!(index.is_empty());
    assert_eq!((index.plaintext_len(), index.covering(0..10)), (0, 0..0));
}

#[test]
fn covering_is_every_chunk_that_is_touched() {
    let index = table(vec![(0, 140), (140, 140), (280, 90)]);
    for (range, chunks) in [
        (0..0, 0..0),
        (0..1, 0..1),
        (99..100, 0..1),
        (99..101, 0..2),
        (100..200, 1..2),
        (0..250, 0..3),
        (249..250, 2..3),
        (249..9_999, 2..3),
        (250..260, 3..3),
    ] {
        assert_eq!(index.covering(range.clone()), chunks, "{range:?}");
    }
}

#[test]
fn places_outside_are_refused() {
    let refused = |entry, len| ChunkIndex::new(&header(vec![(0, 50), entry]), 1_000, len).unwrap_err();
    let outside = ContainerError::ChunkOutOfBounds(1);
    for entry in [(-1, 50), (50, -1), (i64::MIN, 50), (0, i64::MIN), (i64::MAX, i64::MAX)] {
        assert_eq!(refused(entry, Some(u64::MAX)), outside, "{entry:?}");
    }
    assert_eq!(refused((60, 41), Some(100)), outside);
    assert!(ChunkIndex::new(&header(vec![(60, 40)]), 1_000, Some(100)).is_ok());
    // The sum with where the payload begins overflows.
    let far = header(vec![(i64::MAX, 50)]);
    assert_eq!(ChunkIndex::new(&far, u64::MAX - 100, None).unwrap_err(), ContainerError::ChunkOutOfBounds(0));
}

#[test]
fn too_much_is_refused() {
    let large = i64::try_from(MAX_CHUNK).unwrap() + 40;
    assert!(ChunkIndex::new(&header(vec![(0, large)]), 9, None).is_ok());
    let over = |index| ChunkIndex::new(&header(index), 9, None).unwrap_err().class();
    assert_eq!(over(vec![(0, large + 1)]), "over_limit");
    assert_eq!(over(vec![(0, 0); MAX_CHUNKS + 1]), "over_limit");
}

/// One box that is named often is more than there is.
#[test]
fn a_plaintext_is_as_long_as_its_file_or_the_limit() {
    let thrice = table(vec![(0, 1_040), (0, 1_040), (0, 1_040)]);
    let allowed = |limit| thrice.check_size(Limits { decompressed: limit });
    assert_eq!(allowed(2_999).unwrap_err().class(), "decompression_limit");
    assert!(allowed(3_000).is_ok());
    // What lies in the file once needs no limit.
    let none = Limits { decompressed: 0 };
    assert!(table(vec![(0, 1_040), (1_040, 1_040)]).check_size(none).is_ok());
    assert!(ChunkIndex::new(&Header::new(Format::V3), 9, None).unwrap().check_size(none).is_ok());
}

#[test]
fn a_box_too_short_to_be_one_does_not_open() {
    let index = table(vec![(0, 39)]);
    assert_eq!(index.plaintext_len(), 0);
    let cek = crate::crypto::Cek(crate::crypto::Key::from_bytes([0; 32]));
    assert_eq!(super::open_chunk(&cek, ChunkNo(0), &mut [0; 39]).unwrap_err().class(), "decryption_failed");
}

#[test]
fn attachments_lie_behind_each_other() {
    let attachment = |name: &str, size| Attachment { name: name.into(), mime: String::new(), size };
    let attachments = vec![attachment("a", 5), attachment("b", 0), attachment("c", 7)];
    let layout = Layout::new(Message { attachments, ..Message::default() }, 100);
    let ranges: Vec<_> = (0..4).map(|i| layout.attachment(i)).collect();
    assert_eq!(ranges, [Some(100..105), Some(105..105), Some(105..112), None]);
    assert!(layout.check(112).is_ok());
    assert_eq!(layout.check(111).unwrap_err().to_string().matches("\"c\"").count(), 1);
    let mut message = layout.into_message();
    message.attachments[1].size = u64::MAX;
    let overflowing = Layout::new(message, 100);
    let ranges: Vec<_> = (0..3).map(|i| overflowing.attachment(i)).collect();
    assert_eq!(ranges, [Some(100..105), None, None]);
    assert_eq!(overflowing.check(u64::MAX - 1).unwrap_err().class(), "attachment_truncated");
}

proptest! {
    /// However the plaintext is cut, the message ends where it ends.
    #[test]
    fn the_head_is_found(cuts in proptest::collection::vec(1_usize..20, 1..10), rest in "[ {}\"a]{0,10}") {
        let json = br#"{"body":"} \" {","attachments":[{"name":"{","size":3}]}"#;
        let plaintext = [&json[..], rest.as_bytes()].concat();
        let (mut head, mut at) = (Head::default(), 0);
        for cut in cuts.iter().cycle() {
            let end = plaintext.len().min(at + cut);
            if let Some(layout) = head.push(&plaintext[at..end]).unwrap() {
                prop_assert_eq!(layout.attachments_at(), json.len() as u64);
                prop_assert_eq!(layout.message().attachments[0].size, 3);
                break;
            }
            prop_assert!(end < plaintext.len(), "not found");
            at = end;
        }
    }
}
