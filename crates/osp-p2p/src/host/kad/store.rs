//! libp2p-kad's view of the store. It keeps no values, and knows of no records of our own to announce: what is announced
//! when is decided elsewhere.

use super::{MAX_ADDRESSES, addresses::Own, digest};
use libp2p::{
    Multiaddr, PeerId,
    kad::{
        K_VALUE, ProviderRecord, Record, RecordKey,
        store::{Error, RecordStore, Result},
    },
};
use osp_store::{DiscoveryStore, providers::Provider};
use std::{borrow::Cow, iter, time::Instant};

/// The adapter.
pub(in crate::host) struct Records {
    store: DiscoveryStore,
    own: Own,
}

impl Records {
    pub(super) fn new(store: DiscoveryStore, own: Own) -> Self {
        Self { store, own }
    }

    fn record(&self, key: &RecordKey, provider: Provider) -> Option<ProviderRecord> {
        let addresses = if provider.own {
            self.own.told()
        } else {
            let parsed = provider.addresses.into_iter().filter_map(|bytes| Multiaddr::try_from(bytes).ok());
            parsed.take(MAX_ADDRESSES).collect()
        };
        // libp2p-kad would fill in where this host listens, private addresses included.
        if addresses.is_empty() {
            return None;
        }
        Some(ProviderRecord {
            key: key.clone(),
            provider: PeerId::from_bytes(&provider.peer).ok()?,
            expires: Instant::now().checked_add(provider.remaining),
            addresses,
        })
    }
}

impl RecordStore for Records {
    type RecordsIter<'a> = iter::Empty<Cow<'a, Record>>;
    type ProvidedIter<'a> = iter::Empty<Cow<'a, ProviderRecord>>;

    fn get(&self, _: &RecordKey) -> Option<Cow<'_, Record>> {
        None
    }

    fn put(&mut self, _: Record) -> Result<()> {
        Err(Error::ValueTooLarge)
    }

    fn remove(&mut self, _: &RecordKey) {}

    fn records(&self) -> Self::RecordsIter<'_> {
        iter::empty()
    }

    /// Records are vetted and added by the behaviour.
    fn add_provider(&mut self, _: ProviderRecord) -> Result<()> {
        Err(Error::MaxProvidedKeys)
    }

    fn providers(&self, key: &RecordKey) -> Vec<ProviderRecord> {
        let Some(digest) = digest(key.as_ref()) else { return Vec::new() };
        // One more than is answered: the asker itself is left out.
        let found = self.store.providers(digest, K_VALUE.get() + 1).unwrap_or_default();
        found.into_iter().filter_map(|provider| self.record(key, provider)).collect()
    }

    fn provided(&self) -> Self::ProvidedIter<'_> {
        iter::empty()
    }

    fn remove_provider(&mut self, key: &RecordKey, provider: &PeerId) {
        if let Some(digest) = digest(key.as_ref()) {
            let _ = self.store.remove_provider(digest, &provider.to_bytes());
        }
    }
}
