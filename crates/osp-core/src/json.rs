//! Strict JSON and its RFC 8785 (JCS) canonical bytes.
//!
//! Stricter than most parsers, because two readers that understand one signed text differently are an attack:
//! duplicate members, lone surrogates, non-finite numbers, invalid UTF-8, trailing bytes and nesting beyond
//! [`MAX_DEPTH`] are refused. Every number is an IEEE double, as RFC 8785 demands.

/// Deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 64;

/// A JSON value whose numbers are all doubles and whose objects have no duplicate members.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A finite double.
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
    let _ = bytes;
    todo!()
}

/// The RFC 8785 canonical bytes of `value`.
#[must_use]
pub fn canonical(value: &Json) -> Vec<u8> {
    let _ = value;
    todo!()
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
