//! Re-reading a blob from the medium.

use super::{
    Inner,
    fail::{Failure, io_error, joined},
    handles::chunk,
    key::{ContentKey, WrittenCid},
    layouts, pread,
    standing::column,
};
use crate::{ScrubReport, StoreError};
use osp_core::{
    Cid,
    content::{digest_of, sha256},
};
use std::{fs::File, ops::Range, sync::Arc};

/// See [`crate::BlobStore::scrub`].
pub(super) async fn scrub(inner: &Arc<Inner>, cid: Cid) -> Result<ScrubReport, StoreError> {
    let inner = Arc::clone(inner);
    joined(tokio::task::spawn_blocking(move || {
        let key = ContentKey::of(&cid);
        let report = scrub_here(&inner, key)?;
        if !report.damaged.is_empty() {
            inner.handles.forget(key);
        }
        Ok(report)
    }))
    .await?
}

fn scrub_here(inner: &Inner, key: ContentKey) -> Result<ScrubReport, StoreError> {
    let found = inner.pool.read_here(|db| {
        let Some(layout) = layouts::load(db, key)? else { return Ok(None) };
        Ok(Some((layout, nodes_hold(db, key)?)))
    })?;
    let (layout, nodes_hold) = found.ok_or(StoreError::NotStored { cid: key.cid() })?;
    let mut report = ScrubReport { cid: key.cid(), bytes: 0, damaged: Vec::new() };
    let path = inner.folders.blob(key);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            report.damaged.push(0..layout.size);
            return Ok(report);
        }
        Err(e) => return Err(io_error("cannot open", &path)(e)),
    };
    pread::drop_cache(&file);
    for leaf in &layout.leaves {
        let range = leaf.offset..leaf.end();
        match pread::exact(&file, &range) {
            Ok(data) => {
                report.bytes += data.len() as u64;
                if !leaf.holds(&data) {
                    add(&mut report.damaged, range);
                }
            }
            // Shorter than it should be, or a sector that can no longer be read.
            Err(e) => {
                tracing::warn!(file = %path.display(), error = %e, "cannot read stored bytes");
                add(&mut report.damaged, range);
            }
        }
    }
    pread::drop_cache(&file);
    let excess = file.metadata().map_err(io_error("cannot read", &path))?.len() > layout.size;
    if excess || !nodes_hold {
        report.damaged = std::iter::once(0..layout.size).collect();
    }
    debug_assert!(layout.leaves.iter().all(|leaf| u64::from(leaf.len) <= chunk()));
    Ok(report)
}

/// Whether the interior blocks of all layouts of a blob are what they were.
fn nodes_hold(db: &rusqlite::Connection, key: ContentKey) -> Result<bool, Failure> {
    let layouts: Vec<i64> =
        column(db, "SELECT l.id FROM blobs b JOIN layouts l ON l.blob = b.id WHERE b.cid = ?", [key])?;
    for layout in layouts {
        let mut query = db.prepare_cached("SELECT cid, bytes FROM nodes WHERE layout = ?")?;
        let mut rows = query.query([layout])?;
        while let Some(row) = rows.next()? {
            let WrittenCid(cid) = row.get(0)?;
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            if digest_of(&cid) != Some(sha256(bytes)) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Adds a range, joined to the last one where they touch.
fn add(damaged: &mut Vec<Range<u64>>, range: Range<u64>) {
    match damaged.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => damaged.push(range),
    }
}
