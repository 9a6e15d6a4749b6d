//! What the decoder holds, refuses, and does not copy.
use bytes::Bytes;
use osp_swarm::{
    PieceIndex,
    ids::MAX_REQUEST_BYTES,
    wire::{
        Decoder, Message, WireError,
        decode::{MAX_BITFIELD_BYTES, MAX_EXTENDED_BYTES, MAX_FRAME_BYTES, MAX_HELD_BYTES},
    },
};

/// The first bytes of a frame with `body` bytes after its type.
fn head(kind: u8, body: usize) -> Vec<u8> {
    let mut out = (body as u32 + 1).to_be_bytes().to_vec();
    out.push(kind);
    out
}

fn first(bytes: Vec<u8>) -> Result<Option<Message>, WireError> {
    let mut decoder = Decoder::new();
    decoder.push(bytes.into());
    decoder.next()
}

#[test]
fn a_type_bounds_its_frame() {
    let longest =
        [(5, MAX_BITFIELD_BYTES), (7, 8 + MAX_REQUEST_BYTES as usize), (20, 1 + MAX_EXTENDED_BYTES)];
    let fixed = (0..=17u8).filter_map(|kind| match kind {
        0..=3 | 14 | 15 => Some((kind, 0)),
        4 | 13 | 17 => Some((kind, 4)),
        6 | 8 | 16 => Some((kind, 12)),
        9 => Some((kind, 2)),
        _ => None,
    });
    let shortest = [(7, 8), (20, 1)];
    for (kind, body) in fixed.clone().chain(longest) {
        assert_eq!(first(head(kind, body + 1)), Err(WireError::WrongLength { kind, len: body + 1 }));
    }
    for (kind, body) in fixed.clone().chain(shortest).filter(|(_, body)| *body > 0) {
        assert_eq!(first(head(kind, body - 1)), Err(WireError::WrongLength { kind, len: body - 1 }));
    }
    for (kind, body) in fixed.chain(longest).chain(shortest).chain([(5, 0)]) {
        let message = first([head(kind, body), vec![1; body]].concat()).unwrap().unwrap();
        let mut again = Vec::new();
        message.encode(&mut again);
        assert_eq!(again.len(), 5 + body, "type {kind}");
    }
}

#[test]
fn an_unknown_frame_ends_somewhere() {
    let longest = MAX_FRAME_BYTES as usize - 1;
    assert_eq!(first(head(99, longest)), Ok(Some(Message::Unknown(99))));
    assert_eq!(first(head(99, longest + 1)), Err(WireError::TooLong(MAX_FRAME_BYTES + 1)));
    // The length alone is enough to know, whoever speaks HTTP here: "GET ".
    assert_eq!(first(b"GET ".to_vec()), Err(WireError::TooLong(0x4745_5420)));
    assert_eq!(first(vec![0xff; 4]), Err(WireError::TooLong(u32::MAX)));
}

#[test]
fn after_an_error_there_is_nothing_more() {
    let mut decoder = Decoder::new();
    decoder.push([head(4, 5), vec![0; 1000]].concat().into());
    let error = Err(WireError::WrongLength { kind: 4, len: 5 });
    assert_eq!(decoder.next(), error);
    decoder.push(Bytes::from_static(&[0, 0, 0, 0]));
    assert_eq!(decoder.next(), error);
    assert_eq!(decoder.held(), 0);
}

/// However slowly the longest frames come, and whatever they are, no more than one is held.
#[test]
fn one_frame_is_held_at_most() {
    let longest = [
        (5, MAX_BITFIELD_BYTES),
        (7, 8 + MAX_REQUEST_BYTES as usize),
        (20, 1 + MAX_EXTENDED_BYTES),
        (99, MAX_FRAME_BYTES as usize - 1),
    ];
    let mut stream = Vec::new();
    for (kind, body) in longest {
        stream.extend(head(kind, body));
        stream.extend(vec![0; body]);
    }
    for chunk in [1, 7, 1000, 65536] {
        let (mut decoder, mut messages, mut most) = (Decoder::new(), 0, 0);
        for part in stream.chunks(chunk) {
            decoder.push(Bytes::copy_from_slice(part));
            while decoder.next().unwrap().is_some() {
                messages += 1;
            }
            most = most.max(decoder.held());
        }
        assert_eq!(messages, longest.len());
        assert_eq!(most, MAX_HELD_BYTES, "chunks of {chunk}: a whole `piece` frame, and nothing beside it");
        assert_eq!(decoder.held(), 0);
    }
}

/// A block that came in one push is that push's memory; other payloads don't hold it.
#[test]
fn blocks_are_not_copied_and_the_rest_does_not_hold_them() {
    let frames =
        [head(20, 101), vec![7; 101], head(5, 10), vec![1; 10], head(7, 8 + 16384), vec![9; 8 + 16384]]
            .concat();
    let pushed = Bytes::from(frames);
    let memory = pushed.as_ptr_range();
    let mut decoder = Decoder::new();
    decoder.push(pushed.clone());
    let mut next = || decoder.next().unwrap().unwrap();
    let Message::Extended { payload, .. } = next() else { panic!("extended") };
    let Message::Bitfield(bits) = next() else { panic!("bitfield") };
    let Message::Piece { piece, begin, data } = next() else { panic!("piece") };
    assert_eq!((piece, begin), (PieceIndex(0x0909_0909), 0x0909_0909));
    assert_eq!((payload.len(), bits.len(), data.len()), (100, 10, 16384));
    assert!(memory.contains(&data.as_ptr()));
    assert!(!memory.contains(&payload.as_ptr()) && !memory.contains(&bits.as_ptr()));
}
