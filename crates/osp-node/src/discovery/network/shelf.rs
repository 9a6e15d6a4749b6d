//! Records that searches found, in memory: to be opened and played at once, and not in the catalogue of whoever runs the
//! node, since any visitor's search brings them. The ones looked at longest ago go first.

use osp_core::{
    content::parse_cid,
    record::{Record, RecordId, Verified},
};
use osp_store::StoredRecord;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Records that are kept.
const RECORDS: usize = 2000;
/// Bytes of them.
const BYTES: usize = 16 << 20;

/// The shelf of a process.
#[derive(Default)]
pub struct Shelf(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// By the CID part of the id.
    records: HashMap<String, Slot>,
    turns: BTreeMap<u64, String>,
    turn: u64,
    bytes: usize,
}

struct Slot {
    record: StoredRecord,
    turn: u64,
}

impl Shelf {
    /// Puts a record there.
    pub(super) fn put(&self, record: &Verified<Record>) {
        let id = record.id();
        let name = id.cid_text().to_owned();
        let mut kept = self.kept();
        if kept.touch(&name) {
            return;
        }
        let record = StoredRecord { id, json: record.to_bytes().into(), withdrawn: None };
        let turn = kept.next(&name);
        kept.bytes += record.json.len();
        kept.records.insert(name, Slot { record, turn });
        while kept.records.len() > RECORDS || kept.bytes > BYTES {
            let Some((_, oldest)) = kept.turns.pop_first() else { break };
            kept.discard(&oldest);
        }
    }

    /// The record with this whole id or CID part.
    #[must_use]
    pub fn get(&self, id_or_cid: &str) -> Option<StoredRecord> {
        let whole = RecordId::parse(id_or_cid).ok();
        let name = whole.as_ref().map_or(id_or_cid, RecordId::cid_text);
        parse_cid(name).ok()?;
        let mut kept = self.kept();
        let found = kept.records.get(name).map(|slot| slot.record.clone());
        let found = found.filter(|record| whole.as_ref().is_none_or(|id| id.kind() == record.id.kind()))?;
        kept.touch(name);
        Some(found)
    }

    /// Takes a record away: it was withdrawn.
    pub(super) fn remove(&self, id: &str) {
        if let Ok(id) = RecordId::parse(id) {
            let mut kept = self.kept();
            if let Some(slot) = kept.records.get(id.cid_text()) {
                let turn = slot.turn;
                kept.turns.remove(&turn);
                kept.discard(id.cid_text());
            }
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept().records.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn next(&mut self, name: &str) -> u64 {
        self.turn += 1;
        self.turns.insert(self.turn, name.to_owned());
        self.turn
    }

    /// Makes it the latest. Says whether it is there.
    fn touch(&mut self, name: &str) -> bool {
        let Some(before) = self.records.get(name).map(|slot| slot.turn) else { return false };
        self.turns.remove(&before);
        let turn = self.next(name);
        if let Some(slot) = self.records.get_mut(name) {
            slot.turn = turn;
        }
        true
    }

    fn discard(&mut self, name: &str) {
        if let Some(slot) = self.records.remove(name) {
            self.bytes -= slot.record.json.len();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::{key::ArtistKey, record::ProfileDraft};

    fn record(n: usize) -> Verified<Record> {
        let draft = ProfileDraft { name: format!("Artist {n}"), ..ProfileDraft::default() };
        draft.sign(&ArtistKey::from_seed(&[7; 32]), "2026-01-01T12:00:00Z").unwrap()
    }

    #[test]
    fn it_holds_so_many_and_gives_up_those_nobody_looks_at() {
        let shelf = Shelf::default();
        let records: Vec<_> = (0..RECORDS + 100).map(record).collect();
        records[..RECORDS].iter().for_each(|record| shelf.put(record));
        assert_eq!(shelf.len(), RECORDS);
        let first = records[0].id();
        assert_eq!(shelf.get(first.as_str()).unwrap().id, first);
        records[RECORDS..].iter().for_each(|record| shelf.put(record));
        assert_eq!(shelf.len(), RECORDS);
        assert!(shelf.get(first.cid_text()).is_some(), "the one looked at lately is still there");
        assert!(shelf.get(records[1].id().as_str()).is_none());
        shelf.remove(first.as_str());
        assert!(shelf.get(first.as_str()).is_none());
        let kept = shelf.kept();
        assert_eq!((kept.turns.len(), kept.records.len()), (RECORDS - 1, RECORDS - 1));
        assert_eq!(kept.bytes, kept.records.values().map(|slot| slot.record.json.len()).sum::<usize>());
    }
}
