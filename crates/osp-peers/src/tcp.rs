//! BitTorrent over TCP.

use crate::PeerStream;
use osp_swarm::PeerKind;
use std::{io, net::SocketAddr, time::Duration};
use tokio::net::{TcpListener, TcpStream};

/// How long a call may take. Most peers that a tracker names are behind a NAT or gone; whoever is there answers in
/// well under a second.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the listener rests when the system has no file descriptor or memory for another connection.
const REST: Duration = Duration::from_millis(200);

/// Takes connections.
pub struct Listener {
    inner: TcpListener,
    local: SocketAddr,
}

impl Listener {
    /// Listens on `address`; port 0 takes any free one.
    ///
    /// # Errors
    /// What the system says.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let inner = TcpListener::bind(address).await?;
        let local = inner.local_addr()?;
        Ok(Self { inner, local })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The next connection. Out of file descriptors is waited out, not an error. Cancel safe.
    pub async fn accept(&self) -> PeerStream {
        loop {
            match self.inner.accept().await {
                Ok((stream, remote)) => {
                    if let Ok(stream) = prepare(stream, remote, false) {
                        return stream;
                    }
                }
                // The caller hung up before we got to it: the next one may be fine.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionAborted
                            | io::ErrorKind::ConnectionReset
                            | io::ErrorKind::Interrupted
                    ) => {}
                Err(error) => {
                    tracing::warn!(error = %error.kind(), "cannot take peer connections just now");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }
}

/// Calls a peer; gives up after [`CONNECT_TIMEOUT`].
///
/// # Errors
/// What the system says; [`io::ErrorKind::TimedOut`].
pub async fn connect(address: SocketAddr) -> io::Result<PeerStream> {
    let stream = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address))
        .await
        .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "the peer did not answer the call"))??;
    prepare(stream, address, true)
}

fn prepare(stream: TcpStream, remote: SocketAddr, outgoing: bool) -> io::Result<PeerStream> {
    // Requests are a few bytes each, and the block that answers must not wait for them.
    stream.set_nodelay(true)?;
    let (reader, writer) = stream.into_split();
    Ok(PeerStream::from_io(PeerKind::Tcp, outgoing, Some(remote), reader, writer))
}
