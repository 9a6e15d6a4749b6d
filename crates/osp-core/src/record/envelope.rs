//! What every signed record has: canonical bytes, id and signature (spec section 4.3 to 4.5).

use data_encoding::BASE64;

use super::{RecordId, RecordKind, Refusal, proof, wellformed};
use crate::{
    content,
    did::Did,
    json::{self, Json, Object},
    key::{ArtistKey, PublicKey},
    unixfs::Profile,
};

/// A well-formed record of any kind, with the parts that verification needs already parsed.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    pub(super) members: Object,
    pub(super) id: RecordId,
    pub(super) artist: Did,
    signature: [u8; 64],
}

impl Envelope {
    /// Checks all that is of class malformed.
    pub(super) fn new(kind: RecordKind, members: Object) -> Result<Self, Refusal> {
        wellformed::check(kind, &members)?;
        let id = RecordId::parse(text(&members, "id"))?;
        let artist =
            Did::parse(text(&members, "artist")).map_err(|e| Refusal::malformed(format!("`artist`: {e}")))?;
        let signature = decode_signature(text(&members, "signature"))?;
        Ok(Self { members, id, artist, signature })
    }

    /// Checks signature, id and proof, in this order. `found_keys` are for artists whose DID carries no key.
    pub(super) fn verify(&self, found_keys: &[PublicKey]) -> Result<(), Refusal> {
        let keys = match self.artist.embedded_key() {
            Some(key) => std::slice::from_ref(key),
            None => found_keys,
        };
        if keys.is_empty() {
            return Err(Refusal::signature(self.why_no_key()));
        }
        let signed = without(&self.members, &["signature", "proof"]);
        if !keys.iter().any(|key| key.verify(&signed, &self.signature)) {
            return Err(Refusal::signature(format!(
                "the signature is not that of {} over this record: the record was changed, or is someone else's",
                self.artist
            )));
        }
        self.verify_id()?;
        match self.members.get("proof") {
            Some(proof) => proof::verify(&self.members, proof, &self.artist, keys),
            None => Ok(()),
        }
    }

    fn verify_id(&self) -> Result<(), Refusal> {
        let body = without(&self.members, &["id", "signature", "proof"]);
        let kind = self.id.kind();
        let expected =
            if self.id.cid_text().starts_with("Qm") { older_id(kind, &body) } else { id_of(kind, &body) };
        // As text: another multibase of the same CID is another id, and a record has one.
        if self.id == expected {
            Ok(())
        } else {
            Err(Refusal::id(format!("the id is not that of this record, which is {expected}")))
        }
    }

    fn why_no_key(&self) -> String {
        match &self.artist {
            Did::Web(web) => {
                format!(
                    "{} needs its DID document, {}, for a key to check the signature",
                    self.artist,
                    web.document_url()
                )
            }
            other => format!("{other} names no key that this program can find; it knows did:key and did:web"),
        }
    }
}

/// The text of a member that [`wellformed::check`] has found to be a string.
pub(super) fn text<'a>(members: &'a Object, name: &str) -> &'a str {
    members.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// Adds id and signature to a body.
pub(super) fn sign(kind: RecordKind, mut body: Object, key: &ArtistKey) -> Object {
    let id = id_of(kind, &json::canonical_object(&body));
    body.insert("id".into(), id.as_str().into());
    let signature = key.sign(&json::canonical_object(&body));
    body.insert("signature".into(), BASE64.encode(&signature).into());
    body
}

/// The id as it is written: CIDv1 raw of the canonical body, `bafkrei…`.
fn id_of(kind: RecordKind, canonical_body: &[u8]) -> RecordId {
    RecordId::new(kind, &content::raw_cid(content::sha256(canonical_body)))
}

/// The id as the protocol's first draft showed it, `Qm…`: what `ipfs add` would print for the canonical body, in
/// one block whatever its length.
fn older_id(kind: RecordKind, canonical_body: &[u8]) -> RecordId {
    RecordId::new(kind, &Profile::V0_2015.leaf(canonical_body).cid)
}

/// Canonical bytes of the record without some members.
pub(super) fn without(members: &Object, left_out: &[&str]) -> Vec<u8> {
    let rest: std::collections::BTreeMap<&String, &Json> =
        members.iter().filter(|(name, _)| !left_out.contains(&name.as_str())).collect();
    json::canonical_view(&rest)
}

fn decode_signature(text: &str) -> Result<[u8; 64], Refusal> {
    // 64 bytes are 88 characters, of which the last two pad. The decoder refuses white space, missing padding and
    // stray bits in the last character, so one signature has one text.
    let mut decoded = [0u8; 66];
    let fits = text.len() == 88 && BASE64.decode_mut(text.as_bytes(), &mut decoded) == Ok(64);
    match decoded.first_chunk::<64>() {
        Some(signature) if fits => Ok(*signature),
        _ => Err(Refusal::malformed("`signature` is not 64 bytes in standard padded base64 (88 characters)")),
    }
}
