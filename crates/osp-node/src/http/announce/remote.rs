//! Whose address a request comes from, behind a reverse proxy too.

use crate::config::tracker::TrustedProxies;
use axum::http::request::Parts;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The other end of the connection; the server puts it into every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote(pub SocketAddr);

/// Our end of the connection; the server puts it into every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local(pub SocketAddr);

/// The client's address. `X-Forwarded-For` is believed as far as those who wrote it are: from the right, the first
/// address that is no trusted proxy.
pub(super) fn address(parts: &Parts, proxies: &TrustedProxies) -> IpAddr {
    // Requests without a connection are this program's own.
    let connection = parts.extensions.get::<Remote>().map_or(Ipv4Addr::LOCALHOST.into(), |r| r.0.ip());
    let mut address = connection.to_canonical();
    let lines: Vec<&str> =
        parts.headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    while proxies.contains(address) {
        let Some(hop) = hops.next().and_then(parse) else { break };
        address = hop;
    }
    address
}

/// An address, perhaps with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let ip = text.trim_matches(['[', ']']).parse().ok();
    ip.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip())).map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use axum::http::Request;

    fn from(connection: &str, forwarded: &[&str], proxies: &TrustedProxies) -> String {
        let mut request = Request::builder();
        for line in forwarded {
            request = request.header("x-forwarded-for", *line);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(Remote(SocketAddr::new(connection.parse().unwrap(), 1)));
        address(&parts, proxies).to_string()
    }

    #[test]
    fn the_header_counts_only_from_a_trusted_proxy() {
        let (none, own) = (TrustedProxies::default(), TrustedProxies::loopback());
        assert_eq!(from("8.8.8.8", &["9.9.9.9"], &own), "8.8.8.8");
        assert_eq!(from("127.0.0.1", &["9.9.9.9"], &none), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &["9.9.9.9"], &own), "9.9.9.9");
        assert_eq!(from("127.0.0.1", &[], &own), "127.0.0.1");
        assert_eq!(from("::ffff:127.0.0.1", &["[2a00::1]:77"], &own), "2a00::1");
        assert_eq!(from("127.0.0.1", &["8.8.4.4:77"], &own), "8.8.4.4");
    }

    #[test]
    fn what_the_client_itself_wrote_is_not_believed() {
        let own = TrustedProxies::loopback();
        assert_eq!(from("127.0.0.1", &["1.1.1.1, 9.9.9.9"], &own), "9.9.9.9");
        assert_eq!(from("127.0.0.1", &["1.1.1.1", "9.9.9.9"], &own), "9.9.9.9");
        assert_eq!(from("127.0.0.1", &["9.9.9.9, 127.0.0.1"], &own), "9.9.9.9", "two proxies");
        assert_eq!(from("127.0.0.1", &["9.9.9.9, nonsense"], &own), "127.0.0.1");
    }
}
