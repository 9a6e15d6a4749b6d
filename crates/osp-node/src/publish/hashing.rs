//! One pass over a file: every layout's leaves and the torrent's pieces, hashed on all cores.
//!
//! ```text
//!  calling thread          worker threads (one per core)
//!  read 4 MiB ──► sink ──► SHA-256 of each leaf, SHA-1 of each piece ──► results, put back in order
//! ```
//!
//! 4 MiB is a multiple of every chunk size and of every piece length of our rule, so that blocks of work are
//! independent. At most [`IN_FLIGHT`] of them exist at once: memory does not grow with the file.

use bytes::Bytes;
use osp_core::{
    Cid,
    content::same_block,
    torrent::{Sha1Digest, TorrentInfo, hash_piece, piece_length},
    unixfs::{Layout, LayoutBuilder, Leaf, Profile},
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::Path,
    sync::{Mutex, mpsc},
};

/// Bytes in one block of work.
pub const BLOCK: usize = 4 * 1024 * 1024;
/// Blocks of work that exist at once.
pub const IN_FLIGHT: usize = 6;

/// What one pass found.
#[derive(Clone, Debug)]
pub struct Hashed {
    /// One layout for each profile asked for, in that order.
    pub layouts: Vec<Layout>,
    /// The torrent by our rule; there when a piece length was given and the first profile is unixfs-v1-2025.
    pub torrent: Option<TorrentInfo>,
}

/// What a worker makes of one block.
struct BlockHashes {
    leaves: Vec<Vec<Leaf>>,
    pieces: Vec<Sha1Digest>,
}

/// Reads `reader` to its end. `sink` is called on this thread with every block in order, before or while it is
/// hashed; an error from it ends the pass.
///
/// # Errors
/// What `reader` or `sink` answer.
pub fn hash_stream(
    mut reader: impl Read,
    profiles: &[Profile],
    piece_length: Option<u32>,
    mut sink: impl FnMut(Bytes) -> io::Result<()>,
) -> io::Result<Hashed> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let (work_tx, work_rx) = mpsc::sync_channel::<(usize, Bytes)>(IN_FLIGHT.saturating_sub(workers).max(1));
    let work_rx = Mutex::new(work_rx);
    let (done_tx, done_rx) = mpsc::channel::<(usize, BlockHashes)>();
    let mut assembly = Assembly::new(profiles, piece_length);

    std::thread::scope(|scope| {
        let work_rx = &work_rx;
        for _ in 0..workers {
            let done_tx = done_tx.clone();
            scope.spawn(move || {
                loop {
                    // The lock is held only while waiting for the next block, not while hashing it.
                    let next = work_rx.lock().ok().and_then(|rx| rx.recv().ok());
                    let Some((index, block)) = next else { break };
                    let hashes = hash_block(&block, profiles, piece_length);
                    drop(block);
                    if done_tx.send((index, hashes)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done_tx);
        let result = (|| {
            for index in 0.. {
                let mut block = Vec::with_capacity(BLOCK);
                reader.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
                let last = block.len() < BLOCK;
                if !block.is_empty() {
                    let block = Bytes::from(block);
                    if work_tx.send((index, block.clone())).is_err() {
                        return Err(io::Error::other("a hashing thread stopped"));
                    }
                    sink(block)?;
                }
                while let Ok((index, hashes)) = done_rx.try_recv() {
                    assembly.add(index, hashes);
                }
                if last {
                    break;
                }
            }
            Ok(())
        })();
        drop(work_tx);
        result?;
        while let Ok((index, hashes)) = done_rx.recv() {
            assembly.add(index, hashes);
        }
        Ok(assembly.finish())
    })
}

/// The root CID alone, for `osp cid`.
///
/// # Errors
/// What `reader` answers.
pub fn cid_of(reader: impl Read, profile: Profile) -> io::Result<Cid> {
    let hashed = hash_stream(reader, &[profile], None, |_| Ok(()))?;
    Ok(hashed.layouts[0].root)
}

/// The CIDs the file has under every profile that makes CIDs of `wanted`'s form; the matching one first.
///
/// # Errors
/// What reading the file answers.
pub fn cids_like(path: &Path, wanted: &Cid) -> io::Result<Vec<Cid>> {
    let hashed = hash_stream(File::open(path)?, Profile::candidates(wanted), None, |_| Ok(()))?;
    let mut cids: Vec<Cid> = hashed.layouts.iter().map(|l| l.root).collect();
    cids.sort_by_key(|cid| !same_block(cid, wanted));
    Ok(cids)
}

/// The piece length of a file of `size` bytes, for [`hash_stream`].
#[must_use]
pub fn pieces_for(size: u64) -> Option<u32> {
    Some(piece_length(size))
}

fn hash_block(block: &[u8], profiles: &[Profile], piece_length: Option<u32>) -> BlockHashes {
    BlockHashes {
        leaves: profiles
            .iter()
            .map(|p| block.chunks(p.chunk_size()).map(|chunk| p.leaf(chunk)).collect())
            .collect(),
        pieces: piece_length.map_or_else(Vec::new, |n| block.chunks(n as usize).map(hash_piece).collect()),
    }
}

/// Puts the workers' results back in order.
struct Assembly {
    layouts: Vec<LayoutBuilder>,
    piece_length: Option<u32>,
    pieces: Vec<Sha1Digest>,
    next: usize,
    early: BTreeMap<usize, BlockHashes>,
}

impl Assembly {
    fn new(profiles: &[Profile], piece_length: Option<u32>) -> Self {
        let layouts = profiles.iter().map(|&p| LayoutBuilder::new(p)).collect();
        Self { layouts, piece_length, pieces: Vec::new(), next: 0, early: BTreeMap::new() }
    }

    fn add(&mut self, index: usize, hashes: BlockHashes) {
        self.early.insert(index, hashes);
        while let Some(hashes) = self.early.remove(&self.next) {
            self.next += 1;
            for (layout, leaves) in self.layouts.iter_mut().zip(hashes.leaves) {
                leaves.into_iter().for_each(|leaf| layout.push(leaf));
            }
            self.pieces.extend(hashes.pieces);
        }
    }

    fn finish(self) -> Hashed {
        let pieces = self.pieces;
        let layouts: Vec<Layout> = self.layouts.into_iter().map(LayoutBuilder::finish).collect();
        let torrent = match (self.piece_length, layouts.first()) {
            (Some(piece_length), Some(first)) => {
                Some(TorrentInfo { length: first.size, name: first.root.to_string(), piece_length, pieces })
            }
            _ => None,
        };
        Hashed { layouts, torrent }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::{torrent::PieceHasher, unixfs::Importer};

    /// The parallel pass and the core's one-thread importer agree around every boundary.
    #[test]
    fn order_is_kept_across_blocks() {
        let bytes: Vec<u8> = (0..3 * BLOCK + 12_345).map(|i| ((i * 2_654_435_761) >> 7) as u8).collect();
        for size in [0, 1, 262_144, 1_048_577, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, bytes.len()] {
            let data = &bytes[..size];
            let profiles = [Profile::V1_2025, Profile::V0_2015];
            let mut copied = Vec::new();
            let hashed = hash_stream(data, &profiles, pieces_for(size as u64), |b| {
                copied.extend_from_slice(&b);
                Ok(())
            })
            .unwrap();
            assert_eq!(copied, data);
            for (layout, profile) in hashed.layouts.iter().zip(profiles) {
                let mut importer = Importer::new(profile);
                importer.update(data);
                assert_eq!(*layout, importer.finish_layout(), "{size} bytes, {}", profile.name());
            }
            let mut pieces = PieceHasher::new(piece_length(size as u64));
            pieces.update(data);
            assert_eq!(hashed.torrent.unwrap().pieces, pieces.finish());
        }
    }

    #[test]
    fn an_error_of_the_sink_ends_the_pass() {
        let data = vec![7u8; 3 * BLOCK];
        let result = hash_stream(&data[..], &[Profile::V1_2025], None, |_| Err(io::Error::other("full")));
        assert_eq!(result.unwrap_err().to_string(), "full");
    }
}
