//! BitTorrent over uTP (BEP 29), which gives way to other traffic.

use crate::PeerStream;
use std::{io, net::SocketAddr};

/// A UDP socket that takes and makes uTP connections. Cheap to clone.
#[derive(Clone)]
pub struct Utp {
    _todo: (),
}

impl Utp {
    /// Binds; port 0 takes any free one.
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
    /// The next connection.
    ///
    /// # Errors
    /// The socket is gone.
    pub async fn accept(&self) -> io::Result<PeerStream> {
        todo!()
    }
    /// Calls a peer.
    ///
    /// # Errors
    /// What the system says, or nobody answered in time.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<PeerStream> {
        let _ = address;
        todo!()
    }
}
