//! The info dictionary of a single-file torrent by our rule, and the `.torrent` file around it (BEP 3, 12, 19).

use super::{
    magnet::Magnet,
    piece::{Sha1Digest, hash_piece, piece_length},
};
use crate::{Cid, bencode};

/// The info dictionary of a single-file torrent by our rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TorrentInfo {
    /// Bytes of the file.
    pub length: u64,
    /// The unixfs-v1-2025 CID.
    pub name: String,
    /// Bytes in a piece.
    pub piece_length: u32,
    /// SHA-1 of each piece.
    pub pieces: Vec<Sha1Digest>,
}

impl TorrentInfo {
    /// The torrent of a file of `length` bytes with this unixfs-v1-2025 CID, its pieces hashed at
    /// [`piece_length`]`(length)`.
    #[must_use]
    pub fn new(length: u64, cid: &Cid, pieces: Vec<Sha1Digest>) -> Self {
        Self { length, name: cid.to_string(), piece_length: piece_length(length), pieces }
    }

    /// The bencoded info dictionary.
    #[must_use]
    pub fn to_bencode(&self) -> Vec<u8> {
        bencode::dict(|info| {
            info.unsigned(b"length", self.length)
                .bytes(b"name", self.name.as_bytes())
                .integer(b"piece length", self.piece_length.into())
                .bytes(b"pieces", self.pieces.as_flattened());
        })
    }

    /// SHA-1 of [`Self::to_bencode`].
    #[must_use]
    pub fn infohash(&self) -> Sha1Digest {
        hash_piece(&self.to_bencode())
    }

    /// The magnet that goes into a record, with the mirrors and trackers the artist gave.
    #[must_use]
    pub fn magnet(&self, web_seeds: &[String], trackers: &[String]) -> Magnet {
        Magnet {
            infohash: self.infohash(),
            size: Some(self.length),
            web_seeds: web_seeds.to_vec(),
            trackers: trackers.to_vec(),
        }
    }

    /// A `.torrent` file with `announce`/`announce-list` and `url-list` where given.
    #[must_use]
    pub fn to_torrent_file(&self, trackers: &[String], web_seeds: &[String]) -> Vec<u8> {
        bencode::dict(|file| {
            if let [first, others @ ..] = trackers {
                file.bytes(b"announce", first.as_bytes());
                if !others.is_empty() {
                    // One tier each, so that clients announce to all of them (BEP 12).
                    file.list(b"announce-list", |tiers| {
                        for tracker in trackers {
                            tiers.list(|tier| {
                                tier.bytes(tracker.as_bytes());
                            });
                        }
                    });
                }
            }
            file.raw(b"info", &self.to_bencode());
            if !web_seeds.is_empty() {
                file.list(b"url-list", |urls| {
                    for url in web_seeds {
                        urls.bytes(url.as_bytes());
                    }
                });
            }
        })
    }
}
