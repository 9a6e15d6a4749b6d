//! `ut_pex` (BEP 11): peers tell each other of peers.

use osp_core::bencode::{self, Dict, KeyOrder};
use std::net::{IpAddr, SocketAddr};

/// Most addresses that are read from, and written into, each list of a peer exchange message.
pub const MAX_PEX_ADDRESSES: usize = 200;

/// Bytes of a port.
const PORT: usize = 2;

/// A `ut_pex` message (BEP 11): peers that the sender has met or lost since its last one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PexMessage {
    /// Met.
    pub added: Vec<SocketAddr>,
    /// Lost.
    pub dropped: Vec<SocketAddr>,
}

impl PexMessage {
    /// The bencoded payload: `added`, `added.f`, `added6`, `added6.f`, `dropped`, `dropped6`. Addresses that nobody
    /// else can call (see [`PexMessage::parse`]) are left out, and so are those after the
    /// [`MAX_PEX_ADDRESSES`]th of each list.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (added, added6) = compact(&self.added);
        let (dropped, dropped6) = compact(&self.dropped);
        // A byte of flags for each address: none is known.
        let flags = |list: &[u8], entry: usize| vec![0; list.len() / entry];
        bencode::dict(|out| {
            out.bytes(b"added", &added)
                .bytes(b"added.f", &flags(&added, 4 + PORT))
                .bytes(b"added6", &added6)
                .bytes(b"added6.f", &flags(&added6, 16 + PORT))
                .bytes(b"dropped", &dropped)
                .bytes(b"dropped6", &dropped6);
        })
    }

    /// Reads one, at most [`MAX_PEX_ADDRESSES`] addresses of each list; `None` when it is broken. Addresses that
    /// nobody else can call are passed over: loopback, unspecified, multicast, broadcast, and port 0.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let (value, _) = bencode::read_first(payload, KeyOrder::Any).ok()?;
        let dict = value.dict()?;
        Some(Self {
            added: addresses(dict, b"added", b"added6")?,
            dropped: addresses(dict, b"dropped", b"dropped6")?,
        })
    }
}

/// The addresses of two lists; `None` when one is not made of whole addresses.
fn addresses(dict: Dict<'_>, v4: &[u8], v6: &[u8]) -> Option<Vec<SocketAddr>> {
    let (v4, []) = dict.bytes(v4).unwrap_or_default().as_chunks::<{ 4 + PORT }>() else { return None };
    let (v6, []) = dict.bytes(v6).unwrap_or_default().as_chunks::<{ 16 + PORT }>() else { return None };
    let v4 = v4.iter().map(|[a, b, c, d, port @ ..]| address([*a, *b, *c, *d], *port));
    let v6 = v6.iter().filter_map(|bytes| {
        let (ip, port) = bytes.split_first_chunk::<16>()?;
        Some(address(*ip, *port.first_chunk()?))
    });
    let callable = |address: &SocketAddr| callable(*address);
    Some(v4.take(MAX_PEX_ADDRESSES).chain(v6.take(MAX_PEX_ADDRESSES)).filter(callable).collect())
}

fn address(ip: impl Into<IpAddr>, port: [u8; PORT]) -> SocketAddr {
    // An IPv4 address in IPv6 clothes is what it is underneath, a loopback address too.
    SocketAddr::new(ip.into().to_canonical(), u16::from_be_bytes(port))
}

/// Whether another host could mean anything by it.
fn callable(address: SocketAddr) -> bool {
    let ip = address.ip().to_canonical();
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    address.port() != 0 && !ip.is_loopback() && !ip.is_unspecified() && !ip.is_multicast() && !broadcast
}

/// The IPv4 and the IPv6 list.
fn compact(addresses: &[SocketAddr]) -> (Vec<u8>, Vec<u8>) {
    let mut lists = (Vec::new(), Vec::new());
    for address in addresses.iter().filter(|address| callable(**address)) {
        let port = address.port().to_be_bytes();
        match address.ip().to_canonical() {
            IpAddr::V4(ip) if lists.0.len() < MAX_PEX_ADDRESSES * (4 + PORT) => {
                lists.0.extend(ip.octets());
                lists.0.extend(port);
            }
            IpAddr::V6(ip) if lists.1.len() < MAX_PEX_ADDRESSES * (16 + PORT) => {
                lists.1.extend(ip.octets());
                lists.1.extend(port);
            }
            _ => {}
        }
    }
    lists
}
