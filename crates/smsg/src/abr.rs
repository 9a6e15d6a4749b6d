//! ABR manifests: the same content at several bit rates, each variant a chunked v3 file; and which of them to fetch.

use serde::{Deserialize, Serialize};

/// The only version there is.
pub const VERSION: &str = "abr-v1";

/// Share of the measured bandwidth that a variant may need.
pub const SAFETY: f64 = 0.8;

/// A manifest, as its JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AbrManifest {
    /// [`VERSION`].
    pub version: String,
    /// Title.
    pub title: String,
    /// Seconds.
    pub duration: i64,
    /// By bandwidth, ascending.
    pub variants: Vec<Variant>,
    /// The one to start with.
    pub default_idx: i64,
}

/// One bit rate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
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
    /// Of the sealed file, relative to the manifest.
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
    #[error("the manifest cannot be read: {0}")]
    NotJson(String),
    /// Another version.
    #[error("ABR version {0:?} is not known to this program")]
    UnsupportedVersion(String),
}

impl AbrManifest {
    /// Reads one.
    ///
    /// # Errors
    /// [`AbrError`].
    pub fn parse(json: &[u8]) -> Result<Self, AbrError> {
        todo!("{json:?}")
    }
    /// The JSON as the original writes it: indented by two spaces.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        crate::payload::json::to_vec_pretty(self)
    }
    /// Adds a variant, sorts, and chooses the default anew: 720p, else the middle.
    pub fn add(&mut self, variant: Variant) {
        todo!("{variant:?}")
    }
    /// The best variant that needs at most [`SAFETY`] of the bandwidth (bits per second); 0 when none does.
    #[must_use]
    pub fn select(&self, bandwidth: i64) -> usize {
        todo!("{bandwidth}")
    }
}

/// Estimates bandwidth from finished downloads.
#[derive(Clone, Debug)]
pub struct BandwidthEstimator(());

impl BandwidthEstimator {
    /// Keeps this many samples; 0 means the default of 10.
    #[must_use]
    pub fn new(max_samples: usize) -> Self {
        todo!("{max_samples}")
    }
    /// A download of `bytes` in `milliseconds` (ignored when 0 or less).
    pub fn record(&mut self, bytes: i64, milliseconds: i64) {
        todo!("{bytes} {milliseconds}")
    }
    /// Bits per second: the mean of the last three; 1,000,000 when there are none.
    #[must_use]
    pub fn estimate(&self) -> i64 {
        todo!()
    }
}
