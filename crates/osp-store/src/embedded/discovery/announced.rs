//! When this node announced its own keys, so that a restart does not announce all of them again.

use super::DiscoveryStore;
use crate::{StoreError, providers::ProviderKey};
use rusqlite::OptionalExtension as _;
use std::time::Duration;

impl DiscoveryStore {
    /// These have been announced just now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_announced(&self, keys: &[ProviderKey]) -> Result<(), StoreError> {
        self.change(|state, _| {
            let now = state.now();
            let mut set =
                state.file.db.prepare_cached("INSERT OR REPLACE INTO announced (key, at) VALUES (?, ?)")?;
            for key in keys {
                set.execute((key.0, now))?;
            }
            Ok(())
        })
    }

    /// How long ago a key was announced.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn announced(&self, key: ProviderKey) -> Result<Option<Duration>, StoreError> {
        self.guarded(|state, _| {
            let now = state.now();
            let mut query = state.file.db.prepare_cached("SELECT at FROM announced WHERE key = ?")?;
            let at: Option<u64> = query.query_row([key.0], |row| row.get(0)).optional()?;
            Ok(at.map(|at| Duration::from_secs(now.saturating_sub(at))))
        })
    }

    /// Up to `count` announced keys beyond `after` in the order of their bytes, and how long ago each was announced.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn announced_after(
        &self,
        after: Option<ProviderKey>,
        count: usize,
    ) -> Result<Vec<(ProviderKey, Duration)>, StoreError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let after: Vec<u8> = after.map_or_else(Vec::new, |key| key.0.to_vec());
        self.guarded(|state, _| {
            let now = state.now();
            let mut query = state
                .file
                .db
                .prepare_cached("SELECT key, at FROM announced WHERE key > ? ORDER BY key LIMIT ?")?;
            let rows = query.query_map((&after, count), |row| {
                let age = Duration::from_secs(now.saturating_sub(row.get(1)?));
                Ok((ProviderKey(row.get(0)?), age))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// These are not announced any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_announced(&self, keys: &[ProviderKey]) -> Result<(), StoreError> {
        self.change(|state, _| {
            let mut forget = state.file.db.prepare_cached("DELETE FROM announced WHERE key = ?")?;
            for key in keys {
                forget.execute([key.0])?;
            }
            Ok(())
        })
    }
}
