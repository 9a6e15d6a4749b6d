//! Reading JSON objects the same way everywhere, because the wire has several of them and a reader that is lax about one lets
//! two programs see two different files.
//!
//! - Members are found by their exact name. A name that is written in another case is refused: the original takes it for the
//!   member in some places and ignores it in others.
//! - A known member that comes twice is refused, not the last one taken.
//! - `null` counts as absent.
//! - Members that are not known are skipped.
//! - Arrays are not objects (serde's derived code takes them for structs).

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use std::fmt;

/// Deserialises a struct from an object: `json_object!(Track { "title" => title, "type" => kind })`. The struct needs
/// `Default`, which stands for absent members.
macro_rules! json_object {
    ($type:ident $(<$generic:ident>)? { $($name:literal => $field:ident),* $(,)? }) => {
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
                                $($name => if let Some(value) = map.next_value::<Option<_>>()? { out.$field = value; },)*
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
            if name.eq_ignore_ascii_case(given) {
                return Err(E::custom(format_args!("member {given:?} should be written {name:?}")));
            }
        }
        Ok(Known { name: "", index: None })
    }
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

/// A list that keeps at most `MAX` items, and knows whether there were more: those are skipped, so that a long list costs no
/// memory.
pub(crate) struct Bounded<T, const MAX: usize> {
    pub(crate) items: Vec<T>,
    pub(crate) over: bool,
}

impl<T, const MAX: usize> Default for Bounded<T, MAX> {
    fn default() -> Self {
        Self { items: Vec::new(), over: false }
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Bounded<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Items(std::marker::PhantomData))
    }
}

struct Items<T, const MAX: usize>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
    type Value = Bounded<T, MAX>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Bounded::default();
        while list.items.len() < MAX {
            let Some(item) = seq.next_element()? else { return Ok(list) };
            list.items.push(item);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            list.over = true;
        }
        Ok(list)
    }
}

/// An error's text, cut to what a person reads: it may quote the file, which may be large.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    const MAX: usize = 200;
    let text = error.to_string();
    match text.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
