//! Adaptive manifests.

use super::{bytes, error::Failure};
use js_sys::Uint8Array;
use smsg::abr::{AbrManifest, BandwidthEstimator};
use wasm_bindgen::prelude::*;

/// Largest manifest, bytes.
const MAX_MANIFEST: u64 = 1 << 20;

/// A manifest with its bandwidth estimate.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Abr {
    manifest: AbrManifest,
    estimator: BandwidthEstimator,
}

#[wasm_bindgen]
impl Abr {
    /// Reads a manifest's JSON.
    ///
    /// # Errors
    /// `abr_not_json`, `unsupported_version`, `over_limit`.
    pub fn parse(json: &Uint8Array) -> Result<Abr, Failure> {
        let json = bytes::take(json, MAX_MANIFEST, "the manifest")?;
        Ok(Self { manifest: AbrManifest::parse(&json)?, estimator: BandwidthEstimator::new(0) })
    }

    /// The manifest as its JSON, with every member.
    #[wasm_bindgen(js_name = toJson)]
    #[must_use]
    pub fn to_json(&self) -> String {
        bytes::json_text(self.manifest.to_json())
    }

    /// The variant for this many bits per second.
    #[must_use]
    pub fn select(&self, bandwidth: f64) -> u32 {
        u32::try_from(self.manifest.select(whole(bandwidth))).unwrap_or(0)
    }

    /// Notes a finished download.
    pub fn record(&mut self, bytes: f64, milliseconds: f64) {
        self.estimator.record(whole(bytes), whole(milliseconds));
    }

    /// Bits per second.
    #[allow(clippy::cast_precision_loss, reason = "no line carries 2^53 bits per second")]
    #[must_use]
    pub fn estimate(&self) -> f64 {
        self.estimator.estimate() as f64
    }
}

#[allow(clippy::cast_possible_truncation, reason = "`as` saturates, which is what is meant")]
fn whole(number: f64) -> i64 {
    number as i64
}
