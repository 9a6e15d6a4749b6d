//! `proof`: W3C Data Integrity with cryptosuite eddsa-jcs-2022 (spec section 4.6).
//!
//! ```text
//!  signed bytes = SHA-256(JCS(proof without proofValue)) || SHA-256(JCS(record without proof))
//!  proofValue   = "z" + base58btc(Ed25519 signature of those 64 bytes)
//! ```
//!
//! OSP's own signature is all a verifier needs; the proof lets stock Verifiable Credentials tools check a record
//! without knowing OSP. It has to hold when it is there, so that no two verifiers disagree about a record.

use super::{Refusal, date};
use crate::{
    content::sha256,
    did::Did,
    json::{self, Json, Object},
    key::{ArtistKey, PublicKey},
};

const TYPE: &str = "DataIntegrityProof";
const CRYPTOSUITE: &str = "eddsa-jcs-2022";
const PURPOSE: &str = "assertionMethod";
/// Characters of the longest base58 text of 64 bytes, and the multibase prefix.
const MAX_PROOF_VALUE_CHARS: usize = 89;

/// Checks `proof` of the record `members` by `artist`, whose keys are `keys`.
pub(super) fn verify(
    members: &Object,
    proof: &Json,
    artist: &Did,
    keys: &[PublicKey],
) -> Result<(), Refusal> {
    let proof = proof.as_object().ok_or_else(|| Refusal::proof("the proof is not an object"))?;
    let text = |name: &str| proof.get(name).and_then(Json::as_str).unwrap_or_default();
    let demand = |holds: bool, message: &str| if holds { Ok(()) } else { Err(Refusal::proof(message)) };

    demand(text("type") == TYPE, "the proof's type is not DataIntegrityProof")?;
    demand(
        text("cryptosuite") == CRYPTOSUITE,
        "the proof's cryptosuite is not eddsa-jcs-2022, the only one known",
    )?;
    demand(text("proofPurpose") == PURPOSE, "the proof's proofPurpose is not assertionMethod")?;
    let created_is_right =
        proof.get("created").is_none_or(|created| created.as_str().is_some_and(date::is_date_time));
    demand(created_is_right, "the proof's `created` is not a date and time")?;
    demand(
        !proof.contains_key("previousProof"),
        "the proof follows a previous proof, and a record has one proof",
    )?;
    demand(
        names_key_of(text("verificationMethod"), artist),
        "the proof's verificationMethod is not a key of the record's artist",
    )?;

    let options = without_proof_value(proof);
    let mut document = members.clone();
    document.remove("proof");
    if let Some(context) = proof.get("@context") {
        let begins =
            document.get("@context").is_some_and(|whole| as_list(whole).starts_with(as_list(context)));
        demand(begins, "the record's @context does not begin with the proof's @context")?;
        // The signer signed the contexts it knew; eddsa-jcs-2022 has the verifier put those in their place.
        document.insert("@context".into(), context.clone());
    }
    let signature = decode_proof_value(text("proofValue"))
        .ok_or_else(|| Refusal::proof("the proof's proofValue is not «z» and 64 bytes in base58btc"))?;
    let signed = signed_bytes(&options, &document);
    demand(
        keys.iter().any(|key| key.verify(&signed, &signature)),
        "the proof does not hold: the record was changed after it was made, or it is someone else's",
    )
}

/// A proof by `artist` for a record that has everything but a proof.
pub(super) fn create(document: &Object, artist: &Did, key: &ArtistKey, created: &str) -> Json {
    let fragment = key.public().to_multikey();
    let mut proof = Object::from([
        ("type".to_owned(), TYPE.into()),
        ("cryptosuite".to_owned(), CRYPTOSUITE.into()),
        ("created".to_owned(), created.into()),
        ("verificationMethod".to_owned(), format!("{artist}#{fragment}").into()),
        ("proofPurpose".to_owned(), PURPOSE.into()),
    ]);
    // Stock verifiers copy the document's contexts into the proof before they hash it.
    if let Some(context) = document.get("@context") {
        proof.insert("@context".into(), context.clone());
    }
    let signature = key.sign(&signed_bytes(&proof, document));
    proof.insert("proofValue".into(), format!("z{}", bs58::encode(signature).into_string()).into());
    Json::Object(proof)
}

fn signed_bytes(options: &Object, document: &Object) -> [u8; 64] {
    let mut bytes = [0u8; 64];
    bytes[..32].copy_from_slice(&sha256(&json::canonical_object(options)));
    bytes[32..].copy_from_slice(&sha256(&json::canonical_object(document)));
    bytes
}

/// Whether a DID URL is the artist's and names a key: for did:key the one it has, else any fragment, because the
/// keys handed to us are already those of the artist's document.
fn names_key_of(method: &str, artist: &Did) -> bool {
    let Some((did, fragment)) = method.split_once('#') else { return false };
    did == artist.to_string()
        && match artist.embedded_key() {
            Some(key) => fragment == key.to_multikey(),
            None => !fragment.is_empty(),
        }
}

fn without_proof_value(proof: &Object) -> Object {
    let mut options = proof.clone();
    options.remove("proofValue");
    options
}

/// JSON-LD: a context alone is a list of one.
fn as_list(context: &Json) -> &[Json] {
    context.as_array().unwrap_or(std::slice::from_ref(context))
}

fn decode_proof_value(text: &str) -> Option<[u8; 64]> {
    // The length first: base58 takes quadratic time.
    if text.len() > MAX_PROOF_VALUE_CHARS {
        return None;
    }
    bs58::decode(text.strip_prefix('z')?).into_vec().ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The W3C vector is not an OSP record, so it meets the cryptosuite below the checks on members.
    #[test]
    fn reproduces_the_w3c_eddsa_jcs_2022_vector() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/vectors/proof/w3c-eddsa-jcs-2022.json");
        let vector = json::parse(&std::fs::read(path).unwrap()).unwrap();
        let vector = vector.as_object().unwrap();
        let mut document = vector["signedDocument"].as_object().unwrap().clone();
        let proof = document.remove("proof").unwrap().as_object().unwrap().clone();
        let signed = signed_bytes(&without_proof_value(&proof), &document);
        let expected =
            data_encoding::HEXLOWER.decode(vector["combinedHash"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(signed[..], expected[..]);
        let key = PublicKey::from_multikey(vector["publicKeyMultibase"].as_str().unwrap()).unwrap();
        let signature = decode_proof_value(proof["proofValue"].as_str().unwrap()).unwrap();
        assert!(key.verify(&signed, &signature));
    }
}
