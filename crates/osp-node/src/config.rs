//! Settings of `osp node`: a file, then the environment, then flags; what comes later wins.
//!
//! ```toml
//! # <home>/config.toml
//! http = "127.0.0.1:8787"
//! public-url = "https://music.example"
//! allow-private = false
//! max-blob = "2GiB"
//! log = "info"
//! log-format = "text"
//! tracker = "own"         # or "open", "off": see [`tracker::TrackerMode`]
//! trusted-proxy = "none"  # whose X-Forwarded-For is believed; with public-url the default is "loopback"
//!
//! [peers]                # see [`peers`]
//! bittorrent = "0.0.0.0:6881"
//!
//! [discovery]            # see [`discovery`]
//! peer = ["https://music.example"]
//! ```

pub mod discovery;
pub mod peers;
pub mod tracker;

use discovery::{Discovery, PartialDiscovery};
use peers::{PartialPeers, Peers};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tracker::{TrackerMode, TrustedProxies};

/// The address when nothing says otherwise: loopback only.
pub const DEFAULT_HTTP: &str = "127.0.0.1:8787";
/// Largest blob that may be uploaded when nothing says otherwise, in bytes.
pub const DEFAULT_MAX_BLOB: u64 = 2 * 1024 * 1024 * 1024;

/// Settings as one source gives them; what is not given is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Partial {
    /// Address to listen on, `host:port`; port 0 means any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    /// How others reach this node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Whether learned addresses may be private.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_private: Option<bool>,
    /// Largest blob that may be uploaded, in bytes or with a unit (`2GiB`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_blob: Option<String>,
    /// Log filter (`info`, `osp_node=debug`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// `text` or `json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<LogFormat>,
    /// Which swarms the node's tracker serves: `own`, `open` or `off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracker: Option<TrackerMode>,
    /// Whose `X-Forwarded-For` is believed: `none`, `loopback`, IP addresses with commas between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_proxy: Option<String>,
    /// How the node takes part in swarms.
    #[serde(skip_serializing_if = "is_empty")]
    pub peers: PartialPeers,
    /// How the node finds what others have.
    #[serde(skip_serializing_if = "is_empty")]
    pub discovery: PartialDiscovery,
}

fn is_empty<T: Default + PartialEq>(table: &T) -> bool {
    *table == T::default()
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Settings, checked and complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Address to listen on.
    pub http: SocketAddr,
    /// How others reach this node, without a trailing slash; `None`: the address listened on.
    pub public_url: Option<String>,
    /// Whether learned addresses may be private.
    pub allow_private: bool,
    /// Largest blob that may be uploaded, in bytes.
    pub max_blob: u64,
    /// Log filter.
    pub log: String,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which swarms the node's tracker serves.
    pub tracker: TrackerMode,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// How the node takes part in swarms.
    pub peers: Peers,
    /// How the node finds what others have.
    pub discovery: Discovery,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file that was named and cannot be read.
    #[error("cannot read the configuration {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, or a setting that does not exist.
    #[error("{path} is not a configuration: {reason}; «osp node --print-config» shows every setting")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and what.
        reason: String,
    },
    /// A setting with a value it cannot have.
    #[error("{setting} cannot be «{value}»: {expected}")]
    Value {
        /// Its name.
        setting: &'static str,
        /// As given.
        value: String,
        /// What it can be.
        expected: &'static str,
    },
}

impl Partial {
    /// Reads a file. With `required` a missing file is an error, otherwise it gives nothing.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_file(path: &Path, required: bool) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text)
                .map_err(|e| ConfigError::Malformed { path: path.into(), reason: reason(&text, &e) }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !required => Ok(Self::default()),
            Err(source) => Err(ConfigError::Unreadable { path: path.into(), source }),
        }
    }

    /// Reads the environment by `var`: `OSP_HTTP`, `OSP_PUBLIC_URL` and so on, each named like its setting; lists have
    /// commas between their members.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let var = |name: &str| var(name).filter(|v| !v.is_empty());
        let switch = |name: &'static str| var(name).map(|v| flag(name, &v)).transpose();
        Ok(Self {
            http: var("OSP_HTTP"),
            public_url: var("OSP_PUBLIC_URL"),
            allow_private: switch("OSP_ALLOW_PRIVATE")?,
            max_blob: var("OSP_MAX_BLOB"),
            log: var("OSP_LOG"),
            log_format: var("OSP_LOG_FORMAT").map(|v| log_format(&v)).transpose()?,
            tracker: var("OSP_TRACKER").map(|v| tracker::mode(&v)).transpose()?,
            trusted_proxy: var("OSP_TRUSTED_PROXY"),
            peers: PartialPeers {
                bittorrent: var("OSP_BITTORRENT"),
                encryption: var("OSP_ENCRYPTION"),
                p2p: var("OSP_P2P").map(|text| list(&text)),
                mainline: switch("OSP_MAINLINE")?,
                mainline_bootstrap: var("OSP_MAINLINE_BOOTSTRAP").map(|text| list(&text)),
                public_dht: switch("OSP_PUBLIC_DHT")?,
                public_dht_bootstrap: var("OSP_PUBLIC_DHT_BOOTSTRAP").map(|text| list(&text)),
                stun: var("OSP_STUN").map(|text| list(&text)),
                seeding: var("OSP_SEEDING"),
                quota: var("OSP_QUOTA"),
                refresh: var("OSP_REFRESH").map(|v| seconds("OSP_REFRESH", &v)).transpose()?,
                ..PartialPeers::default()
            },
            discovery: PartialDiscovery {
                peer: var("OSP_PEER").map(|text| list(&text)),
                dht: switch("OSP_DHT")?,
                relay: switch("OSP_RELAY")?,
                bootstrap: var("OSP_BOOTSTRAP").map(|text| list(&text)),
            },
        })
    }

    /// These settings, with what `over` gives in their place.
    #[must_use]
    pub fn overlaid(self, over: Self) -> Self {
        Self {
            http: over.http.or(self.http),
            public_url: over.public_url.or(self.public_url),
            allow_private: over.allow_private.or(self.allow_private),
            max_blob: over.max_blob.or(self.max_blob),
            log: over.log.or(self.log),
            log_format: over.log_format.or(self.log_format),
            tracker: over.tracker.or(self.tracker),
            trusted_proxy: over.trusted_proxy.or(self.trusted_proxy),
            peers: self.peers.overlaid(over.peers),
            discovery: self.discovery.overlaid(over.discovery),
        }
    }

    /// Checks the values and fills in what nobody gave.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub fn complete(self) -> Result<Config, ConfigError> {
        let trusted_proxies = match &self.trusted_proxy {
            Some(text) => tracker::proxies(text)?,
            // Who is reached under another address most likely stands behind a proxy on this machine.
            None if self.public_url.is_some() => TrustedProxies::loopback(),
            None => TrustedProxies::default(),
        };
        let http = self.http.unwrap_or_else(|| DEFAULT_HTTP.to_owned());
        Ok(Config {
            http: address("http", &http)?,
            public_url: self.public_url.map(public_url).transpose()?,
            allow_private: self.allow_private.unwrap_or(false),
            max_blob: self.max_blob.map_or(Ok(DEFAULT_MAX_BLOB), |v| size("max-blob", &v))?,
            log: self.log.unwrap_or_else(|| "info".to_owned()),
            log_format: self.log_format.unwrap_or_default(),
            tracker: self.tracker.unwrap_or_default(),
            trusted_proxies,
            peers: self.peers.complete()?,
            discovery: self.discovery.complete()?,
        })
    }
}

impl Config {
    /// The settings as a file (`osp node --print-config`).
    #[must_use]
    pub fn to_toml(&self) -> String {
        let partial = Partial {
            http: Some(self.http.to_string()),
            public_url: self.public_url.clone(),
            allow_private: Some(self.allow_private),
            max_blob: Some(self.max_blob.to_string()),
            log: Some(self.log.clone()),
            log_format: Some(self.log_format),
            tracker: Some(self.tracker),
            trusted_proxy: Some(tracker::proxies_text(&self.trusted_proxies)),
            peers: self.peers.to_partial(),
            discovery: self.discovery.to_partial(),
        };
        toml::to_string(&partial).expect("strings and booleans are TOML")
    }
}

/// What is wrong and where, on one line.
fn reason(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map(|before| format!("line {}: ", before.matches('\n').count() + 1));
    format!("{}{}", line.unwrap_or_default(), error.message())
}

fn address(setting: &'static str, text: &str) -> Result<SocketAddr, ConfigError> {
    use std::net::ToSocketAddrs as _;
    let wrong = || ConfigError::Value {
        setting,
        value: text.to_owned(),
        expected: "write an address and a port, as in 127.0.0.1:8787 or [::1]:0",
    };
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    // A name such as localhost:8787; «:8787» alone is left out on purpose, since it would listen everywhere.
    text.to_socket_addrs().ok().and_then(|mut found| found.next()).ok_or_else(wrong)
}

/// An address that a site is reached at, without a slash at its end.
///
/// # Errors
/// [`ConfigError::Value`] for what is no whole http(s) address.
pub fn public_url(text: String) -> Result<String, ConfigError> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let whole = rest.is_some_and(|r| {
        !r.is_empty() && !r.contains(['?', '#', '@', '"', '<', '>']) && !r.contains(char::is_whitespace)
    });
    if whole {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(ConfigError::Value {
            setting: "public-url",
            value: text,
            expected: "write the whole address, as in https://music.example",
        })
    }
}

fn size(setting: &'static str, text: &str) -> Result<u64, ConfigError> {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1u64 << 30), ("TiB", 1 << 40)];
    let (number, unit) =
        units.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit))).unwrap_or((text, 1));
    number.trim().parse::<u64>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(|| ConfigError::Value {
        setting,
        value: text.to_owned(),
        expected: "write a number of bytes, or one with KiB, MiB, GiB or TiB",
    })
}

fn seconds(setting: &'static str, text: &str) -> Result<u64, ConfigError> {
    let expected = "write a number of seconds";
    text.parse().map_err(|_| ConfigError::Value { setting, value: text.to_owned(), expected })
}

/// What stands between commas.
fn list(text: &str) -> Vec<String> {
    text.split(',').map(|one| one.trim().to_owned()).collect()
}

fn flag(setting: &'static str, text: &str) -> Result<bool, ConfigError> {
    match text {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => Err(ConfigError::Value { setting, value: text.to_owned(), expected: "write 1 or 0" }),
    }
}

fn log_format(text: &str) -> Result<LogFormat, ConfigError> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(ConfigError::Value {
            setting: "log-format",
            value: text.to_owned(),
            expected: "write text or json",
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn from(text: &str) -> Partial {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn flags_win_over_environment_over_file() {
        let file = from("http = \"127.0.0.1:1\"\nlog = \"debug\"\nmax-blob = \"1GiB\"");
        let env = Partial::from_env(|n| (n == "OSP_HTTP").then(|| "127.0.0.1:2".into())).unwrap();
        let flags = Partial { http: Some("127.0.0.1:3".into()), ..Partial::default() };
        let both = file.clone().overlaid(env.clone()).complete().unwrap();
        assert_eq!(both.http.port(), 2);
        let config = file.overlaid(env).overlaid(flags).complete().unwrap();
        assert_eq!((config.http.port(), config.log.as_str(), config.max_blob), (3, "debug", 1 << 30));
    }

    #[test]
    fn what_is_printed_reads_back() {
        let config = Partial { public_url: Some("https://m.example/".into()), ..Partial::default() };
        let config = config.complete().unwrap();
        assert_eq!(config.public_url.as_deref(), Some("https://m.example"));
        assert_eq!(from(&config.to_toml()).complete().unwrap(), config);
    }

    #[test]
    fn wrong_values_are_named() {
        assert!(toml::from_str::<Partial>("htpp = \"x\"").is_err());
        for (http, url, blob) in
            [(Some("8787"), None, None), (None, Some("music.example"), None), (None, None, Some("2 pounds"))]
        {
            let partial = Partial {
                http: http.map(Into::into),
                public_url: url.map(Into::into),
                max_blob: blob.map(Into::into),
                ..Partial::default()
            };
            assert!(matches!(partial.complete(), Err(ConfigError::Value { .. })));
        }
    }
}
