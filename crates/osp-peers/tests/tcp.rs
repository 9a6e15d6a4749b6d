//! TCP on this machine.
#![allow(clippy::unwrap_used)]

mod common;

use bytes::Bytes;
use common::{accepted_unread, both_ways, close_is_seen, soon};
use osp_peers::{PeerStream, stream::WRITE_STALL, tcp};
use osp_swarm::PeerKind;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

async fn pair() -> (PeerStream, PeerStream) {
    let listener = tcp::Listener::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let (called, taken) = tokio::join!(tcp::connect(listener.local_addr()), listener.accept());
    (called.unwrap(), taken)
}

#[tokio::test]
async fn carries_bytes_both_ways() {
    let (mut a, mut b) = pair().await;
    assert_eq!((a.kind, a.outgoing, b.outgoing), (PeerKind::Tcp, true, false));
    soon(both_ways(&mut a, &mut b, 32 << 20)).await;
}

#[tokio::test]
async fn the_close_of_either_side_is_seen() {
    let (a, b) = pair().await;
    soon(close_is_seen(a, b)).await;
    let (a, b) = pair().await;
    soon(close_is_seen(b, a)).await;
}

#[tokio::test]
async fn a_reader_that_does_not_read_holds_the_writer_and_is_given_up() {
    let (mut a, _b) = pair().await;
    // The system's socket buffers, and no more.
    assert!(soon(accepted_unread(&mut a)).await < 32 << 20);
    tokio::time::pause();
    let before = tokio::time::Instant::now();
    let error = a.writer.write(vec![Bytes::from(vec![0; 1 << 20])]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(before.elapsed() <= 2 * WRITE_STALL);
}

#[tokio::test]
async fn nobody_there_is_an_error() {
    let listener = tcp::Listener::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let address = listener.local_addr();
    drop(listener);
    assert_eq!(tcp::connect(address).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_listener_of_both_families_takes_callers_of_either() {
    let listener = tcp::Listener::bind((Ipv6Addr::UNSPECIFIED, 0).into()).await.unwrap();
    let port = listener.local_addr().port();
    for loopback in [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()] {
        let called = tcp::connect(SocketAddr::new(loopback, port));
        let (called, mut taken) = tokio::join!(called, listener.accept());
        assert_eq!(taken.remote.unwrap().ip(), loopback, "as it is written elsewhere");
        soon(both_ways(&mut called.unwrap(), &mut taken, 1 << 16)).await;
    }
}
