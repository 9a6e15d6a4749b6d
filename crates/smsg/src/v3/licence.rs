//! Licences: keys that were sold after the file was made. A small signed JSON beside the file, on any host, or in the link with
//! the key.
//!
//! ```text
//! box = AEAD(wrap, nonce 0, nodes, aad = SHA-256(licence without box and signature))
//! ```
//!
//! `wrap` is of the key's text and the licence's own salt, so only the buyer opens it; `id` is of the key too, so nobody can carry
//! another's terms.

use super::{
    boxes,
    error::{Refused, SealError},
    grant::Granted,
    header::Header,
    json::{self, Members, Object},
    key_text::KeySecret,
    limits::MAX_LICENCE,
    signing::{Signer, Verifier},
    terms::Terms,
    tree::Keys,
};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

const LICENCE: &str = "the licence";

/// Members that this text defines.
const KNOWN: [&str; 10] =
    ["artist", "box", "crit", "file", "id", "key", "salt", "signature", "terms", "type"];

/// A licence whose signature, artist and file are right. Whether a key opens it, [`Licence::open`] tells.
#[derive(Clone, Debug)]
pub struct Licence {
    /// What was sold.
    pub terms: Terms,
    id: [u8; 32],
    salt: [u8; 32],
    sealed: Vec<u8>,
    aad: [u8; 32],
}

impl Licence {
    /// Reads and verifies.
    ///
    /// # Errors
    /// Any of [`Refused`] that is about licences.
    pub fn parse(bytes: &[u8], header: &Header, verifier: &dyn Verifier) -> Result<Self, Refused> {
        if bytes.len() > MAX_LICENCE {
            return Err(Refused::TooLarge { what: LICENCE, length: bytes.len() as u64 });
        }
        let object = json::parse(bytes, LICENCE)?;
        let members = Members::of(&object, LICENCE);
        members.critical(&KNOWN)?;
        if members.text("artist")? != header.artist() {
            return Err(Refused::WrongArtist(LICENCE));
        }
        json::verify(&object, "smsg:Licence", LICENCE, header.key(), verifier)?;
        if members.exactly::<32>("file")? != header.id().0 {
            return Err(Refused::WrongFile(LICENCE));
        }
        let terms = members.value("terms")?.as_object().ok_or_else(|| members.bad("terms"))?;
        Ok(Self {
            terms: Terms::parse(terms, header.geometry().chunks())?,
            id: members.exactly("id")?,
            salt: members.exactly("salt")?,
            sealed: members.bytes("box", MAX_LICENCE)?,
            aad: bound(&object),
        })
    }

    /// Opens it with the buyer's key.
    ///
    /// # Errors
    /// [`Refused::NoValidKey`] if the key is another's, [`Refused::BadGrant`].
    pub fn open(&self, header: &Header, key: &KeySecret) -> Result<Granted, Refused> {
        if !bool::from(self.id.ct_eq(key.id())) {
            return Err(Refused::NoValidKey);
        }
        let nodes = boxes::open(&key.wrap(&self.salt), &self.sealed, &self.aad);
        Granted::new(self.terms.clone(), header, &nodes.ok_or(Refused::BadGrant("it does not open"))?)
    }

    /// Makes one: the bytes of a `.smsgl` file.
    ///
    /// # Errors
    /// [`SealError::NotHeld`], [`SealError::Signing`], [`SealError::Refused`].
    pub fn issue(
        header: &Header,
        keys: &Keys,
        key: &KeySecret,
        terms: &Terms,
        signer: &dyn Signer,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        if signer.artist() != header.artist() {
            return Err(Refused::WrongArtist(LICENCE).into());
        }
        let nodes = keys.nodes(&terms.ranges).ok_or(SealError::NotHeld)?;
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        let mut object = Object::new();
        object.insert("type".into(), "smsg:Licence".into());
        // Bound to the box like all else.
        json::identify(&mut object, signer);
        object.insert("file".into(), json::bytes(&header.id().0));
        object.insert("id".into(), json::bytes(key.id()));
        object.insert("salt".into(), json::bytes(&salt));
        object.insert("terms".into(), terms.to_json().into());
        let sealed = boxes::seal(&key.wrap(&salt), &nodes, &bound(&object));
        object.insert("box".into(), json::bytes(&sealed));
        let bytes = json::canonical(&json::sign(object, signer)?);
        if bytes.len() > MAX_LICENCE {
            return Err(Refused::TooLarge { what: LICENCE, length: bytes.len() as u64 }.into());
        }
        Ok(bytes)
    }
}

/// What the box is bound to.
fn bound(object: &Object) -> [u8; 32] {
    let mut object = object.clone();
    object.remove("box");
    object.remove("signature");
    Sha256::digest(json::canonical(&object)).into()
}

/// What a key's licence is called on a host: whoever has key and file can find it.
#[must_use]
pub fn file_name(key: &KeySecret) -> String {
    file_name_of(key.id())
}

/// The same from the key's id, which ledgers have.
#[must_use]
pub fn file_name_of(id: &[u8; 32]) -> String {
    format!("{}.smsgl", BASE32_NOPAD.encode(&id[..16]).to_ascii_lowercase())
}

/// A licence as it stands in a link, behind `l=`.
#[must_use]
pub fn to_link(licence: &[u8]) -> String {
    BASE64URL_NOPAD.encode(licence)
}

/// The licence of a link. `None` if it is none, or too long.
#[must_use]
pub fn from_link(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    (bytes.len() <= MAX_LICENCE).then_some(bytes)
}
