//! The bytes of a message.

use super::{MAX_ADDRESSES, MAX_KEY, MAX_MESSAGE, MAX_PEERS};
use crate::protobuf::{ProtobufError, next_field, put_bytes, put_head, put_uint};
use bytes::Bytes;

/// What a message is. Of those there are, the ones that ask for values are not spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The sender provides the key.
    AddProvider,
    /// Who provides the key, and who is nearer to it?
    GetProviders,
    /// Who is nearer to the key?
    FindNode,
    /// Values, pings, and what may come: their number.
    Other(u32),
}

impl Kind {
    fn number(self) -> u64 {
        match self {
            Self::AddProvider => 2,
            Self::GetProviders => 3,
            Self::FindNode => 4,
            Self::Other(number) => number.into(),
        }
    }

    fn of(number: u64) -> Result<Self, WireError> {
        Ok(match number {
            2 => Self::AddProvider,
            3 => Self::GetProviders,
            4 => Self::FindNode,
            number => Self::Other(u32::try_from(number).map_err(|_| WireError::Kind)?),
        })
    }
}

/// What the sender says of its connection to a peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// There is none, or nothing is said.
    #[default]
    None,
    /// There is one.
    Connected,
    /// There was one lately.
    CanConnect,
    /// Attempts failed.
    CannotConnect,
}

impl Connection {
    fn of(number: u64) -> Self {
        match number {
            1 => Self::Connected,
            2 => Self::CanConnect,
            3 => Self::CannotConnect,
            _ => Self::None,
        }
    }
}

/// A peer, as a message names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// Bytes of its peer id. Not checked.
    pub id: Bytes,
    /// Binary multiaddrs. Not checked.
    pub addresses: Vec<Bytes>,
    /// What the sender says of its connection to it.
    pub connection: Connection,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// What it is about.
    pub key: Bytes,
    /// Peers nearer to the key.
    pub closer: Vec<Peer>,
    /// Providers of the key.
    pub providers: Vec<Peer>,
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Not protocol buffers.
    #[error("it is not made of fields: {0}")]
    Fields(#[from] ProtobufError),
    /// Over [`MAX_MESSAGE`].
    #[error("it is larger than 16 KiB")]
    TooLarge,
    /// The number of its type is out of range.
    #[error("its type is none")]
    Kind,
    /// The key is over [`MAX_KEY`].
    #[error("its key is longer than 128 bytes")]
    Key,
}

impl Message {
    /// A question, or the beginning of an answer.
    #[must_use]
    pub fn new(kind: Kind, key: Bytes) -> Self {
        Self { kind, key, closer: Vec::new(), providers: Vec::new() }
    }

    /// Reads a message. Fields that nobody knows, and records, are passed over; values share memory with `bytes`.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn decode(mut bytes: Bytes) -> Result<Self, WireError> {
        if bytes.len() > MAX_MESSAGE {
            return Err(WireError::TooLarge);
        }
        // An absent type is PUT_VALUE.
        let mut message = Self::new(Kind::Other(0), Bytes::new());
        while let Some((number, value)) = next_field(&mut bytes)? {
            match number {
                1 => message.kind = Kind::of(value.varint()?)?,
                2 => {
                    message.key = value.bytes()?;
                    if message.key.len() > MAX_KEY {
                        return Err(WireError::Key);
                    }
                }
                8 => push(&mut message.closer, value.bytes()?)?,
                9 => push(&mut message.providers, value.bytes()?)?,
                _ => {}
            }
        }
        Ok(message)
    }

    /// The bytes of the message, without its length.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        put_uint(&mut out, 1, self.kind.number());
        if !self.key.is_empty() {
            put_bytes(&mut out, 2, &self.key);
        }
        for (number, peers) in [(8, &self.closer), (9, &self.providers)] {
            for peer in peers {
                let bytes = peer.encode();
                put_head(&mut out, number, bytes.len());
                out.extend_from_slice(&bytes);
            }
        }
        out
    }
}

fn push(peers: &mut Vec<Peer>, bytes: Bytes) -> Result<(), WireError> {
    let peer = Peer::decode(bytes)?;
    if peers.len() < MAX_PEERS {
        peers.push(peer);
    }
    Ok(())
}

impl Peer {
    fn decode(mut bytes: Bytes) -> Result<Self, WireError> {
        let mut peer = Self::default();
        while let Some((number, value)) = next_field(&mut bytes)? {
            match number {
                1 => peer.id = value.bytes()?,
                2 => {
                    let address = value.bytes()?;
                    if peer.addresses.len() < MAX_ADDRESSES {
                        peer.addresses.push(address);
                    }
                }
                3 => peer.connection = Connection::of(value.varint()?),
                _ => {}
            }
        }
        Ok(peer)
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_bytes(&mut out, 1, &self.id);
        for address in &self.addresses {
            put_bytes(&mut out, 2, address);
        }
        put_uint(&mut out, 3, self.connection as u64);
        out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn peer() -> impl Strategy<Value = Peer> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..50).prop_map(Bytes::from);
        (bytes(), prop::collection::vec(bytes(), 0..MAX_ADDRESSES), 0_u64..4)
            .prop_map(|(id, addresses, n)| Peer { id, addresses, connection: Connection::of(n) })
    }

    proptest! {
        #[test]
        fn a_message_is_read_as_it_was_written(
            kind in 0_u64..8,
            key in prop::collection::vec(any::<u8>(), 0..MAX_KEY),
            closer in prop::collection::vec(peer(), 0..6),
            providers in prop::collection::vec(peer(), 0..6),
        ) {
            let message = Message { kind: Kind::of(kind).unwrap(), key: key.into(), closer, providers };
            let bytes = message.encode();
            if bytes.len() <= MAX_MESSAGE {
                prop_assert_eq!(Message::decode(bytes.into()), Ok(message));
            }
        }

        #[test]
        fn any_bytes_are_a_message_or_an_error(bytes: Vec<u8>) {
            let _ = Message::decode(bytes.into());
        }
    }

    #[test]
    fn lists_are_bounded() {
        let many = vec![Peer { addresses: vec![Bytes::new(); 50], ..Peer::default() }; 100];
        let message = Message { closer: many, ..Message::new(Kind::FindNode, Bytes::new()) };
        let read = Message::decode(message.encode().into()).unwrap();
        assert_eq!((read.closer.len(), read.closer[0].addresses.len()), (MAX_PEERS, MAX_ADDRESSES));
        assert_eq!(Message::decode(vec![0; MAX_MESSAGE + 1].into()), Err(WireError::TooLarge));
        let long = Message::new(Kind::FindNode, vec![0; MAX_KEY + 1].into());
        assert_eq!(Message::decode(long.encode().into()), Err(WireError::Key));
    }
}
