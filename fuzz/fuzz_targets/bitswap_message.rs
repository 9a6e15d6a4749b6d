//! Bitswap messages: no bytes panic the decoder, every block has the name of its bytes, and what was read is written
//! and read as the same.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use osp_core::content::{digest_of, sha256};
use osp_p2p::bitswap::wire::{Message, Version};

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut message) = Message::decode(Bytes::copy_from_slice(bytes)) else { return };
    for block in &message.blocks {
        assert_eq!(digest_of(&block.cid), Some(sha256(&block.data)));
    }
    // An int32 on the wire is non-negative here.
    message.pending_bytes = message.pending_bytes.min(i32::MAX as u32);
    let again = Message::decode(message.encode(Version::V1_2).into()).expect("what we write can be read");
    assert_eq!(again, message);
});
