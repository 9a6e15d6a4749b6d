//! Queries and replies of HTTP trackers, packets of UDP trackers.
#![no_main]
use libfuzzer_sys::fuzz_target;
use osp_tracker::{
    http::{AnnounceQuery, AnnounceReply, ScrapeQuery, scrape_url, scraped},
    udp,
};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        if let Ok(query) = AnnounceQuery::parse(text) {
            assert_eq!(AnnounceQuery::parse(&query.to_query()), Ok(query));
        }
        if let Ok(query) = ScrapeQuery::parse(text) {
            assert_eq!(ScrapeQuery::parse(&query.to_query()), Ok(query));
        }
        let _ = scrape_url(text);
    }
    if let Ok(reply) = AnnounceReply::parse(data) {
        let _ = (reply.to_bytes(true), reply.to_bytes(false));
    }
    let _ = scraped(data);
    if let Ok(request) = udp::Request::parse(data) {
        assert_eq!(udp::Request::parse(&request.to_bytes()), Ok(request));
    }
    for ipv6 in [false, true] {
        let _ = udp::Reply::parse(data, ipv6).map(|reply| reply.to_bytes());
    }
});
