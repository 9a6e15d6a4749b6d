//! Copies of a whole store: made while others read and write it, checked when they are brought back.
//!
//! A backup is a folder with the same `store` inside as a home. The index is one snapshot; blobs are copied, not
//! linked, so that damage to one copy is not damage to both.

use super::{
    EmbeddedStore, Inner,
    fail::{Failure, io_error, joined},
    folders::{Folders, sync_folder},
    key::ContentKey,
    layouts,
    standing::column,
};
use crate::StoreError;
use osp_core::Cid;
use rusqlite::{Connection, OpenFlags, backup::Backup};
use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::Path,
    sync::Arc,
};

/// What a restore brought back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreReport {
    /// Blobs, whole and verified.
    pub blobs: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Blobs that the backup no longer has or that are damaged in it. They were left out; their records are there.
    pub damaged: Vec<Cid>,
}

/// See [`EmbeddedStore::backup`].
pub(super) async fn backup(inner: &Arc<Inner>, target: &Path) -> Result<(), StoreError> {
    let (inner, target) = (Arc::clone(inner), Folders::of(target));
    joined(tokio::task::spawn_blocking(move || {
        must_be_new(&target)?;
        target.create()?;
        let source = inner.pool.connection()?;
        let mut index = copy_index(&source, &target)?;
        for cid in blobs_of(&index, &target)? {
            let (from, to) = (inner.folders.blob(cid), target.blob(cid));
            match File::open(&from) {
                Ok(file) => {
                    copy(file, &to)?;
                }
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    // Removed since the snapshot, or lost: the backup says it does not have it.
                    drop_blob(&mut index, &target, cid)?;
                }
                Err(e) => return Err(io_error("cannot open", &from)(e)),
            }
        }
        finish(index, &target)
    }))
    .await?
}

/// See [`EmbeddedStore::restore`].
pub(super) fn restore(from: &Path, to: &Path) -> Result<RestoreReport, StoreError> {
    let (from, to) = (Folders::of(from), Folders::of(to));
    must_be_new(&to)?;
    let source = from.index();
    if !source.is_file() {
        let missing = io::Error::new(io::ErrorKind::NotFound, "this folder is no backup of a store");
        return Err(io_error("cannot open", &source)(missing));
    }
    let opened = open_backup(&source)?;
    to.create()?;
    bring_back(&opened, &from, &to).inspect_err(|_| {
        // What is half there would only stand in the way of the next try.
        let _ = fs::remove_dir_all(to.root());
    })
}

/// Opens a backup's index. On a medium that cannot be written it is read as it lies there: a finished backup has no
/// journal beside it.
fn open_backup(source: &Path) -> Result<Connection, StoreError> {
    let common = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let readable = |db: &Connection| db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    let opened = Connection::open_with_flags(source, common | OpenFlags::SQLITE_OPEN_READ_WRITE);
    if let Ok(db) = opened
        && readable(&db).is_ok()
    {
        return Ok(db);
    }
    let escaped = source.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let uri = format!("file:{escaped}?immutable=1");
    Connection::open_with_flags(uri, common | OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|db| readable(&db).map(|()| db))
        .map_err(|e| Failure::from(e).at(source))
}

fn bring_back(opened: &Connection, from: &Folders, to: &Folders) -> Result<RestoreReport, StoreError> {
    let source = from.index();
    let mut index = copy_index(opened, to)?;
    let sound: String = index
        .pragma_query_value(None, "quick_check", |row| row.get(0))
        .map_err(|e| Failure::from(e).at(&source))?;
    if sound != "ok" {
        return Err(StoreError::Database(format!(
            "{}: this backup's index is damaged ({sound})",
            source.display()
        )));
    }
    super::schema::migrate(&mut index).map_err(|e| e.at(&to.index()))?;
    let mut report = RestoreReport::default();
    for cid in blobs_of(&index, to)? {
        match restore_blob(&index, from, to, cid)? {
            Some(bytes) => {
                report.blobs += 1;
                report.bytes += bytes;
            }
            None => {
                report.damaged.push(cid.cid());
                drop_blob(&mut index, to, cid)?;
            }
        }
    }
    finish(index, to)?;
    Ok(report)
}

/// Copies a blob and checks the copy's bytes as they pass; `None` if they are not those of `cid`.
fn restore_blob(
    index: &Connection,
    from: &Folders,
    to: &Folders,
    cid: ContentKey,
) -> Result<Option<u64>, StoreError> {
    let layout = layouts::load(index, cid).map_err(|e| e.at(&to.index()))?;
    let Some(layout) = layout else { return Ok(None) };
    let (source, target) = (from.blob(cid), to.blob(cid));
    let Ok(mut file) = File::open(&source) else { return Ok(None) };
    let mut copy = create(&target)?;
    for leaf in &layout.leaves {
        let mut data = vec![0; leaf.len as usize];
        if file.read_exact(&mut data).is_err() || !leaf.holds(&data) {
            drop(copy);
            fs::remove_file(&target).map_err(io_error("cannot remove", &target))?;
            return Ok(None);
        }
        copy.write_all(&data).map_err(io_error("cannot write", &target))?;
    }
    copy.sync_all().map_err(io_error("cannot write", &target))?;
    Ok(Some(layout.size))
}

fn must_be_new(target: &Folders) -> Result<(), StoreError> {
    let used = fs::read_dir(target.root()).is_ok_and(|mut entries| entries.next().is_some());
    if used {
        let there =
            io::Error::new(io::ErrorKind::AlreadyExists, "there is a store already; name a new folder");
        return Err(io_error("cannot write into", target.root())(there));
    }
    Ok(())
}

/// One consistent snapshot: in a single step, so that writers meanwhile do not make it start again.
fn copy_index(source: &Connection, target: &Folders) -> Result<Connection, StoreError> {
    let path = target.index();
    (|| {
        let mut index = Connection::open(&path)?;
        Backup::new(source, &mut index)?.step(-1)?;
        Ok(index)
    })()
    .map_err(|e: rusqlite::Error| Failure::from(e).at(&path))
}

fn blobs_of(index: &Connection, folders: &Folders) -> Result<Vec<ContentKey>, StoreError> {
    column(index, "SELECT cid FROM blobs ORDER BY cid", []).map_err(|e| e.at(&folders.index()))
}

fn drop_blob(index: &mut Connection, folders: &Folders, cid: ContentKey) -> Result<(), StoreError> {
    (|| {
        let tx = index.transaction()?;
        super::blobs::remove(&tx, cid)?;
        Ok(tx.commit()?)
    })()
    .map_err(|e: Failure| e.at(&folders.index()))
}

fn create(path: &Path) -> Result<File, StoreError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(io_error("cannot make the folder", folder))?;
    File::create_new(path).map_err(io_error("cannot make", path))
}

fn copy(mut from: File, to: &Path) -> Result<u64, StoreError> {
    let mut file = create(to)?;
    let bytes = io::copy(&mut from, &mut file).map_err(io_error("cannot write", to))?;
    file.sync_all().map_err(io_error("cannot write", to))?;
    Ok(bytes)
}

/// Closes the index, so that its file is all of it, and makes the folders durable.
fn finish(index: Connection, folders: &Folders) -> Result<(), StoreError> {
    let path = folders.index();
    index.close().map_err(|(_, e)| Failure::from(e).at(&path))?;
    File::open(&path).and_then(|f| f.sync_all()).map_err(io_error("cannot sync", &path))?;
    for entry in fs::read_dir(folders.blobs()).map_err(io_error("cannot list", &folders.blobs()))?.flatten() {
        sync_folder(&entry.path())?;
    }
    sync_folder(&folders.blobs())?;
    sync_folder(folders.root())
}

impl EmbeddedStore {
    /// Brings a backup back into a home that has no store, verifying every blob on the way.
    ///
    /// # Errors
    /// [`StoreError`]; a damaged blob is no error but named in the report.
    pub async fn restore(from: &Path, to: &Path) -> Result<RestoreReport, StoreError> {
        let (from, to) = (from.to_owned(), to.to_owned());
        joined(tokio::task::spawn_blocking(move || restore(&from, &to))).await?
    }
}
