//! A grant: terms, and the nodes for what they open. Many keys lead to one grant, so its own size does not count for each.
//!
//! ```text
//! gcom || gek = HKDF-Expand(GK, "smsg3 grant" || H || SHA-256(terms), 64)
//! box         = gcom 32 || AEAD(gek, nonce 0, nodes)
//! ```
//!
//! GK is random for each grant of each table. The terms are part of the key: with others the box does not open.

use super::{
    FileId, boxes,
    error::{Refused, SealError},
    header::Header,
    json::{self, Members, Object},
    kdf,
    limits::MAX_JSON,
    terms::{self, Terms},
    tree::Keys,
};
use crate::crypto::Key;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Terms, and the keys for them: what every way of opening a file comes to.
#[derive(Clone, Debug)]
pub struct Granted {
    /// What was sold.
    pub terms: Terms,
    /// What opens.
    pub keys: Keys,
    /// The seller's number for the sale, if a key of the table led here.
    pub serial: Option<u32>,
}

impl Granted {
    /// What the root opens: everything. For owners.
    #[must_use]
    pub fn all(keys: Keys) -> Self {
        let ranges = super::ranges::Ranges::all(keys.tree().chunks());
        Self { terms: Terms::new(terms::Kind::Perpetual, ranges), keys, serial: None }
    }

    pub(super) fn new(terms: Terms, header: &Header, nodes: &[u8]) -> Result<Self, Refused> {
        let keys = Keys::from_nodes(header.id(), header.tree(), &terms.ranges, nodes);
        let keys = keys.ok_or(Refused::BadGrant("it does not hold the keys to what it names"))?;
        Ok(Self { terms, keys, serial: None })
    }
}

/// A grant of a table.
#[derive(Clone, Debug)]
pub struct Grant {
    /// What it opens, and how.
    pub terms: Terms,
    /// As it is hashed.
    json: Object,
    inside: Inside,
}

#[derive(Clone, Debug)]
enum Inside {
    /// Under GK.
    Sealed(Vec<u8>),
    /// Open to all.
    Nodes(Zeroizing<Vec<u8>>),
}

impl Grant {
    pub(super) fn parse(members: &Members<'_>, header: &Header) -> Result<Self, Refused> {
        let json = members.value("terms")?.as_object().ok_or_else(|| members.bad("terms"))?;
        let inside = match (members.has("box"), members.has("nodes")) {
            (true, false) => Inside::Sealed(members.bytes("box", MAX_JSON)?),
            (false, true) => Inside::Nodes(Zeroizing::new(members.bytes("nodes", MAX_JSON)?)),
            _ => return Err(members.bad("box")),
        };
        Ok(Self { terms: Terms::parse(json, header.geometry().chunks())?, json: json.clone(), inside })
    }

    pub(super) fn to_json(&self) -> Object {
        let (name, bytes) = match &self.inside {
            Inside::Sealed(sealed) => ("box", sealed),
            Inside::Nodes(nodes) => ("nodes", &**nodes),
        };
        let mut object = Object::new();
        object.insert("terms".into(), self.json.clone().into());
        object.insert(name.into(), json::bytes(bytes));
        object
    }

    /// Makes a grant; under `key` unless it is open to all.
    pub(super) fn seal(terms: &Terms, keys: &Keys, key: Option<&Key>) -> Result<Self, SealError> {
        let json = terms.to_json();
        let nodes = keys.nodes(&terms.ranges).ok_or(SealError::NotHeld)?;
        let inside = match key {
            Some(key) => {
                let (commitment, key) = committed(keys.file(), key, &json);
                let mut sealed = commitment.to_vec();
                sealed.extend(boxes::seal(&key, &nodes, &[]));
                Inside::Sealed(sealed)
            }
            None => Inside::Nodes(nodes),
        };
        Ok(Self { terms: terms.clone(), json, inside })
    }

    /// Whether it needs no key.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.inside, Inside::Nodes(_))
    }

    /// Opens a grant that is open to all. `None` if it is not.
    ///
    /// # Errors
    /// [`Refused::BadGrant`].
    pub fn open_to_all(&self, header: &Header) -> Option<Result<Granted, Refused>> {
        match &self.inside {
            Inside::Nodes(nodes) => Some(Granted::new(self.terms.clone(), header, nodes)),
            Inside::Sealed(_) => None,
        }
    }

    pub(super) fn open(&self, header: &Header, key: &Key) -> Result<Granted, Refused> {
        let Inside::Sealed(sealed) = &self.inside else {
            return Err(Refused::BadGrant("it is open to all, yet a key leads to it"));
        };
        let (commitment, key) = committed(header.id(), key, &self.json);
        let found = sealed.split_first_chunk::<32>();
        let Some((_, sealed)) = found.filter(|(found, _)| bool::from(found.ct_eq(&commitment))) else {
            return Err(Refused::BadGrant("its terms belong to another key"));
        };
        let nodes = boxes::open(&key, sealed, &[]).ok_or(Refused::BadGrant("it does not open"))?;
        Granted::new(self.terms.clone(), header, &nodes)
    }
}

fn committed(file: FileId, key: &Key, json: &Object) -> ([u8; 32], Key) {
    kdf::committed(key, &[b"smsg3 grant", &file.0, &terms::hash(json)])
}
