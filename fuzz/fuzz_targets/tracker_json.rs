//! Messages of WebSocket trackers, both ways: what is read is written and read back as the same.
#![no_main]
use libfuzzer_sys::fuzz_target;
use osp_tracker::ws::{Reply, Request};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(request) = Request::parse(text) {
        assert_eq!(Request::parse(&request.to_json()), Ok(request));
    }
    if let Ok(reply) = Reply::parse(text) {
        assert_eq!(Reply::parse(&reply.to_json()), Ok(reply));
    }
});
