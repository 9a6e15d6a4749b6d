//! DID documents (W3C DID Core section 5), as far as they name Ed25519 keys that may sign records.

use super::{Did, DidError};
use crate::{
    json::{self, Json, Object},
    key::PublicKey,
};

/// Largest document that is read, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 256 * 1024;

/// A DID document (W3C DID Core), as far as OSP reads and writes it.
#[derive(Clone, Debug)]
pub struct DidDocument {
    /// The DID it is about.
    pub id: Did,
    /// The Ed25519 keys allowed to sign for it (`assertionMethod`), in its order, without repeats.
    pub assertion_keys: Vec<PublicKey>,
}

impl DidDocument {
    /// Reads a document: Multikey, Ed25519VerificationKey2020 and JsonWebKey2020/JWK (OKP, Ed25519) methods,
    /// by reference or embedded, relative or absolute ids. Methods of other types, of another controller, or
    /// `revoked` are skipped; `expires` is not looked at, for this crate has no clock.
    ///
    /// # Errors
    /// [`DidError`] when it is not a document, or is about another DID than `expected`.
    pub fn parse(bytes: &[u8], expected: &Did) -> Result<Self, DidError> {
        let text = expected.to_string();
        let fail = |reason| DidError::new(&text, reason);
        if bytes.len() > MAX_DOCUMENT_BYTES {
            return Err(fail("its document is larger than 256 KiB"));
        }
        let document = json::parse(bytes).map_err(|_| fail("its document is not valid JSON"))?;
        let document = document.as_object().ok_or_else(|| fail("its document is not a JSON object"))?;
        if document.get("id").and_then(Json::as_str) != Some(text.as_str()) {
            return Err(fail("its document is about another DID (its «id» differs)"));
        }
        let methods = list(document, "verificationMethod");
        let mut assertion_keys = Vec::new();
        for entry in list(document, "assertionMethod") {
            let method = match entry {
                Json::String(reference) => methods
                    .iter()
                    .filter_map(Json::as_object)
                    .find(|method| same_id(method.get("id"), reference, &text)),
                Json::Object(embedded) => Some(embedded),
                _ => None,
            };
            let Some(key) = method.and_then(|method| key_of(method, &text)) else { continue };
            if !assertion_keys.contains(&key) {
                assertion_keys.push(key);
            }
        }
        Ok(Self { id: expected.clone(), assertion_keys })
    }

    /// The document text for `id` with one Multikey, ready to be put on the web server.
    #[must_use]
    pub fn to_json(id: &Did, key: &PublicKey) -> String {
        let did = id.to_string();
        let multikey = key.to_multikey();
        let method = format!("{did}#{multikey}");
        let document = serde_json::json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "verificationMethod": [
                { "id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey }
            ],
            "assertionMethod": [method],
            "authentication": [method],
        });
        format!("{document:#}\n")
    }
}

fn list<'a>(object: &'a Object, member: &str) -> &'a [Json] {
    object.get(member).and_then(Json::as_array).unwrap_or_default()
}

/// Whether a method's id is the one referred to; `#key-1` stands for `did:…#key-1`.
fn same_id(id: Option<&Json>, reference: &str, did: &str) -> bool {
    let absolute = |id: &str| if id.starts_with('#') { format!("{did}{id}") } else { id.to_owned() };
    id.and_then(Json::as_str).is_some_and(|id| absolute(id) == absolute(reference))
}

/// The Ed25519 key of a verification method of this DID.
fn key_of(method: &Object, did: &str) -> Option<PublicKey> {
    if method.contains_key("revoked") {
        return None;
    }
    if method.get("controller").is_some_and(|controller| controller.as_str() != Some(did)) {
        return None;
    }
    match method.get("type")?.as_str()? {
        "Multikey" | "Ed25519VerificationKey2020" => {
            PublicKey::from_multikey(method.get("publicKeyMultibase")?.as_str()?)
        }
        "JsonWebKey" | "JsonWebKey2020" => key_of_jwk(method.get("publicKeyJwk")?.as_object()?),
        _ => None,
    }
}

/// RFC 8037: `{"kty":"OKP","crv":"Ed25519","x":<base64url of 32 bytes>}`.
fn key_of_jwk(jwk: &Object) -> Option<PublicKey> {
    let text = |member| jwk.get(member).and_then(Json::as_str);
    if text("kty")? != "OKP" || text("crv")? != "Ed25519" {
        return None;
    }
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text("x")?.as_bytes()).ok()?;
    Some(PublicKey(bytes.try_into().ok()?))
}
