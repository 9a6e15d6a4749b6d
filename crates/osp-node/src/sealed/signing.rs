//! Signatures of SMSG 3.0 by artists as OSP knows them: a DID, and the Ed25519 keys it stands for. The format itself
//! ([`smsg::v3::signing`]) knows no DID.
//!
//! A `did:key` is its own key. For a `did:web` the document has to be fetched, which the format's synchronous reader cannot
//! wait for: so [`look_up`] fetches it before the file is read, and [`NOTARY`] remembers it for this process.

use osp_core::{
    did::Did,
    key::{ArtistKey, PublicKey},
};
use osp_fetch::{DidWebError, DidWebResolver};
use smsg::v3::{
    Header,
    header::PREFIX,
    signing::{Signer, SigningFailed, Verifier},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Most `did:web` artists whose keys are remembered.
const MAX_REMEMBERED: usize = 1024;

/// An unlocked identity that signs.
#[derive(Debug)]
pub struct Artist<'k> {
    did: String,
    key: &'k ArtistKey,
}

impl<'k> Artist<'k> {
    /// As its `did:key`.
    #[must_use]
    pub fn new(key: &'k ArtistKey) -> Self {
        Self { did: key.did().to_string(), key }
    }
}

impl Signer for Artist<'_> {
    fn artist(&self) -> &str {
        &self.did
    }
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
        Ok(self.key.sign(message))
    }
}

/// Judges signatures; see [`NOTARY`].
#[derive(Debug)]
pub struct Notary {
    /// Keys of `did:web` artists.
    web: Mutex<BTreeMap<String, Arc<[PublicKey]>>>,
}

/// The one of this process.
pub static NOTARY: Notary = Notary { web: Mutex::new(BTreeMap::new()) };

impl Notary {
    fn web(&self) -> MutexGuard<'_, BTreeMap<String, Arc<[PublicKey]>>> {
        self.web.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Verifier for Notary {
    fn verifies(&self, artist: &str, message: &[u8], signature: &[u8; 64]) -> bool {
        match Did::parse(artist) {
            Ok(Did::Key(key)) => key.verify(message, signature),
            Ok(Did::Web(_)) => {
                let keys = self.web().get(artist).cloned();
                keys.is_some_and(|keys| keys.iter().any(|key| key.verify(message, signature)))
            }
            _ => false,
        }
    }
}

/// Fetches what is needed to judge the signatures of a file that begins with `head`. Nothing but a `did:web` needs anything, and what
/// is no header of version 3.0 is left to its reader.
///
/// # Errors
/// [`DidWebError`].
pub async fn look_up(dids: &DidWebResolver, head: &[u8]) -> Result<(), DidWebError> {
    let Some((text, Did::Web(did))) = artist(head) else { return Ok(()) };
    let keys = dids.keys(&did).await?;
    let mut known = NOTARY.web();
    if known.len() >= MAX_REMEMBERED {
        known.clear();
    }
    known.insert(text, keys);
    Ok(())
}

/// Whether [`look_up`] would ask anybody.
#[must_use]
pub fn needs_look_up(head: &[u8]) -> bool {
    matches!(artist(head), Some((_, Did::Web(_))))
}

/// Who is said to have signed; nothing of it is proven here.
fn artist(head: &[u8]) -> Option<(String, Did)> {
    let length = Header::length(head).ok()?;
    let header: serde_json::Value = serde_json::from_slice(head.get(PREFIX..length)?).ok()?;
    let text = header.get("artist")?.as_str()?;
    Some((text.to_owned(), Did::parse(text).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Artist, NOTARY};
    use osp_core::key::ArtistKey;
    use smsg::v3::signing::{Signer as _, Verifier as _};

    #[test]
    fn an_artist_is_who_signed() {
        let (key, other) = (ArtistKey::from_seed(&[1; 32]), ArtistKey::from_seed(&[2; 32]));
        let (artist, other) = (Artist::new(&key), Artist::new(&other));
        assert!(artist.sign(b"message").is_ok_and(|signature| {
            NOTARY.verifies(artist.artist(), b"message", &signature)
                && !NOTARY.verifies(artist.artist(), b"another", &signature)
                && !NOTARY.verifies(other.artist(), b"message", &signature)
                && !NOTARY.verifies("did:web:not.looked.up", b"message", &signature)
                && !NOTARY.verifies("nobody", b"message", &signature)
        }));
    }
}
