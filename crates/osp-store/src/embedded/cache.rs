//! What was last read of blobs, as long as no process has changed any.

use super::key::ContentKey;
use crate::BlobMeta;
use hashlink::LruCache;
use osp_core::unixfs::Layout;
use std::sync::{Arc, Mutex, PoisonError};

/// Blobs remembered: about 400 bytes each.
const METAS: usize = 4096;
/// Layouts remembered: about 60 bytes per leaf each, and their interior blocks.
const LAYOUTS: usize = 64;

pub(super) struct BlobCache(Mutex<State>);

struct State {
    generation: u64,
    metas: LruCache<ContentKey, Arc<BlobMeta>>,
    layouts: LruCache<ContentKey, Arc<Layout>>,
}

impl BlobCache {
    pub(super) fn new() -> Self {
        let state = State { generation: 0, metas: LruCache::new(METAS), layouts: LruCache::new(LAYOUTS) };
        Self(Mutex::new(state))
    }

    pub(super) fn meta(&self, key: ContentKey, generation: u64) -> Option<Arc<BlobMeta>> {
        self.at(generation, |state| state.metas.get(&key).map(Arc::clone))
    }

    pub(super) fn layout(&self, key: ContentKey, generation: u64) -> Option<Arc<Layout>> {
        self.at(generation, |state| state.layouts.get(&key).map(Arc::clone))
    }

    /// `generation`: the one asked for before the database was read. What was read later than that is dropped
    /// once too often, never once too seldom.
    pub(super) fn keep_meta(&self, key: ContentKey, meta: Arc<BlobMeta>, generation: u64) {
        self.at(generation, |state| state.metas.insert(key, meta));
    }

    pub(super) fn keep_layout(&self, key: ContentKey, layout: Arc<Layout>, generation: u64) {
        self.at(generation, |state| state.layouts.insert(key, layout));
    }

    fn at<T>(&self, generation: u64, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.generation != generation {
            state.metas.clear();
            state.layouts.clear();
            state.generation = generation;
        }
        act(&mut state)
    }
}
