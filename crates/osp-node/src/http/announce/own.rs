//! This node as a peer: its own tracker names it to whoever asks for content that it has.
//!
//! It does not announce to itself over HTTP: its address would be loopback's. The address that a client reached the
//! tracker at is one that it can reach the BitTorrent listener at, too; behind a reverse proxy only the operator knows.

use super::remote::{Local, Remote};
use axum::http::request::Parts;
use osp_swarm::PeerId;
use std::net::{IpAddr, SocketAddr};

/// This node's BitTorrent listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPeer {
    /// Who it is to peers.
    pub peer_id: PeerId,
    /// Its port.
    pub port: u16,
    /// The one address it listens on, when it is not all of them.
    pub only: Option<IpAddr>,
    /// Addresses that the operator says it can be reached at.
    pub public: Vec<IpAddr>,
}

impl OwnPeer {
    /// Where whoever sent this request can reach the listener.
    pub(super) fn addresses(&self, request: &Parts) -> Vec<SocketAddr> {
        let reached = request.extensions.get::<Local>().map(|local| local.0.ip().to_canonical());
        let remote = request.extensions.get::<Remote>().map(|remote| remote.0.ip().to_canonical());
        let proxied = request.headers.contains_key("x-forwarded-for");
        let same_machine = remote.is_some_and(|ip| ip.is_loopback());
        let direct = reached.filter(|ip| {
            !proxied && (!ip.is_loopback() || same_machine) && self.only.is_none_or(|only| only == *ip)
        });
        let mut all: Vec<IpAddr> = direct.into_iter().chain(self.public.iter().copied()).collect();
        all.dedup();
        all.into_iter().map(|ip| SocketAddr::new(ip, self.port)).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use axum::http::Request;

    fn told(own: &OwnPeer, remote: &str, local: &str, proxied: bool) -> Vec<String> {
        let mut request = Request::builder();
        if proxied {
            request = request.header("x-forwarded-for", "9.9.9.9");
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(Remote(SocketAddr::new(remote.parse().unwrap(), 1)));
        parts.extensions.insert(Local(SocketAddr::new(local.parse().unwrap(), 2)));
        own.addresses(&parts).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_client_is_told_the_address_it_came_to() {
        let own = OwnPeer { peer_id: PeerId([7; 20]), port: 6881, only: None, public: Vec::new() };
        assert_eq!(told(&own, "9.9.9.9", "8.8.8.8", false), ["8.8.8.8:6881"]);
        assert_eq!(told(&own, "127.0.0.1", "127.0.0.1", false), ["127.0.0.1:6881"]);
        assert!(told(&own, "127.0.0.1", "127.0.0.1", true).is_empty(), "the proxy's side is nobody's way");
        let public = OwnPeer { public: vec!["8.8.4.4".parse().unwrap()], ..own.clone() };
        assert_eq!(told(&public, "127.0.0.1", "127.0.0.1", true), ["8.8.4.4:6881"]);
        let loopback = OwnPeer { only: Some("127.0.0.1".parse().unwrap()), ..own };
        assert!(told(&loopback, "9.9.9.9", "8.8.8.8", false).is_empty());
    }
}
