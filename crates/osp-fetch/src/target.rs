//! Where a request goes, and who chose that.

use crate::{FetchError, address::special};
use reqwest::Url;
use std::net::IpAddr;

/// Longest address that is accepted, in bytes.
const MAX_URL_BYTES: usize = 8 * 1024;

/// Who chose an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The user of this program: allowed as it is.
    Typed,
    /// A stranger: public addresses only.
    Learned,
}

/// An http or https address, and who chose it.
#[derive(Clone, Debug)]
pub struct Target {
    url: Url,
    trust: Trust,
}

impl Target {
    /// An address the user typed.
    ///
    /// # Errors
    /// [`FetchError::BadUrl`]
    pub fn typed(url: &str) -> Result<Self, FetchError> {
        Self::parse(url, Trust::Typed)
    }

    /// An address from a record, a document or another machine.
    ///
    /// # Errors
    /// [`FetchError::BadUrl`]; with a user name or password in it, too.
    pub fn learned(url: &str) -> Result<Self, FetchError> {
        Self::parse(url, Trust::Learned)
    }

    /// An address and who chose it.
    ///
    /// # Errors
    /// As [`Target::typed`] and [`Target::learned`].
    pub fn parse(url: &str, trust: Trust) -> Result<Self, FetchError> {
        let bad = |reason: &str| FetchError::BadUrl {
            url: url.chars().filter(|c| !c.is_control()).take(120).collect(),
            reason: reason.to_owned(),
        };
        if url.len() > MAX_URL_BYTES {
            return Err(bad("it is longer than 8 KiB"));
        }
        let parsed = Url::parse(url)
            .map_err(|e| bad(&format!("{e}; it must start with https:// or http:// and a host")))?;
        Self::check(parsed, trust)
    }

    /// The same host, another path: `path` is appended to the base, which need not end with a slash. The base's
    /// query and fragment are dropped. `path` must be ASCII and escaped.
    #[must_use]
    pub fn join(&self, path: &str) -> Self {
        let mut url = self.url.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{}", path.trim_start_matches('/')));
        url.set_query(query);
        url.set_fragment(None);
        Self { url, trust: self.trust }
    }

    /// The same address with these parameters appended to its query, escaped.
    #[must_use]
    pub fn with_query(&self, parameters: &[(&str, &str)]) -> Self {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        Self { url, trust: self.trust }
    }

    /// The whole address. It may carry what must not be logged: log [`Target`] by its `Display`.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Who chose it.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// The target of a redirect from here to `location`: learned, unless it stays at a typed origin.
    pub(crate) fn redirect(&self, location: &str) -> Result<Self, FetchError> {
        let refuse = |reason: &str| FetchError::Redirect { url: self.to_string(), reason: reason.to_owned() };
        if location.len() > MAX_URL_BYTES {
            return Err(refuse("its target is longer than 8 KiB"));
        }
        let mut url = self.url.join(location).map_err(|_| refuse("its target is no address"))?;
        url.set_fragment(None);
        if self.url.scheme() == "https" && url.scheme() == "http" {
            return Err(refuse("it leads from https to http"));
        }
        let trust = if url.origin() == self.url.origin() { self.trust } else { Trust::Learned };
        Self::check(url, trust).map_err(|e| refuse(&e.to_string()))
    }

    /// Refuses a learned address whose host is itself a special IP address. Names are looked at when they are
    /// resolved.
    pub(crate) fn check_literal(&self) -> Result<(), FetchError> {
        let literal = match self.url.host() {
            // `host_str` would have the brackets of IPv6.
            Some(host) => host.to_string().trim_matches(['[', ']']).parse::<IpAddr>().ok(),
            None => None,
        };
        match literal.and_then(|address| special(address).map(|kind| (address, kind))) {
            Some((address, kind)) if self.trust == Trust::Learned => {
                Err(FetchError::Private { url: self.to_string(), address, kind })
            }
            _ => Ok(()),
        }
    }

    fn check(mut url: Url, trust: Trust) -> Result<Self, FetchError> {
        let shown = show(&url);
        let bad = |reason: &str| FetchError::BadUrl { url: shown.clone(), reason: reason.to_owned() };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("only http and https are fetched"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(bad("it has no host"));
        }
        if trust == Trust::Learned && (!url.username().is_empty() || url.password().is_some()) {
            return Err(bad("it has a user name or password in it"));
        }
        url.set_fragment(None);
        Ok(Self { url, trust })
    }
}

/// Scheme, host, port and path: user names, passwords and the query never reach a log.
impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&show(&self.url))
    }
}

fn show(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path()).chars().take(200).collect()
}
