//! Provider records.

use super::{
    DiscoveryStore, SWEEP, SWEEP_PEERS, State,
    encoding::{decode, encode},
    fairness::{Place, loser, sample},
};
use crate::{
    StoreError,
    embedded::fail::Failure,
    providers::{Added, Announcement, Limits, MAX_PEER_ID, Maintained, Origin, Provider, ProviderKey},
};
use rusqlite::{Connection, OptionalExtension as _, Row};
use std::{collections::HashMap, time::Duration};

/// A record that would live only so much longer by a renewal is not written again, in seconds.
const RENEW_AFTER: u64 = 600;

/// A peer that announced something.
struct Holder {
    id: i64,
    addresses: Vec<u8>,
    origin: Origin,
    records: u64,
}

impl DiscoveryStore {
    /// Keeps an announcement, or does not; see [`crate::providers`] for who gives way to whom.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn add_provider(&self, announcement: &Announcement<'_>) -> Result<Added, StoreError> {
        if announcement.peer.len() > MAX_PEER_ID {
            return Ok(Added::Malformed);
        }
        self.change(|state, limits| add(state, limits, announcement))
    }

    /// Up to `count` providers of a key, drawn anew for each call where there are more, from as many networks as
    /// there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn providers(&self, key: ProviderKey, count: usize) -> Result<Vec<Provider>, StoreError> {
        self.guarded(|state, _| {
            let now = state.now();
            let mut found = read(&state.file.db, key, now)?;
            state.answers = state.answers.wrapping_add(1);
            let places: Vec<Place> = found.values().map(|(place, _)| *place).collect();
            let drawn = sample(&state.draw, state.answers, &places, count);
            Ok(drawn.iter().filter_map(|place| found.remove(&place.holder)).map(|(_, p)| p).collect())
        })
    }

    /// Removes what a peer announced of a key. Says whether there was such a record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remove_provider(&self, key: ProviderKey, peer: &[u8]) -> Result<bool, StoreError> {
        self.change(|state, _| {
            let Some(holder) = holder(&state.file.db, peer)? else { return Ok(false) };
            remove(state, &key.0, holder.id, holder.origin)
        })
    }
}

fn origin(row: &Row<'_>, index: usize) -> rusqlite::Result<Origin> {
    Ok(Origin::from_bytes(row.get(index)?))
}

fn holder(db: &Connection, peer: &[u8]) -> Result<Option<Holder>, Failure> {
    let mut query = db.prepare_cached("SELECT id, addresses, origin, records FROM holders WHERE peer = ?")?;
    let read = |row: &Row<'_>| {
        Ok(Holder { id: row.get(0)?, addresses: row.get(1)?, origin: origin(row, 2)?, records: row.get(3)? })
    };
    Ok(query.query_row([peer], read).optional()?)
}

/// The live records of a key by holder.
fn read(db: &Connection, key: ProviderKey, now: u64) -> Result<HashMap<i64, (Place, Provider)>, Failure> {
    let mut query = db.prepare_cached(
        "SELECT p.holder, h.origin, h.peer, h.addresses, p.expires
         FROM provisions p JOIN holders h ON h.id = p.holder WHERE p.key = ? AND p.expires > ?",
    )?;
    let rows = query.query_map((key.0, now), |row| {
        let place = Place { holder: row.get(0)?, origin: origin(row, 1)? };
        let provider = Provider {
            peer: row.get(2)?,
            addresses: decode(row.get_ref(3)?.as_blob()?),
            own: place.origin == Origin::OWN,
            remaining: Duration::from_secs(row.get::<_, u64>(4)?.saturating_sub(now)),
        };
        Ok((place.holder, (place, provider)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn add(state: &mut State, limits: &Limits, announcement: &Announcement<'_>) -> Result<Added, Failure> {
    let now = state.now();
    let expires = now.saturating_add(limits.keep.as_secs());
    let addresses = encode(announcement.addresses);
    let key = &announcement.key.0;
    let known = holder(&state.file.db, announcement.peer)?;
    if let Some(known) = &known {
        refresh(&state.file.db, known, &addresses, announcement.origin)?;
        if renew(&state.file.db, key, known.id, now, expires)? {
            return Ok(Added::Renewed);
        }
    }
    let own = announcement.origin == Origin::OWN;
    if !own && known.as_ref().is_some_and(|known| known.records >= limits.per_peer) {
        return Ok(Added::PeerFull);
    }
    let new = Place { holder: known.as_ref().map_or(0, |known| known.id), origin: announcement.origin };
    let leaving = match room_at_key(state, limits, key, new, now)? {
        Room::Free => None,
        Room::Instead(place) => Some(place),
        Room::None => return Ok(Added::KeyFull),
    };
    match leaving {
        Some(place) => {
            remove(state, key, place.holder, place.origin)?;
        }
        None if state.records >= limits.total && !make_room(state, announcement.origin)? => {
            return Ok(Added::Full);
        }
        None => {}
    }
    insert(state, key, announcement, &addresses, expires)?;
    Ok(Added::New)
}

/// Takes over what a peer says of itself now.
fn refresh(db: &Connection, known: &Holder, addresses: &[u8], origin: Origin) -> Result<(), Failure> {
    if known.addresses != addresses {
        db.prepare_cached("UPDATE holders SET addresses = ?2 WHERE id = ?1")?
            .execute((known.id, addresses))?;
    }
    if known.origin != origin {
        db.prepare_cached("UPDATE holders SET origin = ?2 WHERE id = ?1")?
            .execute((known.id, origin.bytes()))?;
        let records = i64::try_from(known.records).unwrap_or(i64::MAX);
        count_origin(db, known.origin, -records)?;
        count_origin(db, origin, records)?;
    }
    Ok(())
}

/// Whether there was such a record; it is kept until `expires` then.
fn renew(db: &Connection, key: &[u8; 32], holder: i64, now: u64, expires: u64) -> Result<bool, Failure> {
    let mut query = db.prepare_cached("SELECT expires FROM provisions WHERE key = ? AND holder = ?")?;
    let found: Option<u64> = query.query_row((key, holder), |row| row.get(0)).optional()?;
    let Some(found) = found else { return Ok(false) };
    if found <= now || found.saturating_add(RENEW_AFTER) <= expires {
        db.prepare_cached("UPDATE provisions SET expires = ?3 WHERE key = ?1 AND holder = ?2")?
            .execute((key, holder, expires))?;
    }
    Ok(true)
}

enum Room {
    Free,
    Instead(Place),
    None,
}

fn room_at_key(
    state: &mut State,
    limits: &Limits,
    key: &[u8; 32],
    new: Place,
    now: u64,
) -> Result<Room, Failure> {
    let limit = if state.records < limits.total / 2 { limits.per_popular_key } else { limits.per_key };
    let mut places: Vec<(Place, u64)> = {
        let mut query = state.file.db.prepare_cached(
            "SELECT p.holder, h.origin, p.expires FROM provisions p JOIN holders h ON h.id = p.holder
             WHERE p.key = ?",
        )?;
        let rows = query.query_map([key], |row| {
            Ok((Place { holder: row.get(0)?, origin: origin(row, 1)? }, row.get(2)?))
        })?;
        rows.collect::<Result<_, _>>()?
    };
    if places.len() < limit {
        return Ok(Room::Free);
    }
    if let Some((expired, _)) = places.iter().find(|(_, expires)| *expires <= now) {
        return Ok(Room::Instead(*expired));
    }
    places.push((new, u64::MAX));
    let places: Vec<Place> = places.into_iter().map(|(place, _)| place).collect();
    Ok(match loser(&state.draw, key, &places) {
        Some(place) if place != new => Room::Instead(place),
        _ => Room::None,
    })
}

/// Makes room for one record of `origin` where a network has at least two more.
fn make_room(state: &mut State, origin_of_new: Origin) -> Result<bool, Failure> {
    let db = &state.file.db;
    let crowd = db
        .prepare_cached(
            "SELECT origin, records FROM origins WHERE origin <> ? ORDER BY records DESC LIMIT 1",
        )?
        .query_row([Origin::OWN.bytes()], |row| Ok((origin(row, 0)?, row.get::<_, u64>(1)?)))
        .optional()?;
    let Some((crowded, most)) = crowd else { return Ok(false) };
    let own: u64 = db
        .prepare_cached("SELECT records FROM origins WHERE origin = ?")?
        .query_row([origin_of_new.bytes()], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    if origin_of_new != Origin::OWN && own + 1 >= most {
        return Ok(false);
    }
    let oldest = db
        .prepare_cached(
            "SELECT key, holder FROM provisions WHERE holder =
                 (SELECT id FROM holders WHERE origin = ? ORDER BY records DESC LIMIT 1)
             ORDER BY expires LIMIT 1",
        )?
        .query_row([crowded.bytes()], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    let Some((key, holder)) = oldest else { return Ok(false) };
    remove(state, &key, holder, crowded)
}

fn insert(
    state: &mut State,
    key: &[u8; 32],
    announcement: &Announcement<'_>,
    addresses: &[u8],
    expires: u64,
) -> Result<(), Failure> {
    let db = &state.file.db;
    // Looked up again: making room may have removed its last record, and with it the peer.
    let id = match holder(db, announcement.peer)? {
        Some(known) => known.id,
        None => {
            db.prepare_cached("INSERT INTO holders (peer, addresses, origin, records) VALUES (?, ?, ?, 0)")?
                .execute((announcement.peer, addresses, announcement.origin.bytes()))?;
            db.last_insert_rowid()
        }
    };
    db.prepare_cached("INSERT INTO provisions (key, holder, expires) VALUES (?, ?, ?)")?
        .execute((key, id, expires))?;
    db.prepare_cached("UPDATE holders SET records = records + 1 WHERE id = ?")?.execute([id])?;
    count_origin(db, announcement.origin, 1)?;
    state.records += 1;
    Ok(())
}

fn remove(state: &mut State, key: &[u8; 32], holder: i64, origin: Origin) -> Result<bool, Failure> {
    let db = &state.file.db;
    let gone =
        db.prepare_cached("DELETE FROM provisions WHERE key = ? AND holder = ?")?.execute((key, holder))?;
    if gone == 0 {
        return Ok(false);
    }
    db.prepare_cached("UPDATE holders SET records = records - 1 WHERE id = ?")?.execute([holder])?;
    db.prepare_cached("DELETE FROM holders WHERE id = ? AND records <= 0")?.execute([holder])?;
    count_origin(db, origin, -1)?;
    state.records = state.records.saturating_sub(1);
    Ok(true)
}

fn count_origin(db: &Connection, origin: Origin, change: i64) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO origins (origin, records) VALUES (?1, ?2)
         ON CONFLICT (origin) DO UPDATE SET records = records + ?2",
    )?
    .execute((origin.bytes(), change))?;
    if change < 0 {
        db.prepare_cached("DELETE FROM origins WHERE origin = ? AND records <= 0")?
            .execute([origin.bytes()])?;
    }
    Ok(())
}

/// Removes a batch of what has expired, going round the peers.
pub(super) fn sweep(state: &mut State) -> Result<Maintained, Failure> {
    let now = state.now();
    let holders: Vec<(i64, Origin)> = {
        let mut query = state
            .file
            .db
            .prepare_cached("SELECT id, origin FROM holders WHERE id > ? ORDER BY id LIMIT ?")?;
        let rows =
            query.query_map((state.swept, SWEEP_PEERS as i64), |row| Ok((row.get(0)?, origin(row, 1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    let mut done = Maintained::default();
    let all = holders.len() < SWEEP_PEERS;
    for (holder, origin) in holders {
        let left = SWEEP - done.expired;
        let keys: Vec<[u8; 32]> = {
            let mut query = state.file.db.prepare_cached(
                "SELECT key FROM provisions WHERE holder = ? AND expires <= ? ORDER BY expires LIMIT ?",
            )?;
            let rows = query.query_map((holder, now, left as i64), |row| row.get(0))?;
            rows.collect::<Result<_, _>>()?
        };
        for key in &keys {
            remove(state, key, holder, origin)?;
        }
        done.expired += keys.len();
        if keys.len() == left {
            // There may be more of this one.
            done.more = true;
            return Ok(done);
        }
        state.swept = holder;
    }
    if all {
        state.swept = i64::MIN;
    }
    Ok(done)
}
