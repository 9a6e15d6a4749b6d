//! BitTorrent: the infohash that is a function of the bytes alone, `.torrent` files and magnets (BEP 3, 9, 19).

/// SHA-1 of one piece, or of an info dictionary.
pub type Sha1Digest = [u8; 20];

/// The piece length our rule gives a file of `size` bytes: 64 KiB up to and including 8 MiB, 256 KiB up to
/// 64 MiB, 1 MiB up to 512 MiB, else 4 MiB.
#[must_use]
pub fn piece_length(size: u64) -> u32 {
    let _ = size;
    todo!()
}

/// Incremental piece hashing of one file whose size is known.
#[derive(Clone)]
pub struct PieceHasher {
    // current piece
    _private: (),
}

impl PieceHasher {
    /// For pieces of `piece_length` bytes.
    #[must_use]
    pub fn new(piece_length: u32) -> Self {
        let _ = piece_length;
        todo!()
    }
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let _ = bytes;
        todo!()
    }
    /// All piece hashes.
    #[must_use]
    pub fn finish(self) -> Vec<Sha1Digest> {
        todo!()
    }
}

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
    /// The bencoded info dictionary.
    #[must_use]
    pub fn to_bencode(&self) -> Vec<u8> {
        todo!()
    }
    /// SHA-1 of [`Self::to_bencode`].
    #[must_use]
    pub fn infohash(&self) -> Sha1Digest {
        todo!()
    }
    /// A `.torrent` file with `announce`/`announce-list` and `url-list` where given.
    #[must_use]
    pub fn to_torrent_file(&self, trackers: &[String], web_seeds: &[String]) -> Vec<u8> {
        let _ = (trackers, web_seeds);
        todo!()
    }
}

/// A magnet link, as far as OSP uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Magnet {
    /// `xt=urn:btih:` (40 hex digits, either case, or 32 base32 characters)
    pub infohash: Sha1Digest,
    /// `xl`
    pub size: Option<u64>,
    /// `ws`
    pub web_seeds: Vec<String>,
    /// `tr`
    pub trackers: Vec<String>,
}

impl Magnet {
    /// Parses a magnet URI; unknown parameters are ignored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let _ = text;
        todo!()
    }
}

/// `magnet:?xt=urn:btih:<40 lower-case hex>&xl=<bytes>&ws=…&tr=…`, URLs percent-encoded.
impl std::fmt::Display for Magnet {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}
