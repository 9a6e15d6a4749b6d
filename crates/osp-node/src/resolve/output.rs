//! Audio out of the store into a file of the user's.

use super::ResolveError;
use crate::{
    Node,
    staged::{self, Staged},
};
use osp_store::{BlobMeta, blob::MAX_READ};
use std::{
    io::{ErrorKind, Write as _},
    path::Path,
};

/// Refuses early what could not be written in the end.
pub(super) fn check(path: &Path, force: bool) -> Result<(), ResolveError> {
    if staged::taken(path, force) { Err(ResolveError::Exists(path.to_owned())) } else { Ok(()) }
}

/// Writes the blob beside `path` and renames it: the file is there whole or not at all.
pub(super) async fn write(
    node: &Node,
    blob: &BlobMeta,
    path: &Path,
    force: bool,
) -> Result<(), ResolveError> {
    let fail = |source: std::io::Error| match source.kind() {
        ErrorKind::AlreadyExists => ResolveError::Exists(path.to_owned()),
        _ => ResolveError::Output { path: path.to_owned(), source },
    };
    let folder = staged::folder(path);
    std::fs::create_dir_all(&folder).map_err(fail)?;
    let mut staged = Staged::beside(path).map_err(fail)?;
    let mut at = 0;
    while at < blob.size {
        let end = (at + MAX_READ).min(blob.size);
        let bytes = node.blobs().read(blob, at..end).await?;
        staged.file().write_all(&bytes).map_err(fail)?;
        at = end;
    }
    staged.finish().and_then(|finished| finished.place(path, force)).map_err(fail)?;
    staged::sync_folder(&folder).map_err(fail)
}
