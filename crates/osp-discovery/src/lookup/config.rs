//! What a lookup may use.

use std::time::Duration;

/// Settings of a lookup.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Requests at once while it still approaches the key.
    pub alpha: usize,
    /// Requests at once while it covers the region.
    pub wide: usize,
    /// When a request is given up.
    pub timeout: Duration,
    /// When it is no longer waited for, if nothing else is left to do.
    pub patience: Duration,
    /// Most requests in all.
    pub requests: usize,
    /// When the whole lookup ends, after its start.
    pub deadline: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            alpha: 4,
            wide: 10,
            timeout: Duration::from_millis(2500),
            patience: Duration::from_millis(1000),
            requests: 200,
            deadline: Duration::from_secs(30),
        }
    }
}

/// Bounds that are not for setting.
pub mod limits {
    /// Contacts taken from one answer: the nearest to what was asked.
    pub const CONTACTS_PER_ANSWER: usize = super::super::K;
    /// Contacts that one peer may bring into a lookup.
    pub const CONTACTS_PER_SOURCE: usize = 48;
    /// Contacts outside the region that a lookup keeps.
    pub const CONTACTS_OUTSIDE: usize = 160;
    /// Providers taken from one answer, and of one peer.
    pub const PROVIDERS_PER_SOURCE: usize = 64;
    /// Providers a lookup gives. Beyond them each peer that is asked may still name a few.
    pub const PROVIDERS: usize = 256;
    /// How many these are, so that those who answer first cannot fill the list alone.
    pub const PROVIDERS_AT_LEAST: usize = 4;
    /// Requests in flight, slow ones included.
    pub const IN_FLIGHT: usize = 32;
    /// Requests that a group of addresses gets before others are preferred.
    pub const GROUP_SHARE: usize = 6;
    /// Layers of a region.
    pub const LAYERS: usize = 7;
    /// Places a region is looked at from.
    pub const PROBES: usize = 24;
}
