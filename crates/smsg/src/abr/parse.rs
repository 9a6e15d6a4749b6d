//! Reading a manifest as the original's decoder does, with bounds.

use super::{AbrError, AbrManifest, VERSION, Variant};
use crate::limits::{MAX_ABR_MANIFEST, MAX_VARIANTS};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData};

pub(super) fn parse(json: &[u8]) -> Result<AbrManifest, AbrError> {
    if json.len() > MAX_ABR_MANIFEST {
        return Err(AbrError::OverLimit { what: "the manifest's length", limit: MAX_ABR_MANIFEST as u64 });
    }
    let Object(read) =
        serde_json::from_slice::<Object<Members>>(json).map_err(|error| AbrError::NotJson(shown(&error)))?;
    let version = read.version.unwrap_or_default();
    if version != VERSION {
        return Err(AbrError::UnsupportedVersion(version.chars().take(32).collect()));
    }
    let Variants { kept, all } = read.variants.unwrap_or_default();
    if all > kept.len() {
        return Err(AbrError::OverLimit { what: "the number of variants", limit: MAX_VARIANTS as u64 });
    }
    Ok(AbrManifest {
        version,
        title: read.title.unwrap_or_default(),
        duration: read.duration.unwrap_or_default(),
        variants: kept,
        default_idx: read.default_idx.unwrap_or_default(),
    })
}

/// An error quotes the text it stumbles over, which is a stranger's and as long as he likes.
fn shown(error: &serde_json::Error) -> String {
    error.to_string().chars().filter(|c| !c.is_control()).take(160).collect()
}

/// A JSON object, or `null` for an empty one: a derived struct alone would also read arrays.
struct Object<T>(T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Members<T> {
            type Value = T;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_unit<E>(self) -> Result<T, E> {
                Ok(T::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Members(PhantomData)).map(Self)
    }
}

/// Options, because `null` is as good as absent.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Members {
    version: Option<String>,
    title: Option<String>,
    duration: Option<i64>,
    variants: Option<Variants>,
    default_idx: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct VariantMembers {
    name: Option<String>,
    bandwidth: Option<i64>,
    width: Option<i64>,
    height: Option<i64>,
    codecs: Option<String>,
    url: Option<String>,
    chunk_count: Option<i64>,
    file_size: Option<i64>,
}

impl From<VariantMembers> for Variant {
    fn from(read: VariantMembers) -> Self {
        Self {
            name: read.name.unwrap_or_default(),
            bandwidth: read.bandwidth.unwrap_or_default(),
            width: read.width.unwrap_or_default(),
            height: read.height.unwrap_or_default(),
            codecs: read.codecs.unwrap_or_default(),
            url: read.url.unwrap_or_default(),
            chunk_count: read.chunk_count.unwrap_or_default(),
            file_size: read.file_size.unwrap_or_default(),
        }
    }
}

/// The list: what is kept of it, and how many there are.
#[derive(Default)]
struct Variants {
    kept: Vec<Variant>,
    all: usize,
}

impl<'de> Deserialize<'de> for Variants {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Variants;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of variants")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Variants, A::Error> {
                let mut variants = Variants::default();
                while variants.all < MAX_VARIANTS {
                    let Some(Object(variant)) = list.next_element::<Object<VariantMembers>>()? else {
                        return Ok(variants);
                    };
                    variants.kept.push(variant.into());
                    variants.all += 1;
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    variants.all += 1;
                }
                Ok(variants)
            }
        }
        deserializer.deserialize_seq(List)
    }
}
