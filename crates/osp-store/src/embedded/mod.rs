//! The embedded store: one SQLite database (WAL, shared by processes) for the index, one file per blob.

use crate::StoreError;
use std::path::Path;

/// A store in one folder. Cheap to clone; implements [`crate::BlobStore`] and [`crate::RecordIndex`].
#[derive(Clone)]
pub struct EmbeddedStore {}

impl EmbeddedStore {
    /// Opens the store in `home`, making or migrating it as needed.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Newer`] for a store of a later version.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        let _ = home;
        todo!()
    }

    /// Writes a consistent copy of the index and every blob into `target`, while others read and write.
    ///
    /// # Errors
    /// [`StoreError`]; `target` must be new or empty.
    pub async fn backup(&self, target: &Path) -> Result<(), StoreError> {
        let _ = target;
        todo!()
    }
}
