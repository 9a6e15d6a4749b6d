//! Reading a manifest: strictly, as all JSON of this format (`spec/SMSG.md` section 6), and with bounds.

use super::{AbrError, AbrManifest, VERSION, Variant};
use crate::{
    limits::{MAX_ABR_MANIFEST, MAX_VARIANTS},
    payload::json::{
        object::{List, json_object},
        strict,
    },
};

/// The members as they stand in the file.
struct Wire {
    version: String,
    title: String,
    duration: i64,
    variants: Vec<Variant>,
    default_idx: i64,
}

json_object!(Wire {
    "version" => version,
    "title" => title,
    "duration" => duration,
    "variants" => variants as List<Variant, MAX_VARIANTS>,
    "defaultIdx" => default_idx,
});
json_object!(Variant {
    "name" => name,
    "bandwidth" => bandwidth,
    "width" => width,
    "height" => height,
    "codecs" => codecs,
    "url" => url,
    "chunkCount" => chunk_count,
    "fileSize" => file_size,
});

pub(super) fn parse(json: &[u8]) -> Result<AbrManifest, AbrError> {
    if json.len() > MAX_ABR_MANIFEST {
        return Err(AbrError::OverLimit { what: "the manifest's length", limit: MAX_ABR_MANIFEST as u64 });
    }
    let Wire { version, title, duration, variants, default_idx } =
        strict::parse(json).map_err(AbrError::NotJson)?;
    if version != VERSION {
        return Err(AbrError::UnsupportedVersion(version.chars().take(32).collect()));
    }
    if variants.len() > MAX_VARIANTS {
        return Err(AbrError::OverLimit { what: "the number of variants", limit: MAX_VARIANTS as u64 });
    }
    Ok(AbrManifest { version, title, duration, variants, default_idx })
}
