//! Storing records and reading them back.

use super::{
    fail::Failure,
    generation::records_changed,
    key::ContentKey,
    social,
    standing::{self, State, column},
    track,
};
use crate::{Counts, Put, StoreError, StoredRecord, Withdrawn};
use bytes::Bytes;
use osp_core::{
    Cid,
    content::parse_cid,
    record::{Record, RecordId, Verified},
};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

/// The columns that [`stored`] reads, from records `r`, tracks `t` and the record that withdrew it, `w`.
const STORED: &str = "SELECT r.seq, r.id, r.json, t.state, w.id, CASE WHEN t.state = 1 THEN w.json END
     FROM records r LEFT JOIN tracks t ON t.seq = r.seq LEFT JOIN records w ON w.seq = t.by_seq";

/// Adds records in order. `now`: seconds since 1970.
pub(super) fn put(tx: &Transaction<'_>, records: &[Verified<Record>], now: u64) -> Result<Vec<Put>, Failure> {
    let results = records.iter().map(|record| put_one(tx, record, now)).collect::<Result<Vec<_>, _>>()?;
    if results.contains(&Put::New) {
        records_changed(tx)?;
    }
    Ok(results)
}

fn put_one(tx: &Transaction<'_>, record: &Record, now: u64) -> Result<Put, Failure> {
    if let Record::Profile(_) | Record::Follow(_) = record {
        return social::put(tx, record, now, |artist| insert(tx, artist, record));
    }
    let artist = track::artist_row(tx, &record.artist().to_string())?;
    let Some(seq) = insert(tx, artist, record)? else { return Ok(Put::Known) };
    let mut affected = match record {
        Record::Track(track) => {
            track::insert(tx, seq, artist, track)?;
            match track.supersedes() {
                Some(old) => {
                    let old = track::id_key(&old)?;
                    let mut affected = standing::tracks_named(tx, artist, old)?;
                    affected.extend(standing::successors(tx, artist, old)?);
                    affected
                }
                None => Vec::new(),
            }
        }
        Record::Retraction(retraction) => {
            let old = track::id_key(&retraction.track())?;
            tx.prepare_cached("INSERT INTO retractions (artist, track, seq) VALUES (?, ?, ?)")?
                .execute((artist, old, seq))?;
            standing::tracks_named(tx, artist, old)?
        }
        // Above.
        Record::Profile(_) | Record::Follow(_) => Vec::new(),
    };
    if record.as_track().is_some() && !affected.contains(&seq) {
        affected.push(seq);
    }
    standing::refresh_all(tx, &affected)?;
    Ok(Put::New)
}

/// Adds the row that every record has; its number, or `None` when it is there.
fn insert(tx: &Transaction<'_>, artist: i64, record: &Record) -> Result<Option<i64>, Failure> {
    let id = record.id();
    let added = tx
        .prepare_cached(
            "INSERT INTO records (id, cid, artist, json) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        )?
        .execute((id.as_str(), track::id_key(&id)?, artist, record.to_bytes()))?;
    Ok((added > 0).then(|| tx.last_insert_rowid()))
}

/// A record by whole id or by the CID part in any form.
pub(super) fn get(db: &Connection, id_or_cid: &str) -> Result<Option<StoredRecord>, Failure> {
    let by_id =
        db.prepare_cached(&format!("{STORED} WHERE r.id = ?"))?.query_row([id_or_cid], stored).optional()?;
    if by_id.is_some() {
        return by_id.map(|(_, record)| record.into_record()).transpose();
    }
    // The same id with its CID written in another form, or that CID alone.
    let whole = RecordId::parse(id_or_cid).ok();
    let Ok(cid) = parse_cid(whole.as_ref().map_or(id_or_cid, RecordId::cid_text)) else { return Ok(None) };
    db.prepare_cached(&format!("{STORED} WHERE r.cid = ? ORDER BY r.seq LIMIT 1"))?
        .query_row([ContentKey::of(&cid)], stored)
        .optional()?
        .map(|(_, record)| record.into_record())
        .transpose()
        .map(|found| found.filter(|record| whole.is_none_or(|id| id.kind() == record.id.kind())))
}

/// Records by sequence number, in the order given.
pub(super) fn load(db: &Connection, seqs: &[i64]) -> Result<Vec<StoredRecord>, Failure> {
    let mut query = db.prepare_cached(&format!("{STORED} WHERE r.seq = ?"))?;
    seqs.iter().map(|seq| query.query_row([seq], stored)?.1.into_record()).collect()
}

/// See [`crate::RecordIndex::using_content`].
pub(super) fn using_content(db: &Connection, roots: &[Cid]) -> Result<Vec<StoredRecord>, Failure> {
    let mut seqs: Vec<i64> = Vec::new();
    for root in roots {
        seqs.extend(column::<i64>(
            db,
            "SELECT c.seq FROM record_contents c JOIN tracks t ON t.seq = c.seq WHERE c.key = ? AND t.visible = 1",
            [ContentKey::of(root)],
        )?);
    }
    seqs.sort_unstable();
    seqs.dedup();
    load(db, &seqs)
}

/// Everything after a sequence number, in order.
pub(super) fn feed(db: &Connection, after: u64, limit: usize) -> Result<Vec<(u64, StoredRecord)>, Failure> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut query = db.prepare_cached(&format!("{STORED} WHERE r.seq > ? ORDER BY r.seq LIMIT ?"))?;
    let rows = query.query_map((after, limit), stored)?;
    rows.map(|row| {
        let (seq, record) = row?;
        Ok((u64::try_from(seq).unwrap_or_default(), record.into_record()?))
    })
    .collect()
}

/// See [`crate::RecordIndex::numbered`].
pub(super) fn numbered(db: &Connection, seq: u64) -> Result<Option<RecordId>, Failure> {
    let Ok(seq) = i64::try_from(seq) else { return Ok(None) };
    let mut query = db.prepare_cached(
        "SELECT id FROM records WHERE seq = ?1 UNION ALL SELECT id FROM replaced WHERE seq = ?1",
    )?;
    let id: Option<String> = query.query_row([seq], |row| row.get(0)).optional()?;
    id.map(|id| stored_id(&id)).transpose()
}

/// What the index holds, blocked tracks left out.
pub(super) fn counts(db: &Connection) -> Result<Counts, Failure> {
    let number = |row: &Row<'_>, i| row.get::<_, i64>(i).map(|n| u64::try_from(n).unwrap_or_default());
    let (tracks, artists) = db.query_row(
        "SELECT count(*), count(DISTINCT artist) FROM tracks INDEXED BY tracks_artist WHERE visible = 1",
        [],
        |row| Ok((number(row, 0)?, number(row, 1)?)),
    )?;
    let (blobs, bytes) = db.query_row("SELECT count(*), coalesce(sum(size), 0) FROM blobs", [], |row| {
        Ok((number(row, 0)?, number(row, 1)?))
    })?;
    Ok(Counts { tracks, artists, blobs, bytes })
}

/// See [`crate::RecordIndex::genres`].
pub(super) fn genres(db: &Connection, limit: usize) -> Result<Vec<(String, u64)>, Failure> {
    let mut query = db.prepare_cached(
        "SELECT g.genre, count(*) FROM track_genres AS g JOIN tracks AS t ON t.seq = g.seq
         WHERE t.visible = 1 GROUP BY g.genre ORDER BY count(*) DESC, g.genre LIMIT ?",
    )?;
    let rows = query.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        Ok((row.get(0)?, u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default()))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A record as its row has it.
struct StoredRow {
    id: String,
    json: Vec<u8>,
    state: State,
    by: Option<String>,
    by_json: Option<Vec<u8>>,
}

fn stored(row: &Row<'_>) -> rusqlite::Result<(i64, StoredRow)> {
    let state = State::from_column(row.get::<_, Option<i64>>(3)?.unwrap_or_default());
    let record =
        StoredRow { id: row.get(1)?, json: row.get(2)?, state, by: row.get(4)?, by_json: row.get(5)? };
    Ok((row.get(0)?, record))
}

impl StoredRow {
    fn into_record(self) -> Result<StoredRecord, Failure> {
        let withdrawn = match (self.state, self.by) {
            (State::Retracted, _) => {
                Some(Withdrawn::Retracted(Bytes::from(self.by_json.unwrap_or_default())))
            }
            (State::Superseded, Some(by)) => Some(Withdrawn::Superseded(stored_id(&by)?)),
            _ => None,
        };
        Ok(StoredRecord { id: stored_id(&self.id)?, json: Bytes::from(self.json), withdrawn })
    }
}

fn stored_id(text: &str) -> Result<RecordId, Failure> {
    RecordId::parse(text)
        .map_err(|e| StoreError::Database(format!("record id «{text}» is damaged: {e}")).into())
}
