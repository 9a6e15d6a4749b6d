//! The transports: TCP and WebSocket with Noise and yamux, QUIC with its own.
//!
//! ```text
//!   /tcp            dns ▶ guard ▶ TCP             ▶ Noise ▶ yamux ┐
//!   /udp/…/quic-v1  dns ▶ guard ▶ QUIC                            ├▶ streams
//!   …/p2p-circuit   relay (a stream on a connection to it) ▶ Noise ▶ yamux
//!   /tcp/…/ws       WebSocket ▶ dns ▶ guard ▶ TCP ▶ Noise ▶ yamux ┘
//! ```
//!
//! WebSocket resolves names itself, since it needs them for TLS and for the request.

use super::{
    error::StartError,
    guard::{Guard, Guarded},
    muxer::Yamux,
};
use libp2p::{
    Multiaddr, PeerId, Transport as _,
    core::{
        muxing::StreamMuxerBox,
        transport::{Boxed, OptionalTransport},
        upgrade::Version,
    },
    dns,
    identity::Keypair,
    multiaddr::Protocol,
    noise, quic, relay, tcp, websocket,
};

/// Everything a host can listen on and dial.
pub(super) fn build(
    keypair: &Keypair,
    guard: &Guard,
    relay: Option<relay::client::Transport>,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, StartError> {
    let noise = noise::Config::new(keypair).map_err(|error| StartError::Transport(error.to_string()))?;
    let tcp = || {
        let config = tcp::Config::default().nodelay(true);
        Guarded::new(tcp::tokio::Transport::new(config), guard.clone())
    };
    let plain = || {
        tcp()
            .upgrade(Version::V1Lazy)
            .authenticate(noise.clone())
            .multiplex(Yamux::new())
            .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)))
    };
    let quic = || {
        Guarded::new(quic::tokio::Transport::new(quic::Config::new(keypair)), guard.clone())
            .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)))
    };
    // It takes every address for its own, so it has to be asked last.
    let named = resolving(|| plain().or_transport(quic()).map(|either, _| either.into_inner()));
    let web = websocket::Config::new(resolving(tcp))
        .upgrade(Version::V1Lazy)
        .authenticate(noise.clone())
        .multiplex(Yamux::new())
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)));
    let direct = web.or_transport(named).map(|either, _| either.into_inner());
    let relayed = relay.map(|relay| {
        let upgraded = relay.upgrade(Version::V1Lazy).authenticate(noise).multiplex(Yamux::new());
        upgraded.map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)))
    });
    // Asked first: it takes only its own addresses, which the others would misunderstand.
    let relayed = relayed.map_or_else(OptionalTransport::none, OptionalTransport::some);
    Ok(relayed.or_transport(direct).map(|either, _| either.into_inner()).boxed())
}

/// Whether an address is of a kind that is spoken here. Anything else would only show as a failed dial.
pub(super) fn speaks(address: &Multiaddr) -> bool {
    let mut known = false;
    for part in address {
        match part {
            Protocol::Tcp(_) | Protocol::QuicV1 => known = true,
            Protocol::Ip4(_)
            | Protocol::Ip6(_)
            | Protocol::Dns(_)
            | Protocol::Dns4(_)
            | Protocol::Dns6(_)
            | Protocol::Dnsaddr(_)
            | Protocol::Udp(_)
            | Protocol::Ws(_)
            | Protocol::Wss(_)
            | Protocol::Tls
            | Protocol::Sni(_)
            | Protocol::P2p(_)
            | Protocol::P2pCircuit => {}
            _ => return false,
        }
    }
    known || matches!(address.iter().next(), Some(Protocol::Dnsaddr(_)))
}

/// Resolves names before the transport that `make` makes dials.
fn resolving<T>(make: impl Fn() -> T) -> dns::tokio::Transport<T> {
    dns::tokio::Transport::system(make()).unwrap_or_else(|_| nameless(make()))
}

/// For a machine without a resolver configuration, such as a bare container: names fail, IP addresses work. Public
/// resolvers are not asked instead, since they would learn whom we talk to.
fn nameless<T>(inner: T) -> dns::tokio::Transport<T> {
    let nobody = dns::ResolverConfig::from_parts(None, Vec::new(), Vec::new());
    dns::tokio::Transport::custom(inner, nobody, dns::ResolverOpts::default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use libp2p::core::{
        Endpoint,
        transport::{DialOpts, PortUse},
    };

    #[tokio::test]
    async fn a_machine_without_a_resolver_still_dials_ip_addresses() {
        let mut transport = nameless(tcp::tokio::Transport::default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let opts = || DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
        let to = |address: String| address.parse::<Multiaddr>().unwrap();
        transport.dial(to(format!("/ip4/127.0.0.1/tcp/{port}")), opts()).unwrap().await.unwrap();
        assert!(transport.dial(to(format!("/dns4/example.org/tcp/{port}")), opts()).unwrap().await.is_err());
    }

    #[test]
    fn what_is_spoken_is_told_by_the_address() {
        for address in [
            "/ip4/1.2.3.4/tcp/4001",
            "/ip6/2606::1/udp/4001/quic-v1",
            "/dns4/example.org/tcp/443/tls/ws",
            "/dns4/example.org/tcp/443/wss/p2p/12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq",
            "/dnsaddr/example.org",
        ] {
            assert!(speaks(&address.parse().unwrap()), "{address}");
        }
        for address in [
            "/ip4/1.2.3.4/udp/4001/webrtc-direct",
            "/ip4/1.2.3.4/udp/4001/quic-v1/webtransport",
            "/ip4/1.2.3.4/udp/4001",
            "/unix/tmp",
        ] {
            assert!(!speaks(&address.parse().unwrap()), "{address}");
        }
    }
}
