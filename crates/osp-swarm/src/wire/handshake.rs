//! The first 68 bytes of a connection.

use crate::ids::{InfoHash, PeerId};

/// Bytes of a handshake.
pub const HANDSHAKE_BYTES: usize = 68;

/// What both sides send first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The eight reserved bytes, of which single bits announce extensions.
    pub reserved: [u8; 8],
    /// The torrent.
    pub infohash: InfoHash,
    /// The sender.
    pub peer_id: PeerId,
}

impl Handshake {
    /// With the extensions that this engine speaks: Fast (BEP 6) and the extension protocol (BEP 10).
    #[must_use]
    pub fn ours(infohash: InfoHash, peer_id: PeerId) -> Self {
        let _ = (infohash, peer_id);
        todo!()
    }
    /// The bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; HANDSHAKE_BYTES] {
        todo!()
    }
    /// Reads them; `None` when they are of another protocol.
    #[must_use]
    pub fn parse(bytes: &[u8; HANDSHAKE_BYTES]) -> Option<Self> {
        let _ = bytes;
        todo!()
    }
    /// Whether the sender speaks the Fast extension (BEP 6).
    #[must_use]
    pub fn fast(&self) -> bool {
        todo!()
    }
    /// Whether the sender speaks the extension protocol (BEP 10).
    #[must_use]
    pub fn extended(&self) -> bool {
        todo!()
    }
}
