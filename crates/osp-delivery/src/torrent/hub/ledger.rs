//! Bytes given and taken, by torrent, for as long as the program runs.

use osp_swarm::InfoHash;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Torrents that are remembered after they are closed.
const MAX_ACCOUNTS: usize = 65_536;

/// Bytes given and taken of one torrent.
#[derive(Debug, Default)]
pub struct Account {
    uploaded: AtomicU64,
    downloaded: AtomicU64,
}

impl Account {
    /// Bytes of blocks that were sent to peers.
    #[must_use]
    pub fn uploaded(&self) -> u64 {
        self.uploaded.load(Ordering::Relaxed)
    }

    /// Bytes of blocks that came, from peers and web seeds.
    #[must_use]
    pub fn downloaded(&self) -> u64 {
        self.downloaded.load(Ordering::Relaxed)
    }

    pub(crate) fn sent(&self, bytes: u64) {
        self.uploaded.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn received(&self, bytes: u64) {
        self.downloaded.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// The accounts of all torrents.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<HashMap<InfoHash, Arc<Account>>>);

impl Ledger {
    /// The account of a torrent, a new one if there is none.
    pub(crate) fn account(&self, infohash: InfoHash) -> Arc<Account> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= MAX_ACCOUNTS && !accounts.contains_key(&infohash) {
            // Those that somebody still writes to stay.
            accounts.retain(|_, account| Arc::strong_count(account) > 1);
        }
        Arc::clone(accounts.entry(infohash).or_default())
    }

    /// The account of a torrent that there is one of.
    pub(crate) fn find(&self, infohash: InfoHash) -> Option<Arc<Account>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&infohash).map(Arc::clone)
    }

    /// Bytes sent, by torrent.
    pub(crate) fn uploads(&self) -> Vec<(InfoHash, u64)> {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = accounts.iter().map(|(infohash, account)| (*infohash, account.uploaded()));
        sent.filter(|(_, bytes)| *bytes > 0).collect()
    }

    /// Bytes sent and received, over all torrents.
    pub(crate) fn totals(&self) -> (u64, u64) {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.values().fold((0, 0), |(up, down), a| (up + a.uploaded(), down + a.downloaded()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_outlives_its_torrent() {
        let ledger = Ledger::default();
        let name = InfoHash([1; 20]);
        ledger.account(name).sent(5);
        ledger.account(name).sent(6);
        ledger.account(InfoHash([2; 20])).received(7);
        assert_eq!(ledger.find(name).map(|a| a.uploaded()), Some(11));
        assert!(ledger.find(InfoHash([3; 20])).is_none());
        assert_eq!(ledger.totals(), (11, 7));
        assert_eq!(ledger.uploads(), [(name, 11)]);
    }
}
