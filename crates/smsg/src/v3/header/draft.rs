//! A header as a writer brings it.

use super::{
    Header, MAGIC,
    part::{Cut, PartDraft, Track, insert},
};
use crate::v3::{
    error::{Refused, SealError},
    json::{self, Object},
    limits::MAX_JSON,
    signing::{Signer, Verifier},
};
use rand_core::CryptoRng;
use serde_json::Value;

/// What [`HeaderDraft::sign`] makes a header of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderDraft {
    /// Title of the release.
    pub title: String,
    /// Now, Unix seconds.
    pub created: u64,
    /// How this artist's keys begin: 2 to 8 of A-Z 0-9.
    pub key_prefix: Option<String>,
    /// Sign what the chunks are. Without, only a CID says it.
    pub digests: bool,
    /// Media files.
    pub parts: Vec<PartDraft>,
    /// Marks.
    pub tracks: Vec<Track>,
    /// Cuts.
    pub cuts: Vec<Cut>,
    /// Name to URL.
    pub links: Vec<(String, String)>,
    /// Further members, which all readers keep; the ones above win.
    pub more: Object,
}

impl HeaderDraft {
    /// Signs, and reads it back as every reader will.
    ///
    /// # Errors
    /// [`SealError::Refused`] for what readers would refuse, [`SealError::Signing`].
    pub fn sign(
        &self,
        signer: &dyn Signer,
        verifier: &dyn Verifier,
        rng: &mut impl CryptoRng,
    ) -> Result<Header, SealError> {
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        let mut object = self.more.clone();
        object.insert("type".into(), "smsg:Header".into());
        object.insert("version".into(), "3.0".into());
        object.insert("salt".into(), json::bytes(&salt));
        object.insert("title".into(), self.title.clone().into());
        object.insert("created".into(), self.created.into());
        object.insert("parts".into(), self.parts.iter().map(PartDraft::to_json).collect());
        insert(&mut object, "keyPrefix", self.key_prefix.clone());
        insert(&mut object, "digest", self.digests.then_some("blake3"));
        insert(&mut object, "tracks", list(&self.tracks, Track::to_json));
        insert(&mut object, "cuts", list(&self.cuts, Cut::to_json));
        if !self.links.is_empty() {
            let links: Object =
                self.links.iter().map(|(name, url)| (name.clone(), url.clone().into())).collect();
            object.insert("links".into(), links.into());
        }
        let json = json::canonical(&json::sign(object, signer)?);
        if json.len() > MAX_JSON {
            return Err(Refused::TooLarge { what: "the header", length: json.len() as u64 }.into());
        }
        let mut bytes = MAGIC.to_vec();
        // At most MAX_JSON.
        bytes.extend_from_slice(&(json.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&json);
        Ok(Header::parse(&bytes, verifier)?)
    }
}

fn list<T>(items: &[T], to_json: fn(&T) -> Value) -> Option<Value> {
    (!items.is_empty()).then(|| items.iter().map(to_json).collect())
}
