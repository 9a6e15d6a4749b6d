//! The message as JSON: reading what the original wrote, writing what it would write.

use crate::{OpenError, message::Message};

/// A message and, for v1, its attachments' base64 decoded.
#[derive(Debug)]
pub struct Parsed {
    /// The message; attachment sizes as the JSON claims (v2, v3) or as decoded (v1).
    pub message: Message,
    /// v1: contents in order; empty for v2 and v3.
    pub contents: Vec<Vec<u8>>,
}

/// Reads v1's JSON, attachments and all.
///
/// # Errors
/// [`OpenError::InvalidPayload`], [`OpenError::OverLimit`].
pub fn parse_v1(json: &[u8]) -> Result<Parsed, OpenError> {
    todo!("{json:?}")
}

/// Reads the JSON of v2 and v3, whose attachments follow outside. A negative or fractional size is an error; `content` in it
/// is ignored.
///
/// # Errors
/// [`OpenError::InvalidPayload`], [`OpenError::OverLimit`].
pub fn parse(json: &[u8]) -> Result<Message, OpenError> {
    todo!("{json:?}")
}

/// Finds the end of the JSON object at the start of a chunked plaintext, in one pass, however it is cut.
#[derive(Clone, Debug, Default)]
pub struct Boundary(());

impl Boundary {
    /// Takes the next bytes; `Some(n)`: the object ends after `n` of them.
    ///
    /// # Errors
    /// [`OpenError::InvalidPayload`] when the bytes do not begin an object; [`OpenError::OverLimit`] past
    /// [`crate::limits::MAX_MESSAGE_JSON`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<usize>, OpenError> {
        todo!("{bytes:?}")
    }
}

/// The JSON of v2 and v3, byte for byte as the original writes it.
#[must_use]
pub fn write(message: &Message) -> Vec<u8> {
    todo!("{message:?}")
}

/// The JSON of v1, with contents.
#[must_use]
pub fn write_v1(message: &Message, contents: &[Vec<u8>]) -> Vec<u8> {
    todo!("{message:?} {contents:?}")
}

/// serde_json with the escapes of the original's encoder (`<`, `>`, `&`, U+2028, U+2029) and its float notation. Used for
/// messages, headers and ABR manifests.
#[must_use]
pub fn to_vec<T: serde::Serialize>(value: &T) -> Vec<u8> {
    todo!("{}", std::any::type_name_of_val(value))
}

/// As [`to_vec`], indented by two spaces.
#[must_use]
pub fn to_vec_pretty<T: serde::Serialize>(value: &T) -> Vec<u8> {
    todo!("{}", std::any::type_name_of_val(value))
}
