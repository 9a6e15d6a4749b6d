//! Why a request did not succeed.

use std::{net::IpAddr, path::PathBuf, time::Duration};

/// A request that got no usable answer. URLs are shown without user names and query.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Not an address this client asks.
    #[error("«{url}» is no address to fetch from: {reason}")]
    BadUrl {
        /// The address, shortened.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A learned address that is private or special.
    #[error(
        "{url} was learned from elsewhere and leads to {address}, {kind}: refused; use --allow-private (or \
         OSP_ALLOW_PRIVATE=1) if you mean to reach it"
    )]
    Private {
        /// Where to.
        url: String,
        /// The address, or the first one of a name that resolves to nothing public.
        address: IpAddr,
        /// What it is, as in "a loopback address".
        kind: &'static str,
    },
    /// A redirect that is not followed.
    #[error("{url} answers with a redirect that is not followed: {reason}")]
    Redirect {
        /// Who redirects.
        url: String,
        /// Why it is not followed.
        reason: String,
    },
    /// No connection: no such name, nothing listening, TLS.
    #[error("cannot reach {url}: {reason}")]
    Connect {
        /// Where to.
        url: String,
        /// What the system or TLS said.
        reason: String,
    },
    /// It took too long.
    #[error("{url} {what} for {}", seconds(*after))]
    Timeout {
        /// Who is slow.
        url: String,
        /// As in "sent nothing".
        what: &'static str,
        /// The limit that was reached.
        after: Duration,
    },
    /// The answer is larger than it may be.
    #[error("{url} sends more than the {limit} bytes that are read from it")]
    TooBig {
        /// Who sends.
        url: String,
        /// Most bytes that are read.
        limit: u64,
    },
    /// The connection broke, or what came over it is not HTTP.
    #[error("the transfer from {url} broke off: {reason}")]
    Broken {
        /// From where.
        url: String,
        /// What was seen.
        reason: String,
    },
}

fn seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{} s", duration.as_secs())
    }
}

/// Why the client cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The file of extra certificate authorities.
    #[error("cannot read certificates from {path}: {reason}; it must be a PEM file")]
    ExtraCa {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS or the HTTP library.
    #[error("cannot set up HTTPS: {0}")]
    Tls(String),
}
