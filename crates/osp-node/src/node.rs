//! [`Node`]: everything one home can do, put together once.

use crate::{
    Home, downloads::Lazy, home::HomeError, identity::Identities, seeding::Tally, social::trust::KeptRanks,
};
use osp_delivery::Delivery;
use osp_fetch::{DidWebResolver, Fetcher, Policy, SetupError};
use osp_store::{BlobStore, RecordIndex, StoreError, embedded::EmbeddedStore};
use std::{path::Path, sync::Arc};

/// What a node is opened with.
#[derive(Clone, Debug, Default)]
pub struct NodeOptions {
    /// Lets addresses learned from records, redirects and DID documents be private or special ones
    /// (`--allow-private`, `OSP_ALLOW_PRIVATE=1`).
    pub allow_private: bool,
}

/// Why a node could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The store in it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP client.
    #[error("cannot set up the HTTP client: {0}")]
    Fetch(#[from] SetupError),
}

/// One home, opened. Cheap to share (`Arc`); several processes may have the same home open.
pub struct Node {
    home: Home,
    store: EmbeddedStore,
    blobs: Arc<dyn BlobStore>,
    records: Arc<dyn RecordIndex>,
    fetcher: Fetcher,
    did_web: DidWebResolver,
    delivery: Delivery,
    downloads: Lazy,
    tally: Tally,
    identities: Identities,
    ranks: KeptRanks,
    allow_private: bool,
}

impl Node {
    /// Opens a home, making what is missing.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(root: &Path, options: &NodeOptions) -> Result<Arc<Self>, OpenError> {
        let home = Home::open(root)?;
        let store = EmbeddedStore::open(home.root())?;
        let fetcher = Fetcher::new(&Policy { allow_private: options.allow_private, extra_ca: None })?;
        Ok(Arc::new(Self {
            blobs: Arc::new(store.clone()),
            records: Arc::new(store.clone()),
            store,
            did_web: DidWebResolver::new(fetcher.clone()),
            delivery: Delivery::new(fetcher.clone()),
            downloads: Lazy::default(),
            tally: Tally::default(),
            ranks: KeptRanks::default(),
            fetcher,
            identities: Identities::open(home.root()),
            allow_private: options.allow_private,
            home,
        }))
    }

    /// The folder.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }
    /// Content.
    #[must_use]
    pub fn blobs(&self) -> &Arc<dyn BlobStore> {
        &self.blobs
    }
    /// Records and the block list.
    #[must_use]
    pub fn records(&self) -> &Arc<dyn RecordIndex> {
        &self.records
    }
    /// The guarded HTTP client.
    #[must_use]
    pub fn fetcher(&self) -> &Fetcher {
        &self.fetcher
    }
    /// Whether addresses learned from strangers may be private or special ones.
    #[must_use]
    pub fn allows_private(&self) -> bool {
        self.allow_private
    }
    /// Keys of `did:web` artists.
    #[must_use]
    pub fn did_web(&self) -> &DidWebResolver {
        &self.did_web
    }
    /// Fetching from elsewhere, verified.
    #[must_use]
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }
    pub(crate) fn ranks(&self) -> &KeptRanks {
        &self.ranks
    }
    pub(crate) fn lazy(&self) -> &Lazy {
        &self.downloads
    }
    /// Artists whose keys are here.
    #[must_use]
    pub fn identities(&self) -> &Identities {
        &self.identities
    }
    /// The concrete store, for backup and restore.
    #[must_use]
    pub fn store(&self) -> &EmbeddedStore {
        &self.store
    }
}
