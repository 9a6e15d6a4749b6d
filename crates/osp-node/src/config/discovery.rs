//! `[discovery]`: how the node finds what others have.
//!
//! ```toml
//! [discovery]
//! peer = ["https://music.example"]   # nodes whose records are followed, and that are asked for music
//! dht = true                         # takes part in the network of nodes: finds, and is found
//! relay = true                       # lets members behind routers meet through this node, within narrow bounds
//! bootstrap = []                     # members of it to begin with, as multiaddrs: those of a node's ready line
//! ```

use super::ConfigError;
use osp_fetch::Target;
use osp_p2p::{Multiaddr, Protocol};

/// Most nodes that are followed.
pub const MAX_PEERS: usize = 64;
/// Most members of the network to begin with.
pub const MAX_BOOTSTRAP: usize = 64;

/// Settings as one source gives them; what is not given is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct PartialDiscovery {
    /// Nodes whose records are followed: base URLs, or the word off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Vec<String>>,
    /// Whether the node takes part in the network of nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dht: Option<bool>,
    /// Whether members behind routers may meet through this node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<bool>,
    /// Members of that network to begin with: multiaddrs, or the word off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bootstrap: Option<Vec<String>>,
}

/// Settings, checked and complete.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// Nodes whose records are followed and that are asked for music.
    pub peers: Vec<Target>,
    /// Whether the node takes part in the network of nodes.
    pub dht: bool,
    /// Whether members behind routers may meet through this node.
    pub relay: bool,
    /// Members of that network to begin with. The user named them: they may be private.
    pub bootstrap: Vec<Multiaddr>,
}

impl PartialDiscovery {
    /// These settings, with what `over` gives in their place.
    #[must_use]
    pub fn overlaid(self, over: Self) -> Self {
        Self {
            peer: over.peer.or(self.peer),
            dht: over.dht.or(self.dht),
            relay: over.relay.or(self.relay),
            bootstrap: over.bootstrap.or(self.bootstrap),
        }
    }

    /// Checks the values and fills in what nobody gave.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub fn complete(self) -> Result<Discovery, ConfigError> {
        let mut peers: Vec<Target> = Vec::new();
        for text in self.peer.unwrap_or_default().into_iter().filter(|text| !text.is_empty() && text != "off")
        {
            let wrong = |expected| ConfigError::Value { setting: "peer", value: text.clone(), expected };
            let target = Target::typed(text.trim_end_matches('/'))
                .map_err(|_| wrong("write the address of a node, as in https://music.example"))?;
            if !peers.iter().any(|known| known.url() == target.url()) {
                peers.push(target);
            }
            if peers.len() > MAX_PEERS {
                return Err(wrong("at most 64 nodes can be followed"));
            }
        }
        let bootstrap = multiaddrs(self.bootstrap.unwrap_or_default())?;
        Ok(Discovery { peers, dht: self.dht.unwrap_or(true), relay: self.relay.unwrap_or(true), bootstrap })
    }
}

/// Reads the members to begin with.
fn multiaddrs(list: Vec<String>) -> Result<Vec<Multiaddr>, ConfigError> {
    let mut out = Vec::new();
    for text in list.into_iter().filter(|text| !text.is_empty() && text != "off") {
        let wrong = |expected| ConfigError::Value { setting: "bootstrap", value: text.clone(), expected };
        let example = "write a multiaddr of a node's ready line, as in /ip4/192.0.2.1/tcp/4001/p2p/12D3Koo…";
        let address: Multiaddr = text.parse().map_err(|_| wrong(example))?;
        let reached = |part| matches!(part, Protocol::Tcp(_) | Protocol::Udp(_));
        if !address.iter().any(reached) {
            return Err(wrong(example));
        }
        if !out.contains(&address) {
            out.push(address);
        }
        if out.len() > MAX_BOOTSTRAP {
            return Err(wrong("at most 64 addresses can be named"));
        }
    }
    Ok(out)
}

impl PartialEq for Discovery {
    fn eq(&self, other: &Self) -> bool {
        self.to_partial() == other.to_partial()
    }
}

impl Discovery {
    pub(super) fn to_partial(&self) -> PartialDiscovery {
        let peers = self.peers.iter().map(|peer| peer.url().as_str().trim_end_matches('/').to_owned());
        let bootstrap = self.bootstrap.iter().map(ToString::to_string).collect();
        PartialDiscovery {
            peer: Some(peers.collect()),
            dht: Some(self.dht),
            relay: Some(self.relay),
            bootstrap: Some(bootstrap),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn complete(peers: &[&str]) -> Result<Discovery, ConfigError> {
        let peer = Some(peers.iter().map(|text| (*text).to_owned()).collect());
        PartialDiscovery { peer, ..PartialDiscovery::default() }.complete()
    }

    #[test]
    fn a_node_named_twice_is_followed_once() {
        let settings = complete(&["https://music.example", "https://music.example/", "off"]).unwrap();
        assert_eq!(settings.to_partial().peer.unwrap(), ["https://music.example"]);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["music.example", "ftp://music.example"] {
            assert!(complete(&[text]).unwrap_err().to_string().contains("https://music.example"), "{text}");
        }
    }

    #[test]
    fn members_to_begin_with_may_be_private_and_must_be_reachable() {
        let with = |list: &[&str]| {
            let bootstrap = Some(list.iter().map(|text| (*text).to_owned()).collect());
            PartialDiscovery { bootstrap, ..PartialDiscovery::default() }.complete()
        };
        let peer = "12D3KooWM8sovaEGU1bmiWGWAzvs47DEcXKZZTuJnpQyVTkRs2Vn";
        let (named, nameless) =
            (format!("/ip4/192.168.1.7/tcp/4001/p2p/{peer}"), "/dns4/d.example/udp/1/quic-v1");
        let settings = with(&[&named, nameless, &named, "off"]).unwrap();
        assert_eq!(settings.to_partial().bootstrap.unwrap(), [named.as_str(), nameless]);
        assert!(settings.dht);
        for wrong in ["192.168.1.7:4001", "/ip4/192.168.1.7", &format!("/p2p/{peer}")] {
            assert!(with(&[wrong]).unwrap_err().to_string().contains("ready line"), "{wrong}");
        }
    }
}
