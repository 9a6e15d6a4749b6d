//! What the tests of every transport do with a pair of streams.
#![allow(clippy::unwrap_used, dead_code)]

use bytes::Bytes;
use osp_peers::PeerStream;
use std::time::Duration;

/// Bytes that are wrong when anything is lost, doubled or moved: a counter's hash.
pub(crate) fn pattern(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Parts as a peer sends them: short headers, blocks of 16 KiB, and now and then something long.
pub(crate) fn parts(bytes: &[u8]) -> Vec<Vec<Bytes>> {
    let (mut writes, mut rest, mut turn) = (Vec::new(), bytes, 0);
    while !rest.is_empty() {
        let sizes: [usize; 2] = if turn % 50 == 49 { [5, 200_000] } else { [13, 16_384] };
        let mut write = Vec::new();
        for size in sizes {
            let (head, tail) = rest.split_at(size.min(rest.len()));
            write.push(Bytes::copy_from_slice(head));
            rest = tail;
        }
        writes.push(write);
        turn += 1;
    }
    writes
}

/// Sends different bytes both ways at once and compares.
pub(crate) async fn both_ways(a: &mut PeerStream, b: &mut PeerStream, len: usize) {
    let (to_b, to_a) = (pattern(1, len), pattern(2, len));
    let (PeerStream { reader: ra, writer: wa, .. }, PeerStream { reader: rb, writer: wb, .. }) = (a, b);
    let send = async |writer: &mut Box<dyn osp_peers::WriteHalf>, bytes: &[u8]| {
        for write in parts(bytes) {
            writer.write(write).await.unwrap();
        }
    };
    let receive = async |reader: &mut Box<dyn osp_peers::ReadHalf>, expected: &[u8]| {
        let mut got = Vec::new();
        while got.len() < expected.len() {
            got.extend_from_slice(&reader.read().await.unwrap().expect("no end before the last byte"));
        }
        assert!(got == expected, "the bytes differ");
    };
    tokio::join!(send(wa, &to_b), send(wb, &to_a), receive(rb, &to_b), receive(ra, &to_a));
}

/// The other side's close ends reading, after all bytes.
pub(crate) async fn close_is_seen(mut closing: PeerStream, mut other: PeerStream) {
    closing.writer.write(vec![Bytes::from_static(b"last words")]).await.unwrap();
    closing.writer.close().await;
    let mut got = Vec::new();
    while let Some(bytes) = soon(other.reader.read()).await.unwrap() {
        got.extend_from_slice(&bytes);
    }
    assert_eq!(got, b"last words");
    drop(closing);
    // And writing fails in the end.
    let failed = async {
        loop {
            if other.writer.write(vec![Bytes::from_static(&[0; 1000])]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon(failed).await;
}

/// Bytes that go into a stream whose other end reads nothing, until it holds its writer back.
pub(crate) async fn accepted_unread(stream: &mut PeerStream) -> usize {
    let mut accepted = 0;
    loop {
        let write = stream.writer.write(vec![Bytes::from(vec![7; 64 * 1024])]);
        match tokio::time::timeout(Duration::from_secs(3), write).await {
            Ok(written) => written.unwrap(),
            Err(_) => return accepted,
        }
        accepted += 64 * 1024;
        assert!(accepted < 64 << 20, "nothing holds the writer back");
    }
}

/// Fails a test that would hang.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("within a minute")
}
