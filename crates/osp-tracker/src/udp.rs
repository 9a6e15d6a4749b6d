//! UDP trackers (BEP 15): packets of big-endian integers, both ways.
//!
//! ```text
//!  client                                                     tracker
//!  connect   0x41727101980:64 action=0:32 transaction:32 ───▶
//!            ◀── action=0:32 transaction:32 connection:64
//!  announce  connection:64 action=1:32 transaction:32
//!            infohash:160 peer_id:160 downloaded:64 left:64 uploaded:64
//!            event:32 ip:32 key:32 num_want:32 port:16 ───▶
//!            ◀── action=1:32 transaction:32 interval:32 leechers:32 seeders:32 (ip port:16)*
//!  scrape    connection:64 action=2:32 transaction:32 infohash:160* ───▶
//!            ◀── action=2:32 transaction:32 (seeders:32 completed:32 leechers:32)*
//!            ◀── action=3:32 transaction:32 text            instead of any of these
//! ```
//!
//! The connection id proves that the client receives at the address it sends from; a client may use it for
//! [`CONNECTION_LIFETIME`]. Peers' addresses are IPv4 when the packet came over IPv4, else IPv6.

use crate::{Event, Interval, Stats};
use osp_swarm::{InfoHash, PeerId};
use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

/// Longest packet that is read, in bytes: 200 peers over IPv6, and the head.
pub const MAX_PACKET_BYTES: usize = 4096;
/// How long a client may use a connection id.
pub const CONNECTION_LIFETIME: Duration = Duration::from_secs(60);
/// Most infohashes in one scrape: what fits into a packet of 1,500 bytes.
pub const MAX_SCRAPE: usize = 74;
/// How often a request is sent before the tracker counts as silent. BEP 15 wants eight, which takes over an hour;
/// [`crate::schedule`] tries again later anyway.
pub const TRIES: u32 = 3;

const PROTOCOL: u64 = 0x0417_2710_1980;
const CONNECT: u32 = 0;
const ANNOUNCE: u32 = 1;
const SCRAPE: u32 = 2;
const ERROR: u32 = 3;
/// Longest error text that is kept, in bytes.
const MAX_REASON: usize = 200;

/// How long the answer to the `n`th try (counted from 0) is waited for: 15 s, doubled each time.
#[must_use]
pub fn patience(n: u32) -> Duration {
    Duration::from_secs(15 << n.min(8))
}

/// Which exchange a packet belongs to; the client chooses it at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransactionId(pub u32);

/// What a tracker gives a client that asked to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionId(pub u64);

/// An announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announce {
    /// The swarm.
    pub infohash: InfoHash,
    /// Who.
    pub peer_id: PeerId,
    /// Bytes from peers.
    pub downloaded: u64,
    /// Bytes still to come.
    pub left: u64,
    /// Bytes sent to peers.
    pub uploaded: u64,
    /// What it reports.
    pub event: Event,
    /// Lets a tracker know the client again when its address has changed.
    pub key: u32,
    /// Most peers that are wanted; `None`: as many as the tracker likes.
    pub want: Option<u32>,
    /// Where the client takes connections.
    pub port: u16,
}

/// A packet to a tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Asking for a connection id.
    Connect(TransactionId),
    /// Being in a swarm.
    Announce(ConnectionId, TransactionId, Announce),
    /// How many are in these swarms.
    Scrape(ConnectionId, TransactionId, Vec<InfoHash>),
}

/// A packet from a tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To a connect.
    Connected(TransactionId, ConnectionId),
    /// To an announce.
    Announced {
        /// Which.
        transaction: TransactionId,
        /// When to announce next.
        interval: Interval,
        /// How many are in the swarm.
        stats: Stats,
        /// Some of them; all of one family.
        peers: Vec<SocketAddr>,
    },
    /// To a scrape, in its order.
    Scraped(TransactionId, Vec<Stats>),
    /// The tracker refuses.
    Failure(TransactionId, String),
}

/// Why a packet cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UdpError {
    /// Shorter than its kind is, or longer than any.
    #[error("a packet of {0} bytes is no such message")]
    Length(usize),
    /// Not one of the four.
    #[error("unknown action {0}")]
    Action(u32),
    /// A connect without the protocol's number.
    #[error("not the tracker protocol")]
    Protocol,
    /// Port 0, which nobody can be called at.
    #[error("no port")]
    Port,
}

/// What is left of a packet.
struct Reader<'a> {
    rest: &'a [u8],
    whole: usize,
}

impl<'a> Reader<'a> {
    fn new(packet: &'a [u8]) -> Result<Self, UdpError> {
        if packet.len() > MAX_PACKET_BYTES {
            return Err(UdpError::Length(packet.len()));
        }
        Ok(Self { rest: packet, whole: packet.len() })
    }
    fn take<const N: usize>(&mut self) -> Result<[u8; N], UdpError> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or(UdpError::Length(self.whole))?;
        self.rest = rest;
        Ok(*bytes)
    }
    fn u16(&mut self) -> Result<u16, UdpError> {
        self.take().map(u16::from_be_bytes)
    }
    fn u32(&mut self) -> Result<u32, UdpError> {
        self.take().map(u32::from_be_bytes)
    }
    fn u64(&mut self) -> Result<u64, UdpError> {
        self.take().map(u64::from_be_bytes)
    }
}

impl Request {
    /// Reads a packet. Bytes after the message (the options of BEP 41) are ignored.
    ///
    /// # Errors
    /// [`UdpError`]; such packets are best not answered.
    pub fn parse(packet: &[u8]) -> Result<Self, UdpError> {
        let mut reader = Reader::new(packet)?;
        let (first, action) = (reader.u64()?, reader.u32()?);
        let transaction = TransactionId(reader.u32()?);
        let connection = ConnectionId(first);
        match action {
            CONNECT if first == PROTOCOL => Ok(Self::Connect(transaction)),
            CONNECT => Err(UdpError::Protocol),
            ANNOUNCE => Ok(Self::Announce(connection, transaction, Announce::parse(&mut reader)?)),
            SCRAPE => {
                let hashes = reader.rest.chunks_exact(20).take(MAX_SCRAPE);
                let hashes = hashes.filter_map(|h| h.try_into().ok()).map(InfoHash).collect();
                Ok(Self::Scrape(connection, transaction, hashes))
            }
            other => Err(UdpError::Action(other)),
        }
    }

    /// The packet.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Connect(transaction) => head(PROTOCOL, CONNECT, *transaction),
            Self::Announce(connection, transaction, announce) => {
                let mut out = head(connection.0, ANNOUNCE, *transaction);
                announce.write(&mut out);
                out
            }
            Self::Scrape(connection, transaction, hashes) => {
                let mut out = head(connection.0, SCRAPE, *transaction);
                hashes.iter().take(MAX_SCRAPE).for_each(|hash| out.extend(hash.0));
                out
            }
        }
    }
}

fn head(first: u64, action: u32, transaction: TransactionId) -> Vec<u8> {
    let mut out = Vec::with_capacity(98);
    out.extend(first.to_be_bytes());
    out.extend(action.to_be_bytes());
    out.extend(transaction.0.to_be_bytes());
    out
}

impl Announce {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, UdpError> {
        let (infohash, peer_id) = (InfoHash(reader.take()?), PeerId(reader.take()?));
        let (downloaded, left, uploaded) = (reader.u64()?, reader.u64()?, reader.u64()?);
        let event = match reader.u32()? {
            1 => Event::Completed,
            2 => Event::Started,
            3 => Event::Stopped,
            _ => Event::Update,
        };
        // The address is the sender's, whatever it writes here.
        let (_address, key, want, port) = (reader.u32()?, reader.u32()?, reader.u32()?, reader.u16()?);
        if port == 0 {
            return Err(UdpError::Port);
        }
        let want = i32::try_from(want).ok().map(|_| want);
        Ok(Self { infohash, peer_id, downloaded, left, uploaded, event, key, want, port })
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.infohash.0);
        out.extend(self.peer_id.0);
        for number in [self.downloaded, self.left, self.uploaded] {
            out.extend(number.to_be_bytes());
        }
        let event: u32 = match self.event {
            Event::Update => 0,
            Event::Completed => 1,
            Event::Started => 2,
            Event::Stopped => 3,
        };
        for number in [event, 0, self.key, self.want.unwrap_or(u32::MAX)] {
            out.extend(number.to_be_bytes());
        }
        out.extend(self.port.to_be_bytes());
    }
}

impl Reply {
    /// Reads a packet; `ipv6` says whether it came over IPv6. Peers without a port are left out.
    ///
    /// # Errors
    /// [`UdpError`]
    pub fn parse(packet: &[u8], ipv6: bool) -> Result<Self, UdpError> {
        let mut reader = Reader::new(packet)?;
        let action = reader.u32()?;
        let transaction = TransactionId(reader.u32()?);
        match action {
            CONNECT => Ok(Self::Connected(transaction, ConnectionId(reader.u64()?))),
            ANNOUNCE => {
                let interval = Duration::from_secs(reader.u32()?.into());
                let (incomplete, complete) = (reader.u32()?, reader.u32()?);
                Ok(Self::Announced {
                    transaction,
                    interval: Interval { usual: Some(interval), min: None },
                    stats: Stats { complete, incomplete, downloaded: 0 },
                    peers: addresses(reader.rest, ipv6),
                })
            }
            SCRAPE => {
                let one = |c: &[u8]| {
                    let mut reader = Reader { rest: c, whole: c.len() };
                    let (complete, downloaded) = (reader.u32().ok()?, reader.u32().ok()?);
                    Some(Stats { complete, downloaded, incomplete: reader.u32().ok()? })
                };
                let all = reader.rest.chunks_exact(12).take(MAX_SCRAPE).filter_map(one).collect();
                Ok(Self::Scraped(transaction, all))
            }
            ERROR => {
                let text = &reader.rest[..reader.rest.len().min(MAX_REASON)];
                let text = String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).collect();
                Ok(Self::Failure(transaction, text))
            }
            other => Err(UdpError::Action(other)),
        }
    }

    /// The packet. Peers of the other family than the first are left out.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut put = |numbers: &[u32]| numbers.iter().for_each(|n| out.extend(n.to_be_bytes()));
        match self {
            Self::Connected(transaction, connection) => {
                put(&[CONNECT, transaction.0]);
                out.extend(connection.0.to_be_bytes());
            }
            Self::Announced { transaction, interval, stats, peers } => {
                let seconds = interval.usual.unwrap_or_default().as_secs();
                let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
                put(&[ANNOUNCE, transaction.0, seconds, stats.incomplete, stats.complete]);
                let ipv6 = peers.first().is_some_and(SocketAddr::is_ipv6);
                compact(&mut out, peers.iter().filter(|peer| peer.is_ipv6() == ipv6));
            }
            Self::Scraped(transaction, all) => {
                put(&[SCRAPE, transaction.0]);
                all.iter().for_each(|s| put(&[s.complete, s.downloaded, s.incomplete]));
            }
            Self::Failure(transaction, text) => {
                put(&[ERROR, transaction.0]);
                out.extend(text.as_bytes());
            }
        }
        out
    }

    /// Which exchange it belongs to.
    #[must_use]
    pub fn transaction(&self) -> TransactionId {
        match self {
            Self::Connected(id, _) | Self::Scraped(id, _) | Self::Failure(id, _) => *id,
            Self::Announced { transaction, .. } => *transaction,
        }
    }
}

/// Compact addresses (BEP 23; BEP 7 for IPv6): address, then port.
pub(crate) fn compact<'a>(out: &mut Vec<u8>, peers: impl Iterator<Item = &'a SocketAddr>) {
    for peer in peers {
        match peer {
            SocketAddr::V4(v4) => out.extend(v4.ip().octets()),
            SocketAddr::V6(v6) => out.extend(v6.ip().octets()),
        }
        out.extend(peer.port().to_be_bytes());
    }
}

/// Addresses out of their compact form. Ones with port 0, and a broken rest, are left out.
pub(crate) fn addresses(bytes: &[u8], ipv6: bool) -> Vec<SocketAddr> {
    let one = |chunk: &[u8]| {
        let (ip, port) = chunk.split_last_chunk::<2>()?;
        let port = u16::from_be_bytes(*port);
        let ip = if ipv6 {
            Ipv6Addr::from(<[u8; 16]>::try_from(ip).ok()?).into()
        } else {
            Ipv4Addr::from(<[u8; 4]>::try_from(ip).ok()?).into()
        };
        (port != 0).then_some(SocketAddr::new(ip, port))
    };
    bytes.chunks_exact(if ipv6 { 18 } else { 6 }).filter_map(one).collect()
}
