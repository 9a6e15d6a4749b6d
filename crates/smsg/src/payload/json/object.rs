//! Reading JSON objects the same way everywhere, because the wire has several of them and a reader that is lax about one lets
//! two programs see two different files.
//!
//! - Members are found by their exact name. A name that is written in another case is refused: the original takes it for the
//!   member in some places and ignores it in others.
//! - A known member that comes twice is refused, not the last one taken.
//! - `null` counts as absent.
//! - Members that are not known are skipped.
//! - Arrays are not objects (serde's derived code takes them for structs).

use crate::limits;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::{collections::BTreeMap, fmt};

/// Deserialises a struct from an object: `json_object!(Track { "title" => title, "type" => kind })`. Absent members have their
/// type's default. A field that is not to be read as it is says what it is read as: `"tags" => tags as List<_>`.
macro_rules! json_object {
    (@read $map:ident $out:ident $field:ident) => {
        if let Some(value) = $map.next_value::<Option<_>>()? { $out.$field = value; }
    };
    (@read $map:ident $out:ident $field:ident $wire:ty) => {
        if let Some(value) = $map.next_value::<Option<$wire>>()? { $out.$field = value.into(); }
    };
    ($type:ident $(<$generic:ident>)? { $($name:literal => $field:ident $(as $wire:ty)?),* $(,)? }) => {
        impl<'de $(, $generic: serde::Deserialize<'de>)?> serde::Deserialize<'de> for $type $(<$generic>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members<T>(std::marker::PhantomData<T>);
                impl<'de $(, $generic: serde::Deserialize<'de>)?> serde::de::Visitor<'de>
                    for Members<$type $(<$generic>)?>
                {
                    type Value = $type $(<$generic>)?;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a JSON object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        const NAMES: &[&str] = &[$($name),*];
                        let mut out = Self::Value { $($field: Default::default()),* };
                        let mut seen = $crate::payload::json::object::Seen::default();
                        while let Some(member) = map.next_key_seed($crate::payload::json::object::Name(NAMES))? {
                            seen.once(&member)?;
                            match member.name {
                                $($name => json_object!(@read map out $field $($wire)?),)*
                                _ => { map.next_value::<serde::de::IgnoredAny>()?; }
                            }
                        }
                        Ok(out)
                    }
                }
                deserializer.deserialize_map(Members::<Self>(std::marker::PhantomData))
            }
        }
    };
}
pub(crate) use json_object;

/// A member's name, looked up among the known ones.
pub(crate) struct Name(pub(crate) &'static [&'static str]);

/// A known member, or one to skip: then the name is empty.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    index: Option<u32>,
}

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Known;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Known, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Known;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }
    fn visit_str<E: Error>(self, given: &str) -> Result<Known, E> {
        for (index, name) in (0..).zip(self.0) {
            if *name == given {
                return Ok(Known { name, index: Some(index) });
            }
            if is_same_but_for_case(name, given) {
                return Err(E::custom(format_args!("member {given:?} should be written {name:?}")));
            }
        }
        Ok(Known { name: "", index: None })
    }
}

/// Whether the original takes `given` for this ASCII name. It folds case as Unicode does, and there are two characters outside
/// ASCII that fold to a letter of it: U+017F (long s) and U+212A (the sign of the kelvin).
fn is_same_but_for_case(name: &str, given: &str) -> bool {
    let folded = given.chars().map(|c| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    });
    name.chars().map(|c| c.to_ascii_lowercase()).eq(folded)
}

/// Which members there have been.
#[derive(Default)]
pub(crate) struct Seen(u32);

impl Seen {
    /// An error the second time.
    pub(crate) fn once<E: Error>(&mut self, member: &Known) -> Result<(), E> {
        let Some(index) = member.index else { return Ok(()) };
        let bit = 1 << index;
        if self.0 & bit != 0 {
            return Err(E::duplicate_field(member.name));
        }
        self.0 |= bit;
        Ok(())
    }
}

/// A list that keeps one item more than `MAX`, so that who reads it can tell that it is too long; the others are skipped: three
/// bytes of JSON can be a hundred of memory.
pub(crate) struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> From<List<T, MAX>> for Vec<T> {
    fn from(list: List<T, MAX>) -> Self {
        list.0
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Items::<T, MAX>(std::marker::PhantomData)).map(Self)
    }
}

struct Items<T, const MAX: usize>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
    type Value = Vec<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() <= MAX {
            let Some(item) = seq.next_element()? else { return Ok(items) };
            items.push(item);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(items)
    }
}

/// Texts by name, each name once. As [`List`], it keeps one more than [`limits::MAX_ENTRIES`].
pub(crate) struct Texts(BTreeMap<String, String>);

impl From<Texts> for BTreeMap<String, String> {
    fn from(texts: Texts) -> Self {
        texts.0
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TextsVisitor).map(Self)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = BTreeMap<String, String>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of texts")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut texts = BTreeMap::new();
        while texts.len() <= limits::MAX_ENTRIES {
            let Some((name, text)) = map.next_entry::<String, String>()? else { return Ok(texts) };
            if let Some(_twice) = texts.insert(name, text) {
                return Err(A::Error::custom("a name comes twice"));
            }
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(texts)
    }
}
