//! The decoder: however a stream is cut, the messages are the same; whatever comes, it is survived.
use bytes::Bytes;
use osp_swarm::{
    Block, PieceIndex,
    wire::{Decoder, Message, WireError},
};
use proptest::{collection::vec, prelude::*, sample::Index};

fn blocks() -> impl Strategy<Value = Block> {
    any::<(u32, u32, u32)>().prop_map(|(piece, begin, len)| Block { piece: PieceIndex(piece), begin, len })
}

fn messages() -> impl Strategy<Value = Message> {
    let piece = || any::<u32>().prop_map(PieceIndex);
    let bytes = |len: usize| vec(any::<u8>(), 0..len).prop_map(Bytes::from);
    prop_oneof![
        prop_oneof![
            Just(Message::KeepAlive),
            Just(Message::Choke),
            Just(Message::Unchoke),
            Just(Message::Interested),
            Just(Message::NotInterested),
            Just(Message::HaveAll),
            Just(Message::HaveNone),
        ],
        piece().prop_map(Message::Have),
        bytes(40).prop_map(Message::Bitfield),
        blocks().prop_map(Message::Request),
        (piece(), any::<u32>(), bytes(400)).prop_map(|(piece, begin, data)| Message::Piece {
            piece,
            begin,
            data
        }),
        blocks().prop_map(Message::Cancel),
        any::<u16>().prop_map(Message::Port),
        piece().prop_map(Message::Suggest),
        blocks().prop_map(Message::Reject),
        piece().prop_map(Message::AllowedFast),
        (any::<u8>(), bytes(200)).prop_map(|(id, payload)| Message::Extended { id, payload }),
        prop_oneof![10u8..13, 18u8..20, 21u8..].prop_map(Message::Unknown),
    ]
}

/// Pushes `stream` in chunks that end at `cuts`; reads after each chunk, or only at the end.
fn read_cut(stream: &[u8], cuts: &[Index], eager: bool) -> Result<Vec<Message>, WireError> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    ends.push(stream.len());
    ends.sort_unstable();
    let (mut decoder, mut out, mut start) = (Decoder::new(), Vec::new(), 0);
    for end in ends {
        decoder.push(Bytes::copy_from_slice(&stream[start..end]));
        start = end;
        while let Some(message) = if eager { decoder.next()? } else { None } {
            out.push(message);
        }
    }
    while let Some(message) = decoder.next()? {
        out.push(message);
    }
    Ok(out)
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_messages(
        messages in vec(messages(), 0..12), cuts in vec(any::<Index>(), 0..12), eager in any::<bool>(),
    ) {
        let mut stream = Vec::new();
        for message in &messages {
            message.encode(&mut stream);
        }
        prop_assert_eq!(read_cut(&stream, &cuts, eager), Ok(messages));
    }

    /// Frames of unknown types have bodies too, which are passed over wherever they are cut.
    #[test]
    fn unknown_frames_are_passed_over(
        kind in 21u8.., body in vec(any::<u8>(), 0..300), cuts in vec(any::<Index>(), 0..6), eager in any::<bool>(),
    ) {
        let mut stream = (body.len() as u32 + 1).to_be_bytes().to_vec();
        stream.push(kind);
        stream.extend(body);
        Message::Have(PieceIndex(5)).encode(&mut stream);
        let expected = vec![Message::Unknown(kind), Message::Have(PieceIndex(5))];
        prop_assert_eq!(read_cut(&stream, &cuts, eager), Ok(expected));
    }

    /// Garbage is messages or an error, and the same one however it is cut.
    #[test]
    fn any_bytes_are_survived(
        frames in vec((0u8..30, vec(any::<u8>(), 0..24)), 0..8), tail in vec(any::<u8>(), 0..8),
        cuts in vec(any::<Index>(), 0..8), eager in any::<bool>(),
    ) {
        let mut stream = Vec::new();
        for (kind, body) in frames {
            stream.extend((body.len() as u32 + 1).to_be_bytes());
            stream.push(kind);
            stream.extend(body);
        }
        stream.extend(tail);
        prop_assert_eq!(read_cut(&stream, &cuts, eager), read_cut(&stream, &[], false));
    }
}
