//! Signatures of SMSG 3.0 by artists as OSP knows them: a DID, and the Ed25519 keys it stands for. The format itself
//! ([`smsg::v3::signing`]) knows no DID.
//!
//! A `did:key` is its own key. A file of a `did:web` names the key that signed it, so its signatures are checked without asking
//! anybody; whether the artist's document names that key is asked before the file is read, for the format's synchronous reader cannot
//! wait: [`look_up`] fetches the document, and [`NOTARY`] remembers it for this process. Where it cannot be had, the file is read all
//! the same, and its header says that its artist was not checked ([`Standing::Unchecked`]).

use crate::identity::Signatory;
use osp_core::{did::Did, key::PublicKey};
use osp_fetch::{DidWebError, DidWebResolver};
use smsg::v3::{
    Header,
    header::PREFIX,
    signing::{Naming, Signer, SigningFailed, Standing, Verifier},
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
    /// Of a `did:web`.
    key: Option<String>,
    signatory: &'k Signatory,
}

impl<'k> Artist<'k> {
    /// As who it signs.
    #[must_use]
    pub fn new(signatory: &'k Signatory) -> Self {
        let (artist, own) = (signatory.artist(), signatory.key().did());
        Self { did: artist.to_string(), key: (*artist != own).then(|| own.to_string()), signatory }
    }
}

impl Signer for Artist<'_> {
    fn artist(&self) -> &str {
        &self.did
    }
    fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
        Ok(self.signatory.key().sign(message))
    }
}

/// Judges signatures; see [`NOTARY`].
#[derive(Debug)]
pub struct Notary {
    /// Keys of `did:web` artists; none where what was fetched is not their document.
    web: Mutex<BTreeMap<String, Arc<[PublicKey]>>>,
}

/// The one of this process.
pub static NOTARY: Notary = Notary { web: Mutex::new(BTreeMap::new()) };

impl Notary {
    fn web(&self) -> MutexGuard<'_, BTreeMap<String, Arc<[PublicKey]>>> {
        self.web.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, artist: String, keys: Arc<[PublicKey]>) {
        let mut known = self.web();
        if known.len() >= MAX_REMEMBERED {
            known.clear();
        }
        known.insert(artist, keys);
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

    fn names(&self, artist: &str, key: &str) -> Naming {
        let (Ok(Did::Web(_)), Ok(Did::Key(key))) = (Did::parse(artist), Did::parse(key)) else {
            return Naming::Denied;
        };
        match self.web().get(artist) {
            Some(keys) if keys.contains(&key) => Naming::Named,
            Some(_) => Naming::Denied,
            None => Naming::Unknown,
        }
    }
}

/// Judges what an identity of this home signed: by the key alone.
pub struct OwnSignature;

impl Verifier for OwnSignature {
    fn verifies(&self, artist: &str, message: &[u8], signature: &[u8; 64]) -> bool {
        matches!(Did::parse(artist), Ok(Did::Key(key)) if key.verify(message, signature))
    }
    fn names(&self, _: &str, _: &str) -> Naming {
        Naming::Unknown
    }
}

/// Fetches what is needed to judge the signatures of a file that begins with `head`. Nothing but a `did:web` needs anything, and what
/// is no header of version 3.0 is left to its reader. A document that cannot be had stops nobody if the file names its key.
///
/// # Errors
/// [`DidWebError::Unreachable`], for a file that does not name its key.
pub async fn look_up(dids: &DidWebResolver, head: &[u8]) -> Result<(), DidWebError> {
    let Some(Said { text, did: Did::Web(did), key }) = artist(head) else { return Ok(()) };
    match dids.keys(&did).await {
        Ok(keys) => NOTARY.remember(text, keys),
        // Its own document, and no key in it.
        Err(DidWebError::Unusable { .. }) if key => NOTARY.remember(text, Arc::new([])),
        Err(DidWebError::Unreachable { .. }) if key => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Whether [`look_up`] would ask anybody.
#[must_use]
pub fn needs_look_up(head: &[u8]) -> bool {
    matches!(artist(head), Some(Said { did: Did::Web(_), .. }))
}

/// What a listener should know of who signed, if it was not all checked.
#[must_use]
pub fn doubt(header: &Header) -> Option<String> {
    let key = header.key().filter(|_| header.standing() == Standing::Unchecked)?;
    Some(format!(
        "The file was signed with the key {key}. Whether that is a key of {} could not be checked: the document of that address \
         could not be fetched.",
        header.artist()
    ))
}

/// Who is said to have signed; nothing of it is proven here.
struct Said {
    text: String,
    did: Did,
    /// Whether the file names the key.
    key: bool,
}

fn artist(head: &[u8]) -> Option<Said> {
    let length = Header::length(head).ok()?;
    let header: serde_json::Value = serde_json::from_slice(head.get(PREFIX..length)?).ok()?;
    let text = header.get("artist")?.as_str()?;
    Some(Said { text: text.to_owned(), did: Did::parse(text).ok()?, key: header.get("key").is_some() })
}

#[cfg(test)]
mod tests {
    use super::{Artist, NOTARY};
    use crate::identity::Signatory;
    use osp_core::{did::Did, key::ArtistKey};
    use smsg::v3::signing::{Naming, Signer as _, Verifier as _};

    #[test]
    fn an_artist_is_who_signed() {
        let [key, other] = [1, 2].map(|seed| Signatory::from(ArtistKey::from_seed(&[seed; 32])));
        let (artist, other) = (Artist::new(&key), Artist::new(&other));
        assert!(artist.sign(b"message").is_ok_and(|signature| {
            NOTARY.verifies(artist.artist(), b"message", &signature)
                && !NOTARY.verifies(artist.artist(), b"another", &signature)
                && !NOTARY.verifies(other.artist(), b"message", &signature)
                && !NOTARY.verifies("did:web:not.looked.up", b"message", &signature)
                && !NOTARY.verifies("nobody", b"message", &signature)
        }));
        assert_eq!(artist.key(), None);
    }

    #[test]
    fn a_domain_names_its_keys() {
        let key = |seed| ArtistKey::from_seed(&[seed; 32]);
        let did = |seed| key(seed).did().to_string();
        let web = "did:web:names.its.keys.example";
        let artist = Did::parse(web).map(|web| Signatory::new(web, key(1)));
        assert!(artist.is_ok_and(|artist| Artist::new(&artist).key() == Some(did(1).as_str())));
        assert_eq!(NOTARY.names(web, &did(1)), Naming::Unknown);
        NOTARY.remember(web.to_owned(), std::sync::Arc::new([key(1).public()]));
        assert_eq!((NOTARY.names(web, &did(1)), NOTARY.names(web, &did(2))), (Naming::Named, Naming::Denied));
        // No key speaks for another, and none for what is no domain.
        assert_eq!(NOTARY.names(&did(1), &did(2)), Naming::Denied);
        assert_eq!(NOTARY.names("did:example:a", &did(2)), Naming::Denied);
    }
}
