//! uTP on this machine.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "utp")]

mod common;

use bytes::Bytes;
use common::{accepted_unread, both_ways, close_is_seen, soon};
use osp_peers::{
    PeerStream,
    utp::{CONNECT_TIMEOUT, Utp},
};
use osp_swarm::PeerKind;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::net::UdpSocket;

async fn socket() -> Utp {
    Utp::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap()
}

async fn pair(a: &Utp, b: &Utp) -> (PeerStream, PeerStream) {
    let (called, taken) = soon(async { tokio::join!(a.connect(b.local_addr()), b.accept()) }).await;
    let (mut called, mut taken) = (called.unwrap(), taken.unwrap());
    // The caller speaks first.
    called.writer.write(vec![Bytes::from_static(b"handshake")]).await.unwrap();
    assert_eq!(soon(taken.reader.read()).await.unwrap().unwrap(), "handshake");
    (called, taken)
}

#[tokio::test]
async fn carries_bytes_both_ways() {
    let (here, there) = (socket().await, socket().await);
    let (mut a, mut b) = pair(&here, &there).await;
    assert_eq!((a.kind, a.outgoing, b.outgoing), (PeerKind::Utp, true, false));
    assert_eq!(a.remote, Some(there.local_addr()));
    soon(both_ways(&mut a, &mut b, 4 << 20)).await;
}

#[tokio::test]
async fn the_close_of_either_side_is_seen() {
    let (here, there) = (socket().await, socket().await);
    let (a, b) = pair(&here, &there).await;
    soon(close_is_seen(b, a)).await;
    let (a, b) = pair(&here, &there).await;
    soon(close_is_seen(a, b)).await;
}

#[tokio::test]
async fn a_reader_that_does_not_read_holds_the_writer() {
    let (here, there) = (socket().await, socket().await);
    let (mut a, _b) = pair(&here, &there).await;
    // The buffers of both ends: a megabyte each.
    assert!(soon(accepted_unread(&mut a)).await < 8 << 20);
}

#[tokio::test]
async fn nobody_there_is_an_error_in_bounded_time() {
    let (here, there) = (socket().await, socket().await);
    let address = there.local_addr();
    drop(there);
    tokio::time::pause();
    let before = tokio::time::Instant::now();
    let error = here.connect(address).await.unwrap_err();
    assert!(matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::ConnectionRefused));
    // A timer's grain more.
    assert!(before.elapsed() < CONNECT_TIMEOUT + Duration::from_secs(1));
}

#[tokio::test]
async fn a_call_whose_only_packet_is_lost_is_made_again() {
    let (here, there) = (socket().await, socket().await);
    let path = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (at, called) = (path.local_addr().unwrap(), there.local_addr());
    let forwarder = tokio::spawn(async move {
        let (mut packet, mut lost, mut caller) = ([0; 4096], false, called);
        loop {
            let (len, from) = path.recv_from(&mut packet).await.unwrap();
            if from == called {
                path.send_to(&packet[..len], caller).await.unwrap();
            } else if std::mem::replace(&mut lost, true) {
                caller = from;
                path.send_to(&packet[..len], called).await.unwrap();
            }
        }
    });
    let (called, taken) = soon(async { tokio::join!(here.connect(at), there.accept()) }).await;
    soon(both_ways(&mut called.unwrap(), &mut taken.unwrap(), 1 << 16)).await;
    forwarder.abort();
}

#[tokio::test]
async fn a_socket_of_both_families_speaks_with_either() {
    let both = Utp::bind((Ipv6Addr::UNSPECIFIED, 0).into()).await.unwrap();
    let port = both.local_addr().port();
    let four = socket().await;
    let six = Utp::bind((Ipv6Addr::LOCALHOST, 0).into()).await.unwrap();
    for (other, loopback) in [(&four, IpAddr::from(Ipv4Addr::LOCALHOST)), (&six, Ipv6Addr::LOCALHOST.into())]
    {
        let at = SocketAddr::new(loopback, port);
        let (called, taken) = soon(async { tokio::join!(other.connect(at), both.accept()) }).await;
        let (mut called, mut taken) = (called.unwrap(), taken.unwrap());
        assert_eq!(taken.remote, Some(other.local_addr()), "as it is written elsewhere");
        soon(both_ways(&mut called, &mut taken, 1 << 16)).await;
        let (called, taken) =
            soon(async { tokio::join!(both.connect(other.local_addr()), other.accept()) }).await;
        soon(both_ways(&mut called.unwrap(), &mut taken.unwrap(), 1 << 16)).await;
    }
}
