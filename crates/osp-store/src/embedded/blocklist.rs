//! What the operator refuses to serve.
//!
//! Content is blocked under every root it is known by: those known when the block is made, and those that a later
//! commit adds. They stay blocked when the blob itself is removed.

use super::{
    fail::Failure,
    generation::records_changed,
    key::ContentKey,
    layouts,
    standing::{column, refresh_all},
    track::id_key,
};
use crate::{Block, ContentStanding, StoreError};
use osp_core::{Cid, content::parse_cid, did::Did, record::Record, record::RecordId};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

const CONTENT: i64 = 0;
const RECORD: i64 = 1;
const ARTIST: i64 = 2;

/// Whether a track is blocked by its artist, its id or its audio.
pub(super) fn covers(
    db: &Connection,
    artist: i64,
    id: ContentKey,
    content: ContentKey,
) -> Result<bool, Failure> {
    let mut query = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM blocklist WHERE kind = 1 AND key = ?1)
             OR EXISTS (SELECT 1 FROM blocked_content WHERE key = ?2)
             OR EXISTS (SELECT 1 FROM blocklist WHERE kind = 2
                        AND key = (SELECT CAST(did AS BLOB) FROM artists WHERE id = ?3))",
    )?;
    Ok(query.query_row((id, content, artist), |row| row.get(0))?)
}

/// Whether everything of an artist is blocked.
pub(super) fn covers_artist(db: &Connection, did: &str) -> Result<bool, Failure> {
    Ok(listed(db, ARTIST, did.as_bytes())?.is_some())
}

/// What decides whether a record is blocked that need not be stored.
pub(super) struct Asked {
    id: RecordId,
    artist: String,
    content: Option<ContentKey>,
}

impl Asked {
    pub(super) fn of(record: &Record) -> Self {
        Self {
            id: record.id(),
            artist: record.artist().to_string(),
            content: record.as_track().map(|track| ContentKey::of(&track.content())),
        }
    }

    /// [`covers`] for it.
    pub(super) fn is_covered(&self, db: &Connection) -> Result<bool, Failure> {
        if listed(db, RECORD, &record_key(&self.id)?)?.is_some() || covers_artist(db, &self.artist)? {
            return Ok(true);
        }
        self.content.map_or(Ok(false), |content| content_blocked(db, content))
    }
}

/// Whether this content itself is blocked.
pub(super) fn content_blocked(db: &Connection, key: ContentKey) -> Result<bool, Failure> {
    let mut query = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM blocked_content WHERE key = ?)")?;
    Ok(query.query_row([key], |row| row.get(0))?)
}

/// See [`crate::RecordIndex::content_standing`].
pub(super) fn content_standing(db: &Connection, roots: &[Cid]) -> Result<ContentStanding, Failure> {
    let keys = layouts::all_roots(db, roots)?;
    for key in &keys {
        if content_blocked(db, *key)? {
            return Ok(ContentStanding::Blocked);
        }
    }
    let mut standing = ContentStanding::Open;
    for key in keys {
        let mut query = db.prepare_cached(USES)?;
        let mut rows = query.query([key])?;
        while let Some(row) = rows.next()? {
            let stands: bool = row.get(3)?;
            let blocked = covers(db, row.get(0)?, row.get(1)?, row.get(2)?)?;
            standing = match standing {
                _ if stands && !blocked => return Ok(ContentStanding::Open),
                _ if blocked => ContentStanding::RecordsBlocked,
                ContentStanding::Open => ContentStanding::Retracted,
                before => before,
            };
        }
    }
    Ok(standing)
}

/// Every use of a content by a record: its artist, its id, what is played of it, and whether it stands. Pictures of a
/// profile are used by it alone.
const USES: &str = "SELECT t.artist, r.cid, t.content, t.state <> 1
     FROM record_contents c JOIN tracks t ON t.seq = c.seq JOIN records r ON r.seq = c.seq WHERE c.key = ?1
     UNION ALL
     SELECT r.artist, r.cid, c.key, 1 FROM profile_contents c JOIN records r ON r.seq = c.seq WHERE c.key = ?1";

/// Adds to the list and hides what it covers.
pub(super) fn add(tx: &Transaction<'_>, what: &Block, reason: Option<&str>) -> Result<bool, Failure> {
    let (kind, key, value) = match what {
        Block::Content(cid) => {
            if content_blocked(tx, ContentKey::of(cid))? {
                return Ok(false);
            }
            (CONTENT, ContentKey::of(cid).cid().to_bytes(), cid.to_string())
        }
        Block::Record(id) => (RECORD, record_key(id)?, id.as_str().to_owned()),
        Block::Artist(did) => (ARTIST, did.to_string().into_bytes(), did.to_string()),
    };
    if listed(tx, kind, &key)?.is_some() {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO blocklist (kind, key, value, reason) VALUES (?, ?, ?, ?)",
        (kind, key, value, reason),
    )?;
    let block = tx.last_insert_rowid();
    if let Block::Content(cid) = what {
        spread(tx, block, &layouts::all_roots(tx, &[*cid])?)?;
    }
    refresh_all(tx, &covered(tx, what, block)?)?;
    records_changed(tx)?;
    Ok(true)
}

/// Takes off the list and shows what nothing else hides. Content may be named by any of its roots.
pub(super) fn remove(tx: &Transaction<'_>, what: &Block) -> Result<bool, Failure> {
    let blocks: Vec<i64> = match what {
        Block::Content(cid) => {
            column(tx, "SELECT block FROM blocked_content WHERE key = ?", [ContentKey::of(cid)])?
        }
        Block::Record(id) => listed(tx, RECORD, &record_key(id)?)?.into_iter().collect(),
        Block::Artist(did) => listed(tx, ARTIST, did.to_string().as_bytes())?.into_iter().collect(),
    };
    for block in &blocks {
        let hidden = covered(tx, what, *block)?;
        tx.execute("DELETE FROM blocked_content WHERE block = ?", [block])?;
        tx.execute("DELETE FROM blocklist WHERE id = ?", [block])?;
        refresh_all(tx, &hidden)?;
    }
    if !blocks.is_empty() {
        records_changed(tx)?;
    }
    Ok(!blocks.is_empty())
}

/// The list, oldest first.
pub(super) fn list(db: &Connection) -> Result<Vec<(Block, Option<String>)>, Failure> {
    let mut query = db.prepare_cached("SELECT kind, value, reason FROM blocklist ORDER BY id")?;
    let mut rows = query.query([])?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        let value: String = row.get(1)?;
        let block = match row.get(0)? {
            CONTENT => parse_cid(&value).map(Block::Content).ok(),
            RECORD => RecordId::parse(&value).map(Block::Record).ok(),
            _ => Did::parse(&value).map(Block::Artist).ok(),
        };
        let block = block.ok_or_else(|| StoreError::Database(format!("block list entry «{value}»")))?;
        list.push((block, row.get(2)?));
    }
    Ok(list)
}

/// Blocks that cover one of a blob's roots cover all of them: called when a commit added roots.
pub(super) fn spread_to(tx: &Transaction<'_>, roots: &[ContentKey]) -> Result<(), Failure> {
    let mut blocks: Vec<i64> = Vec::new();
    for root in roots {
        blocks.extend(column::<i64>(tx, "SELECT block FROM blocked_content WHERE key = ?", [root])?);
    }
    blocks.sort_unstable();
    blocks.dedup();
    for block in &blocks {
        spread(tx, *block, roots)?;
    }
    if !blocks.is_empty() {
        for root in roots {
            refresh_all(tx, &naming(tx, *root)?)?;
        }
        records_changed(tx)?;
    }
    Ok(())
}

fn spread(tx: &Transaction<'_>, block: i64, keys: &[ContentKey]) -> Result<(), Failure> {
    let mut row = tx.prepare_cached("INSERT OR IGNORE INTO blocked_content (key, block) VALUES (?, ?)")?;
    for key in keys {
        row.execute((key, block))?;
    }
    Ok(())
}

/// The tracks that a block hides.
fn covered(tx: &Transaction<'_>, what: &Block, block: i64) -> Result<Vec<i64>, Failure> {
    match what {
        Block::Content(_) => column(
            tx,
            "SELECT t.seq FROM blocked_content b JOIN tracks t ON t.content = b.key WHERE b.block = ?",
            [block],
        ),
        Block::Record(id) => column(
            tx,
            "SELECT r.seq FROM records r JOIN tracks t ON t.seq = r.seq WHERE r.cid = ?",
            [id_key(id)?],
        ),
        Block::Artist(did) => column(
            tx,
            "SELECT r.seq FROM artists a CROSS JOIN tracks r ON r.artist = a.id WHERE a.did = ?",
            [did.to_string()],
        ),
    }
}

fn naming(tx: &Transaction<'_>, content: ContentKey) -> Result<Vec<i64>, Failure> {
    column(tx, "SELECT seq FROM tracks WHERE content = ?", [content])
}

fn record_key(id: &RecordId) -> Result<Vec<u8>, Failure> {
    Ok(id_key(id)?.cid().to_bytes())
}

fn listed(db: &Connection, kind: i64, key: &[u8]) -> Result<Option<i64>, Failure> {
    let mut query = db.prepare_cached("SELECT id FROM blocklist WHERE kind = ? AND key = ?")?;
    Ok(query.query_row((kind, key), |row| row.get(0)).optional()?)
}
