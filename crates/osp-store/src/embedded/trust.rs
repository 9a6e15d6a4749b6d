//! The trust list, and who is how near to the user.

use super::{fail::Failure, generation::records_changed, standing::column};
use crate::{
    StoreError, TrustLevel, TrustRanks, Trusted,
    social::{MAX_BEYOND, MAX_BEYOND_EACH, MAX_FOLLOWED, MAX_OWN},
};
use osp_core::did::Did;
use rusqlite::{Connection, Transaction};

/// Puts a DID on the list, or changes its note.
pub(super) fn add(tx: &Transaction<'_>, did: &str, note: Option<&str>, now: u64) -> Result<bool, Failure> {
    let changed = tx.execute(
        "INSERT INTO trusted (did, note, since) VALUES (?1, ?2, ?3)
         ON CONFLICT (did) DO UPDATE SET note = excluded.note WHERE excluded.note IS NOT NULL
             AND note IS NOT excluded.note",
        (did, note, now),
    )?;
    if changed > 0 {
        records_changed(tx)?;
    }
    Ok(changed > 0)
}

/// Takes a DID off the list.
pub(super) fn remove(tx: &Transaction<'_>, did: &str) -> Result<bool, Failure> {
    let removed = tx.execute("DELETE FROM trusted WHERE did = ?", [did])?;
    if removed > 0 {
        records_changed(tx)?;
    }
    Ok(removed > 0)
}

/// The list, oldest first.
pub(super) fn list(db: &Connection, limit: i64) -> Result<Vec<Trusted>, Failure> {
    let mut query = db.prepare_cached("SELECT did, note, since FROM trusted ORDER BY since, did LIMIT ?")?;
    let mut rows = query.query([limit])?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        list.push(Trusted {
            did: stored_did(&row.get::<_, String>(0)?)?,
            note: row.get(1)?,
            since: row.get(2)?,
        });
    }
    Ok(list)
}

/// Levels for a user with these identities. Nearest first, so that a bound leaves out the farthest.
pub(super) fn ranks(db: &Connection, identities: &[Did]) -> Result<TrustRanks, Failure> {
    let mut ranks = TrustRanks::default();
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let trusted = list(db, number(MAX_OWN))?.into_iter().map(|entry| entry.did);
    for did in identities.iter().cloned().chain(trusted).take(MAX_OWN) {
        ranks.add(did, TrustLevel::Own);
    }
    let followed = extend(db, &mut ranks, identities, TrustLevel::Followed, MAX_FOLLOWED, MAX_FOLLOWED)?;
    extend(db, &mut ranks, &followed, TrustLevel::Beyond, MAX_BEYOND, MAX_BEYOND_EACH)?;
    Ok(ranks)
}

/// Adds whom `artists` follow, those followed last first, until `most` are added; gives everybody met.
fn extend(
    db: &Connection,
    ranks: &mut TrustRanks,
    artists: &[Did],
    level: TrustLevel,
    most: usize,
    each: usize,
) -> Result<Vec<Did>, Failure> {
    let (mut met, mut added) = (Vec::new(), 0);
    for artist in artists {
        let left = most - added;
        if left == 0 {
            break;
        }
        let dids: Vec<String> = column(
            db,
            "SELECT b.did FROM follows f INDEXED BY follows_newest JOIN artists b ON b.id = f.follows
             WHERE f.artist = (SELECT id FROM artists WHERE did = ?) AND f.active = 1
                 AND NOT EXISTS (SELECT 1 FROM blocklist WHERE kind = 2 AND key = CAST(?1 AS BLOB))
             ORDER BY f.updated DESC, f.seq DESC LIMIT ?",
            (artist.to_string(), i64::try_from(each.min(left)).unwrap_or(i64::MAX)),
        )?;
        for did in dids {
            let did = stored_did(&did)?;
            added += usize::from(ranks.add(did.clone(), level));
            met.push(did);
        }
    }
    Ok(met)
}

fn stored_did(text: &str) -> Result<Did, Failure> {
    Did::parse(text).map_err(|e| StoreError::Database(format!("DID «{text}» is damaged: {e}")).into())
}
