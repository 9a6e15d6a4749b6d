//! BitTorrent: the infohash that is a function of the bytes alone, `.torrent` files and magnets (BEP 3, 9, 19).
//!
//! ```text
//!  info = d 6:length i<bytes>e
//!           4:name <unixfs-v1-2025 CID>
//!           12:piece length i<by the size of the file>e
//!           6:pieces <20 bytes of SHA-1 a piece> e                  infohash = SHA-1(info)
//! ```
//!
//! Nothing else is in `info`, so two people who publish the same file join the same swarm.

mod file;
mod info;
mod magnet;
mod piece;

pub use file::{MAX_TRACKERS, info_from_bencode, info_of, trackers_of};
pub use info::TorrentInfo;
pub use magnet::{MAX_MAGNET_BYTES, Magnet};
pub use piece::{PieceHasher, Sha1Digest, hash_piece, piece_length};
