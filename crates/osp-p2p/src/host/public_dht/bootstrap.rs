//! Where the public DHT begins.

use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};

/// The peers that Kubo and Helia begin with (kubo `config/bootstrap_peers.go`).
pub const WELL_KNOWN: [&str; 6] = [
    "/dnsaddr/bootstrap.libp2p.io/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN",
    "/dnsaddr/bootstrap.libp2p.io/p2p/QmQCU2EcMqAqQPR2i9bChDtGNJchTbq5TbXJJ16u19uLTa",
    "/dnsaddr/bootstrap.libp2p.io/p2p/QmbLHAnMoJPWSCR5Zhtx6BHJX9KiKNN6tpvbUcqanj75Nb",
    "/dnsaddr/bootstrap.libp2p.io/p2p/QmcZf59bWwK5XFi76CZX8cbJ4BhTzzA3gU1ZjYZcYW3dwt",
    "/dnsaddr/va1.bootstrap.libp2p.io/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8",
    "/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvsqQLuvuJ",
];

/// The peer at the end of an address, and the address without it.
pub(super) fn split(address: &Multiaddr) -> Option<(PeerId, Multiaddr)> {
    let mut rest = address.clone();
    match rest.pop()? {
        Protocol::P2p(peer) => Some((peer, rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn all_well_known_peers_are_addresses_with_a_peer_id() {
        for text in WELL_KNOWN {
            let (peer, rest) = split(&text.parse().unwrap()).unwrap();
            assert!(text.ends_with(&peer.to_string()));
            assert!(!rest.to_string().contains("/p2p/"));
        }
        assert!(split(&"/ip4/192.0.2.1/tcp/4001".parse().unwrap()).is_none());
    }
}
