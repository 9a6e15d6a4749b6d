//! What is hashed from the secret and the infohash, and the key streams.

use super::exchange::Secret;
use crate::ids::InfoHash;
use rc4::{KeyInit as _, Rc4, StreamCipher as _};
use sha1::{Digest as _, Sha1};

/// Bytes of each key stream that are never used: they say too much of the key.
const DROPPED: usize = 1024;

/// Bytes of a hash.
pub(super) type Hash = [u8; 20];

fn hash(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha1::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// `HASH('req2', SKEY)`: what a caller names a torrent by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SkeyHash(pub [u8; 20]);

impl SkeyHash {
    /// That of a torrent.
    #[must_use]
    pub fn of(infohash: InfoHash) -> Self {
        Self(hash(&[b"req2", &infohash.0]))
    }

    /// As it is sent; the same again takes the secret off.
    pub(super) fn masked(self, secret: &Secret) -> Self {
        let mask = hash(&[b"req3", secret]);
        Self(std::array::from_fn(|i| self.0[i] ^ mask[i]))
    }
}

/// `HASH('req1', S)`: where the caller's first pad ends.
pub(super) fn sign(secret: &Secret) -> Hash {
    hash(&[b"req1", secret])
}

/// The bytes that one side's are combined with; the same operation encrypts and decrypts. (RC4, its first 1024 bytes
/// dropped.)
pub struct Keystream(Rc4);

impl Keystream {
    fn new(key: &Hash) -> Self {
        let mut stream = Self(Rc4::new_from_slice(key).expect("RC4 takes keys of 1 to 256 bytes"));
        stream.apply(&mut [0; DROPPED]);
        stream
    }

    /// Encrypts or decrypts the next bytes in place.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        self.0.apply_keystream(bytes);
    }
}

/// The key streams of one side.
pub struct Ciphers {
    /// For what it sends.
    pub sending: Keystream,
    /// For what it receives.
    pub receiving: Keystream,
}

impl Ciphers {
    pub(super) fn of_caller(secret: &Secret, infohash: InfoHash) -> Self {
        let key = |name| Keystream::new(&hash(&[name, secret, &infohash.0]));
        Self { sending: key(b"keyA"), receiving: key(b"keyB") }
    }

    pub(super) fn of_called(secret: &Secret, infohash: InfoHash) -> Self {
        let Self { sending, receiving } = Self::of_caller(secret, infohash);
        Self { sending: receiving, receiving: sending }
    }
}

/// Not the keys.
impl std::fmt::Debug for Ciphers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ciphers").finish_non_exhaustive()
    }
}
