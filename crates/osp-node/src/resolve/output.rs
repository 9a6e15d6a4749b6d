//! Audio out of the store into a file of the user's.

use super::ResolveError;
use crate::Node;
use osp_store::{BlobMeta, blob::MAX_READ};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

/// Refuses early what could not be written in the end.
pub(super) fn check(path: &Path, force: bool) -> Result<(), ResolveError> {
    if path.is_dir() || (path.exists() && !force) {
        return Err(ResolveError::Exists(path.to_owned()));
    }
    Ok(())
}

/// Writes the blob beside `path` and renames it: the file is there whole or not at all.
pub(super) async fn write(
    node: &Node,
    blob: &BlobMeta,
    path: &Path,
    force: bool,
) -> Result<(), ResolveError> {
    let fail = |source| ResolveError::Output { path: path.to_owned(), source };
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&folder).map_err(fail)?;
    let mut temp = tempfile::Builder::new().prefix(".osp-").tempfile_in(&folder).map_err(fail)?;
    let mut at = 0;
    while at < blob.size {
        let end = (at + MAX_READ).min(blob.size);
        let bytes = node.blobs().read(blob, at..end).await?;
        temp.write_all(&bytes).map_err(fail)?;
        at = end;
    }
    temp.as_file().sync_all().map_err(fail)?;
    // A temporary file is 0600; what the user asked for is an ordinary file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let _ = temp.as_file().set_permissions(std::fs::Permissions::from_mode(0o644));
    }
    let persisted = if force { temp.persist(path) } else { temp.persist_noclobber(path) };
    match persisted {
        Ok(_) => {
            // The name as well as the bytes outlives a power cut.
            #[cfg(unix)]
            std::fs::File::open(&folder).and_then(|f| f.sync_all()).map_err(fail)?;
            Ok(())
        }
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(ResolveError::Exists(path.to_owned()))
        }
        Err(e) => Err(fail(e.error)),
    }
}
