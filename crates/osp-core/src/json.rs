//! Strict JSON and its RFC 8785 (JCS) canonical bytes.
//!
//! Stricter than most parsers, because two readers that understand one signed text differently are an attack:
//! duplicate members, lone surrogates, non-finite numbers, invalid UTF-8, trailing bytes and nesting beyond
//! [`MAX_DEPTH`] are refused. Every number is an IEEE double, as RFC 8785 demands: `9007199254740993` and
//! `9007199254740992` are the same number here, and `-0` is `0`.

use std::fmt;

use serde::{
    Serialize, Serializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};

/// Deepest nesting of arrays and objects that is read: `[[…]]` of 64 brackets is, of 65 is not.
pub const MAX_DEPTH: usize = 64;

/// Whole numbers up to here are exact in a double (2^53 - 1).
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// A JSON value whose numbers are all doubles and whose objects have no duplicate members.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A double. Finite in everything that [`parse`] returns; see [`validate`] for values built by hand.
    Number(f64),
    /// A string (always valid Unicode).
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

/// Members of an object, by name.
pub type Object = std::collections::BTreeMap<String, Json>;

/// Why a text is not strict JSON.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(pub String);

/// Parses one strict JSON text.
///
/// # Errors
/// [`JsonError`] with the place and the reason.
pub fn parse(bytes: &[u8]) -> Result<Json, JsonError> {
    parse_around(bytes, 0)
}

/// Parses JSON that has records inside, `levels` (at most 8) brackets deep: what wraps a record must not lower
/// the depth it may have itself.
///
/// # Errors
/// As [`parse`].
pub fn parse_around(bytes: &[u8], levels: usize) -> Result<Json, JsonError> {
    // Checked as a whole first: serde_json looks at the UTF-8 of strings only where it copies them.
    let text = std::str::from_utf8(bytes)
        .map_err(|e| JsonError(format!("invalid UTF-8 after byte {}", e.valid_up_to())))?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = StrictSeed { left: MAX_DEPTH + levels.min(8) }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|e| JsonError(e.to_string()))?;
    Ok(value)
}

/// The RFC 8785 canonical bytes of `value`.
///
/// A non-finite number has no JSON form; it becomes `null`, as in ECMAScript. [`validate`] finds such numbers in
/// values that did not come from [`parse`].
#[must_use]
pub fn canonical(value: &Json) -> Vec<u8> {
    canonical_view(value)
}

/// The RFC 8785 canonical bytes of an object's members.
#[must_use]
pub fn canonical_object(members: &Object) -> Vec<u8> {
    canonical_view(members)
}

/// The canonical bytes of anything made of [`Json`], such as an object with some members left out.
pub(crate) fn canonical_view(view: &impl Serialize) -> Vec<u8> {
    // It fails on non-string names, duplicate names and non-finite numbers: `Json` serialises to none of these.
    serde_json_canonicalizer::to_vec(view).expect("Json has a canonical form")
}

/// Whether `value`, built by hand, could have come from [`parse`]: finite numbers, nesting within [`MAX_DEPTH`].
///
/// # Errors
/// [`JsonError`] with the reason.
pub fn validate(value: &Json) -> Result<(), JsonError> {
    fn walk(value: &Json, depth: usize) -> Result<(), JsonError> {
        let inner = (depth < MAX_DEPTH).then_some(depth + 1);
        match value {
            Json::Null | Json::Bool(_) | Json::String(_) => Ok(()),
            Json::Number(n) if n.is_finite() => Ok(()),
            Json::Number(n) => Err(JsonError(format!("{n} is not a finite number"))),
            Json::Array(items) => {
                let inner = inner.ok_or_else(too_deep)?;
                items.iter().try_for_each(|item| walk(item, inner))
            }
            Json::Object(members) => {
                let inner = inner.ok_or_else(too_deep)?;
                members.values().try_for_each(|item| walk(item, inner))
            }
        }
    }
    fn too_deep() -> JsonError {
        JsonError(TOO_DEEP.into())
    }
    walk(value, 0)
}

const TOO_DEEP: &str = "arrays and objects are nested more than 64 deep";

/// Reads one value that may open `left` brackets, one in the other. The cap makes the recursion harmless: serde_json's own limit
/// (128) is never reached.
struct StrictSeed {
    left: usize,
}

impl<'de> DeserializeSeed<'de> for StrictSeed {
    type Value = Json;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictSeed {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }
    // Integers beyond 2^53 round to the nearest double, as every ECMAScript reader rounds them.
    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value as f64))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value as f64))
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json, E> {
        if !value.is_finite() {
            return Err(E::custom("a number is too large for a double"));
        }
        // Adding zero turns -0 into 0, which RFC 8785 writes for both.
        Ok(Json::Number(value + 0.0))
    }
    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let left = self.left.checked_sub(1).ok_or_else(|| A::Error::custom(TOO_DEEP))?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(StrictSeed { left })? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let left = self.left.checked_sub(1).ok_or_else(|| A::Error::custom(TOO_DEEP))?;
        let mut members = Object::new();
        while let Some(name) = map.next_key::<String>()? {
            // Names are compared unescaped: "a" and "\u0061" are the same member.
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("member {name:?} appears twice in one object")));
            }
            let value = map.next_value_seed(StrictSeed { left })?;
            members.insert(name, value);
        }
        Ok(Json::Object(members))
    }
}

/// Whole numbers are written without a fraction, so a record inside an API answer reads `243`, not `243.0`.
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(n) if !n.is_finite() => serializer.serialize_unit(),
            Self::Number(n) if n.fract() == 0.0 && n.abs() <= MAX_SAFE_INTEGER => {
                serializer.serialize_i64(*n as i64)
            }
            Self::Number(n) => serializer.serialize_f64(*n),
            Self::String(value) => serializer.serialize_str(value),
            Self::Array(items) => items.serialize(serializer),
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl Json {
    /// The text, if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Json::String(s) = self { Some(s) } else { None }
    }
    /// The number, if it is one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        if let Json::Number(n) = self { Some(*n) } else { None }
    }
    /// The members, if it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        if let Json::Object(o) = self { Some(o) } else { None }
    }
    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Json]> {
        if let Json::Array(a) = self { Some(a) } else { None }
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}
impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}
impl From<f64> for Json {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}
impl From<u32> for Json {
    fn from(value: u32) -> Self {
        Self::Number(f64::from(value))
    }
}
impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<Object> for Json {
    fn from(value: Object) -> Self {
        Self::Object(value)
    }
}
impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(values: Vec<T>) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}
