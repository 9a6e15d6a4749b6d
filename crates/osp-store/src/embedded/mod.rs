//! The embedded store: one SQLite database (WAL, shared by processes) for the index, one file per blob.
//!
//! | module | subject |
//! |---|---|
//! | `folders`, `temp` | the folder, and files being written |
//! | `schema`, `pool`, `generation`, `fail`, `key` | the database |
//! | `blobs`, `layouts`, `writer`, `handles`, `pread`, `cache`, `scrub` | blobs: [`crate::BlobStore`] |
//! | `index`, `records`, `track`, `standing`, `blocklist` | records: [`crate::RecordIndex`] |
//! | `custody` | what may be given up: [`crate::Custody`] |
//! | `social`, `trust` | profiles, follows and the trust list: [`crate::Social`] |
//! | `search`, `ranking`, `nearness`, `spelling`, `text` | finding them |
//! | `under` | what is held under an index key of discovery |
//! | `backup` | copies of the whole |
//! | `discovery` | provider records of the DHT, in a file of their own: [`DiscoveryStore`] |

mod backup;
mod blobs;
mod blocklist;
mod cache;
mod custody;
mod discovery;
mod fail;
mod folders;
mod generation;
mod handles;
mod index;
mod key;
mod layouts;
mod nearness;
mod pool;
mod pread;
mod ranking;
mod records;
mod schema;
mod scrub;
mod search;
mod social;
mod spelling;
mod standing;
mod temp;
mod text;
mod track;
mod trust;
mod under;
mod writer;

pub use backup::RestoreReport;
pub use discovery::DiscoveryStore;
pub use under::{Held, Under};

use crate::StoreError;
use std::{
    path::Path,
    sync::{Arc, Mutex},
};

/// A store in one folder. Cheap to clone; implements [`crate::BlobStore`], [`crate::RecordIndex`] and
/// [`crate::Custody`]. Several
/// processes may have the same folder open.
#[derive(Clone)]
pub struct EmbeddedStore {
    inner: Arc<Inner>,
}

struct Inner {
    folders: folders::Folders,
    pool: Arc<pool::Pool>,
    watch: generation::Watch,
    cache: cache::BlobCache,
    handles: handles::Handles,
    vocabulary: spelling::Vocabulary,
    counts: Mutex<index::KeptCounts>,
    genres: Mutex<index::KeptGenres>,
    near: Mutex<index::KeptNearness>,
}

impl EmbeddedStore {
    /// Opens the store in `home`, making or migrating it as needed, and removes what killed processes left
    /// half-written. Blocks for some milliseconds.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Newer`] for a store of a later version.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        let folders = folders::Folders::of(home);
        folders.create()?;
        let pool = Arc::new(pool::Pool::open(&folders.index())?);
        temp::clean(&folders, &pool)?;
        let inner = Inner {
            watch: generation::Watch::new(&pool)?,
            folders,
            pool,
            cache: cache::BlobCache::new(),
            handles: handles::Handles::new(),
            vocabulary: spelling::Vocabulary::default(),
            counts: Mutex::default(),
            genres: Mutex::default(),
            near: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Reads the words that typing errors are corrected to, so that the first mistyped search need not wait for
    /// them: a few tens of milliseconds for 100,000 records. Not needed, only faster.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn warm(&self) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        self.inner.pool.read(move |db| inner.vocabulary.refresh(db)).await
    }

    /// Gives memory back that has not been of use for half a minute: caches of the database, one for each query that was
    /// made at the same time as others. A program that runs for long calls it now and then; it is quick.
    pub fn rest(&self) {
        self.inner.pool.rest();
    }

    /// Writes a consistent copy of the index and every blob into `target`/store, while others read and write.
    ///
    /// # Errors
    /// [`StoreError`]; `target` must have no store in it.
    pub async fn backup(&self, target: &Path) -> Result<(), StoreError> {
        backup::backup(&self.inner, target).await
    }
}

impl Inner {
    /// To be called when this process has committed or removed a blob.
    fn blob_changed(&self, cid: key::ContentKey) {
        self.watch.changed();
        self.handles.forget(cid);
    }
}
