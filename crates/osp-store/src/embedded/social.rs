//! Profiles and follows in the database: of each place the newest record, and no other.

use super::{
    EmbeddedStore, blocklist,
    fail::Failure,
    key::ContentKey,
    records,
    standing::column,
    track::{artist_row, find_artist},
};
use crate::{Put, Social, StoreError, StoredRecord, TrustRanks, Trusted, social::MAX_FOLLOWS};
use async_trait::async_trait;
use osp_core::{
    did::Did,
    record::{FollowState, Record, newest},
};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

/// Replaced records whose numbers are remembered.
const MAX_REPLACED: i64 = 10_000;
/// Longest list of follows that is given at once.
const MAX_LIST: usize = 10_000;

/// A profile or follow that holds its place.
struct Holder {
    seq: i64,
    updated: String,
    id: String,
}

/// Where a record's place is in the database.
enum Place {
    /// Of this artist.
    Profile(i64),
    /// Of this artist about that one.
    Follow(i64, i64),
}

impl Place {
    fn holder(&self, db: &Connection) -> Result<Option<Holder>, Failure> {
        let read =
            |row: &rusqlite::Row<'_>| Ok(Holder { seq: row.get(0)?, updated: row.get(1)?, id: row.get(2)? });
        let found = match self {
            Self::Profile(artist) => db
                .prepare_cached(
                    "SELECT p.seq, p.updated, r.id FROM profiles p JOIN records r ON r.seq = p.seq
                     WHERE p.artist = ?",
                )?
                .query_row([artist], read),
            Self::Follow(artist, follows) => db
                .prepare_cached(
                    "SELECT f.seq, f.updated, r.id FROM follows f JOIN records r ON r.seq = f.seq
                     WHERE f.artist = ? AND f.follows = ?",
                )?
                .query_row((artist, follows), read),
        };
        Ok(found.optional()?)
    }
}

/// Takes a profile or follow, if it is the newest of its place. `insert` adds the row of the record itself and gives its
/// sequence number, or `None` when it is there. `now`: seconds since 1970.
pub(super) fn put(
    tx: &Transaction<'_>,
    record: &Record,
    now: u64,
    insert: impl FnOnce(i64) -> Result<Option<i64>, Failure>,
) -> Result<Put, Failure> {
    let Some((_, rank)) = record.place() else { return Ok(Put::Known) };
    if rank.is_early(now) {
        return Ok(Put::Early);
    }
    let artist = artist_row(tx, &record.artist().to_string())?;
    let place = match record.as_follow() {
        Some(follow) => Place::Follow(artist, artist_row(tx, &follow.follows().to_string())?),
        None => Place::Profile(artist),
    };
    let holder = place.holder(tx)?;
    if let Some(holder) = &holder {
        // One that was taken while this clock was wrong gives way.
        let stands = !newest::is_early(&holder.updated, now);
        if stands && (&*holder.updated, &*holder.id) >= (rank.updated(), record.id().as_str()) {
            return Ok(Put::Known);
        }
    } else if matches!(place, Place::Follow(..)) && count_of(tx, artist)? >= MAX_FOLLOWS {
        return Ok(Put::Full);
    }
    // Before the old row goes: a number that was given once is not given again.
    let Some(seq) = insert(artist)? else { return Ok(Put::Known) };
    hold(tx, &place, record, seq, rank.updated())?;
    if let Some(old) = holder {
        tx.execute("DELETE FROM profile_contents WHERE seq = ?", [old.seq])?;
        tx.execute("DELETE FROM records WHERE seq = ?", [old.seq])?;
        tx.execute("INSERT INTO replaced (seq, id) VALUES (?, ?)", (old.seq, old.id))?;
        tx.execute(
            "DELETE FROM replaced WHERE seq <= (SELECT seq FROM replaced ORDER BY seq DESC LIMIT 1 OFFSET ?)",
            [MAX_REPLACED],
        )?;
    }
    Ok(Put::New)
}

fn hold(
    tx: &Transaction<'_>,
    place: &Place,
    record: &Record,
    seq: i64,
    updated: &str,
) -> Result<(), Failure> {
    match place {
        Place::Profile(artist) => {
            tx.prepare_cached("INSERT OR REPLACE INTO profiles (artist, seq, updated) VALUES (?, ?, ?)")?
                .execute((artist, seq, updated))?;
            let pictures = record.as_profile().map(|p| [p.avatar(), p.banner()]).unwrap_or_default();
            for picture in pictures.into_iter().flatten() {
                tx.prepare_cached("INSERT OR IGNORE INTO profile_contents (key, seq) VALUES (?, ?)")?
                    .execute((ContentKey::of(&picture), seq))?;
            }
        }
        Place::Follow(artist, follows) => {
            let active = record.as_follow().is_some_and(|f| f.state() == FollowState::Follow);
            tx.prepare_cached(
                "INSERT OR REPLACE INTO follows (artist, follows, seq, updated, active) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute((artist, follows, seq, updated, active))?;
        }
    }
    Ok(())
}

fn count_of(db: &Connection, artist: i64) -> Result<usize, Failure> {
    let mut query = db.prepare_cached("SELECT count(*) FROM follows WHERE artist = ?")?;
    Ok(query.query_row([artist], |row| row.get(0))?)
}

/// Records by number, without what is blocked.
fn unblocked(db: &Connection, seqs: &[i64]) -> Result<Vec<StoredRecord>, Failure> {
    let mut left = Vec::new();
    for stored in records::load(db, seqs)? {
        let record = Record::parse(&stored.json)
            .map_err(|e| StoreError::Database(format!("record {} is damaged: {e}", stored.id.as_str())))?;
        if !blocklist::Asked::of(&record).is_covered(db)? {
            left.push(stored);
        }
    }
    Ok(left)
}

/// One row, by a query for its number.
fn one(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Option<StoredRecord>, Failure> {
    Ok(unblocked(db, &column(db, sql, params)?)?.into_iter().next())
}

const FOLLOWS: &str = "SELECT seq FROM follows INDEXED BY follows_newest WHERE artist = ? AND active = 1
     ORDER BY updated DESC, seq DESC LIMIT ?";
const FOLLOWERS: &str =
    "SELECT seq FROM follows INDEXED BY follows_followers WHERE follows = ? AND active = 1
     ORDER BY updated DESC, seq DESC LIMIT ?";

impl EmbeddedStore {
    async fn follow_list(
        &self,
        sql: &'static str,
        did: &Did,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let did = did.to_string();
        let limit = i64::try_from(limit.min(MAX_LIST)).unwrap_or(i64::MAX);
        let work = move |db: &Connection| {
            let Some(artist) = find_artist(db, &did)? else { return Ok(Vec::new()) };
            unblocked(db, &column(db, sql, (artist, limit))?)
        };
        self.inner.pool.read(work).await
    }
}

#[async_trait]
impl Social for EmbeddedStore {
    async fn profile(&self, artist: &Did) -> Result<Option<StoredRecord>, StoreError> {
        let did = artist.to_string();
        let sql = "SELECT p.seq FROM profiles p JOIN artists a ON a.id = p.artist WHERE a.did = ?";
        self.inner.pool.read(move |db| one(db, sql, [did])).await
    }

    async fn follow_of(&self, artist: &Did, follows: &Did) -> Result<Option<StoredRecord>, StoreError> {
        let dids = (artist.to_string(), follows.to_string());
        let sql =
            "SELECT f.seq FROM follows f JOIN artists a ON a.id = f.artist JOIN artists b ON b.id = f.follows
                   WHERE a.did = ? AND b.did = ?";
        self.inner.pool.read(move |db| one(db, sql, dids)).await
    }

    async fn follows(&self, artist: &Did, limit: usize) -> Result<Vec<StoredRecord>, StoreError> {
        self.follow_list(FOLLOWS, artist, limit).await
    }

    async fn followers(&self, artist: &Did, limit: usize) -> Result<Vec<StoredRecord>, StoreError> {
        self.follow_list(FOLLOWERS, artist, limit).await
    }

    async fn tracks_of(&self, artist: &Did) -> Result<u64, StoreError> {
        let did = artist.to_string();
        let sql = "SELECT count(*) FROM tracks INDEXED BY tracks_artist
                   WHERE artist = (SELECT id FROM artists WHERE did = ?) AND visible = 1";
        self.inner.pool.read(move |db| Ok(db.prepare_cached(sql)?.query_row([did], |row| row.get(0))?)).await
    }

    async fn trust(&self, did: &Did, note: Option<&str>, now: u64) -> Result<bool, StoreError> {
        let (did, note) = (did.to_string(), note.map(str::to_owned));
        let changed =
            self.inner.pool.write(move |tx| super::trust::add(tx, &did, note.as_deref(), now)).await;
        self.inner.watch.changed();
        changed
    }

    async fn distrust(&self, did: &Did) -> Result<bool, StoreError> {
        let did = did.to_string();
        let removed = self.inner.pool.write(move |tx| super::trust::remove(tx, &did)).await;
        self.inner.watch.changed();
        removed
    }

    async fn trusted(&self) -> Result<Vec<Trusted>, StoreError> {
        self.inner.pool.read(|db| super::trust::list(db, i64::MAX)).await
    }

    async fn trust_ranks(&self, identities: &[Did]) -> Result<TrustRanks, StoreError> {
        let identities = identities.to_vec();
        self.inner.pool.read(move |db| super::trust::ranks(db, &identities)).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::{key::ArtistKey, record::ProfileDraft};

    const NOW: u64 = 1_768_478_400; // 2026-01-15T12:00:00Z

    fn store() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        super::super::schema::migrate(&mut db).unwrap();
        db
    }

    fn put_at(db: &mut Connection, updated: &str, now: u64) -> Put {
        let draft = ProfileDraft { name: "Ana".into(), ..ProfileDraft::default() };
        let record = draft.sign(&ArtistKey::from_seed(&[1; 32]), updated).unwrap();
        let tx = db.transaction().unwrap();
        let put = records::put(&tx, &[record], now).unwrap_or_default();
        tx.commit().unwrap();
        put[0]
    }

    #[test]
    fn a_record_from_the_future_is_not_taken_yet() {
        let mut db = store();
        assert_eq!(put_at(&mut db, "2026-01-16T12:00:01Z", NOW), Put::Early);
        assert_eq!(put_at(&mut db, "2026-01-16T12:00:00Z", NOW), Put::New);
        assert_eq!(put_at(&mut db, "2026-01-16T12:00:01Z", NOW + 1), Put::New);
    }

    #[test]
    fn what_was_taken_while_the_clock_was_wrong_gives_way() {
        let mut db = store();
        let years = 20 * 365 * 86_400;
        assert_eq!(put_at(&mut db, "2040-01-01T00:00:00Z", NOW + years), Put::New);
        assert_eq!(put_at(&mut db, "2026-01-15T00:00:00Z", NOW), Put::New);
        assert_eq!(put_at(&mut db, "2026-01-14T00:00:00Z", NOW), Put::Known);
        let left: i64 = db.query_row("SELECT count(*) FROM records", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 1);
    }

    #[test]
    fn the_follows_of_one_artist_are_bounded() {
        let mut db = store();
        let key = ArtistKey::from_seed(&[1; 32]);
        let follow = |n: usize, state, updated| {
            let did = Did::parse(&format!("did:web:a{n}.example")).unwrap();
            osp_core::record::Follow::sign(&did, state, &key, updated).unwrap()
        };
        let first = follow(0, FollowState::Follow, "2026-01-01T00:00:00Z");
        let tx = db.transaction().unwrap();
        assert!(matches!(records::put(&tx, &[first], NOW), Ok(put) if put == [Put::New]));
        // The rest without 10,000 signatures: rows that name the same record.
        for n in 1..MAX_FOLLOWS {
            let row = artist_row(&tx, &format!("did:web:a{n}.example")).unwrap_or_default();
            tx.execute(
                "INSERT INTO follows SELECT artist, ?, seq, updated, active FROM follows LIMIT 1",
                [row],
            )
            .unwrap();
        }
        let more = follow(MAX_FOLLOWS, FollowState::Follow, "2026-01-02T00:00:00Z");
        let stop = follow(0, FollowState::Unfollow, "2026-01-02T00:00:00Z");
        assert!(matches!(records::put(&tx, &[more], NOW), Ok(put) if put == [Put::Full]));
        tx.execute(
            "DELETE FROM follows WHERE follows <> (SELECT id FROM artists WHERE did = 'did:web:a0.example')",
            [],
        )
        .unwrap();
        assert!(matches!(records::put(&tx, &[stop], NOW), Ok(put) if put == [Put::New]));
    }
}
