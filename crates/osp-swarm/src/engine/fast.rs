//! The allowed fast set (BEP 6): pieces that a newcomer may take although it is choked.

use crate::ids::{InfoHash, PieceIndex};
use osp_core::torrent::hash_piece;
use std::net::Ipv4Addr;

/// Pieces in the set.
pub(crate) const SET_SIZE: usize = 10;

/// The set for a peer at this address: the same whoever works it out.
pub(crate) fn allowed_fast(ip: Ipv4Addr, infohash: InfoHash, pieces: u32, count: usize) -> Vec<PieceIndex> {
    let count = count.min(pieces as usize);
    let [a, b, c, _] = ip.octets();
    let mut x = [&[a, b, c, 0], infohash.0.as_slice()].concat();
    let mut set = Vec::with_capacity(count);
    while set.len() < count {
        let digest = hash_piece(&x);
        for word in digest.as_chunks::<4>().0 {
            let piece = PieceIndex(u32::from_be_bytes(*word) % pieces);
            if set.len() < count && !set.contains(&piece) {
                set.push(piece);
            }
        }
        x = digest.to_vec();
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two examples of BEP 6: 7 pieces, then 9, of 1313 for 80.4.4.200 and the infohash aa..aa.
    #[test]
    fn the_examples_of_the_specification_come_out() {
        let seven = [1059, 431, 808, 1217, 287, 376, 1188];
        let nine = [1059, 431, 808, 1217, 287, 376, 1188, 353, 508];
        let ours = |count| -> Vec<u32> {
            let set = allowed_fast(Ipv4Addr::new(80, 4, 4, 200), InfoHash([0xaa; 20]), 1313, count);
            set.iter().map(|piece| piece.0).collect()
        };
        assert_eq!(ours(7), seven);
        assert_eq!(ours(9), nine);
    }

    #[test]
    fn a_torrent_with_fewer_pieces_has_a_smaller_set() {
        let set = allowed_fast(Ipv4Addr::new(1, 2, 3, 4), InfoHash([1; 20]), 3, SET_SIZE);
        assert_eq!(set.len(), 3);
    }
}
