//! Kademlia's questions, put to one peer on a stream of our own.

use super::{PROTOCOL, addresses::without_peer};
use crate::{
    host::{
        error::ConnectError,
        guard::Guard,
        streams::{
            OpenError, Streams,
            framing::{put_frame, read_frame},
        },
        transport,
    },
    kad::{self, Connection, Kind, MAX_MESSAGE, Message, WireError},
};
use bytes::Bytes;
use futures_util::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::{Multiaddr, PeerId, Stream};
use std::io::{self, ErrorKind};

/// Announcements that are written at once: about 10 KiB with a few addresses each.
const CHUNK: usize = 64;

/// A peer and where it is said to be reached, without its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Who.
    pub peer: PeerId,
    /// Where. May be empty for one that is connected.
    pub addresses: Vec<Multiaddr>,
}

/// An answer to "who provides this".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Providers {
    /// Those who do, as the peer says.
    pub providers: Vec<Contact>,
    /// Peers nearer to the key.
    pub closer: Vec<Contact>,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RpcError {
    /// The peer was not reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It does not speak the protocol.
    #[error("the peer does not speak the protocol; it may be a client only, or another version")]
    Unsupported,
    /// The connection or the stream broke.
    #[error("the connection to the peer broke")]
    Broken,
    /// It took too long.
    #[error("the peer did not answer in time")]
    Timeout,
    /// What it said is no answer.
    #[error("the peer's answer is malformed: {0}")]
    Malformed(&'static str),
    /// This host does not know of any address at which it could be reached.
    #[error(
        "this host knows no address at which others reach it, so it cannot announce anything; name one with --public-addr or wait for AutoNAT"
    )]
    NoAddress,
}

impl From<OpenError> for RpcError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NotConnected => Self::Connect(ConnectError::Unreachable),
            OpenError::Unsupported => Self::Unsupported,
            OpenError::Broken => Self::Broken,
        }
    }
}

impl From<io::Error> for RpcError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidData => Self::Malformed("it is too large"),
            ErrorKind::TimedOut => Self::Timeout,
            _ => Self::Broken,
        }
    }
}

impl From<WireError> for RpcError {
    fn from(error: WireError) -> Self {
        Self::Malformed(match error {
            WireError::Fields(_) => "it is not made of protocol buffer fields",
            WireError::TooLarge => "it is too large",
            WireError::Kind => "its type is none",
            WireError::Key => "its key is too long",
        })
    }
}

/// Asks, and reads the answer, which has the type of the question.
pub(super) async fn ask(
    streams: &Streams,
    peer: PeerId,
    kind: Kind,
    key: &[u8],
) -> Result<Message, RpcError> {
    if key.len() > kad::MAX_KEY {
        return Err(RpcError::Malformed("the key asked for is too long"));
    }
    let mut stream = streams.open(peer, PROTOCOL).await?;
    let mut out = Vec::new();
    put_frame(&mut out, &Message::new(kind, Bytes::copy_from_slice(key)).encode());
    stream.write_all(&out).await?;
    stream.flush().await?;
    let bytes = read_frame(&mut stream, MAX_MESSAGE).await?.ok_or(RpcError::Broken)?;
    close(stream);
    let answer = Message::decode(bytes)?;
    if answer.kind == kind { Ok(answer) } else { Err(RpcError::Malformed("it answers another question")) }
}

/// Announces that `own` provides these keys. When this returns the peer has read all of them.
pub(super) async fn announce(
    streams: &Streams,
    peer: PeerId,
    own: &Contact,
    keys: &[&[u8]],
) -> Result<(), RpcError> {
    let provider = kad::Peer {
        id: own.peer.to_bytes().into(),
        addresses: own.addresses.iter().map(|address| address.to_vec().into()).collect(),
        connection: Connection::Connected,
    };
    let mut stream = streams.open(peer, PROTOCOL).await?;
    for chunk in keys.chunks(CHUNK) {
        let mut out = Vec::new();
        for key in chunk {
            let mut message = Message::new(Kind::AddProvider, Bytes::copy_from_slice(key));
            message.providers.push(provider.clone());
            put_frame(&mut out, &message.encode());
        }
        stream.write_all(&out).await?;
    }
    stream.close().await?;
    // Nothing is answered, but the other side ends the stream when it has read ours to the end.
    let mut rest = [0];
    match stream.read(&mut rest).await {
        Ok(0) => Ok(()),
        Ok(_) => Err(RpcError::Malformed("an announcement is not answered")),
        Err(error) => Err(error.into()),
    }
}

/// Ends a stream without waiting for it.
fn close(mut stream: Stream) {
    tokio::spawn(async move { stream.close().await });
}

/// The peers of an answer that can be made sense of. A stranger's words: private addresses are left out.
pub(super) fn contacts(guard: &Guard, me: PeerId, peers: Vec<kad::Peer>) -> Vec<Contact> {
    let contact = |peer: kad::Peer| {
        let id = PeerId::from_bytes(&peer.id).ok().filter(|id| *id != me)?;
        let parsed = peer.addresses.iter().filter_map(|bytes| Multiaddr::try_from(bytes.to_vec()).ok());
        let mut addresses: Vec<Multiaddr> = Vec::new();
        for address in parsed.filter_map(|address| without_peer(&id, address)) {
            if transport::speaks(&address) && guard.permits_address(&address) && !addresses.contains(&address)
            {
                addresses.push(address);
            }
        }
        Some(Contact { peer: id, addresses })
    };
    let mut out: Vec<Contact> = Vec::new();
    for found in peers.into_iter().filter_map(contact) {
        if !out.iter().any(|other| other.peer == found.peer) {
            out.push(found);
        }
    }
    out
}
