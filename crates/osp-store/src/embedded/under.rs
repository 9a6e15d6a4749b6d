//! What is held under an index key of discovery (spec section 13.1), in order of arrival. In the place of a track that
//! is superseded or withdrawn stands the record that does so.

use super::{
    EmbeddedStore,
    fail::Failure,
    key::ContentKey,
    layouts::all_roots,
    records::load,
    track::{find_artist, id_key},
};
use crate::{StoreError, StoredRecord};
use osp_core::{Cid, did::Did, record::RecordId};
use rusqlite::{Connection, Params};

/// What records are asked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Under {
    /// Everything that stands of an artist: current tracks, retractions, the profile, follows.
    Artist(Did),
    /// Tracks of this title, normalised (spec section 6).
    Title(String),
    /// Tracks with this genre tag, normalised.
    Genre(String),
    /// The record with this id, what supersedes it and what withdraws it.
    Record(RecordId),
    /// Tracks of this content, in whatever form of CID.
    Content(Cid),
}

/// A record under a key.
#[derive(Clone, Debug)]
pub struct Held {
    /// The number of the record that has the key: where to go on.
    pub place: u64,
    /// That record, or the one in its place.
    pub record: StoredRecord,
}

/// What stands for a track `t`; nothing for one that is blocked.
const STANDING: &str = "CASE WHEN t.state = 0 THEN t.seq ELSE t.by_seq END";
const STANDS: &str = "(t.visible = 1 OR (t.state <> 0 AND t.by_seq IS NOT NULL))";

/// A place, and the record that stands there.
type Row = (i64, i64);

impl EmbeddedStore {
    /// Up to `limit` records under a key, beyond the place `after`. Current tracks that are blocked are left out;
    /// whether what stands in another's place is blocked is for the caller to ask.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn under(&self, key: &Under, after: u64, limit: usize) -> Result<Vec<Held>, StoreError> {
        let key = key.clone();
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.inner
            .pool
            .read(move |db| {
                let rows = rows(db, &key, after, limit)?;
                let seqs: Vec<i64> = rows.iter().map(|(_, seq)| *seq).collect();
                let held = load(db, &seqs)?.into_iter().zip(rows);
                Ok(held.map(|(record, (place, _))| Held { place: place.unsigned_abs(), record }).collect())
            })
            .await
    }

    /// A number that changes when any process has added or removed content.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn content_generation(&self) -> Result<u64, StoreError> {
        Ok(self.inner.watch.now()?.blobs)
    }
}

fn rows(db: &Connection, key: &Under, after: i64, limit: i64) -> Result<Vec<Row>, Failure> {
    match key {
        Under::Artist(did) => {
            let Some(artist) = find_artist(db, &did.to_string())? else { return Ok(Vec::new()) };
            query(
                db,
                "SELECT seq, seq FROM tracks INDEXED BY tracks_artist WHERE artist = ?1 AND visible = 1 AND seq > ?2
                 UNION ALL SELECT seq, seq FROM retractions WHERE artist = ?1 AND seq > ?2
                 UNION ALL SELECT seq, seq FROM profiles WHERE artist = ?1 AND seq > ?2
                 UNION ALL SELECT seq, seq FROM follows WHERE artist = ?1 AND seq > ?2
                 ORDER BY 1 LIMIT ?3",
                (artist, after, limit),
            )
        }
        Under::Title(title) => query(
            db,
            "SELECT seq, seq FROM tracks INDEXED BY tracks_title WHERE title = ?1 AND visible = 1 AND seq > ?2
             UNION ALL SELECT seq, by_seq FROM tracks INDEXED BY tracks_withdrawn
                       WHERE title = ?1 AND state <> 0 AND by_seq IS NOT NULL AND seq > ?2
             ORDER BY 1 LIMIT ?3",
            (title, after, limit),
        ),
        Under::Genre(genre) => query(
            db,
            &format!(
                "SELECT t.seq, {STANDING} FROM track_genres g JOIN tracks t ON t.seq = g.seq
                 WHERE g.genre = ?1 AND g.seq > ?2 AND {STANDS} ORDER BY 1 LIMIT ?3"
            ),
            (genre, after, limit),
        ),
        Under::Record(id) => query(
            db,
            &format!(
                "SELECT r.seq, CASE WHEN t.seq IS NULL THEN r.seq ELSE {STANDING} END
                        FROM records r LEFT JOIN tracks t ON t.seq = r.seq
                        WHERE r.cid = ?1 AND r.seq > ?2 AND (t.seq IS NULL OR {STANDS})
                 UNION SELECT seq, seq FROM retractions WHERE track = ?1 AND seq > ?2
                 UNION SELECT seq, seq FROM tracks WHERE supersedes = ?1 AND visible = 1 AND seq > ?2
                 ORDER BY 1 LIMIT ?3"
            ),
            (id_key(id)?, after, limit),
        ),
        Under::Content(cid) => {
            let mut found = Vec::new();
            for root in all_roots(db, &[*cid])? {
                found.extend(of_content(db, root, after, limit)?);
            }
            found.sort_unstable();
            found.dedup();
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(found)
        }
    }
}

fn of_content(db: &Connection, root: ContentKey, after: i64, limit: i64) -> Result<Vec<Row>, Failure> {
    query(
        db,
        &format!(
            "SELECT t.seq, {STANDING} FROM tracks t WHERE t.content = ?1 AND t.seq > ?2 AND {STANDS}
             ORDER BY 1 LIMIT ?3"
        ),
        (root, after, limit),
    )
}

fn query(db: &Connection, sql: &str, params: impl Params) -> Result<Vec<Row>, Failure> {
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map(params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
