//! Connections for what is not HTTP requests: WebSockets, UDP. The same guard stands before them.

use crate::{FetchError, Fetcher, Target, Trust, address::special, resolve::public_only};
use rustls::pki_types::ServerName;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Longest time for a connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Longest time for one of several addresses of a name.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(6);
/// Most addresses of a name that are tried.
const MAX_ATTEMPTS: usize = 4;

/// A connection to a target: TCP, and TLS over it when the target is https.
pub struct Connection(Inner);

enum Inner {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Fetcher {
    /// The addresses of a host (a name, or an IP literal with or without brackets), those that may be called: all
    /// when the host was typed or private ones are allowed, else the public ones. At least one.
    ///
    /// # Errors
    /// [`FetchError::Private`] when there is no other; [`FetchError::Connect`] when the name has no address.
    pub async fn addresses(
        &self,
        host: &str,
        port: u16,
        trust: Trust,
    ) -> Result<Vec<SocketAddr>, FetchError> {
        let open = self.allows_private() || trust == Trust::Typed;
        let refuse =
            |address, kind| FetchError::Private { url: host.chars().take(120).collect(), address, kind };
        let failed = |reason: String| FetchError::Connect { url: host.chars().take(120).collect(), reason };
        let addresses = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(literal) => vec![literal],
            Err(_) => self.lookup.lookup(host).await.map_err(|e| failed(e.to_string()))?,
        };
        let addresses = if open {
            addresses
        } else {
            public_only(addresses).map_err(|only| refuse(only.address, only.kind))?
        };
        if addresses.is_empty() {
            return Err(failed("the name has no address".to_owned()));
        }
        Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }

    /// Connects to a target, for a protocol that starts as HTTP/1.1 and goes on as something else. Redirects are
    /// nothing to be followed here.
    ///
    /// # Errors
    /// [`FetchError::Private`], [`FetchError::Connect`], [`FetchError::Timeout`].
    pub async fn connect(&self, target: &Target) -> Result<Connection, FetchError> {
        let url = target.url();
        let failed = |reason: String| FetchError::Connect { url: target.to_string(), reason };
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(failed("it names no host".to_owned()));
        };
        let deadline = Instant::now() + CONNECT_TIMEOUT;
        let late = || FetchError::Timeout {
            url: target.to_string(),
            what: "took no connection",
            after: CONNECT_TIMEOUT,
        };
        let addresses = timeout_at(deadline, self.addresses(host, port, target.trust())).await;
        let addresses = addresses.map_err(|_| late())??;
        let mut last = None;
        for address in addresses.into_iter().take(MAX_ATTEMPTS) {
            let until = deadline.min(Instant::now() + ATTEMPT_TIMEOUT);
            match timeout_at(until, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Messages are small, and somebody waits for each.
                    let _ = stream.set_nodelay(true);
                    if url.scheme() != "https" {
                        return Ok(Connection(Inner::Plain(stream)));
                    }
                    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
                        .map_err(|_| failed("no certificate can be for that name".to_owned()))?;
                    let connecting = TlsConnector::from(self.tls.clone()).connect(name, stream);
                    let stream = timeout_at(deadline, connecting).await.map_err(|_| late())?;
                    let stream = stream.map_err(|e| failed(e.to_string()))?;
                    return Ok(Connection(Inner::Tls(Box::new(stream))));
                }
                Ok(Err(error)) => last = Some(failed(error.to_string())),
                Err(_) => last = Some(late()),
            }
        }
        Err(last.unwrap_or_else(late))
    }

    /// Whether an address that was learned may be called: a public one, or any if the operator allows that.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        self.allows_private() || special(address).is_none()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Inner::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Inner::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Inner::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Inner::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Inner::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
