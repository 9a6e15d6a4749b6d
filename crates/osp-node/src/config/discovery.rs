//! `[discovery]`: how the node finds what others have.
//!
//! ```toml
//! [discovery]
//! peer = ["https://music.example"]   # nodes whose records are followed, and that are asked for music
//! ```

use super::ConfigError;
use osp_fetch::Target;

/// Most nodes that are followed.
pub const MAX_PEERS: usize = 64;

/// Settings as one source gives them; what is not given is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct PartialDiscovery {
    /// Nodes whose records are followed: base URLs, or the word off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Vec<String>>,
}

/// Settings, checked and complete.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// Nodes whose records are followed and that are asked for music.
    pub peers: Vec<Target>,
}

impl PartialDiscovery {
    /// These settings, with what `over` gives in their place.
    #[must_use]
    pub fn overlaid(self, over: Self) -> Self {
        Self { peer: over.peer.or(self.peer) }
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
        Ok(Discovery { peers })
    }
}

impl PartialEq for Discovery {
    fn eq(&self, other: &Self) -> bool {
        self.to_partial() == other.to_partial()
    }
}

impl Discovery {
    pub(super) fn to_partial(&self) -> PartialDiscovery {
        let peers = self.peers.iter().map(|peer| peer.url().as_str().trim_end_matches('/').to_owned());
        PartialDiscovery { peer: Some(peers.collect()) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn complete(peers: &[&str]) -> Result<Discovery, ConfigError> {
        let peer = Some(peers.iter().map(|text| (*text).to_owned()).collect());
        PartialDiscovery { peer }.complete()
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
}
