//! The peer wire: no bytes panic the decoder, it holds one frame at most, and cutting the stream changes nothing.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use osp_swarm::wire::{Decoder, Handshake, Message, WireError, decode::MAX_HELD_BYTES};

fuzz_target!(|input: (u16, &[u8])| {
    let (chunk, stream) = input;
    let at_once = read(stream, stream.len().max(1));
    assert_eq!(at_once, read(stream, usize::from(chunk).max(1)));
    for message in at_once.0 {
        if matches!(message, Message::Unknown(_)) {
            continue;
        }
        let mut frame = Vec::new();
        message.encode(&mut frame);
        assert_eq!(read(&frame, frame.len()), (vec![message], None));
    }
    if let Some(handshake) = stream.first_chunk().and_then(Handshake::parse) {
        assert_eq!(Some(&handshake.encode()), stream.first_chunk());
    }
});

fn read(stream: &[u8], chunk: usize) -> (Vec<Message>, Option<WireError>) {
    let (mut decoder, mut messages) = (Decoder::new(), Vec::new());
    for part in stream.chunks(chunk) {
        decoder.push(Bytes::copy_from_slice(part));
        loop {
            match decoder.next() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
        }
        assert!(decoder.held() <= MAX_HELD_BYTES);
    }
    (messages, None)
}
