//! Extended messages: no payload panics them, what is read is within its bounds, and it reads the same when written.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use osp_swarm::wire::extension::{
    ExtendedHandshake, MAX_CLIENT_BYTES, MAX_PEX_ADDRESSES, METADATA_PART, MetadataMessage, PexMessage,
};

fuzz_target!(|payload: &[u8]| {
    if let Some(handshake) = ExtendedHandshake::parse(payload) {
        assert!(handshake.client.iter().all(|client| client.len() <= MAX_CLIENT_BYTES));
        assert_eq!(ExtendedHandshake::parse(&handshake.encode()), Some(handshake));
    }
    if let Ok(Some(message)) = MetadataMessage::parse(&Bytes::copy_from_slice(payload)) {
        if let MetadataMessage::Data { data, .. } = &message {
            assert!(data.len() <= METADATA_PART);
        }
        assert_eq!(MetadataMessage::parse(&message.encode().into()), Ok(Some(message)));
    }
    if let Some(peers) = PexMessage::parse(payload) {
        for list in [&peers.added, &peers.dropped] {
            assert!(list.len() <= 2 * MAX_PEX_ADDRESSES);
            assert!(list.iter().all(|peer| peer.port() != 0 && !peer.ip().to_canonical().is_loopback()));
        }
        let again = PexMessage::parse(&peers.encode()).expect("what we write is no broken message");
        assert!(again.added.len() <= peers.added.len());
    }
});
