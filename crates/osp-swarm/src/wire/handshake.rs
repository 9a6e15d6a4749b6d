//! The first 68 bytes of a connection.

use crate::ids::{InfoHash, PeerId};

/// Bytes of a handshake.
pub const HANDSHAKE_BYTES: usize = 68;

/// The length byte and the name of the protocol.
pub(super) const PROTOCOL: [u8; 20] = *b"\x13BitTorrent protocol";
/// The bit of the extension protocol (BEP 10): the 20th from the right, counted from 0.
const EXTENDED: (usize, u8) = (5, 0x10);
/// The bit of the Fast extension (BEP 6).
const FAST: (usize, u8) = (7, 0x04);

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
        let mut reserved = [0; 8];
        for (byte, bit) in [EXTENDED, FAST] {
            reserved[byte] |= bit;
        }
        Self { reserved, infohash, peer_id }
    }

    /// The bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; HANDSHAKE_BYTES] {
        let mut out = [0; HANDSHAKE_BYTES];
        out[..20].copy_from_slice(&PROTOCOL);
        out[20..28].copy_from_slice(&self.reserved);
        out[28..48].copy_from_slice(&self.infohash.0);
        out[48..].copy_from_slice(&self.peer_id.0);
        out
    }

    /// Reads them; `None` when they are of another protocol.
    #[must_use]
    pub fn parse(bytes: &[u8; HANDSHAKE_BYTES]) -> Option<Self> {
        let (protocol, rest) = bytes.split_first_chunk::<20>()?;
        let (reserved, rest) = rest.split_first_chunk::<8>()?;
        let (infohash, rest) = rest.split_first_chunk::<20>()?;
        let peer_id = rest.first_chunk::<20>()?;
        (*protocol == PROTOCOL).then_some(Self {
            reserved: *reserved,
            infohash: InfoHash(*infohash),
            peer_id: PeerId(*peer_id),
        })
    }

    /// Whether the sender speaks the Fast extension (BEP 6).
    #[must_use]
    pub fn fast(&self) -> bool {
        self.has(FAST)
    }

    /// Whether the sender speaks the extension protocol (BEP 10).
    #[must_use]
    pub fn extended(&self) -> bool {
        self.has(EXTENDED)
    }

    fn has(&self, (byte, bit): (usize, u8)) -> bool {
        self.reserved[byte] & bit != 0
    }
}
