//! Proving a piece by the info dictionary's SHA-1.

use bytes::Bytes;
use osp_core::torrent::{PieceHasher, Sha1Digest};

/// Pieces from this many bytes are hashed on a thread that may block: a smaller one costs about as much as the way
/// there.
const BIG: usize = 128 * 1024;

/// Whether the blocks of a piece, one after another, hash to `wanted`.
pub async fn piece_is(blocks: &[Bytes], wanted: Sha1Digest) -> bool {
    let total: usize = blocks.iter().map(Bytes::len).sum();
    if total < BIG {
        return hash(blocks, total) == wanted;
    }
    let blocks = blocks.to_vec();
    tokio::task::spawn_blocking(move || hash(&blocks, total)).await.is_ok_and(|found| found == wanted)
}

fn hash(blocks: &[Bytes], total: usize) -> Sha1Digest {
    // One piece as long as all of it; an empty one hashes like no bytes.
    let mut hasher = PieceHasher::new(u32::try_from(total).unwrap_or(u32::MAX).max(1));
    for block in blocks {
        hasher.update(block);
    }
    hasher.finish().first().copied().unwrap_or_else(|| osp_core::torrent::hash_piece(&[]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use osp_core::torrent::hash_piece;

    #[tokio::test]
    async fn small_and_big_pieces_are_told_from_others() {
        for len in [0, 1, 20_000, 300_000] {
            let whole: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            let blocks: Vec<Bytes> = whole.chunks(16_384).map(Bytes::copy_from_slice).collect();
            assert!(piece_is(&blocks, hash_piece(&whole)).await);
            assert!(!piece_is(&blocks, [1; 20]).await);
        }
    }
}
