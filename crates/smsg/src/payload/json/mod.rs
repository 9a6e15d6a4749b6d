//! The message as JSON: reading what the original wrote, writing what it would write.
//!
//! Types are strict (no fractions where integers belong, no numbers in quotes), names are exact, `null` is absent, and what is
//! not known is skipped. The original is laxer in places; where that lets two readers see two messages, we refuse.

mod boundary;
mod format;
pub(crate) mod object;
pub(crate) mod strict;

pub use boundary::Boundary;
pub(crate) use format::{to_vec, to_vec_pretty};

use crate::{
    OpenError, limits,
    message::{Attachment, Message, ReplyKey},
};
use object::{List, Texts, json_object};
use serde::{
    Serialize, Serializer,
    de::{Deserialize, Deserializer, Error, IgnoredAny, Visitor},
};
use std::{collections::BTreeMap, fmt};

/// A message and, for v1, its attachments' base64 decoded.
#[derive(Debug)]
pub struct Parsed {
    /// The message; attachment sizes as the JSON claims (v2, v3) or as decoded (v1).
    pub message: Message,
    /// v1: contents in order; empty for v2 and v3.
    pub contents: Vec<Vec<u8>>,
}

/// Reads v1's JSON, attachments and all. Sizes are the real ones: the original's claims may be those of the base64 text.
///
/// # Errors
/// [`OpenError::InvalidPayload`], [`OpenError::OverLimit`].
pub fn parse_v1(json: &[u8]) -> Result<Parsed, OpenError> {
    let (mut message, contents) = read::<Content>(json)?;
    for (attachment, content) in message.attachments.iter_mut().zip(&contents) {
        attachment.size = content.0.len() as u64;
    }
    Ok(Parsed { message, contents: contents.into_iter().map(|content| content.0).collect() })
}

/// Reads the JSON of v2 and v3, whose attachments follow outside. A negative or fractional size is an error; `content` in it
/// is ignored.
///
/// # Errors
/// [`OpenError::InvalidPayload`], [`OpenError::OverLimit`].
pub fn parse(json: &[u8]) -> Result<Message, OpenError> {
    if json.len() as u64 > limits::MAX_MESSAGE_JSON {
        return Err(OpenError::OverLimit { what: "the message's JSON", limit: limits::MAX_MESSAGE_JSON });
    }
    Ok(read::<Ignored>(json)?.0)
}

/// The JSON of v2 and v3, byte for byte as the original writes it.
#[must_use]
pub fn write(message: &Message) -> Vec<u8> {
    to_vec(message)
}

/// The JSON of v1, with contents. Sizes are those of the contents; an attachment beyond them is written as empty.
#[must_use]
pub fn write_v1(message: &Message, contents: &[Vec<u8>]) -> Vec<u8> {
    let contents = contents.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..]));
    let attachments = message
        .attachments
        .iter()
        .zip(contents)
        .map(|(Attachment { name, mime, .. }, content)| AttachmentV1 {
            name,
            content,
            mime,
            size: content.len(),
        })
        .collect();
    let Message { subject, body, reply_key, from, timestamp, meta, .. } = message;
    to_vec(&MessageV1 { subject, body, attachments, reply_key, from, timestamp: *timestamp, meta })
}

/// What a message looks like on the wire, whatever is done with `content`.
struct Wire<C> {
    subject: String,
    body: String,
    attachments: Vec<WireAttachment<C>>,
    reply_key: Option<ReplyKey>,
    from: String,
    timestamp: i64,
    meta: BTreeMap<String, String>,
}

struct WireAttachment<C> {
    name: String,
    content: Option<C>,
    mime: String,
    size: i64,
}

json_object!(Wire<C> {
    "subject" => subject,
    "body" => body,
    "attachments" => attachments as List<WireAttachment<C>, { limits::MAX_ATTACHMENTS }>,
    "reply_key" => reply_key,
    "from" => from,
    "timestamp" => timestamp,
    "meta" => meta as Texts,
});
json_object!(WireAttachment<C> { "name" => name, "content" => content, "mime" => mime, "size" => size });

/// v1: base64 text, decoded while it is read, so that the text is not held a second time.
#[derive(Default)]
struct Content(Vec<u8>);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ContentText)
    }
}

struct ContentText;

impl Visitor<'_> for ContentText {
    type Value = Content;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64 text")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Content, E> {
        crate::text::decode_base64(text.as_bytes())
            .map(Content)
            .map_err(|damage| E::custom(format_args!("an attachment is not base64: {damage}")))
    }
}

/// v2 and v3: whatever stands there.
#[derive(Default)]
struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

fn read<'j, C: Deserialize<'j> + Default>(json: &'j [u8]) -> Result<(Message, Vec<C>), OpenError> {
    let wire: Wire<C> = strict::parse(json).map_err(OpenError::InvalidPayload)?;
    for (what, len, limit) in [
        ("the number of attachments", wire.attachments.len(), limits::MAX_ATTACHMENTS),
        ("the number of entries in the message's meta", wire.meta.len(), limits::MAX_ENTRIES),
    ] {
        if len > limit {
            return Err(OpenError::OverLimit { what, limit: limit as u64 });
        }
    }
    let mut attachments = Vec::with_capacity(wire.attachments.len());
    let mut contents = Vec::with_capacity(wire.attachments.len());
    for WireAttachment { name, content, mime, size } in wire.attachments {
        let size = u64::try_from(size)
            .map_err(|_| OpenError::InvalidPayload(format!("an attachment says it has {size} bytes")))?;
        attachments.push(Attachment { name, mime, size });
        contents.push(content.unwrap_or_default());
    }
    let Wire { subject, body, reply_key, from, timestamp, meta, .. } = wire;
    Ok((Message { subject, body, attachments, reply_key, from, timestamp, meta }, contents))
}

/// [`Message`] with contents, in the wire's order.
#[derive(Serialize)]
struct MessageV1<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    subject: &'a str,
    body: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentV1<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_key: &'a Option<ReplyKey>,
    #[serde(skip_serializing_if = "str::is_empty")]
    from: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    timestamp: i64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    meta: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct AttachmentV1<'a> {
    name: &'a str,
    #[serde(serialize_with = "bytes", skip_serializing_if = "<[u8]>::is_empty")]
    content: &'a [u8],
    #[serde(skip_serializing_if = "str::is_empty")]
    mime: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    size: usize,
}

/// Bytes are base64 text in this JSON (`format`).
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn bytes<S: Serializer>(content: &&[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(content)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero<N: Default + PartialEq>(n: &N) -> bool {
    *n == N::default()
}
