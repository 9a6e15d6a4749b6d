//! BitTorrent over TCP.

use crate::PeerStream;
use osp_swarm::PeerKind;
use socket2::{Domain, Protocol, Socket, Type};
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
    /// Listens on `address`; port 0 takes any free one. `[::]` takes callers over IPv4 as well, whatever the system's
    /// habit is.
    ///
    /// # Errors
    /// What the system says.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let inner = if address.is_ipv6() && address.ip().is_unspecified() {
            both_families(address)?
        } else {
            TcpListener::bind(address).await?
        };
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

/// Callers that may wait to be taken, as the standard library has it.
const BACKLOG: i32 = 128;

fn both_families(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_only_v6(false)?;
    // A port whose last connections linger may be taken again, as with the standard library; elsewhere the option
    // would let two programs share one.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// An address as it is written elsewhere: a caller over IPv4 shows on a socket of both families as `::ffff:192.0.2.1`.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
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
    Ok(PeerStream::from_io(PeerKind::Tcp, outgoing, Some(canonical(remote)), reader, writer))
}
