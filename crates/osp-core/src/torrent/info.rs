//! The info dictionary of a single-file torrent by our rule, and the `.torrent` file around it (BEP 3, 12, 19).

use super::{
    magnet::Magnet,
    piece::{Sha1Digest, hash_piece, piece_length},
};
use crate::Cid;

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
        let mut out = Vec::with_capacity(self.pieces.len() * 20 + 160);
        out.push(b'd');
        string(&mut out, b"length");
        integer(&mut out, self.length);
        string(&mut out, b"name");
        string(&mut out, self.name.as_bytes());
        string(&mut out, b"piece length");
        integer(&mut out, u64::from(self.piece_length));
        string(&mut out, b"pieces");
        string(&mut out, self.pieces.as_flattened());
        out.push(b'e');
        out
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
        let mut out = vec![b'd'];
        if let [first, others @ ..] = trackers {
            string(&mut out, b"announce");
            string(&mut out, first.as_bytes());
            if !others.is_empty() {
                // One tier each, so that clients announce to all of them (BEP 12).
                string(&mut out, b"announce-list");
                out.push(b'l');
                for tracker in trackers {
                    list(&mut out, std::slice::from_ref(tracker));
                }
                out.push(b'e');
            }
        }
        string(&mut out, b"info");
        out.extend(self.to_bencode());
        if !web_seeds.is_empty() {
            string(&mut out, b"url-list");
            list(&mut out, web_seeds);
        }
        out.push(b'e');
        out
    }
}

fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(format!("{}:", bytes.len()).into_bytes());
    out.extend_from_slice(bytes);
}

fn integer(out: &mut Vec<u8>, value: u64) {
    out.extend(format!("i{value}e").into_bytes());
}

fn list(out: &mut Vec<u8>, texts: &[String]) {
    out.push(b'l');
    for text in texts {
        string(out, text.as_bytes());
    }
    out.push(b'e');
}
