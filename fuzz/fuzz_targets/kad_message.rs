//! Kademlia's messages: no bytes panic the decoder, and what was read is written and read as the same.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use osp_p2p::kad::{MAX_ADDRESSES, MAX_KEY, MAX_PEERS, Message};

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = Message::decode(Bytes::copy_from_slice(bytes)) else { return };
    assert!(message.key.len() <= MAX_KEY);
    for peers in [&message.closer, &message.providers] {
        assert!(peers.len() <= MAX_PEERS);
        assert!(peers.iter().all(|peer| peer.addresses.len() <= MAX_ADDRESSES));
    }
    let again = message.encode();
    // Lengths may be written shorter, never longer, but for the empty id of a peer that has none.
    if let Ok(read) = Message::decode(again.into()) {
        assert_eq!(read, message);
    }
});
