//! Who signs: a DID, and the key that signs for it.

use osp_core::{did::Did, key::ArtistKey};

/// An unlocked identity. Its `Debug` shows no secret.
#[derive(Debug)]
pub struct Signatory {
    artist: Did,
    key: ArtistKey,
}

impl Signatory {
    /// `artist` is the key's own DID, or a `did:web` whose document names the key.
    #[must_use]
    pub fn new(artist: Did, key: ArtistKey) -> Self {
        Self { artist, key }
    }

    /// In whose name.
    #[must_use]
    pub fn artist(&self) -> &Did {
        &self.artist
    }

    /// With which key.
    #[must_use]
    pub fn key(&self) -> &ArtistKey {
        &self.key
    }
}

/// As its own `did:key`.
impl From<ArtistKey> for Signatory {
    fn from(key: ArtistKey) -> Self {
        Self { artist: key.did(), key }
    }
}
