//! BitTorrent over TCP.

use crate::PeerStream;
use std::{io, net::SocketAddr};

/// Takes connections.
pub struct Listener {
    _todo: (),
}

impl Listener {
    /// Listens on `address`; port 0 takes any free one.
    ///
    /// # Errors
    /// What the system says.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let _ = address;
        todo!()
    }
    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        todo!()
    }
    /// The next connection. Out of file descriptors is waited out, not an error.
    pub async fn accept(&self) -> PeerStream {
        todo!()
    }
}

/// Calls a peer; gives up after `CONNECT_TIMEOUT`.
///
/// # Errors
/// What the system says.
pub async fn connect(address: SocketAddr) -> io::Result<PeerStream> {
    let _ = address;
    todo!()
}
