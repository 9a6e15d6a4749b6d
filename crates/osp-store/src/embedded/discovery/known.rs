//! Peers that were in the routing table, for the next start.

use super::{
    DiscoveryStore,
    encoding::{decode, encode},
};
use crate::{
    StoreError,
    providers::{KnownPeer, MAX_KNOWN_PEERS, MAX_PEER_ID},
};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use std::{path::Path, time::Duration};

/// A peer seen so recently is not written again for being seen, in seconds.
const FRESH: u64 = 600;

impl DiscoveryStore {
    /// A peer has been seen, reached at these addresses (binary multiaddrs). Of more than [`MAX_KNOWN_PEERS`] the one
    /// not seen for longest is forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn saw(&self, peer: &[u8], addresses: &[Vec<u8>]) -> Result<(), StoreError> {
        if peer.len() > MAX_PEER_ID || addresses.is_empty() {
            return Ok(());
        }
        let addresses = encode(addresses);
        self.change(|state, _| {
            let now = state.now();
            let db = &state.file.db;
            let found: Option<(Vec<u8>, u64)> = db
                .prepare_cached("SELECT addresses, seen FROM known WHERE peer = ?")?
                .query_row([peer], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if found.is_some_and(|(known, seen)| known == addresses && now < seen.saturating_add(FRESH)) {
                return Ok(());
            }
            db.prepare_cached("INSERT OR REPLACE INTO known (peer, addresses, seen) VALUES (?, ?, ?)")?
                .execute((peer, &addresses, now))?;
            let count: u64 =
                db.prepare_cached("SELECT count(*) FROM known")?.query_row([], |row| row.get(0))?;
            if count > MAX_KNOWN_PEERS {
                db.prepare_cached(
                    "DELETE FROM known WHERE peer IN (SELECT peer FROM known ORDER BY seen, peer LIMIT ?)",
                )?
                .execute([count - MAX_KNOWN_PEERS])?;
            }
            Ok(())
        })
    }

    /// A peer is not reached any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_peer(&self, peer: &[u8]) -> Result<(), StoreError> {
        self.change(|state, _| {
            state.file.db.prepare_cached("DELETE FROM known WHERE peer = ?")?.execute([peer])?;
            Ok(())
        })
    }

    /// The peers that the store in a file knows, without opening it as one: another process may have it. Their ages
    /// are left at zero. None when it cannot be read.
    #[must_use]
    pub fn peek_known_peers(path: &Path, count: usize) -> Vec<KnownPeer> {
        let read = || -> rusqlite::Result<Vec<KnownPeer>> {
            // Not read-only: a log that its writer left has to be taken in first.
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let db = Connection::open_with_flags(path, flags)?;
            db.busy_timeout(Duration::from_millis(500))?;
            let mut query =
                db.prepare("SELECT peer, addresses FROM known ORDER BY seen DESC, peer LIMIT ?")?;
            let rows = query.query_map([i64::try_from(count).unwrap_or(i64::MAX)], |row| {
                let addresses = decode(row.get_ref(1)?.as_blob()?);
                Ok(KnownPeer { peer: row.get(0)?, addresses, age: Duration::ZERO })
            })?;
            rows.collect()
        };
        read().unwrap_or_default()
    }

    /// The peers seen last, the latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn known_peers(&self, count: usize) -> Result<Vec<KnownPeer>, StoreError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.guarded(|state, _| {
            let now = state.now();
            let mut query = state
                .file
                .db
                .prepare_cached("SELECT peer, addresses, seen FROM known ORDER BY seen DESC, peer LIMIT ?")?;
            let rows = query.query_map([count], |row| {
                Ok(KnownPeer {
                    peer: row.get(0)?,
                    addresses: decode(row.get_ref(1)?.as_blob()?),
                    age: Duration::from_secs(now.saturating_sub(row.get(2)?)),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
