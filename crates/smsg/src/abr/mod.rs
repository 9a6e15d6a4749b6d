//! ABR manifests: the same content at several bit rates, each variant a chunked v3 file; and which of them to fetch.
//!
//! ```json
//! {
//!   "version": "abr-v1",
//!   "title": "...", "duration": 180,
//!   "variants": [ {"name": "360p", "bandwidth": 500000, "width": 640, "height": 360, "codecs": "avc1.640028,mp4a.40.2",
//!                  "url": "track-360p.smsg", "chunkCount": 40, "fileSize": 11000000} ],
//!   "defaultIdx": 0
//! }
//! ```
//!
//! A manifest is clear text that nothing authenticates: its numbers are hints, and its addresses are judged by [`judge_url`]
//! before anything is fetched. All variants are opened by one licence.

mod bandwidth;
mod parse;
mod url;

pub use bandwidth::BandwidthEstimator;
pub use url::{BadUrl, VariantUrl, judge_url};

use crate::{Format, Prefix, limits};
use serde::Serialize;

/// The only version there is.
pub const VERSION: &str = "abr-v1";

/// Share of the measured bandwidth that a variant may need.
pub const SAFETY: f64 = 0.8;

/// What the original writes as `codecs` of every variant: H.264 High at level 4, and AAC-LC.
pub const DEFAULT_CODECS: &str = "avc1.640028,mp4a.40.2";

/// A manifest, as its JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AbrManifest {
    /// [`VERSION`].
    pub version: String,
    /// Title.
    pub title: String,
    /// Seconds.
    pub duration: i64,
    /// By bandwidth, ascending.
    pub variants: Vec<Variant>,
    /// The one to start with; as read it can be any number ([`AbrManifest::default_variant`] is one that exists).
    pub default_idx: i64,
}

/// One bit rate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Variant {
    /// "720p" and the like.
    pub name: String,
    /// Bits per second it needs.
    pub bandwidth: i64,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// RFC 6381, e.g. `avc1.640028,mp4a.40.2`.
    pub codecs: String,
    /// Of the sealed file, relative to the manifest. A stranger's text: [`judge_url`] before use.
    pub url: String,
    /// Its chunks.
    pub chunk_count: i64,
    /// Its bytes.
    pub file_size: i64,
}

/// A manifest that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AbrError {
    /// Not JSON of this shape.
    #[error("the manifest cannot be read: {0}; get it again")]
    NotJson(String),
    /// Another version.
    #[error("ABR version {0:?} is not known to this program; update it")]
    UnsupportedVersion(String),
    /// Too long, or too many variants.
    #[error("{what} is over the limit of {limit}")]
    OverLimit {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// A variant must be a chunked v3 file: a player changes variants at chunk boundaries.
    #[error("{0:?} is not a chunked v3 file; seal it with a chunk size")]
    NotChunked(String),
    /// The file's name does not work as a relative address.
    #[error(
        "{0:?} cannot be named in a manifest; rename the file: without / \\ : % ? # and control characters"
    )]
    FileName(String),
}

impl AbrError {
    /// A short stable word for programs.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::NotJson(_) => "abr_not_json",
            Self::UnsupportedVersion(_) => "unsupported_abr_version",
            Self::OverLimit { .. } => "over_limit",
            Self::NotChunked(_) => "not_chunked",
            Self::FileName(_) => "bad_file_name",
        }
    }
}

impl AbrManifest {
    /// One without variants.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { version: VERSION.to_owned(), title: title.into(), ..Self::default() }
    }

    /// Reads one, as strictly as a header (`spec/SMSG.md` section 6). Missing and `null` members are zero or empty, unknown ones
    /// are ignored; the order of the variants is kept as
    /// it is, and neither it nor `defaultIdx` nor any address is checked.
    ///
    /// # Errors
    /// [`AbrError::NotJson`], [`AbrError::UnsupportedVersion`], [`AbrError::OverLimit`].
    pub fn parse(json: &[u8]) -> Result<Self, AbrError> {
        parse::parse(json)
    }

    /// The JSON as the original writes it: indented by two spaces.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        crate::payload::json::to_vec_pretty(self)
    }

    /// Adds a variant, sorts, and chooses the default anew: 720p, else the middle.
    pub fn add(&mut self, variant: Variant) {
        self.variants.push(variant);
        self.variants.sort_by_key(|variant| variant.bandwidth);
        let is_720p = |variant: &Variant| variant.name == "720p" || variant.height == 720;
        let default = self.variants.iter().position(is_720p).unwrap_or(self.variants.len() / 2);
        self.default_idx = i64::try_from(default).unwrap_or(0);
    }

    /// The index to start with: `defaultIdx` if there is such a variant, else 0.
    #[must_use]
    pub fn default_variant(&self) -> usize {
        usize::try_from(self.default_idx).ok().filter(|index| *index < self.variants.len()).unwrap_or(0)
    }

    /// The best variant that needs at most [`SAFETY`] of the bandwidth (bits per second); 0 when none does. "Best" is the last
    /// in the list that fits, for lists are sorted by bandwidth.
    #[must_use]
    pub fn select(&self, bandwidth: i64) -> usize {
        // As the original computes it: both sides as binary64.
        #[allow(clippy::cast_precision_loss)]
        let fits = |variant: &Variant| variant.bandwidth as f64 <= bandwidth as f64 * SAFETY;
        self.variants.iter().rposition(fits).unwrap_or(0)
    }
}

impl Variant {
    /// Fills in what a sealed file itself says: `url` (its name), `chunk_count` and `file_size`. `length` is the whole binary
    /// file's, in bytes.
    ///
    /// # Errors
    /// [`AbrError::NotChunked`]; [`AbrError::FileName`] when the name would not lead a player back to the file.
    pub fn of_file(self, file_name: &str, prefix: &Prefix, length: u64) -> Result<Self, AbrError> {
        let chunks = match &prefix.header {
            header if header.format == Format::V3 => header.chunked.as_ref().map(|table| table.index.len()),
            _ => None,
        };
        let chunks = chunks.ok_or_else(|| AbrError::NotChunked(file_name.to_owned()))?;
        if file_name.contains('/') || !matches!(judge_url(file_name), Ok(VariantUrl::Below(_))) {
            return Err(AbrError::FileName(file_name.to_owned()));
        }
        let file_size = i64::try_from(length)
            .map_err(|_| AbrError::OverLimit { what: "the file's length", limit: i64::MAX.unsigned_abs() })?;
        let chunk_count = i64::try_from(chunks).map_err(|_| AbrError::OverLimit {
            what: "the number of chunks",
            limit: limits::MAX_CHUNKS as u64,
        })?;
        Ok(Self { url: file_name.to_owned(), chunk_count, file_size, ..self })
    }
}
