//! Whether a track is current and visible, worked out from the facts alone, so that the order in which records
//! and blocks arrived cannot matter.
//!
//! A track is, in this order:
//! 1. retracted, when its artist signed a retraction of it (of several the one with the greatest id is shown);
//! 2. superseded, when its artist signed a track that supersedes it (by the one with the greatest id);
//! 3. superseded by a rival, when its artist signed another track with a greater id that supersedes the same one;
//! 4. current.
//!
//! Retracting a correction does not bring the corrected track back: the artist has withdrawn both.

use super::{blocklist, fail::Failure, key::ContentKey, track};
use crate::StoreError;
use osp_core::record::Record;
use rusqlite::{Connection, OptionalExtension as _, Params, Transaction};

/// Column `tracks.state`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Current = 0,
    Retracted = 1,
    Superseded = 2,
}

impl State {
    pub(super) fn from_column(value: i64) -> Self {
        match value {
            1 => Self::Retracted,
            2 => Self::Superseded,
            _ => Self::Current,
        }
    }
}

/// Tracks of `artist` whose id's CID is `key`.
pub(super) fn tracks_named(db: &Connection, artist: i64, key: ContentKey) -> Result<Vec<i64>, Failure> {
    column(
        db,
        "SELECT r.seq FROM records r JOIN tracks t ON t.seq = r.seq WHERE r.cid = ? AND r.artist = ?",
        (key, artist),
    )
}

/// Tracks of `artist` that supersede `key`.
pub(super) fn successors(db: &Connection, artist: i64, key: ContentKey) -> Result<Vec<i64>, Failure> {
    column(db, "SELECT seq FROM tracks WHERE artist = ? AND supersedes = ?", (artist, key))
}

/// Works out one track's standing again and, when it has appeared or vanished, its place in the indexes.
pub(super) fn refresh(tx: &Transaction<'_>, seq: i64) -> Result<(), Failure> {
    let (artist, key, supersedes, content, was_visible) = tx
        .prepare_cached(
            "SELECT t.artist, r.cid, t.supersedes, t.content, t.visible
             FROM tracks t JOIN records r ON r.seq = t.seq WHERE t.seq = ?",
        )?
        .query_row([seq], |row| {
            let supersedes: Option<ContentKey> = row.get(2)?;
            Ok((row.get::<_, i64>(0)?, row.get::<_, ContentKey>(1)?, supersedes, row.get(3)?, row.get(4)?))
        })?;
    let (state, by) = withdrawal(tx, seq, artist, key, supersedes)?;
    let visible = state == State::Current && !blocklist::covers(tx, artist, key, content)?;
    tx.prepare_cached("UPDATE tracks SET state = ?, by_seq = ?, visible = ? WHERE seq = ?")?.execute((
        state as i64,
        by,
        visible,
        seq,
    ))?;
    match (was_visible, visible) {
        (false, true) => track::index(tx, seq, &stored_track(tx, seq)?),
        (true, false) => track::unindex(tx, seq),
        _ => Ok(()),
    }
}

/// [`refresh`] for several.
pub(super) fn refresh_all(tx: &Transaction<'_>, seqs: &[i64]) -> Result<(), Failure> {
    seqs.iter().try_for_each(|seq| refresh(tx, *seq))
}

fn withdrawal(
    db: &Connection,
    seq: i64,
    artist: i64,
    key: ContentKey,
    supersedes: Option<ContentKey>,
) -> Result<(State, Option<i64>), Failure> {
    let retraction: Option<i64> = db
        .prepare_cached(
            "SELECT x.seq FROM retractions x JOIN records r ON r.seq = x.seq
             WHERE x.artist = ? AND x.track = ? ORDER BY r.id DESC LIMIT 1",
        )?
        .query_row((artist, key), |row| row.get(0))
        .optional()?;
    if retraction.is_some() {
        return Ok((State::Retracted, retraction));
    }
    let successor = greatest_successor(db, artist, key)?;
    if successor.is_some() {
        return Ok((State::Superseded, successor));
    }
    let winner = supersedes.map(|old| greatest_successor(db, artist, old)).transpose()?.flatten();
    Ok(match winner.filter(|winner| *winner != seq) {
        Some(rival) => (State::Superseded, Some(rival)),
        None => (State::Current, None),
    })
}

/// Of the tracks with which `artist` supersedes `key`, the one with the greatest id.
fn greatest_successor(db: &Connection, artist: i64, key: ContentKey) -> Result<Option<i64>, Failure> {
    let mut query = db.prepare_cached(
        "SELECT t.seq FROM tracks t JOIN records r ON r.seq = t.seq
         WHERE t.artist = ? AND t.supersedes = ? ORDER BY r.id DESC LIMIT 1",
    )?;
    Ok(query.query_row((artist, key), |row| row.get(0)).optional()?)
}

/// A stored track, read back. It was verified before it was stored.
fn stored_track(tx: &Transaction<'_>, seq: i64) -> Result<osp_core::record::TrackRecord, Failure> {
    let json: Vec<u8> =
        tx.prepare_cached("SELECT json FROM records WHERE seq = ?")?.query_row([seq], |row| row.get(0))?;
    match Record::parse(&json) {
        Ok(Record::Track(track)) => Ok(track),
        Ok(_) => Err(StoreError::Database(format!("record {seq} is not the track it was")).into()),
        Err(e) => Err(StoreError::Database(format!("record {seq} is damaged: {e}")).into()),
    }
}

/// The first column of all rows.
pub(super) fn column<T: rusqlite::types::FromSql>(
    db: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, Failure> {
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map(params, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
