//! Encrypted handshakes over streams, both ends in one process.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use osp_peers::{
    PeerStream,
    mse::{self, ExchangeError, Method, MseError, SkeyHash},
};
use osp_swarm::{InfoHash, PeerKind};

const INFOHASH: InfoHash = InfoHash([7; 20]);
const FIRST: &[u8] = b"the handshake";

async fn read_exactly(stream: &mut PeerStream, count: usize) -> Vec<u8> {
    let mut got = Vec::new();
    while got.len() < count {
        got.extend_from_slice(&stream.reader.read().await.unwrap().unwrap());
    }
    got
}

async fn meet(
    capacity: usize,
    offered: &'static [Method],
    accepted: &'static [Method],
) -> (Result<PeerStream, ExchangeError>, Result<(PeerStream, InfoHash), ExchangeError>) {
    let (a, b) = PeerStream::pair(PeerKind::Tcp, capacity);
    let find = |name| (name == SkeyHash::of(INFOHASH)).then_some(INFOHASH);
    tokio::join!(mse::call(a, INFOHASH, offered, Bytes::from_static(FIRST)), mse::answer(b, accepted, find))
}

/// Through a pipe that has room for a step of the exchange, and a wide one; what was said in the exchange is not said again.
#[tokio::test]
async fn what_is_written_is_read() {
    let both: &[Method] = &[Method::Plain, Method::Rc4];
    for capacity in [2048, 1 << 20] {
        for accepted in [both, &[Method::Rc4]] {
            let (a, b) = meet(capacity, both, accepted).await;
            let (mut a, (mut b, infohash)) = (a.unwrap(), b.unwrap());
            assert_eq!(infohash, INFOHASH);
            let large: Vec<u8> = (0..300_000_u32).map(|i| (i * 7 / 5) as u8).collect();
            let parts: Vec<Bytes> = vec![
                Bytes::from_static(&FIRST[..4]),
                [&FIRST[4..], b" and then"].concat().into(),
                Bytes::new(),
                large.clone().into(),
            ];
            let writing = tokio::spawn(async move {
                a.writer.write(parts).await.unwrap();
                a
            });
            let heard = read_exactly(&mut b, FIRST.len() + 9 + large.len()).await;
            assert!(heard == [FIRST, b" and then", &large].concat(), "the bytes differ");
            let mut a = writing.await.unwrap();
            b.writer.write(vec![Bytes::from_static(b"an answer")]).await.unwrap();
            b.writer.close().await;
            drop(b);
            assert_eq!(read_exactly(&mut a, 9).await, b"an answer");
            assert!(a.reader.read().await.unwrap().is_none());
        }
    }
}

#[tokio::test]
async fn rc4_does_not_show_the_bytes() {
    let (a, mut tap) = PeerStream::pair(PeerKind::Tcp, 1 << 20);
    let (mut relay, b) = PeerStream::pair(PeerKind::Tcp, 1 << 20);
    let meeting = async {
        let find = |_| Some(INFOHASH);
        tokio::join!(
            mse::call(a, INFOHASH, &[Method::Rc4], Bytes::from_static(FIRST)),
            mse::answer(b, &[Method::Rc4], find)
        )
    };
    let relaying = async {
        let mut seen = Vec::new();
        loop {
            tokio::select! {
                Ok(Some(bytes)) = tap.reader.read() => {
                    seen.extend_from_slice(&bytes);
                    relay.writer.write(vec![bytes]).await.unwrap();
                }
                Ok(Some(bytes)) = relay.reader.read() => tap.writer.write(vec![bytes]).await.unwrap(),
                else => return seen,
            }
        }
    };
    let talk = async {
        let (a, b) = meeting.await;
        let (mut a, (mut b, _)) = (a.unwrap(), b.unwrap());
        a.writer.write(vec![[FIRST, b"a secret"].concat().into()]).await.unwrap();
        assert_eq!(read_exactly(&mut b, FIRST.len() + 8).await, b"the handshakea secret");
        a.writer.close().await;
        b.writer.close().await;
    };
    let (seen, ()) = tokio::join!(relaying, talk);
    for words in [FIRST, b"a secret"] {
        assert!(!seen.windows(words.len()).any(|window| window == words), "{words:?} went by");
    }
}

#[tokio::test]
async fn both_sides_give_up() {
    let (a, b) = meet(1 << 20, &[Method::Plain], &[Method::Rc4]).await;
    assert!(matches!(b, Err(ExchangeError::Mse(MseError::NothingInCommon(1)))));
    assert!(matches!(a, Err(ExchangeError::Io(_))), "the other side hung up");

    let (a, b) = PeerStream::pair(PeerKind::Tcp, 1 << 20);
    let other = InfoHash([8; 20]);
    let (a, b) = tokio::join!(
        mse::call(a, other, &[Method::Rc4], Bytes::new()),
        mse::answer(b, &[Method::Rc4], |name| (name == SkeyHash::of(INFOHASH)).then_some(INFOHASH))
    );
    assert!(matches!(b, Err(ExchangeError::UnknownTorrent)));
    assert!(matches!(a, Err(ExchangeError::Io(_))));

    // What was announced as first has to come first.
    let (a, b) = meet(1 << 20, &[Method::Plain], &[Method::Plain]).await;
    let (mut a, _b) = (a.unwrap(), b.unwrap());
    let error = a.writer.write(vec![Bytes::from_static(b"something else")]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}
