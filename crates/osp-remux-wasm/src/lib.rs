//! [`osp_media::remux`] for the browser: bytes of an audio file in, bytes for a `SourceBuffer` out.
//!
//! A module of its own, which is loaded with the first track: together with its first bytes.

use js_sys::Reflect;
use osp_media::remux::{Remux, RemuxError, Stream};
use wasm_bindgen::prelude::*;

/// One file on its way. All times are seconds of what a decoder gives, from its very first sample.
#[wasm_bindgen]
pub struct Remuxer(Remux);

#[wasm_bindgen]
#[allow(clippy::cast_precision_loss, reason = "places and samples are far below 2^53")]
impl Remuxer {
    /// Of a file of this media type and so many bytes.
    ///
    /// # Errors
    /// An `Error` whose member `problem` is `unsupported`: the media type is not known.
    #[wasm_bindgen(constructor)]
    pub fn new(media_type: &str, size: f64) -> Result<Self, JsValue> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
        let remux = Remux::new(media_type, size as u64);
        remux.map(Self).ok_or_else(|| failure("unsupported", "this media type cannot be joined without gaps"))
    }

    /// Takes the file's bytes from [`Self::position`] on; gives what can be appended, perhaps nothing.
    ///
    /// # Errors
    /// An `Error` whose member `problem` is `unsupported` or `damaged`.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
        self.0.push(bytes).map_err(|error| {
            let class = if matches!(error, RemuxError::Unsupported(_)) { "unsupported" } else { "damaged" };
            failure(class, &error.to_string())
        })
    }

    /// From which byte of the file the next bytes are to be; the file's length when nothing is left to read.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn position(&self) -> f64 {
        self.0.position() as f64
    }

    /// For `addSourceBuffer` and `changeType`, once known.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn mime(&self) -> Option<String> {
        self.0.stream().map(|stream| stream.mime.clone())
    }

    /// The initialisation segment: with [`Self::mime`]; empty where none is needed.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn init(&self) -> Option<Vec<u8>> {
        self.0.stream().map(|stream| stream.init.clone())
    }

    /// Whether what is appended carries no times of its own.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn bare(&self) -> bool {
        self.0.stream().is_some_and(|stream| stream.bare)
    }

    /// Samples in a second; 0 while it is not known.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn scale(&self) -> u32 {
        self.0.stream().map_or(0, |stream| stream.scale)
    }

    /// When the sound begins: what plays before is an encoder's.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn start(&self) -> Option<f64> {
        self.0.stream().map(|stream| seconds(stream, stream.start))
    }

    /// When the sound ends; known at the latest with the last bytes.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn end(&self) -> Option<f64> {
        self.0.stream().zip(self.0.end()).map(|(stream, end)| seconds(stream, end))
    }

    /// When the first frame given since the beginning, or since [`Self::seek`], plays.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn first(&self) -> Option<f64> {
        self.0.stream().zip(self.0.first()).map(|(stream, first)| seconds(stream, first))
    }

    /// Goes to a moment, seconds from where the sound begins. `false` as long as there is no [`Self::mime`].
    pub fn seek(&mut self, seconds: f64) -> bool {
        self.0.seek(seconds)
    }
}

#[allow(clippy::cast_precision_loss, reason = "samples are far below 2^53")]
fn seconds(stream: &Stream, samples: u64) -> f64 {
    samples as f64 / f64::from(stream.scale)
}

fn failure(class: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    // Setting a member of a fresh, extensible object cannot fail.
    drop(Reflect::set(&error, &"problem".into(), &class.into()));
    error.into()
}
