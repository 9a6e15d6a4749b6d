#![allow(clippy::unwrap_used)]

use super::{
    framing::{Allowance, read_message_bytes, write_message},
    message::{Block, Entry, Message, Presence, Version, WantType, WireError},
};
use crate::bitswap::limits::{MAX_BLOCK, MAX_ITEMS, MAX_MESSAGE};
use bytes::Bytes;
use futures_util::io::Cursor;
use osp_core::{
    Cid,
    content::{cid_v0, dag_pb_cid, parse_cid, raw_cid, sha256},
};
use proptest::{collection::vec, prelude::*};
use std::{io::ErrorKind, sync::Arc};
use tokio::sync::Semaphore;

fn any_cid() -> impl Strategy<Value = Cid> {
    (any::<[u8; 32]>(), 0..3).prop_map(|(digest, kind)| match kind {
        0 => raw_cid(digest),
        1 => dag_pb_cid(digest),
        _ => cid_v0(digest),
    })
}

fn any_entry() -> impl Strategy<Value = Entry> {
    (any_cid(), any::<i32>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(cid, priority, cancel, have, send_dont_have)| Entry {
            cid,
            priority,
            cancel,
            want: if have { WantType::Have } else { WantType::Block },
            send_dont_have,
        },
    )
}

fn any_block() -> impl Strategy<Value = Block> {
    (vec(any::<u8>(), 0..300), 0..3).prop_map(|(data, kind)| {
        let digest = sha256(&data);
        let cid = match kind {
            0 => raw_cid(digest),
            1 => dag_pb_cid(digest),
            _ => cid_v0(digest),
        };
        Block { cid, data: data.into() }
    })
}

fn any_message() -> impl Strategy<Value = Message> {
    let presence = (any_cid(), any::<bool>())
        .prop_map(|(cid, have)| (cid, if have { Presence::Have } else { Presence::DontHave }));
    (vec(any_entry(), 0..6), any::<bool>(), vec(any_block(), 0..6), vec(presence, 0..6), 0..i32::MAX as u32)
        .prop_map(|(entries, full, blocks, presences, pending_bytes)| Message {
            entries,
            full,
            blocks,
            presences,
            pending_bytes,
        })
}

proptest! {
    #[test]
    fn a_message_is_read_as_it_was_written(message in any_message()) {
        let decoded = Message::decode(message.encode(Version::V1_2).into()).unwrap();
        prop_assert_eq!(decoded, message);
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes: Vec<u8>) {
        let _ = Message::decode(bytes.into());
    }

    #[test]
    fn a_damaged_message_never_gives_a_block_under_a_name_that_is_not_its_own(
        message in any_message(), at: prop::sample::Index, with: u8,
    ) {
        let mut bytes = message.encode(Version::V1_2);
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = with;
        }
        for block in Message::decode(bytes.into()).map(|message| message.blocks).unwrap_or_default() {
            prop_assert_eq!(block.cid.hash().digest(), sha256(&block.data));
        }
    }

    #[test]
    fn older_versions_carry_blocks_and_wants_but_no_presences(message in any_message()) {
        let decoded = Message::decode(message.encode(Version::V1_1).into()).unwrap();
        prop_assert_eq!(&decoded.blocks, &message.blocks);
        prop_assert!(decoded.presences.is_empty());
        prop_assert!(decoded.entries.iter().all(|entry| entry.cancel || !entry.send_dont_have));
        let oldest = Message::decode(message.encode(Version::V1_0).into()).unwrap();
        prop_assert_eq!(oldest.blocks.len(), message.blocks.len());
        prop_assert!(oldest.blocks.iter().all(|block| block.cid == cid_v0(sha256(&block.data))));
    }
}

/// Field by field, as the table of the specification has it.
#[test]
fn a_want_has_the_bytes_of_the_specification() {
    let cid = parse_cid("bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy").unwrap();
    let mut entry = Entry::want(cid, WantType::Have);
    entry.priority = 7;
    let message = Message { entries: vec![entry], ..Message::default() };
    let inner = [&[0x0a, 36][..], &cid.to_bytes(), &[0x10, 7, 0x20, 1, 0x28, 1]].concat();
    let list = [&[0x0a, inner.len() as u8][..], &inner].concat();
    let bytes = [&[0x0a, list.len() as u8][..], &list].concat();
    assert_eq!(message.encode(Version::V1_2), bytes);
}

#[test]
fn a_block_has_the_bytes_of_the_specification() {
    let block = Block { cid: raw_cid(sha256(b"hi")), data: Bytes::from_static(b"hi") };
    let message = Message { blocks: vec![block], ..Message::default() };
    assert_eq!(message.encode(Version::V1_2), [0x1a, 10, 0x0a, 4, 1, 0x55, 0x12, 0x20, 0x12, 2, b'h', b'i']);
}

#[test]
fn unknown_fields_are_passed_over() {
    assert_eq!(Message::decode(Bytes::from_static(&[0x78, 1])).unwrap(), Message::default());
}

#[test]
fn blocks_under_another_hash_or_too_large_are_refused() {
    let blake = [0x1a, 8, 0x0a, 6, 1, 0x55, 0xa0, 0xe4, 0x02, 0x20];
    assert!(matches!(Message::decode(Bytes::copy_from_slice(&blake)), Err(WireError::Hash(0xb220))));
    let data = Bytes::from(vec![0; MAX_BLOCK + 1]);
    let large = Message { blocks: vec![Block { cid: raw_cid([0; 32]), data }], ..Message::default() };
    let bytes = large.encode(Version::V1_2);
    assert!(matches!(Message::decode(bytes.into()), Err(WireError::BlockSize)));
}

#[test]
fn a_message_of_countless_tiny_items_is_refused() {
    // Twelve bytes each on the wire, a hundred in memory.
    let one = [0x22, 6, 0x0a, 4, 1, 0x55, 0, 0];
    assert_eq!(Message::decode(one.repeat(MAX_ITEMS).into()).unwrap().presences.len(), MAX_ITEMS);
    assert!(matches!(Message::decode(one.repeat(MAX_ITEMS + 1).into()), Err(WireError::Items)));
}

fn allowance(max: usize) -> Allowance {
    Allowance { max, room: Arc::new(Semaphore::new(MAX_MESSAGE)) }
}

#[tokio::test]
async fn messages_follow_one_another_on_a_stream() {
    let messages: Vec<Message> = [0, 1, 100_000]
        .map(|len| {
            let data = Bytes::from(vec![7; len]);
            Message { blocks: vec![Block { cid: raw_cid(sha256(&data)), data }], ..Message::default() }
        })
        .into();
    let mut stream = Cursor::new(Vec::new());
    for message in &messages {
        write_message(&mut stream, message, Version::V1_2).await.unwrap();
    }
    stream.set_position(0);
    for message in &messages {
        let (bytes, _room) =
            read_message_bytes(&mut stream, || allowance(MAX_MESSAGE)).await.unwrap().unwrap();
        assert_eq!(&Message::decode(bytes).unwrap(), message);
    }
    assert!(read_message_bytes(&mut stream, || allowance(MAX_MESSAGE)).await.unwrap().is_none());
}

#[tokio::test]
async fn lengths_beyond_the_allowance_are_refused_before_anything_is_read() {
    for (length, max) in [
        (&[0x81, 0x80, 0x80, 0x02][..], MAX_MESSAGE),         // 4 MiB + 1
        (&[0xff, 0xff, 0xff, 0xff, 0x0f], MAX_MESSAGE),       // 4 GiB - 1
        (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff], MAX_MESSAGE), // endless
        (&[0x80, 0x10], 2047),
    ] {
        let mut stream = Cursor::new(length.to_vec());
        let error = read_message_bytes(&mut stream, || allowance(max)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{length:?}");
    }
}

#[tokio::test]
async fn a_message_cut_short_is_an_error() {
    let mut stream = Cursor::new(vec![5, 1, 2]);
    let error = read_message_bytes(&mut stream, || allowance(MAX_MESSAGE)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_takes_over_ten_seconds_is_given_up() {
    let (mut near, far) = tokio::io::duplex(64);
    let mut far = Compat(far);
    tokio::io::AsyncWriteExt::write_all(&mut near, &[5, 1]).await.unwrap();
    let error = read_message_bytes(&mut far, || allowance(MAX_MESSAGE)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

/// tokio's reader as the futures crate's.
struct Compat(tokio::io::DuplexStream);

impl futures_util::AsyncRead for Compat {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buf: &mut [u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        let mut buf = tokio::io::ReadBuf::new(buf);
        std::task::ready!(tokio::io::AsyncRead::poll_read(std::pin::Pin::new(&mut self.0), cx, &mut buf))?;
        std::task::Poll::Ready(Ok(buf.filled().len()))
    }
}
