//! Which keys this home has something under, kept up with the store: what comes and goes, whoever brings it.
//!
//! ```text
//!  record held, not blocked      artist, title, genre and track keys (spec section 13.1), those of a withdrawn track too:
//!                                who asks for it is told so
//!  content held and served,      its content keys: the CID as the records write it, and the unixfs-v1-2025 one
//!  named by a current track
//! ```
//!
//! Whoever is found under a content key is asked for its bytes, so a record alone does not announce it.

use crate::pace::rest_after;
use osp_core::{
    Cid,
    content::same_block,
    record::{Record, TrackRecord},
};
use osp_discovery::{DhtKey, IndexKey, key::KeyKind, key::keys_of};
use osp_store::{
    BlobStore as _, Block, ContentStanding, RecordIndex as _, StoreError, StoredRecord,
    embedded::EmbeddedStore,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::{Duration, Instant},
};

/// Records looked at in one go.
const PAGE: usize = 200;
/// Contents listed in one go.
const CONTENTS: usize = 1000;
/// CIDs of one content as records write them that are announced.
const WRITTEN: usize = 8;
/// How often everything is looked at again: profiles and follows that were replaced are gone without a word.
const AGAIN: Duration = Duration::from_secs(3600);

/// What changed since the last look.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// Keys that a record or content came to need, each as often as that happened.
    pub(super) needed: Vec<DhtKey>,
    /// Keys that one needed and no longer does.
    pub(super) released: Vec<DhtKey>,
}

impl Change {
    /// In the place of what was needed before comes what is needed now.
    fn replace(&mut self, before: &[DhtKey], now: &[DhtKey]) {
        self.needed.extend(now.iter().filter(|key| !before.contains(key)));
        self.released.extend(before.iter().filter(|key| !now.contains(key)));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.needed.is_empty() && self.released.is_empty()
    }
}

/// The keys of what is held, by record and by content.
pub(super) struct Holdings {
    store: EmbeddedStore,
    /// By sequence number.
    records: BTreeMap<u64, Box<[DhtKey]>>,
    /// By primary name, of all that is stored; nothing for what is not announced.
    contents: HashMap<Cid, Box<[DhtKey]>>,
    blocks: Vec<Block>,
    seen: Option<(u64, u64)>,
    whole: Option<Instant>,
}

impl Holdings {
    pub(super) fn new(store: EmbeddedStore) -> Self {
        Self {
            store,
            records: BTreeMap::new(),
            contents: HashMap::new(),
            blocks: Vec::new(),
            seen: None,
            whole: None,
        }
    }

    /// Looks at the store, if anything has changed there.
    ///
    /// # Errors
    /// [`StoreError`]; what was seen until then stands, the rest is looked at next time.
    pub(super) async fn look(&mut self) -> Result<Change, StoreError> {
        let mut change = Change::default();
        let now = (self.store.generation().await?, self.store.content_generation()?);
        let due = self.whole.is_none_or(|at| at.elapsed() > AGAIN);
        if self.seen == Some(now) && !due {
            return Ok(change);
        }
        let blocks: Vec<Block> = self.store.blocks().await?.into_iter().map(|(block, _)| block).collect();
        let all = due || blocks != self.blocks;
        let withdrawn =
            if all { self.all_records(&mut change).await? } else { self.new_records(&mut change).await? };
        if all || withdrawn || self.seen.is_none_or(|seen| seen.1 != now.1) {
            self.all_contents(all || withdrawn, &mut change).await?;
        }
        (self.blocks, self.seen) = (blocks, Some(now));
        if all {
            self.whole = Some(Instant::now());
        }
        Ok(change)
    }

    /// Records that came since. Says whether one of them withdraws another, whose content is perhaps served no longer.
    async fn new_records(&mut self, change: &mut Change) -> Result<bool, StoreError> {
        let (mut after, mut withdraws) = (self.records.keys().next_back().copied().unwrap_or(0), false);
        loop {
            let begun = Instant::now();
            let page = self.store.feed(after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(withdraws) };
            after = *last;
            for (seq, record, keys) in self.keys(&page).await? {
                change.replace(&[], &keys);
                self.records.insert(seq, keys);
                let track = record.as_track();
                withdraws |=
                    record.as_retraction().is_some() || track.is_some_and(|t| t.supersedes().is_some());
                if let Some(track) = track {
                    self.content(&track.content(), change).await?;
                }
            }
            rest_after(begun).await;
        }
    }

    /// All records anew: some may have gone, or been blocked.
    async fn all_records(&mut self, change: &mut Change) -> Result<bool, StoreError> {
        let (mut after, mut there) = (0, HashSet::new());
        loop {
            let begun = Instant::now();
            let page = self.store.feed(after, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            for (seq, _, keys) in self.keys(&page).await? {
                change.replace(self.records.get(&seq).map_or(&[], |keys| keys), &keys);
                self.records.insert(seq, keys);
                there.insert(seq);
            }
            rest_after(begun).await;
        }
        self.records.retain(|seq, keys| {
            let stays = there.contains(seq);
            if !stays {
                change.replace(keys, &[]);
            }
            stays
        });
        Ok(true)
    }

    /// The keys of a page of records; none of what is blocked. What this version does not understand has none, either.
    async fn keys(
        &self,
        page: &[(u64, StoredRecord)],
    ) -> Result<Vec<(u64, Record, Box<[DhtKey]>)>, StoreError> {
        let (places, records): (Vec<u64>, Vec<Record>) =
            page.iter().filter_map(|(seq, stored)| Some((*seq, Record::parse(&stored.json).ok()?))).unzip();
        let blocked = self.store.are_blocked(&records).await?;
        let of = |record: &Record| {
            let keys = keys_of(record, None).into_iter().filter(|key| key.kind() != KeyKind::Content);
            keys.map(|key| key.dht_key()).collect::<Box<[DhtKey]>>()
        };
        let found = places.into_iter().zip(records).zip(blocked);
        let found = found.map(|((seq, record), blocked)| {
            let keys = if blocked { Box::default() } else { of(&record) };
            (seq, record, keys)
        });
        Ok(found.collect())
    }

    /// Contents that came or went; with `known` those that were there as well.
    async fn all_contents(&mut self, known: bool, change: &mut Change) -> Result<(), StoreError> {
        let (mut after, mut there): (Option<Cid>, HashSet<Cid>) = (None, HashSet::new());
        loop {
            let begun = Instant::now();
            let page = self.store.list(after.as_ref(), CONTENTS).await?;
            let Some(last) = page.last().copied() else { break };
            after = Some(last);
            for cid in page {
                if known || !self.contents.contains_key(&cid) {
                    self.content(&cid, change).await?;
                }
                there.insert(cid);
            }
            rest_after(begun).await;
        }
        self.contents.retain(|cid, keys| {
            let stays = there.contains(cid);
            if !stays {
                change.replace(keys, &[]);
            }
            stays
        });
        Ok(())
    }

    /// One content, under whichever root.
    async fn content(&mut self, root: &Cid, change: &mut Change) -> Result<(), StoreError> {
        let Some(blob) = self.store.find(root).await? else { return Ok(()) };
        let keys = self.content_keys(&blob.cid, &blob.roots).await?;
        change.replace(self.contents.get(&blob.cid).map_or(&[], |keys| keys), &keys);
        self.contents.insert(blob.cid, keys);
        Ok(())
    }

    async fn content_keys(&self, primary: &Cid, roots: &[Cid]) -> Result<Box<[DhtKey]>, StoreError> {
        if self.store.content_standing(roots).await? != ContentStanding::Open {
            return Ok(Box::default());
        }
        let mut written: Vec<IndexKey> = Vec::new();
        for stored in self.store.using_content(roots).await? {
            let Ok(record) = Record::parse(&stored.json) else { continue };
            let is_audio = |track: &&TrackRecord| roots.iter().any(|root| same_block(root, &track.content()));
            // As picture or text it is looked for by nobody.
            let Some(track) = record.as_track().filter(is_audio) else { continue };
            if let Some(Ok(key)) = track.text("cid").map(IndexKey::content_as_written)
                && !written.contains(&key)
                && written.len() < WRITTEN
            {
                written.push(key);
            }
        }
        if !written.is_empty()
            && let Ok(key) = IndexKey::content(primary)
            && !written.contains(&key)
        {
            written.push(key);
        }
        Ok(written.iter().map(IndexKey::dht_key).collect())
    }
}
