//! Settings of the tracker that the node contains.

use super::ConfigError;
use std::net::IpAddr;

/// Which swarms the tracker serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrackerMode {
    /// Those of content that this node holds and serves.
    #[default]
    Own,
    /// All but those of content that it holds and does not serve, because it was blocked or withdrawn.
    Open,
    /// None: there is no tracker.
    Off,
}

/// Whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    loopback: bool,
    addresses: Vec<IpAddr>,
}

impl TrustedProxies {
    /// This machine, and no other: the usual place of a reverse proxy.
    #[must_use]
    pub fn loopback() -> Self {
        Self { loopback: true, addresses: Vec::new() }
    }

    /// Whether a connection from this address comes from a proxy.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.loopback && address.is_loopback() || self.addresses.contains(&address)
    }
}

pub(super) fn mode(text: &str) -> Result<TrackerMode, ConfigError> {
    match text {
        "own" => Ok(TrackerMode::Own),
        "open" => Ok(TrackerMode::Open),
        "off" => Ok(TrackerMode::Off),
        _ => Err(ConfigError::Value {
            setting: "tracker",
            value: text.to_owned(),
            expected: "write own, open or off",
        }),
    }
}

/// `none`, or addresses with commas between them; `loopback` stands for this machine's.
pub(super) fn proxies(text: &str) -> Result<TrustedProxies, ConfigError> {
    let mut proxies = TrustedProxies::default();
    if text == "none" {
        return Ok(proxies);
    }
    for part in text.split(',').map(str::trim) {
        if part == "loopback" {
            proxies.loopback = true;
        } else {
            let address: IpAddr = part.parse().map_err(|_| ConfigError::Value {
                setting: "trusted-proxy",
                value: text.to_owned(),
                expected: "write none, loopback, or IP addresses with commas between them",
            })?;
            proxies.addresses.push(address.to_canonical());
        }
    }
    Ok(proxies)
}

/// As it is written in the file.
pub(super) fn proxies_text(proxies: &TrustedProxies) -> String {
    let loopback = proxies.loopback.then(|| "loopback".to_owned());
    let all: Vec<String> =
        loopback.into_iter().chain(proxies.addresses.iter().map(IpAddr::to_string)).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(",") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn proxies_read_back_and_are_matched() {
        for text in ["none", "loopback", "10.0.0.1", "loopback,10.0.0.1,fd00::1"] {
            assert_eq!(proxies_text(&proxies(text).unwrap()), text);
        }
        let both = proxies("loopback, ::ffff:10.0.0.1").unwrap();
        for (address, trusted) in
            [("127.0.0.1", true), ("::1", true), ("::ffff:10.0.0.1", true), ("10.0.0.2", false)]
        {
            assert_eq!(both.contains(address.parse().unwrap()), trusted, "{address}");
        }
        assert!(proxies("proxy.example").is_err() && proxies("").is_err() && mode("on").is_err());
    }
}
