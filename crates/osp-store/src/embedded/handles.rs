//! Reading verified bytes.
//!
//! ```text
//!  bytes of leaves that were hashed before   preadv2(RWF_NOWAIT) on the caller's thread; when that would have to
//!                                            wait for the disk, pread on a blocking thread
//!  of others                                 on a blocking thread: read the whole leaf, hash it, remember it, and
//!                                            hand out of the very bytes that were hashed
//! ```
//!
//! What has been hashed is remembered for the life of the process as long as the file is the same one. Whether it is
//! gets asked anew whenever any process has committed or removed a blob: a commit may have replaced a damaged file.

use super::{
    Inner,
    fail::{Failure, io_error, joined},
    key::ContentKey,
    layouts, pread,
};
use crate::StoreError;
use bytes::Bytes;
use hashlink::LruCache;
use osp_core::{
    content::{Digest, sha256},
    unixfs::Profile,
};
use std::{
    fs::{File, Metadata},
    ops::Range,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Files kept open: a quarter of the usual limit of 1,024 per process.
const OPEN_FILES: usize = 256;
/// Blobs of which it is remembered what has been hashed: 40 bytes per megabyte of each.
const REMEMBERED: usize = 16_384;

/// Open files, and what has been hashed of files open or not.
pub(super) struct Handles {
    open: Mutex<LruCache<ContentKey, Arc<Handle>>>,
    checked: Mutex<LruCache<ContentKey, Arc<Checked>>>,
}

struct Handle {
    file: File,
    checked: Arc<Checked>,
    /// The generation of blobs at which this still was the blob's file.
    seen: AtomicU64,
}

/// The leaves of a blob's primary layout and which of them have been hashed.
struct Checked {
    identity: Identity,
    leaves: Vec<Digest>,
    done: Vec<AtomicU64>,
    /// Held while hashing, so that many readers of a new blob do not all hash the same leaf.
    hashing: Mutex<()>,
}

/// Which file, in which state: replaced or changed, it is hashed anew.
#[derive(PartialEq, Eq)]
struct Identity(Vec<i128>);

impl Identity {
    fn of(meta: &Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Self(vec![meta.dev().into(), meta.ino().into(), meta.ctime().into(), meta.ctime_nsec().into()])
        }
        #[cfg(not(unix))]
        {
            let time = meta.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
            Self(vec![meta.len().into(), time.map_or(0, |t| t.as_nanos() as i128)])
        }
    }
}

impl Handles {
    pub(super) fn new() -> Self {
        Self { open: Mutex::new(LruCache::new(OPEN_FILES)), checked: Mutex::new(LruCache::new(REMEMBERED)) }
    }

    fn get(&self, cid: ContentKey) -> Option<Arc<Handle>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&cid).map(Arc::clone)
    }

    /// Closes a blob's file and forgets what was hashed of it.
    pub(super) fn forget(&self, cid: ContentKey) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&cid);
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).remove(&cid);
    }
}

impl Handle {
    /// Whether this still is the file at `path`, unchanged; asked of the system once for each generation.
    fn is_current(&self, path: &Path, now: u64) -> bool {
        let current = self.seen.load(Ordering::Relaxed) == now
            || std::fs::metadata(path).is_ok_and(|meta| Identity::of(&meta) == self.checked.identity);
        if current {
            self.seen.store(now, Ordering::Relaxed);
        }
        current
    }
}

/// Bytes of a blob; `range` is inside it and at most a few megabytes long.
pub(super) async fn read(
    inner: &Arc<Inner>,
    cid: ContentKey,
    size: u64,
    range: Range<u64>,
) -> Result<Bytes, StoreError> {
    if range.is_empty() {
        return Ok(Bytes::new());
    }
    let now = inner.watch.recent().blobs;
    if let Some(handle) = inner.handles.get(cid)
        && handle.seen.load(Ordering::Relaxed) == now
        && handle.checked.covers(&range)
        && let Some(bytes) = pread::from_cache(&handle.file, &range)
    {
        return Ok(bytes);
    }
    let inner = Arc::clone(inner);
    joined(tokio::task::spawn_blocking(move || {
        match verified(&inner, cid, size, &range, now) {
            // The file may be an older one that a repair has replaced.
            Err(StoreError::Corrupt { .. }) => {
                inner.handles.forget(cid);
                verified(&inner, cid, size, &range, now)
            }
            result => result,
        }
    }))
    .await?
}

/// [`read`] for ranges of any length, piece by piece.
pub(super) async fn read_long(
    inner: &Arc<Inner>,
    cid: ContentKey,
    size: u64,
    range: Range<u64>,
) -> Result<Bytes, StoreError> {
    if range.end > size {
        return Err(StoreError::Corrupt { cid: cid.cid() });
    }
    if range.end - range.start <= crate::blob::MAX_READ {
        return read(inner, cid, size, range).await;
    }
    let mut whole = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let piece = read(inner, cid, size, at..range.end.min(at + crate::blob::MAX_READ)).await?;
        at += piece.len() as u64;
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

fn verified(
    inner: &Inner,
    cid: ContentKey,
    size: u64,
    range: &Range<u64>,
    now: u64,
) -> Result<Bytes, StoreError> {
    let handle = match inner.handles.get(cid) {
        Some(handle) if handle.is_current(&inner.folders.blob(cid), now) => handle,
        _ => open(inner, cid, now)?,
    };
    let corrupt = || StoreError::Corrupt { cid: cid.cid() };
    let path = || inner.folders.blob(cid);
    let checked = &handle.checked;
    let read = |range: &Range<u64>| match pread::exact(&handle.file, range) {
        Ok(bytes) => Ok(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Err(corrupt()),
        Err(e) => Err(io_error("cannot read", &path())(e)),
    };
    if checked.covers(range) {
        return Ok(read(range)?.into());
    }
    let _one_at_a_time = checked.hashing.lock().unwrap_or_else(PoisonError::into_inner);
    let mut bytes = Vec::new();
    for leaf in leaves_of(range) {
        let start = leaf as u64 * chunk();
        let whole = start..size.min(start + chunk());
        let part = range.start.max(whole.start)..range.end.min(whole.end);
        if checked.is_done(leaf) {
            bytes.extend_from_slice(&read(&part)?);
            continue;
        }
        let data = read(&whole)?;
        if checked.leaves.get(leaf) != Some(&sha256(&data)) {
            return Err(corrupt());
        }
        checked.set_done(leaf);
        if part == whole && part == *range {
            return Ok(data.into());
        }
        let (from, to) = ((part.start - whole.start) as usize, (part.end - whole.start) as usize);
        bytes.extend_from_slice(&data[from..to]);
    }
    Ok(bytes.into())
}

fn open(inner: &Inner, cid: ContentKey, now: u64) -> Result<Arc<Handle>, StoreError> {
    let path = inner.folders.blob(cid);
    let leaves = inner.pool.read_here(|db| primary_leaves(db, cid))?;
    let leaves = leaves.ok_or(StoreError::NotStored { cid: cid.cid() })?;
    let file = match File::open(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(StoreError::Corrupt { cid: cid.cid() });
        }
        other => other.map_err(io_error("cannot open", &path))?,
    };
    let identity = Identity::of(&file.metadata().map_err(io_error("cannot read", &path))?);
    let checked = {
        let mut known = inner.handles.checked.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&cid) {
            Some(checked) if checked.identity == identity => Arc::clone(checked),
            _ => {
                let checked = Arc::new(Checked::new(identity, leaves));
                known.insert(cid, Arc::clone(&checked));
                checked
            }
        }
    };
    let handle = Arc::new(Handle { file, checked, seen: AtomicU64::new(now) });
    let mut open = inner.handles.open.lock().unwrap_or_else(PoisonError::into_inner);
    open.insert(cid, Arc::clone(&handle));
    Ok(handle)
}

/// The digests of the primary layout's leaves; `None` for a blob that is not stored.
pub(super) fn primary_leaves(
    db: &rusqlite::Connection,
    cid: ContentKey,
) -> Result<Option<Vec<Digest>>, Failure> {
    let layout = layouts::load(db, cid)?;
    Ok(layout.map(|layout| layout.leaves.iter().map(|leaf| leaf.digest).collect()))
}

/// Bytes in every leaf of a primary layout but the last.
pub(super) fn chunk() -> u64 {
    Profile::V1_2025.chunk_size() as u64
}

/// The leaves that a range (not empty) touches.
fn leaves_of(range: &Range<u64>) -> std::ops::RangeInclusive<usize> {
    (range.start / chunk()) as usize..=((range.end - 1) / chunk()) as usize
}

impl Checked {
    fn new(identity: Identity, leaves: Vec<Digest>) -> Self {
        let done = (0..leaves.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Self { identity, leaves, done, hashing: Mutex::new(()) }
    }

    fn is_done(&self, leaf: usize) -> bool {
        self.done.get(leaf / 64).is_some_and(|bits| bits.load(Ordering::Relaxed) >> (leaf % 64) & 1 == 1)
    }

    fn set_done(&self, leaf: usize) {
        if let Some(bits) = self.done.get(leaf / 64) {
            bits.fetch_or(1 << (leaf % 64), Ordering::Relaxed);
        }
    }

    fn covers(&self, range: &Range<u64>) -> bool {
        leaves_of(range).all(|leaf| self.is_done(leaf))
    }
}
