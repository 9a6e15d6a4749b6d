//! What is remembered of providers and of what they sent, from one gathering to the next.

use super::lru::Lru;
use osp_core::content::Digest;

/// Bad records after which nothing more is taken from a provider.
pub const BAD_ENOUGH: u32 = 3;
/// Providers remembered.
const PROVIDERS: usize = 2048;
/// Bad records remembered, by their bytes and by provider and id.
const BAD: usize = 8192;

#[derive(Clone, Copy, Debug, Default)]
struct Record {
    good: u32,
    bad: u32,
    failed: u32,
}

/// Scores of providers, and the records known to be bad. Bounded: 2,048 providers, 8,192 records; what was met longest
/// ago is forgotten first.
#[derive(Clone, Debug)]
pub struct Reputation<P> {
    providers: Lru<P, Record>,
    bytes: Lru<Digest, ()>,
    sent: Lru<(P, String), ()>,
}

impl<P: Ord + Clone> Default for Reputation<P> {
    fn default() -> Self {
        Self { providers: Lru::new(PROVIDERS), bytes: Lru::new(BAD), sent: Lru::new(BAD) }
    }
}

impl<P: Ord + Clone> Reputation<P> {
    /// Nothing is known of anybody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A record of this provider verified.
    pub fn good(&mut self, provider: &P) {
        let record = self.providers.entry(provider, Record::default);
        record.good = record.good.saturating_add(1);
        record.failed = 0;
    }

    /// This provider sent something that does not verify, or that nobody asked for.
    pub fn bad(&mut self, provider: &P) {
        let record = self.providers.entry(provider, Record::default);
        record.bad = record.bad.saturating_add(1);
    }

    /// This provider could not be reached or did not answer.
    pub fn failed(&mut self, provider: &P) {
        let record = self.providers.entry(provider, Record::default);
        record.failed = record.failed.saturating_add(1);
    }

    /// Whether nothing is taken from it any more: it sent bad records, and not a hundred times as many good ones.
    #[must_use]
    pub fn is_shunned(&self, provider: &P) -> bool {
        self.providers.get(provider).is_some_and(|r| r.bad >= BAD_ENOUGH && r.good / 100 < r.bad)
    }

    /// Who is asked first: the lower the sooner. 0 gave good records before; 1 is unknown; more failed lately, or sent
    /// bad ones.
    #[must_use]
    pub fn rank(&self, provider: &P) -> u32 {
        self.providers.get(provider).map_or(1, |r| match (r.good, r.bad + r.failed) {
            (0, trouble) => 1 + trouble,
            (_, trouble) => trouble,
        })
    }

    pub(super) fn remember_bad(&mut self, provider: &P, digest: Digest, id: Option<&str>) {
        self.bytes.entry(&digest, || ());
        if let Some(id) = id {
            self.sent.entry(&(provider.clone(), id.to_owned()), || ());
        }
    }

    pub(super) fn is_known_bad(&mut self, digest: &Digest) -> bool {
        self.bytes.touch(digest);
        self.bytes.get(digest).is_some()
    }

    /// Whether this provider has sent a bad record under this id.
    #[must_use]
    pub fn sent_bad(&self, provider: &P, id: &str) -> bool {
        self.sent.get(&(provider.clone(), id.to_owned())).is_some()
    }

    /// Providers and bad records that are remembered.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        (self.providers.len(), self.bytes.len() + self.sent.len())
    }
}
