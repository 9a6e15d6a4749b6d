//! The sealed message: text, and what is attached.
//!
//! On the wire (JSON, this order): `subject`, `body`, `attachments[{name, content, mime, size}]`,
//! `reply_key{public_key, key_id, algorithm, fingerprint}`, `from`, `timestamp`, `meta`. Empty and zero members are left out,
//! `body` and `name` are not; an empty attachment has neither `size` nor `content`.

use crate::payload::json::object::json_object;
use serde::Serialize;
use std::collections::BTreeMap;

/// A message. Its attachments' bytes travel beside it ([`crate::open::Sink`], [`crate::seal::Source`]).
/// Serialises as the wire does, without `content`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the names are the wire's and speak for themselves")]
pub struct Message {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subject: String,
    pub body: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_key: Option<ReplyKey>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Unix seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub timestamp: i64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub meta: BTreeMap<String, String>,
}

/// What a message says about an attachment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// As the sender wrote it: free text, never to be used as a path as it is.
    pub name: String,
    /// Media type; empty when not said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mime: String,
    /// Bytes there really are (v1 files may claim the length of the base64 text: that claim is not kept).
    #[serde(skip_serializing_if = "is_zero_u64")]
    pub size: u64,
}

/// A public key to answer to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the names are the wire's and speak for themselves")]
pub struct ReplyKey {
    pub public_key: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub algorithm: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fingerprint: String,
}

json_object!(ReplyKey {
    "public_key" => public_key,
    "key_id" => key_id,
    "algorithm" => algorithm,
    "fingerprint" => fingerprint,
});

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &i64) -> bool {
    *n == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero_u64(n: &u64) -> bool {
    *n == 0
}
