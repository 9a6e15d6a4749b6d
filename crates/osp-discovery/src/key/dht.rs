//! Keys as the DHT carries them.

use super::{Point, Prefix};
use crate::rng::Rng;
use osp_core::content::{Digest, sha256};

/// Longest prefix that [`DhtKey::within`] finds a key in: about a million hashes, for a network of twenty million.
pub const MAX_GROUND_BITS: u8 = 20;

/// The multihash of an index key: `0x12 0x20` and SHA-256 of its text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DhtKey([u8; 34]);

impl DhtKey {
    /// The key of a SHA-256 digest.
    #[must_use]
    pub fn from_digest(digest: Digest) -> Self {
        let mut bytes = [0; 34];
        bytes[..2].copy_from_slice(&[0x12, 0x20]);
        bytes[2..].copy_from_slice(&digest);
        Self(bytes)
    }

    /// The key of these bytes; `None` when they are no sha2-256 multihash.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 34] = bytes.try_into().ok()?;
        bytes.starts_with(&[0x12, 0x20]).then_some(Self(bytes))
    }

    /// The 34 bytes of a message's `key`.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 34] {
        &self.0
    }

    /// Where it lies: SHA-256 of the 34 bytes.
    #[must_use]
    pub fn point(&self) -> Point {
        Point::hash(&self.0)
    }

    /// Some key nobody uses, decided by the seed: a place to look at the network from.
    #[must_use]
    pub fn random(seed: u64) -> Self {
        Self::from_digest(sha256(&seed.to_be_bytes()))
    }

    /// Some key that lies in `prefix`, decided by the seed. It is found by trying, which takes 2^length hashes; of a
    /// prefix longer than [`MAX_GROUND_BITS`] only that many bits are met.
    #[must_use]
    pub fn within(prefix: Prefix, seed: u64) -> Self {
        let prefix = prefix.shortened(MAX_GROUND_BITS);
        let mut rng = Rng::new(seed);
        loop {
            let mut digest = [0; 32];
            for part in digest.chunks_exact_mut(8) {
                part.copy_from_slice(&rng.next().to_be_bytes());
            }
            let key = Self::from_digest(digest);
            if prefix.contains(&key.point()) {
                return key;
            }
        }
    }
}

impl std::fmt::Debug for DhtKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DhtKey(1220")?;
        self.0[2..].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}
