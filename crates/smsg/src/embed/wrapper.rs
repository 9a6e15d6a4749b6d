//! The JSON wrapper: `{"type":"smsg","encoding":"base64","content":"..."}`. What others call the member is read too.

use super::is_sealed_text;
use crate::payload::json;
use serde::{
    Serialize,
    de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// Members that are looked into for the file.
const NAMES: [&str; 4] = ["content", "smsg", "data", "payload"];

/// Objects that the file's member may stand in: an API's answer has one around the wrapper.
const MAX_DEPTH: u8 = 2;

#[derive(Serialize)]
struct Wrapper<'a> {
    r#type: &'static str,
    encoding: &'static str,
    #[serde(serialize_with = "json::bytes")]
    content: &'a [u8],
}

pub(super) fn write(file: &[u8]) -> Vec<u8> {
    json::to_vec(&Wrapper { r#type: "smsg", encoding: "base64", content: file })
}

/// The first text in one of [`NAMES`] that begins like a sealed file.
pub(super) fn find(json: &[u8]) -> Option<String> {
    let mut parser = serde_json::Deserializer::from_slice(json);
    let found = Value { depth: 0, named: false }.deserialize(&mut parser).ok()?;
    parser.end().ok()?;
    found
}

/// A JSON value that may hold the file. Nothing else of it is kept.
#[derive(Clone, Copy)]
struct Value {
    /// Objects around it.
    depth: u8,
    /// Whether it is the value of one of [`NAMES`].
    named: bool,
}

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Option<String>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Option<String>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok((self.named && is_sealed_text(text.as_bytes())).then(|| text.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(named) = map.next_key_seed(Key)? {
            if found.is_some() || self.depth == MAX_DEPTH {
                map.next_value::<IgnoredAny>()?;
            } else {
                found = map.next_value_seed(Self { depth: self.depth + 1, named })?;
            }
        }
        Ok(found)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// A member's name: whether it is one of [`NAMES`].
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = bool;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = bool;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }
    fn visit_str<E: Error>(self, name: &str) -> Result<bool, E> {
        Ok(NAMES.contains(&name))
    }
}
