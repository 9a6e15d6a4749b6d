//! Properties of the messages: what is written reads back, and no input is too odd.
#![allow(clippy::unwrap_used)]

use osp_swarm::{InfoHash, PeerId};
use osp_tracker::{
    AnnounceKey, Event, Interval, Stats, http,
    udp::{self, ConnectionId, TransactionId},
    ws::{self, Offer, OfferId, Reply, Request, WsError, request},
};
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

fn event() -> impl Strategy<Value = Event> {
    prop::sample::select(vec![Event::Update, Event::Started, Event::Completed, Event::Stopped])
}

fn address() -> impl Strategy<Value = SocketAddr> {
    let ip = prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(IpAddr::from)];
    (ip, 1u16..).prop_map(|(ip, port)| SocketAddr::new(ip, port))
}

prop_compose! {
    fn announce()(
        infohash: [u8; 20], peer_id: [u8; 20], event in event(), uploaded: u64, downloaded: u64,
        left: Option<u64>, offers in prop::collection::vec((any::<[u8; 20]>(), ".{1,99}"), 0..=ws::MAX_OFFERS),
    ) -> request::Announce {
        let offers = offers.into_iter().map(|(id, sdp)| Offer { id: OfferId(id), sdp }).collect();
        let (infohash, peer_id) = (InfoHash(infohash), PeerId(peer_id));
        request::Announce { infohash, peer_id, event, uploaded, downloaded, left, offers }
    }
}

proptest! {
    #[test]
    fn ws_requests_read_back(announce in announce(), to: [u8; 20], id: [u8; 20], sdp in ".{1,99}") {
        let answer = request::Answer {
            infohash: announce.infohash, peer_id: announce.peer_id, to: PeerId(to), offer_id: OfferId(id), sdp,
        };
        let scrape = vec![announce.infohash, InfoHash(to)];
        for message in [Request::Announce(announce), Request::Answer(answer), Request::Scrape(scrape)] {
            prop_assert_eq!(Request::parse(&message.to_json()).unwrap(), message);
        }
    }

    #[test]
    fn ws_replies_read_back(
        hash: [u8; 20], id: [u8; 20], offer_id: [u8; 20], sdp in ".{1,99}", complete: u32, incomplete: u32,
        seconds in 0u64..100_000, min in prop::option::of(0u64..1000), reason in "[^\\p{Cc}]{0,99}",
    ) {
        let (infohash, peer_id, offer_id) = (InfoHash(hash), PeerId(id), OfferId(offer_id));
        let stats = Stats { complete, incomplete, downloaded: 0 };
        let interval =
            Interval { usual: Some(Duration::from_secs(seconds)), min: min.map(Duration::from_secs) };
        for message in [
            Reply::Announced { infohash, stats, interval },
            Reply::Offer { infohash, peer_id, offer: Offer { id: offer_id, sdp: sdp.clone() } },
            Reply::Answer { infohash, peer_id, offer_id, sdp },
            Reply::Scraped(vec![(infohash, stats)]),
            Reply::Failure { infohash: Some(infohash), reason },
        ] {
            prop_assert_eq!(Reply::parse(&message.to_json()).unwrap(), message);
        }
    }

    #[test]
    fn http_announces_read_back(
        infohash: [u8; 20], peer_id: [u8; 20], port in 1u16.., uploaded: u64, downloaded: u64,
        left: Option<u64>, event in event(), want: Option<u32>, compact: bool,
        peers in prop::collection::vec(address(), 0..20), complete in 0u32..1 << 31, seconds in 0u64..1 << 40,
    ) {
        let query = http::AnnounceQuery {
            infohash: InfoHash(infohash), peer_id: PeerId(peer_id), port, uploaded, downloaded, left, event,
            want, compact, key: (uploaded % 3 > 0).then_some(AnnounceKey(downloaded)),
        };
        prop_assert_eq!(http::AnnounceQuery::parse(&query.to_query()).unwrap(), query);
        let mut reply = http::AnnounceReply {
            interval: Interval { usual: Some(Duration::from_secs(seconds)), min: None },
            stats: Stats { complete, incomplete: 7, downloaded: 0 },
            peers: peers.into_iter().map(|peer| (peer, None)).collect(),
        };
        prop_assert_eq!(&http::AnnounceReply::parse(&reply.to_bytes(false)).unwrap(), &reply);
        // The compact form has IPv4 first.
        reply.peers.sort_by_key(|(peer, _)| peer.is_ipv6());
        prop_assert_eq!(http::AnnounceReply::parse(&reply.to_bytes(true)).unwrap(), reply);
    }

    #[test]
    fn http_scrapes_read_back(all in prop::collection::btree_map(any::<[u8; 20]>(), any::<[u32; 3]>(), 1..20)) {
        let all: BTreeMap<InfoHash, Stats> = all
            .into_iter()
            .map(|(hash, [complete, incomplete, downloaded])| {
                (InfoHash(hash), Stats { complete, incomplete, downloaded })
            })
            .collect();
        let query = http::ScrapeQuery { infohashes: all.keys().copied().collect() };
        prop_assert_eq!(http::ScrapeQuery::parse(&query.to_query()).unwrap(), query);
        let back = http::scraped(&http::scrape_reply(&all)).unwrap();
        prop_assert_eq!(back, all.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn udp_packets_read_back(
        connection: u64, transaction: u32, infohash: [u8; 20], peer_id: [u8; 20], numbers: [u64; 3],
        event in event(), key: u32, want in prop::option::of(0u32..1 << 31), port in 1u16..,
        peers in prop::collection::vec(address(), 0..20), counts: [u32; 4], text in "[a-z ]{0,99}",
    ) {
        let (connection, transaction) = (ConnectionId(connection), TransactionId(transaction));
        let [downloaded, left, uploaded] = numbers;
        let (hash, peer_id) = (InfoHash(infohash), PeerId(peer_id));
        let announce = udp::Announce {
            infohash: hash, peer_id, downloaded, left, uploaded, event, key, want, port,
        };
        for request in [
            udp::Request::Connect(transaction),
            udp::Request::Announce(connection, transaction, announce),
            udp::Request::Scrape(connection, transaction, vec![hash; 3]),
        ] {
            prop_assert_eq!(udp::Request::parse(&request.to_bytes()).unwrap(), request);
        }
        let stats = Stats { complete: counts[0], incomplete: counts[1], downloaded: 0 };
        for ipv6 in [false, true] {
            let peers: Vec<_> = peers.iter().copied().filter(|peer| peer.is_ipv6() == ipv6).collect();
            let interval = Interval { usual: Some(Duration::from_secs(counts[2].into())), min: None };
            let reply = udp::Reply::Announced { transaction, interval, stats, peers };
            prop_assert_eq!(udp::Reply::parse(&reply.to_bytes(), ipv6).unwrap(), reply);
        }
        for reply in [
            udp::Reply::Connected(transaction, connection),
            udp::Reply::Scraped(transaction, vec![Stats { downloaded: counts[3], ..stats }; 2]),
            udp::Reply::Failure(transaction, text),
        ] {
            prop_assert_eq!(udp::Reply::parse(&reply.to_bytes(), false).unwrap(), reply);
        }
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,200}") {
        let _ = (udp::Request::parse(&bytes), udp::Reply::parse(&bytes, true), udp::Reply::parse(&bytes, false));
        let _ = (http::AnnounceReply::parse(&bytes), http::scraped(&bytes));
        let _ = (http::AnnounceQuery::parse(&text), http::ScrapeQuery::parse(&text), http::scrape_url(&text));
        let _ = (Request::parse(&text), Reply::parse(&text));
    }
}

const ID: &str = "aaaaaaaaaaaaaaaaaaaa";

#[test]
fn ws_bounds() {
    let offer = |sdp: &str| format!(r#"{{"offer":{{"type":"offer","sdp":"{sdp}"}},"offer_id":"{ID}"}}"#);
    let message = |offers: &[String]| {
        let offers = offers.join(",");
        format!(r#"{{"action":"announce","info_hash":"{ID}","peer_id":"{ID}","offers":[{offers}]}}"#)
    };
    let big = "x".repeat(ws::MAX_SDP_BYTES);
    assert!(Request::parse(&message(&vec![offer(&big); ws::MAX_OFFERS])).is_ok(), "the most of everything");
    let refused = |text: &str| Request::parse(text).unwrap_err();
    assert_eq!(refused(&message(&vec![offer("x"); ws::MAX_OFFERS + 1])), WsError::TooMany("offers"));
    assert_eq!(refused(&message(&[offer(&format!("{big}x"))])), WsError::Description("offer"));
    assert_eq!(refused(&message(&[offer("")])), WsError::Description("offer"));
    let long = format!("{}{}", message(&[]), " ".repeat(ws::MAX_MESSAGE_BYTES));
    assert_eq!(refused(&long), WsError::TooLong(long.len()));
    let many = serde_json::json!({"action": "scrape", "info_hash": vec![ID; ws::MAX_SCRAPE + 1]});
    assert_eq!(refused(&many.to_string()), WsError::TooMany("infohashes"));
    assert!(matches!(refused(&"[".repeat(10_000)), WsError::Malformed(_)));
}

#[test]
fn ws_oddities_that_are_and_are_not_taken() {
    let with = |more: &str| format!(r#"{{"action":"announce","info_hash":"{ID}","peer_id":"{ID}"{more}}}"#);
    let left = |more: &str| match Request::parse(&with(more)).unwrap() {
        Request::Announce(announce) => announce.left,
        other => panic!("{other:?}"),
    };
    assert_eq!(left(r#","left":null"#), None, "Infinity in JavaScript");
    assert_eq!(left(r#","left":12.5"#), Some(12));
    assert_eq!(left(r#","left":-1"#), Some(0));
    assert_eq!(left(r#","left":1e300"#), Some(u64::MAX));
    assert_eq!(left(r#","numwant":50,"trackerid":[{}],"x":{"y":null}"#), None, "unknown members");
    let bad = [
        "",
        "{}",
        "null",
        "[]",
        r#"{"action":"announce"}"#,
        r#"{"action":"connect"}"#,
        r#"{"action":"announce","info_hash":"short","peer_id":"aaaaaaaaaaaaaaaaaaaa"}"#,
        r#"{"action":"announce","info_hash":["aaaaaaaaaaaaaaaaaaaa"],"peer_id":"aaaaaaaaaaaaaaaaaaaa"}"#,
        r#"{"action":"scrape"}"#,
        &with(r#","offers":{}"#),
        &with(r#","answer":{"type":"offer","sdp":"x"}"#),
        &with(r#","answer":{"type":"answer","sdp":"x"}"#),
        &with(r#","peer_id":"bbbbbbbbbbbbbbbbbbbb""#),
    ];
    for text in bad {
        assert!(Request::parse(text).is_err(), "{text}");
    }
}

#[test]
fn http_oddities() {
    let parse = http::AnnounceQuery::parse;
    let (hash, id) = ("%00".repeat(20), "a".repeat(20));
    let query = |more: &str| format!("info_hash={hash}&peer_id={id}&port=1{more}");
    assert!(parse(&query("")).is_ok());
    assert_eq!(parse(&query("&left=-1")).unwrap().left, None);
    assert_eq!(parse(&query("&numwant=-1")).unwrap().want, None);
    assert_eq!(parse(&query("&event=paused&ip=10.0.0.1&unknown")).unwrap().event, Event::Update);
    for bad in [
        String::new(),
        query("&port=0"),
        query("&port=65536"),
        query("&port=+1"),
        query("&info_hash=%0"),
        query("&info_hash=abc"),
        query(&"&x".repeat(5000)),
        format!("info_hash={hash}&peer_id={id}a&port=1"),
        format!("info_hash=%zz{}&peer_id={id}&port=1", "a".repeat(19)),
    ] {
        assert!(parse(&bad).is_err(), "{bad}");
    }
    for (announce, scrape) in [
        ("http://a/announce", Some("http://a/scrape")),
        ("http://a/x/announce.php?k=1/announce", Some("http://a/x/scrape.php?k=1/announce")),
        ("http://a/announces/x", None),
        ("http://a/", None),
    ] {
        assert_eq!(http::scrape_url(announce).as_deref(), scrape);
    }
}

#[test]
fn a_reply_with_ten_thousand_peers_gives_some() {
    let peers =
        (0..10_000u32).map(|n| (SocketAddr::from(([1, 2, (n >> 8) as u8, n as u8], 1)), None)).collect();
    let compact = http::AnnounceReply { peers, ..http::AnnounceReply::default() };
    for form in [true, false] {
        assert_eq!(http::AnnounceReply::parse(&compact.to_bytes(form)).unwrap().peers.len(), http::MAX_PEERS);
    }
    let huge = [&b"d5:peers2000000:"[..], &vec![1; 2_000_000], b"e"].concat();
    assert_eq!(http::AnnounceReply::parse(&huge), Err(http::ReplyError::Malformed));
    assert_eq!(http::AnnounceReply::parse(b"<html>"), Err(http::ReplyError::Malformed));
}
