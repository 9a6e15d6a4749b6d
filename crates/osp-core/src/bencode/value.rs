//! Views of checked bytes.

use super::read::next_checked;
use std::fmt;

/// A value, as a view into the bytes it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `i…e`
    Integer(i64),
    /// `n:…`; often text, but any bytes.
    Bytes(&'a [u8]),
    /// `l…e`
    List(List<'a>),
    /// `d…e`
    Dict(Dict<'a>),
}

/// A list whose bytes were checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct List<'a>(&'a [u8]);

/// A dictionary whose bytes were checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dict<'a>(&'a [u8]);

impl<'a> Value<'a> {
    /// Of checked bytes, `l` and `e` included.
    pub(super) fn list(raw: &'a [u8]) -> Self {
        Self::List(List(raw))
    }

    /// Of checked bytes, `d` and `e` included.
    pub(super) fn dict_of(raw: &'a [u8]) -> Self {
        Self::Dict(Dict(raw))
    }

    /// The integer, if it is one.
    #[must_use]
    pub fn integer(self) -> Option<i64> {
        if let Self::Integer(value) = self { Some(value) } else { None }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn bytes(self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The string, if it is one of UTF-8.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// The list, if it is one.
    #[must_use]
    pub fn items(self) -> Option<List<'a>> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    /// The dictionary, if it is one.
    #[must_use]
    pub fn dict(self) -> Option<Dict<'a>> {
        if let Self::Dict(dict) = self { Some(dict) } else { None }
    }
}

impl<'a> List<'a> {
    /// The values, in order.
    pub fn iter(self) -> impl Iterator<Item = Value<'a>> {
        let mut rest = &self.0[1..];
        std::iter::from_fn(move || {
            let (value, after) = next_checked(rest)?;
            rest = after;
            Some(value)
        })
    }
}

impl<'a> Dict<'a> {
    /// The bytes from `d` to `e`: what an infohash is taken of.
    #[must_use]
    pub fn raw(self) -> &'a [u8] {
        self.0
    }

    /// The keys and values, in the order in which they stand there.
    pub fn iter(self) -> impl Iterator<Item = (&'a [u8], Value<'a>)> {
        let mut rest = &self.0[1..];
        std::iter::from_fn(move || {
            let (key, after) = next_checked(rest)?;
            let (value, after) = next_checked(after)?;
            rest = after;
            Some((key.bytes()?, value))
        })
    }

    /// The value of a key; a search from the front, as dictionaries are small.
    #[must_use]
    pub fn get(self, key: &[u8]) -> Option<Value<'a>> {
        self.iter().find_map(|(name, value)| (name == key).then_some(value))
    }

    /// The integer of a key; `None` also when it is something else.
    #[must_use]
    pub fn integer(self, key: &[u8]) -> Option<i64> {
        self.get(key)?.integer()
    }

    /// The string of a key; `None` also when it is something else.
    #[must_use]
    pub fn bytes(self, key: &[u8]) -> Option<&'a [u8]> {
        self.get(key)?.bytes()
    }

    /// The text of a key; `None` also when it is something else.
    #[must_use]
    pub fn text(self, key: &[u8]) -> Option<&'a str> {
        self.get(key)?.text()
    }

    /// The dictionary of a key; `None` also when it is something else.
    #[must_use]
    pub fn dict(self, key: &[u8]) -> Option<Dict<'a>> {
        self.get(key)?.dict()
    }

    /// The list of a key; `None` also when it is something else.
    #[must_use]
    pub fn list(self, key: &[u8]) -> Option<List<'a>> {
        self.get(key)?.items()
    }
}

impl fmt::Debug for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Dict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(key, value)| (key.escape_ascii().to_string(), value)))
            .finish()
    }
}
