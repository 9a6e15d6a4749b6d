//! Settings of the table `[peers]`: how this node takes part in swarms.
//!
//! ```toml
//! [peers]
//! bittorrent = "[::]:6881"         # TCP and uTP, over IPv4 too; "off" for none
//! p2p = ["/ip4/0.0.0.0/tcp/4001"]  # libp2p, for IPFS; [] for none
//! webrtc = true                    # browsers reach this node directly
//! public-addresses = []            # addresses others reach this machine at, beside those it knows itself
//! trackers = []                    # announced to beside the node's own
//! local-discovery = true           # finds peers on the local network
//! encryption = "allowed"           # of BitTorrent connections (MSE); or "preferred", "required", "off"
//! mainline = false                 # announces to the public BitTorrent DHT, and asks it
//! mainline-bootstrap = []          # nodes it begins with, host:port, in place of the well-known ones
//! public-dht = false               # announces what is published here to the public DHT of IPFS, and asks it
//! public-dht-bootstrap = []        # peers it begins with, as multiaddrs, in place of the well-known ones
//! stun = []                        # STUN servers, host:port, for WebRTC behind a NAT; they learn our address
//! seeding = "always"               # or "off", "ratio:2.0", "rate:512KiB" (a second)
//! upload-limit = "off"             # or bytes a second for all peers together, as in "2MiB"
//! quota = "10GiB"                  # room for music that is kept for others
//! refresh = 900                    # seconds after which followed REFs are looked at again
//! ```

use super::ConfigError;
use crate::peering::ipfs::DEFAULT_P2P;
use osp_delivery::torrent::{Encryption, Seeding};
use osp_p2p::{Multiaddr, Protocol, PublicDhtConfig};
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// The BitTorrent address when nothing says otherwise; over IPv6 too where the machine has it. If that port is taken,
/// any other one.
pub const DEFAULT_BITTORRENT: &str = "0.0.0.0:6881";
/// Room for music kept for others when nothing says otherwise: 10 GiB.
pub const DEFAULT_QUOTA: u64 = 10 << 30;

/// How often followed REFs are looked at when nothing says otherwise, in seconds: every quarter of an hour.
pub const DEFAULT_REFRESH: u64 = 900;

/// Settings as one source gives them; what is not given is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct PartialPeers {
    /// Address to listen on for BitTorrent, or `off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bittorrent: Option<String>,
    /// Multiaddrs to listen on with libp2p; an empty list or `off` for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p2p: Option<Vec<String>>,
    /// Whether WebRTC is spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webrtc: Option<bool>,
    /// Addresses others reach this machine at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_addresses: Option<Vec<IpAddr>>,
    /// Further trackers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trackers: Option<Vec<String>>,
    /// Whether the local network is searched for peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_discovery: Option<bool>,
    /// Whether the public BitTorrent DHT is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mainline: Option<bool>,
    /// `off`, `allowed`, `preferred` or `required`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<String>,
    /// Nodes the public BitTorrent DHT begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mainline_bootstrap: Option<Vec<String>>,
    /// Whether the public DHT of IPFS is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_dht: Option<bool>,
    /// Peers the public DHT of IPFS begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_dht_bootstrap: Option<Vec<String>>,
    /// STUN servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stun: Option<Vec<String>>,
    /// `off`, `always`, `ratio:N` or `rate:BYTES`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seeding: Option<String>,
    /// Bytes a second, or `off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_limit: Option<String>,
    /// Bytes, perhaps with a unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<String>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<u64>,
}

/// Settings, checked and complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Peers {
    /// Where BitTorrent listens; `None`: nowhere.
    pub bittorrent: Option<SocketAddr>,
    /// Whether that address was asked for, so that another port will not do.
    pub bittorrent_exact: bool,
    /// Where libp2p listens, as multiaddrs; nowhere if there is none.
    pub p2p: Vec<String>,
    /// Whether those addresses were asked for, so that other ports will not do.
    pub p2p_exact: bool,
    /// Whether WebRTC is spoken.
    pub webrtc: bool,
    /// Addresses others reach this machine at.
    pub public_addresses: Vec<IpAddr>,
    /// Further trackers.
    pub trackers: Vec<String>,
    /// Whether the local network is searched for peers.
    pub local_discovery: bool,
    /// Whether the public BitTorrent DHT is used.
    pub mainline: bool,
    /// How BitTorrent connections over TCP and uTP are opened.
    pub encryption: Encryption,
    /// Nodes it begins with, `host:port`; the well-known ones if there is none.
    pub mainline_bootstrap: Vec<String>,
    /// Whether the public DHT of IPFS is used.
    pub public_dht: bool,
    /// Peers it begins with, multiaddrs with a peer id; the well-known ones if there is none.
    pub public_dht_bootstrap: Vec<String>,
    /// STUN servers, `host:port`.
    pub stun: Vec<String>,
    /// How long is seeded.
    pub seeding: Seeding,
    /// Bytes a second to all peers together.
    pub upload_limit: Option<u64>,
    /// Bytes for music kept for others.
    pub quota: u64,
    /// How often followed REFs are looked at again.
    pub refresh: Duration,
}

impl PartialPeers {
    /// These settings, with what `over` gives in their place.
    #[must_use]
    pub fn overlaid(self, over: Self) -> Self {
        Self {
            bittorrent: over.bittorrent.or(self.bittorrent),
            p2p: over.p2p.or(self.p2p),
            webrtc: over.webrtc.or(self.webrtc),
            public_addresses: over.public_addresses.or(self.public_addresses),
            trackers: over.trackers.or(self.trackers),
            local_discovery: over.local_discovery.or(self.local_discovery),
            mainline: over.mainline.or(self.mainline),
            encryption: over.encryption.or(self.encryption),
            mainline_bootstrap: over.mainline_bootstrap.or(self.mainline_bootstrap),
            public_dht: over.public_dht.or(self.public_dht),
            public_dht_bootstrap: over.public_dht_bootstrap.or(self.public_dht_bootstrap),
            stun: over.stun.or(self.stun),
            seeding: over.seeding.or(self.seeding),
            upload_limit: over.upload_limit.or(self.upload_limit),
            quota: over.quota.or(self.quota),
            refresh: over.refresh.or(self.refresh),
        }
    }

    /// Checks the values and fills in what nobody gave.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub fn complete(self) -> Result<Peers, ConfigError> {
        let exact = self.bittorrent.is_some();
        let bittorrent = self.bittorrent.unwrap_or_else(|| DEFAULT_BITTORRENT.to_owned());
        Ok(Peers {
            bittorrent: match bittorrent.as_str() {
                "off" => None,
                text => Some(super::address("bittorrent", text)?),
            },
            bittorrent_exact: exact,
            p2p_exact: self.p2p.is_some(),
            p2p: self.p2p.map_or_else(|| Ok(DEFAULT_P2P.map(str::to_owned).to_vec()), multiaddrs)?,
            webrtc: self.webrtc.unwrap_or(true),
            public_addresses: self.public_addresses.unwrap_or_default(),
            trackers: self.trackers.unwrap_or_default(),
            local_discovery: self.local_discovery.unwrap_or(true),
            mainline: self.mainline.unwrap_or(false),
            encryption: self.encryption.map_or(Ok(Encryption::default()), |text| encryption(&text))?,
            mainline_bootstrap: hosts("mainline-bootstrap", self.mainline_bootstrap)?,
            public_dht: self.public_dht.unwrap_or(false),
            public_dht_bootstrap: bootstrap(self.public_dht_bootstrap.unwrap_or_default())?,
            stun: hosts("stun", self.stun)?,
            seeding: self.seeding.map_or(Ok(Seeding::default()), |text| seeding(&text))?,
            upload_limit: self.upload_limit.map_or(Ok(None), |text| limit(&text))?,
            quota: self.quota.map_or(Ok(DEFAULT_QUOTA), |text| super::size("quota", &text))?,
            refresh: Duration::from_secs(self.refresh.unwrap_or(DEFAULT_REFRESH).max(1)),
        })
    }
}

impl Peers {
    /// How the public DHT of IPFS is joined. `None` when it is switched off.
    pub(crate) fn public_dht_config(&self) -> Option<PublicDhtConfig> {
        self.public_dht.then(|| match self.public_dht_bootstrap.as_slice() {
            [] => PublicDhtConfig::default(),
            list => PublicDhtConfig { bootstrap: list.iter().filter_map(|text| text.parse().ok()).collect() },
        })
    }

    /// The settings as they would be written.
    #[must_use]
    pub(super) fn to_partial(&self) -> PartialPeers {
        PartialPeers {
            bittorrent: match self.bittorrent {
                // What nobody asked for is not written down: another port would no longer do.
                Some(_) if !self.bittorrent_exact => None,
                Some(address) => Some(address.to_string()),
                None => Some("off".to_owned()),
            },
            p2p: self.p2p_exact.then(|| self.p2p.clone()),
            webrtc: Some(self.webrtc),
            public_addresses: Some(self.public_addresses.clone()),
            trackers: Some(self.trackers.clone()),
            local_discovery: Some(self.local_discovery),
            mainline: Some(self.mainline),
            encryption: Some(encryption_written(self.encryption).to_owned()),
            mainline_bootstrap: Some(self.mainline_bootstrap.clone()),
            public_dht: Some(self.public_dht),
            public_dht_bootstrap: Some(self.public_dht_bootstrap.clone()),
            stun: Some(self.stun.clone()),
            seeding: Some(written(self.seeding)),
            upload_limit: Some(self.upload_limit.map_or_else(|| "off".to_owned(), |n| n.to_string())),
            quota: Some(self.quota.to_string()),
            refresh: Some(self.refresh.as_secs()),
        }
    }
}

/// As [`seeding`] reads it.
fn written(seeding: Seeding) -> String {
    match seeding {
        Seeding::Off => "off".to_owned(),
        Seeding::Always => "always".to_owned(),
        Seeding::Ratio(ratio) => format!("ratio:{ratio}"),
        Seeding::Rate(rate) => format!("rate:{rate}"),
    }
}

/// Reads `off`, `always`, `ratio:N` or `rate:BYTES`.
///
/// # Errors
/// [`ConfigError::Value`].
pub fn seeding(text: &str) -> Result<Seeding, ConfigError> {
    let wrong = || ConfigError::Value {
        setting: "seeding",
        value: text.to_owned(),
        expected: "write always, off, ratio:2.0 or rate:512KiB",
    };
    match text.split_once(':') {
        None if text == "off" => Ok(Seeding::Off),
        None if text == "always" => Ok(Seeding::Always),
        Some(("ratio", ratio)) => match ratio.parse::<f64>() {
            Ok(ratio) if ratio.is_finite() && ratio >= 0.0 => Ok(Seeding::Ratio(ratio)),
            _ => Err(wrong()),
        },
        Some(("rate", rate)) => super::size("seeding", rate).map(Seeding::Rate).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

/// Reads `off`, `allowed`, `preferred` or `required`.
///
/// # Errors
/// [`ConfigError::Value`].
pub fn encryption(text: &str) -> Result<Encryption, ConfigError> {
    use Encryption::{Allowed, Off, Preferred, Required};
    let known =
        [Off, Allowed, Preferred, Required].into_iter().find(|known| encryption_written(*known) == text);
    known.ok_or_else(|| ConfigError::Value {
        setting: "encryption",
        value: text.to_owned(),
        expected: "write allowed, preferred, required or off",
    })
}

/// As [`encryption`] reads it.
fn encryption_written(encryption: Encryption) -> &'static str {
    match encryption {
        Encryption::Off => "off",
        Encryption::Allowed => "allowed",
        Encryption::Preferred => "preferred",
        Encryption::Required => "required",
    }
}

/// Checks multiaddrs to listen on; `off` alone stands for none.
fn multiaddrs(list: Vec<String>) -> Result<Vec<String>, ConfigError> {
    if list == ["off"] {
        return Ok(Vec::new());
    }
    match list.iter().find(|text| text.parse::<Multiaddr>().is_err()) {
        None => Ok(list),
        Some(wrong) => Err(ConfigError::Value {
            setting: "p2p",
            value: wrong.clone(),
            expected: "write /ip4/0.0.0.0/tcp/4001, /ip4/0.0.0.0/udp/4001/quic-v1, /ip4/0.0.0.0/tcp/4002/ws, or off",
        }),
    }
}

/// Checks multiaddrs with a peer id.
fn bootstrap(list: Vec<String>) -> Result<Vec<String>, ConfigError> {
    let named = |text: &str| {
        let address: Multiaddr = text.parse().ok()?;
        matches!(address.iter().last(), Some(Protocol::P2p(_))).then_some(())
    };
    match list.iter().find(|text| named(text).is_none()) {
        None => Ok(list),
        Some(wrong) => Err(ConfigError::Value {
            setting: "public-dht-bootstrap",
            value: wrong.clone(),
            expected: "write /ip4/192.0.2.1/tcp/4001/p2p/12D3Koo…, or leave it out for the well-known peers",
        }),
    }
}

/// Checks `host:port`s.
fn hosts(setting: &'static str, list: Option<Vec<String>>) -> Result<Vec<String>, ConfigError> {
    let list = list.unwrap_or_default();
    let whole = |text: &str| {
        let parts = text.rsplit_once(':');
        parts.is_some_and(|(host, port)| {
            !host.is_empty() && !host.contains(['/', ' ']) && port.parse::<u16>().is_ok_and(|port| port != 0)
        })
    };
    match list.iter().find(|text| !whole(text)) {
        None => Ok(list),
        Some(wrong) => Err(ConfigError::Value {
            setting,
            value: wrong.clone(),
            expected: "write a host and a port, as in example.org:3478 or 192.0.2.1:6881",
        }),
    }
}

fn limit(text: &str) -> Result<Option<u64>, ConfigError> {
    if text == "off" { Ok(None) } else { super::size("upload-limit", text).map(Some) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ways_to_seed() {
        assert_eq!(seeding("ratio:1.5").unwrap(), Seeding::Ratio(1.5));
        assert_eq!(seeding("rate:2KiB").unwrap(), Seeding::Rate(2048));
        for text in ["off", "always", "ratio:1.5", "rate:2048"] {
            assert_eq!(written(seeding(text).unwrap()), text);
        }
        for bad in ["", "on", "ratio:", "ratio:-1", "ratio:inf", "rate:fast", "Off"] {
            assert!(seeding(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ways_to_open_connections() {
        assert_eq!(PartialPeers::default().complete().unwrap().encryption, Encryption::Allowed);
        for text in ["off", "allowed", "preferred", "required"] {
            let asked = PartialPeers { encryption: Some(text.into()), ..PartialPeers::default() };
            let settings = asked.complete().unwrap();
            assert_eq!(settings.to_partial().encryption.as_deref(), Some(text), "what is printed reads back");
        }
        for bad in ["", "on", "Off", "true", "plain"] {
            assert!(encryption(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_that_was_asked_for_is_exact() {
        let asked = PartialPeers { bittorrent: Some("127.0.0.1:0".into()), ..PartialPeers::default() };
        assert!(asked.complete().unwrap().bittorrent_exact);
        assert!(!PartialPeers::default().complete().unwrap().bittorrent_exact);
        let off = PartialPeers { bittorrent: Some("off".into()), ..PartialPeers::default() };
        assert_eq!(off.complete().unwrap().bittorrent, None);
    }

    #[test]
    fn libp2p_listens_unless_it_is_switched_off() {
        let with = |list: &[&str]| {
            let p2p = Some(list.iter().map(ToString::to_string).collect());
            PartialPeers { p2p, ..PartialPeers::default() }.complete()
        };
        let default = PartialPeers::default().complete().unwrap();
        assert_eq!((default.p2p.len(), default.p2p_exact), (DEFAULT_P2P.len(), false));
        for off in [&[][..], &["off"]] {
            let settings = with(off).unwrap();
            assert!(settings.p2p.is_empty());
            assert_eq!(settings.to_partial().p2p, Some(Vec::new()), "what is printed reads back");
        }
        assert!(with(&["/ip4/127.0.0.1/tcp/0"]).unwrap().p2p_exact);
        assert!(with(&["127.0.0.1:4001"]).is_err());
    }

    #[test]
    fn public_directories_are_off_until_they_are_switched_on() {
        let default = PartialPeers::default().complete().unwrap();
        assert!(!default.mainline && default.public_dht_config().is_none() && default.stun.is_empty());
        let on = PartialPeers { public_dht: Some(true), ..PartialPeers::default() };
        let well_known = on.clone().complete().unwrap().public_dht_config().unwrap();
        assert_eq!(well_known.bootstrap.len(), osp_p2p::host::public_dht::WELL_KNOWN.len());
        let peer = "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWM8sovaEGU1bmiWGWAzvs47DEcXKZZTuJnpQyVTkRs2Vn";
        let own = PartialPeers { public_dht_bootstrap: Some(vec![peer.into()]), ..on.clone() };
        assert_eq!(own.complete().unwrap().public_dht_config().unwrap().bootstrap[0].to_string(), peer);
        for wrong in ["/ip4/127.0.0.1/tcp/1", "127.0.0.1:1"] {
            let wrong = PartialPeers { public_dht_bootstrap: Some(vec![wrong.into()]), ..on.clone() };
            assert!(wrong.complete().is_err());
        }
    }

    #[test]
    fn hosts_have_a_port() {
        let with = |text: &str| {
            PartialPeers { stun: Some(vec![text.to_owned()]), ..PartialPeers::default() }.complete()
        };
        for good in ["stun.example.org:3478", "192.0.2.1:3478", "[2001:db8::1]:3478"] {
            assert_eq!(with(good).unwrap().stun, [good]);
        }
        for bad in ["stun.example.org", "stun:example.org", ":3478", "a b:1", "example.org:0", "https://x/:1"]
        {
            assert!(with(bad).is_err(), "{bad}");
        }
    }
}
