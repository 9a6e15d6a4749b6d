//! What `bittorrent-tracker` (npm) really writes: read, and where the format has one spelling, written alike.
#![allow(clippy::unwrap_used)]

use osp_swarm::{InfoHash, PeerId};
use osp_tracker::{
    Event, Interval, Stats, http,
    udp::{self, ConnectionId, TransactionId},
    ws::{Reply, Request},
};
use std::time::Duration;

const HASH: InfoHash = InfoHash([
    0x00, 0xff, 0x80, 0xa0, 0xc3, 0xe9, 0x01, 0x7f, 0x20, 0x25, 0x2b, 0x26, 0xc2, 0xa9, 0xd0, 0xe1, 0xf2,
    0x03, 0x14, 0x15,
]);

fn peer(n: u8) -> PeerId {
    let mut id = *b"-WW0302-000000000000";
    id[8..].fill(b'0' + n);
    PeerId(id)
}

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("vectors/", $name))
    };
}

macro_rules! text {
    ($name:literal) => {
        include_str!(concat!("vectors/", $name))
    };
}

fn after(seconds: u64) -> Interval {
    Interval { usual: Some(Duration::from_secs(seconds)), min: None }
}

#[test]
fn ws_announce_with_offers() {
    let Request::Announce(announce) = Request::parse(text!("ws-request-started.json")).unwrap() else {
        panic!("an announce");
    };
    assert_eq!((announce.infohash, announce.peer_id, announce.event), (HASH, peer(2), Event::Started));
    assert_eq!((announce.left, announce.uploaded, announce.downloaded), (Some(1000), 0, 0));
    assert_eq!(announce.offers.len(), 2);
    assert!(announce.offers[0].sdp.starts_with("v=0\r\n") && announce.offers[0].sdp.ends_with("262144\r\n"));
    assert_eq!(&announce.offers[0].id.0[..4], [0xeb, b'x', b'd', 0xab]);
    let again = Request::Announce(announce);
    assert_eq!(Request::parse(&again.to_json()).unwrap(), again);
}

#[test]
fn ws_announces_that_do_not_say_what_is_left() {
    for (text, event) in [
        (text!("ws-request-completed.json"), Event::Completed),
        (text!("ws-request-stopped.json"), Event::Stopped),
    ] {
        let Request::Announce(announce) = Request::parse(text).unwrap() else { panic!("an announce") };
        assert_eq!((announce.event, announce.left, announce.offers.len()), (event, None, 0));
    }
}

#[test]
fn ws_answer_and_scrape() {
    let Request::Answer(answer) = Request::parse(text!("ws-request-answer.json")).unwrap() else {
        panic!("an answer");
    };
    assert_eq!((answer.infohash, answer.peer_id, answer.to), (HASH, peer(1), peer(2)));
    assert!(answer.sdp.contains("a=setup:active"));
    let again = Request::Answer(answer);
    assert_eq!(Request::parse(&again.to_json()).unwrap(), again);
    let scrape = Request::parse(text!("ws-request-scrape.json")).unwrap();
    assert_eq!(scrape, Request::Scrape(vec![HASH]));
    assert_eq!(Request::parse(&scrape.to_json()).unwrap(), scrape);
}

#[test]
fn ws_replies() {
    let stats = Stats { complete: 1, incomplete: 1, downloaded: 0 };
    let announced = Reply::Announced { infohash: HASH, stats, interval: after(120) };
    let scraped = Reply::Scraped(vec![(HASH, Stats { complete: 2, incomplete: 0, downloaded: 2 })]);
    let failure = Reply::Failure { infohash: None, reason: "invalid info_hash".to_owned() };
    for (text, reply) in [
        (text!("ws-reply-announced.json"), announced),
        (text!("ws-reply-scrape.json"), scraped),
        (text!("ws-reply-failure.json"), failure),
    ] {
        assert_eq!(Reply::parse(text).unwrap(), reply);
        assert_eq!(Reply::parse(&reply.to_json()).unwrap(), reply);
    }
    let offer = Reply::parse(text!("ws-reply-offer.json")).unwrap();
    let answer = Reply::parse(text!("ws-reply-answer.json")).unwrap();
    assert!(matches!(&offer, Reply::Offer { peer_id, .. } if *peer_id == peer(2)));
    assert!(matches!(&answer, Reply::Answer { peer_id, .. } if *peer_id == peer(1)));
    let (Reply::Offer { offer: offered, .. }, Reply::Answer { offer_id, .. }) = (&offer, &answer) else {
        unreachable!()
    };
    assert_eq!(offered.id, *offer_id);
    // Member by member, as values.
    for (text, reply) in [(text!("ws-reply-offer.json"), &offer), (text!("ws-reply-answer.json"), &answer)] {
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(text), value(&reply.to_json()));
    }
}

#[test]
fn http_queries() {
    let query = http::AnnounceQuery::parse(text!("http-query-started.txt")).unwrap();
    let expected = http::AnnounceQuery {
        infohash: HASH,
        peer_id: peer(4),
        port: 6882,
        uploaded: 0,
        downloaded: 0,
        left: Some(77),
        event: Event::Started,
        want: Some(10),
        compact: true,
        key: None,
    };
    assert_eq!(query, expected);
    assert_eq!(http::AnnounceQuery::parse(&query.to_query()).unwrap(), expected);
    let long = http::AnnounceQuery::parse(text!("http-query-long.txt")).unwrap();
    assert_eq!((long.compact, long.event, long.left), (false, Event::Update, Some(16384)));
    let scrape = http::ScrapeQuery::parse(text!("http-query-scrape.txt")).unwrap();
    assert_eq!(scrape.infohashes, [HASH]);
    assert_eq!(scrape.to_query(), text!("http-query-scrape.txt"));
}

#[test]
fn http_replies() {
    let peers = |body: &[u8]| http::AnnounceReply::parse(body).unwrap();
    let compact = peers(vector!("http-reply-compact.bencode"));
    assert_eq!(compact.interval, after(600));
    assert_eq!((compact.stats.complete, compact.stats.incomplete), (2, 1));
    let long = peers(vector!("http-reply-long.bencode"));
    let sorted = |reply: &http::AnnounceReply| {
        let mut ports: Vec<u16> = reply.peers.iter().map(|(address, _)| address.port()).collect();
        ports.sort_unstable();
        ports
    };
    assert_eq!(sorted(&compact), [6881, 6882]);
    assert_eq!(sorted(&long), [6881, 6882]);
    assert!(long.peers.iter().any(|(_, id)| *id == Some(peer(3))));
    assert_eq!(http::AnnounceReply::parse(&long.to_bytes(false)).unwrap(), long);
    let expected = Err(http::ReplyError::Failure("invalid info_hash".to_owned()));
    assert_eq!(http::AnnounceReply::parse(vector!("http-reply-failure.bencode")), expected);
    assert_eq!(http::failure("invalid info_hash"), vector!("http-reply-failure.bencode"));
    let scraped = http::scraped(vector!("http-reply-scrape.bencode")).unwrap();
    assert_eq!(scraped, [(HASH, Stats { complete: 2, incomplete: 1, downloaded: 2 })]);
}

#[test]
fn udp_packets_are_equal_byte_for_byte() {
    let requests: [&[u8]; 3] =
        [vector!("udp-connect.bin"), vector!("udp-announce.bin"), vector!("udp-scrape.bin")];
    for packet in requests {
        assert_eq!(udp::Request::parse(packet).unwrap().to_bytes(), packet);
    }
    let replies: [&[u8]; 3] =
        [vector!("udp-connected.bin"), vector!("udp-announced.bin"), vector!("udp-scraped.bin")];
    for packet in replies {
        assert_eq!(udp::Reply::parse(packet, false).unwrap().to_bytes(), packet);
    }
    let udp::Request::Announce(connection, _, announce) =
        udp::Request::parse(vector!("udp-announce.bin")).unwrap()
    else {
        panic!("an announce");
    };
    assert_eq!(connection, ConnectionId(0x0417_2710_1980));
    let udp::Announce { infohash, peer_id, left, downloaded, uploaded, event, want, port, .. } = announce;
    assert_eq!((infohash, peer_id, event, want), (HASH, peer(5), Event::Started, Some(30)));
    assert_eq!((left, downloaded, uploaded, port), (4242, 10, 20, 6881));
    let udp::Reply::Announced { peers, interval, transaction, .. } =
        udp::Reply::parse(vector!("udp-announced.bin"), false).unwrap()
    else {
        panic!("announced");
    };
    assert_eq!((peers.len(), interval), (2, after(600)));
    assert_ne!(transaction, TransactionId(0));
}
