//! [`Custody`] over the database.

use super::{EmbeddedStore, fail::Failure, key::ContentKey};
use crate::{
    StoreError,
    custody::{Custody, Followed, Guest, GuestTotals, rank_after},
};
use async_trait::async_trait;
use osp_core::Cid;
use rusqlite::{Connection, OptionalExtension as _, Row};

/// The database's row of the blob that has a layout with this root.
fn row_of(db: &Connection, root: ContentKey) -> Result<Option<i64>, Failure> {
    let mut query = db.prepare_cached("SELECT blob FROM layouts WHERE root = ?")?;
    Ok(query.query_row([root], |row| row.get(0)).optional()?)
}

const GUEST: &str = "SELECT b.cid, b.size, g.pinned, g.since, g.wanted, g.rank
                     FROM guests g JOIN blobs b ON b.id = g.blob";

fn guest(row: &Row<'_>) -> rusqlite::Result<Guest> {
    Ok(Guest {
        cid: row.get::<_, ContentKey>(0)?.cid(),
        size: row.get(1)?,
        pinned: row.get(2)?,
        since: row.get(3)?,
        wanted: row.get(4)?,
        rank: row.get(5)?,
    })
}

#[async_trait]
impl Custody for EmbeddedStore {
    async fn receive_guest(&self, cid: &Cid, now: u64) -> Result<bool, StoreError> {
        let key = ContentKey::of(cid);
        let work = move |tx: &rusqlite::Transaction<'_>| {
            let Some(blob) = row_of(tx, key)? else { return Ok(false) };
            tx.execute(
                "INSERT INTO guests (blob, since, wanted, rank) VALUES (?1, ?2, ?2, ?3) ON CONFLICT DO NOTHING",
                (blob, now, rank_after(None, 1.0, now)),
            )?;
            Ok(true)
        };
        self.inner.pool.write(work).await
    }

    async fn make_own(&self, cid: &Cid) -> Result<bool, StoreError> {
        let key = ContentKey::of(cid);
        let work = move |tx: &rusqlite::Transaction<'_>| {
            let Some(blob) = row_of(tx, key)? else { return Ok(false) };
            Ok(tx.execute("DELETE FROM guests WHERE blob = ?", [blob])? > 0)
        };
        self.inner.pool.write(work).await
    }

    async fn pin(&self, cid: &Cid, pinned: bool) -> Result<bool, StoreError> {
        let key = ContentKey::of(cid);
        let work = move |tx: &rusqlite::Transaction<'_>| {
            let Some(blob) = row_of(tx, key)? else { return Ok(false) };
            Ok(tx.execute("UPDATE guests SET pinned = ?2 WHERE blob = ?1", (blob, pinned))? > 0)
        };
        self.inner.pool.write(work).await
    }

    async fn count_plays_of(&self, plays: &[(Cid, f64)], now: u64) -> Result<(), StoreError> {
        let plays: Vec<(ContentKey, f64)> =
            plays.iter().map(|(cid, plays)| (ContentKey::of(cid), *plays)).collect();
        let work = move |tx: &rusqlite::Transaction<'_>| {
            for (key, plays) in &plays {
                let Some(blob) = row_of(tx, *key)? else { continue };
                let mut query = tx.prepare_cached("SELECT rank FROM guests WHERE blob = ?")?;
                let Some(rank) = query.query_row([blob], |row| row.get::<_, f64>(0)).optional()? else {
                    continue;
                };
                tx.execute(
                    "UPDATE guests SET rank = ?2, wanted = max(wanted, ?3) WHERE blob = ?1",
                    (blob, rank_after(Some(rank), *plays, now), now),
                )?;
            }
            Ok(())
        };
        self.inner.pool.write(work).await
    }

    async fn guest_totals(&self) -> Result<GuestTotals, StoreError> {
        let work = |db: &Connection| {
            let sql = "SELECT count(*), coalesce(sum(b.size), 0), coalesce(sum(b.size * g.pinned), 0)
                       FROM guests g JOIN blobs b ON b.id = g.blob";
            let totals = db.prepare_cached(sql)?.query_row([], |row| {
                Ok(GuestTotals { blobs: row.get(0)?, bytes: row.get(1)?, pinned_bytes: row.get(2)? })
            })?;
            Ok(totals)
        };
        self.inner.pool.read(work).await
    }

    async fn least_wanted(&self, skip: usize, limit: usize) -> Result<Vec<Guest>, StoreError> {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let (skip, limit) = (number(skip), number(limit));
        let work = move |db: &Connection| {
            let sql = format!("{GUEST} WHERE g.pinned = 0 ORDER BY g.rank, g.blob LIMIT ?1 OFFSET ?2");
            let mut query = db.prepare_cached(&sql)?;
            let guests = query.query_map((limit, skip), guest)?.collect::<Result<_, _>>()?;
            Ok(guests)
        };
        self.inner.pool.read(work).await
    }

    async fn guest(&self, cid: &Cid) -> Result<Option<Guest>, StoreError> {
        let key = ContentKey::of(cid);
        let work = move |db: &Connection| {
            let Some(blob) = row_of(db, key)? else { return Ok(None) };
            let mut query = db.prepare_cached(&format!("{GUEST} WHERE g.blob = ?"))?;
            Ok(query.query_row([blob], guest).optional()?)
        };
        self.inner.pool.read(work).await
    }

    async fn follow(&self, followed: &Followed) -> Result<(), StoreError> {
        let followed = followed.clone();
        let work = move |tx: &rusqlite::Transaction<'_>| {
            tx.execute(
                "INSERT INTO followed (reference, pinned, since, sources) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (reference) DO UPDATE SET pinned = excluded.pinned, sources = excluded.sources",
                (&followed.reference, followed.pinned, followed.since, followed.sources.join("\n")),
            )?;
            Ok(())
        };
        self.inner.pool.write(work).await
    }

    async fn unfollow(&self, reference: &str) -> Result<bool, StoreError> {
        let reference = reference.to_owned();
        let work = move |tx: &rusqlite::Transaction<'_>| {
            Ok(tx.execute("DELETE FROM followed WHERE reference = ?", [reference])? > 0)
        };
        self.inner.pool.write(work).await
    }

    async fn followed(&self) -> Result<Vec<Followed>, StoreError> {
        let work = |db: &Connection| {
            let mut query = db.prepare_cached(
                "SELECT reference, pinned, since, sources FROM followed ORDER BY since, reference",
            )?;
            let rows = query.query_map([], |row| {
                let sources: String = row.get(3)?;
                Ok(Followed {
                    reference: row.get(0)?,
                    pinned: row.get(1)?,
                    since: row.get(2)?,
                    sources: sources.lines().map(str::to_owned).collect(),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.inner.pool.read(work).await
    }
}
