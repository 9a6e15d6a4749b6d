//! The end of a download: the CID of the whole is computed and must be the one that is wanted, before anything is kept.

use super::{leaves::Leaves, partial::Partial};
use crate::{SinkError, torrent::Content};
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    Cid,
    content::same_block,
    torrent::{PieceHasher, Sha1Digest, TorrentInfo, piece_length},
    unixfs::{Importer, Layout, Profile},
};
use std::{io, ops::Range, sync::Arc};

/// Bytes that are hashed at a time.
const STEP: u64 = 1024 * 1024;

/// A file that was downloaded and whose CID is the wanted one.
#[derive(Debug)]
pub struct Whole {
    /// Its layouts: the unixfs-v1-2025 one first, and the one it was asked for by, if that is another.
    pub layouts: Vec<Layout>,
    /// Its torrent by our rule.
    pub torrent: TorrentInfo,
    partial: Partial,
}

impl Whole {
    /// Bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.torrent.length
    }

    /// A part of it.
    ///
    /// # Errors
    /// The system's.
    pub async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        self.partial.read(range).await
    }
}

/// Takes what was downloaded: a node's store.
#[async_trait]
pub trait Keep: Send + Sync + 'static {
    /// Keeps a file, and gives it back as it can be read from then on, so that the partial file can go; `None` leaves it
    /// to the download while anybody reads. The download counts as finished when this returns.
    async fn keep(&self, whole: &Whole) -> Result<Option<Arc<dyn Content>>, SinkError>;
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeepNothing;

#[async_trait]
impl Keep for KeepNothing {
    async fn keep(&self, _: &Whole) -> Result<Option<Arc<dyn Content>>, SinkError> {
        Ok(None)
    }
}

/// Hashes all `size` bytes. `leaves` are those of the wanted CID, where they are known. `None` when the bytes are not of
/// the wanted CID, by its leaves or by any profile known here.
///
/// # Errors
/// The system's.
pub(crate) async fn judge(
    partial: Partial,
    size: u64,
    wanted: Cid,
    leaves: Option<Arc<Leaves>>,
) -> io::Result<Option<Whole>> {
    tokio::task::spawn_blocking(move || {
        let (own, pieces) = own_layout(&partial, size)?;
        let torrent = TorrentInfo::new(size, &own.root, pieces);
        if same_block(&own.root, &wanted) {
            return Ok(Some(Whole { layouts: vec![own], torrent, partial }));
        }
        let asked = match leaves.filter(|leaves| leaves.size == size) {
            Some(leaves) => layout_by_leaves(&partial, &leaves)?,
            None => layout_by_profile(&partial, size, &wanted)?,
        };
        let layouts = asked.map(|asked| vec![own, Layout { root: wanted, ..asked }]);
        Ok(layouts.map(|layouts| Whole { layouts, torrent, partial }))
    })
    .await
    .map_err(io::Error::other)?
}

fn steps(partial: &Partial, size: u64, mut each: impl FnMut(&Bytes)) -> io::Result<()> {
    let mut at = 0;
    while at < size {
        let end = (at + STEP).min(size);
        each(&partial.read_here(at..end)?);
        at = end;
    }
    Ok(())
}

fn own_layout(partial: &Partial, size: u64) -> io::Result<(Layout, Vec<Sha1Digest>)> {
    let mut importer = Importer::new(Profile::V1_2025);
    let mut pieces = PieceHasher::new(piece_length(size));
    steps(partial, size, |bytes| {
        importer.update(bytes);
        pieces.update(bytes);
    })?;
    Ok((importer.finish_layout(), pieces.finish()))
}

fn layout_by_profile(partial: &Partial, size: u64, wanted: &Cid) -> io::Result<Option<Layout>> {
    let others = Profile::candidates(wanted).iter().filter(|profile| **profile != Profile::V1_2025);
    let mut importers: Vec<Importer> = others.copied().map(Importer::new).collect();
    steps(partial, size, |bytes| importers.iter_mut().for_each(|importer| importer.update(bytes)))?;
    Ok(importers.into_iter().map(Importer::finish_layout).find(|layout| same_block(&layout.root, wanted)))
}

fn layout_by_leaves(partial: &Partial, leaves: &Leaves) -> io::Result<Option<Layout>> {
    let mut kinds = Vec::with_capacity(leaves.leaves.len());
    for leaf in &leaves.leaves {
        match leaf.kind_of(&partial.read_here(leaf.range())?) {
            Some(kind) => kinds.push(kind),
            None => return Ok(None),
        }
    }
    Ok(leaves.layout(&kinds))
}
