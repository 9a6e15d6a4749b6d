//! BitTorrent over uTP (BEP 29), which gives way to other traffic.
//!
//! The caller must speak first, and at once: until its first bytes arrive the called side sends nothing, and gives up
//! after a second. BitTorrent's caller does; its handshake comes first.

use crate::PeerStream;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use librqbit_utp::{SocketOpts, UtpSocketUdp, UtpSocketUdpOpts, UtpStream};
use osp_swarm::PeerKind;
use std::{io, net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};

/// How long a call may take. Longer than TCP's rarely helps: peers' lists are full of addresses where nobody is.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A call is made of one packet, which the library sends once. Where nobody answers it is called anew after these pauses,
/// and the first answer to either counts. The library makes four calls to one address at once, and two torrents may.
const CALL_AGAIN: [Duration; 2] = [Duration::from_millis(1500), Duration::from_millis(3000)];
/// Connections of one socket at once. Each may hold up to 2 MiB.
pub const MAX_CONNECTIONS: usize = 128;
/// A peer from which nothing comes for so long is gone: peers say something every two minutes (BEP 3).
const SILENCE: Duration = Duration::from_secs(150);

/// A UDP socket that takes and makes uTP connections. Cheap to clone; the connections end with the last clone.
#[derive(Clone)]
pub struct Utp {
    inner: Arc<Inner>,
}

struct Inner {
    socket: Arc<UtpSocketUdp>,
    cancel: Box<dyn Fn() + Send + Sync>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        (self.cancel)();
    }
}

impl Utp {
    /// Binds; port 0 takes any free one. `[::]` takes IPv4 as well.
    ///
    /// # Errors
    /// What the system says.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let options = SocketOpts {
            // Requests are a few bytes each, and the block that answers must not wait for them.
            disable_nagle: true,
            remote_inactivity_timeout: Some(SILENCE),
            max_live_vsocks: NonZeroUsize::new(MAX_CONNECTIONS),
            dont_wait_for_lastack: true,
            ..SocketOpts::default()
        };
        let token = options.cancellation_token.clone();
        let socket = UtpSocketUdp::new_udp_with_opts(address, options, UtpSocketUdpOpts::default())
            .await
            .map_err(io::Error::other)?;
        Ok(Self { inner: Arc::new(Inner { socket, cancel: Box::new(move || token.cancel()) }) })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.inner.socket.bind_addr()
    }

    /// The next connection.
    ///
    /// # Errors
    /// The socket is gone.
    pub async fn accept(&self) -> io::Result<PeerStream> {
        let stream = self.inner.socket.accept().await.map_err(|_| gone())?;
        Ok(peer(stream, false))
    }

    /// Calls a peer.
    ///
    /// # Errors
    /// What the system says, or nobody answered in time.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<PeerStream> {
        let stream = tokio::time::timeout(CONNECT_TIMEOUT, self.call(address))
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "the peer did not answer the uTP call"))?
            // The library's own words may hold the address.
            .ok_or_else(|| io::Error::new(io::ErrorKind::ConnectionRefused, "the uTP call failed"))?;
        Ok(peer(stream, true))
    }

    /// `None` when it cannot even be called.
    async fn call(&self, address: SocketAddr) -> Option<UtpStream> {
        let mut calls = FuturesUnordered::new();
        let mut pauses = CALL_AGAIN.into_iter();
        loop {
            calls.push(self.inner.socket.connect(address));
            let answered = async {
                while let Some(result) = calls.next().await {
                    if let Ok(stream) = result {
                        return Some(stream);
                    }
                }
                None
            };
            let Some(pause) = pauses.next() else { return answered.await };
            if let Ok(stream) = tokio::time::timeout(pause, answered).await {
                return stream;
            }
        }
    }
}

fn peer(stream: UtpStream, outgoing: bool) -> PeerStream {
    let remote = crate::tcp::canonical(stream.remote_addr());
    let (reader, writer) = stream.split();
    PeerStream::from_io(PeerKind::Utp, outgoing, Some(remote), reader, writer)
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the uTP socket is closed")
}
