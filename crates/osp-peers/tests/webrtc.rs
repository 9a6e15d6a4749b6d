//! Two WebRTC agents on this machine.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "webrtc")]

mod common;

use common::{accepted_unread, both_ways, close_is_seen, soon};
use osp_peers::{
    PeerStream,
    webrtc::{Agent, AgentConfig, MAX_OFFERS},
};
use osp_swarm::PeerKind;
use std::{io, net::Ipv4Addr, time::Duration};

async fn agent() -> Agent {
    let config = AgentConfig {
        bind: Some((Ipv4Addr::LOCALHOST, 0).into()),
        allow_private: true,
        ..AgentConfig::default()
    };
    Agent::new(config).await.unwrap()
}

/// A connection that `a` offers and `b` answers.
async fn connect(a: &Agent, b: &Agent) -> (PeerStream, PeerStream) {
    let offer = a.offer().await.unwrap();
    let (answer, at_b) = b.answer(offer.sdp()).await.unwrap();
    let at_a = offer.accept(&answer).await.unwrap();
    let (a, b) = soon(async { tokio::join!(at_a.stream(), at_b.stream()) }).await;
    (a.unwrap(), b.unwrap())
}

#[tokio::test]
async fn carries_bytes_both_ways() {
    let (a, b) = (agent().await, agent().await);
    let (mut a, mut b) = connect(&a, &b).await;
    assert_eq!((a.kind, a.outgoing), (PeerKind::WebRtc, true));
    assert_eq!((b.kind, b.outgoing), (PeerKind::WebRtc, false));
    assert!(a.remote.unwrap().ip().is_loopback());
    soon(both_ways(&mut a, &mut b, 8 << 20)).await;
}

#[tokio::test]
async fn two_agents_have_several_connections_with_each_of_them_offering() {
    let (a, b) = (agent().await, agent().await);
    let mut pairs = Vec::new();
    for turn in 0..6 {
        pairs.push(if turn % 2 == 0 { connect(&a, &b).await } else { connect(&b, &a).await });
    }
    for (here, there) in &mut pairs {
        soon(both_ways(here, there, 200_000)).await;
    }
}

#[tokio::test]
async fn on_all_addresses_too() {
    let config = AgentConfig { allow_private: true, ..AgentConfig::default() };
    let (a, b) = (Agent::new(config.clone()).await.unwrap(), Agent::new(config).await.unwrap());
    let (mut a, mut b) = connect(&a, &b).await;
    soon(both_ways(&mut a, &mut b, 1 << 20)).await;
}

#[tokio::test]
async fn the_offerers_close_is_seen() {
    let (a, b) = (agent().await, agent().await);
    let (offered, answered) = connect(&a, &b).await;
    soon(close_is_seen(offered, answered)).await;
}

#[tokio::test]
async fn the_answerers_close_is_seen() {
    let (a, b) = (agent().await, agent().await);
    let (offered, answered) = connect(&a, &b).await;
    soon(close_is_seen(answered, offered)).await;
}

#[tokio::test]
async fn streams_outlive_their_agents() {
    let (a, b) = (agent().await, agent().await);
    let (mut offered, mut answered) = connect(&a, &b).await;
    drop((a, b));
    soon(both_ways(&mut offered, &mut answered, 100_000)).await;
}

#[tokio::test]
async fn a_reader_that_does_not_read_holds_the_writer_and_not_our_memory() {
    let (a, b) = (agent().await, agent().await);
    let (mut a, mut b) = connect(&a, &b).await;
    let accepted = soon(accepted_unread(&mut a)).await;
    // 2 MiB at the reader, the window, the pipe.
    assert!(accepted < 8 << 20, "{accepted}");
    // The other direction is not held: acknowledgements pass.
    soon(async {
        let bytes = vec![bytes::Bytes::from(vec![1; 1 << 20])];
        let (written, ()) = tokio::join!(b.writer.write(bytes), async {
            let mut got = 0;
            while got < 1 << 20 {
                got += a.reader.read().await.unwrap().unwrap().len();
            }
        });
        written.unwrap();
    })
    .await;
    // And all of it arrives once it is read.
    soon(async {
        let mut got = 0;
        while got < accepted {
            got += b.reader.read().await.unwrap().unwrap().len();
        }
    })
    .await;
}

#[test]
fn a_killed_peer_is_noticed() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (ours, theirs) = (runtime(), runtime());
    let (offers, offered) = std::sync::mpsc::channel::<String>();
    let (answers, answered) = std::sync::mpsc::channel::<String>();
    let killed = std::thread::spawn(move || {
        let held = theirs.block_on(async {
            let agent = agent().await;
            let (answer, pending) = agent.answer(&offered.recv().unwrap()).await.unwrap();
            answers.send(answer).unwrap();
            pending.stream().await.unwrap()
        });
        // Its task never runs again, so it cannot say goodbye.
        (held, theirs)
    });
    ours.block_on(async {
        let offer = agent().await.offer().await.unwrap();
        offers.send(offer.sdp().to_owned()).unwrap();
        let pending = offer.accept(&answered.recv().unwrap()).await.unwrap();
        let mut stream = soon(pending.stream()).await.unwrap();
        tokio::time::pause();
        let before = tokio::time::Instant::now();
        let error = stream.reader.read().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(before.elapsed() < Duration::from_secs(30), "{:?}", before.elapsed());
    });
    drop(killed.join().unwrap());
}

#[tokio::test]
async fn an_unanswered_handshake_ends() {
    let (a, b) = (agent().await, agent().await);
    let offer = a.offer().await.unwrap();
    let (_, at_b) = b.answer(offer.sdp()).await.unwrap();
    drop(offer);
    tokio::time::pause();
    let Err(error) = at_b.stream().await else { panic!("nobody is there") };
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn what_is_no_description_is_refused() {
    let agent = agent().await;
    for bad in ["", "v=0", "not sdp at all\r\n", &"x".repeat(100_000)] {
        assert_eq!(agent.answer(bad).await.err().unwrap().kind(), io::ErrorKind::InvalidData, "{bad:.20}");
        let offer = agent.offer().await.unwrap();
        assert_eq!(offer.accept(bad).await.err().unwrap().kind(), io::ErrorKind::InvalidData, "{bad:.20}");
    }
}

#[tokio::test]
async fn offers_have_a_bound_and_free_their_place() {
    let agent = agent().await;
    let mut offers = Vec::new();
    for _ in 0..MAX_OFFERS {
        offers.push(agent.offer().await.unwrap());
    }
    assert_eq!(agent.offer().await.err().unwrap().kind(), io::ErrorKind::ResourceBusy);
    offers.clear();
    agent.offer().await.unwrap();
}
