//! The public half of an identity: one small JSON file beside its key file.

use std::path::Path;

use osp_core::did::Did;
use serde::{Deserialize, Serialize};

use super::files::{self, Existing};
use super::{Identity, IdentityError};

const MAX_CARD_BYTES: usize = 64 * 1024;

/// `<suffix>.json`. Members a newer version adds are passed over.
#[derive(Serialize, Deserialize)]
pub(super) struct Card {
    did: String,
    name: String,
    created: String,
    /// The `did:web` it signs as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    web: Option<String>,
    /// The key file's name in the same folder: `<suffix>.age` or `<suffix>.key`.
    key: String,
}

impl Card {
    pub(super) fn new(identity: &Identity) -> Self {
        Self {
            did: identity.did.to_string(),
            name: identity.name.clone(),
            created: identity.created.clone(),
            web: identity.web.as_ref().map(Did::to_string),
            key: key_file_name(&identity.did, identity.protected),
        }
    }

    pub(super) fn write(&self, path: &Path, existing: Existing) -> Result<bool, IdentityError> {
        let text = serde_json::to_string_pretty(self).expect("strings are JSON");
        files::write(path, format!("{text}\n").as_bytes(), existing)
    }

    /// Reads the card at `path`, whose name must be that of the DID in it.
    pub(super) fn read(path: &Path) -> Result<Option<Identity>, IdentityError> {
        let damaged =
            |reason: &str| IdentityError::Damaged { path: path.to_owned(), reason: reason.to_owned() };
        let Some(bytes) = files::read(path, MAX_CARD_BYTES)? else { return Ok(None) };
        let card: Self = serde_json::from_slice(&bytes).map_err(|e| damaged(&e.to_string()))?;
        let did = Did::parse(&card.did).map_err(|e| damaged(&e.to_string()))?;
        if path.file_stem().and_then(|s| s.to_str()) != Some(&suffix(&did)) {
            return Err(damaged("it is about another DID than its name"));
        }
        // The key's file name is worked out and never taken from the card, which anyone may have edited.
        let protected = match card.key {
            key if key == key_file_name(&did, true) => true,
            key if key == key_file_name(&did, false) => false,
            _ => return Err(damaged("it names a key file that is not its own")),
        };
        let name = super::name::checked(&card.name).map_err(|e| damaged(&e.to_string()))?;
        let web = card.web.as_deref().map(Did::parse).transpose().map_err(|e| damaged(&e.to_string()))?;
        if web.as_ref().is_some_and(|web| !matches!(web, Did::Web(_))) {
            return Err(damaged("it signs as what is no did:web"));
        }
        Ok(Some(Identity { did, web, name, created: card.created, protected }))
    }
}

/// The part of a DID that files are named by: base58 of the key, so no character can lead elsewhere.
pub(super) fn suffix(did: &Did) -> String {
    did.embedded_key().map(|key| key.to_multikey()).unwrap_or_default()
}

/// `<suffix>.age` when protected, else `<suffix>.key`.
pub(super) fn key_file_name(did: &Did, protected: bool) -> String {
    format!("{}.{}", suffix(did), if protected { "age" } else { "key" })
}
