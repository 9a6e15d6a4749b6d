//! The beginning of a file: what it says in the clear.

use super::{
    bytes::{self, count, number},
    chunks::Chunks,
    credential::{Cek, Key, time},
    error::Failure,
};
use js_sys::Uint8Array;
use smsg::{
    Limits, UnixTime,
    chunked::ChunkIndex,
    container::Parsed,
    header, limits,
    open::{Access, Options, admit},
    text::{self, Encoding},
};
use wasm_bindgen::prelude::*;

/// A beginning with the longest header, as base64 text with line breaks.
const MAX_PREFIX: u64 = (limits::MAX_HEADER + 64) / 3 * 4 * 3 / 2;

/// What a beginning of a file amounts to.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Prefix {
    encoding: Encoding,
    state: State,
}

#[derive(Debug)]
enum State {
    Whole(Box<smsg::Prefix>),
    NeedMore(u64),
}

#[wasm_bindgen]
impl Prefix {
    /// Reads what there is of a beginning, binary or base64 text.
    ///
    /// # Errors
    /// Those of container and header, as soon as the bytes show them.
    pub fn parse(beginning: &Uint8Array) -> Result<Prefix, Failure> {
        let beginning = bytes::take(beginning, MAX_PREFIX, "the beginning of a file")?;
        let encoding = text::detect(&beginning);
        let parsed = match encoding {
            Encoding::Binary => smsg::Prefix::parse(&beginning)?,
            Encoding::Base64 => smsg::Prefix::parse(&whole_groups(&beginning)?)?,
        };
        let state = match (parsed, encoding) {
            (Parsed::Whole(prefix), _) => State::Whole(prefix),
            (Parsed::NeedMore(bytes), Encoding::Binary) => State::NeedMore(bytes),
            // Four characters for three bytes, and a line break behind every 64th, as a guess that the next call corrects.
            (Parsed::NeedMore(bytes), Encoding::Base64) => {
                let guess = bytes.div_ceil(3) * 4 + bytes / 16;
                State::NeedMore(guess.max(beginning.len() as u64 + 4))
            }
        };
        Ok(Self { encoding, state })
    }

    /// How many bytes of the source, from its start, are needed to go on; `undefined` when the header is whole.
    #[wasm_bindgen(getter, js_name = needMore)]
    #[must_use]
    pub fn need_more(&self) -> Option<f64> {
        match self.state {
            State::Whole(_) => None,
            State::NeedMore(bytes) => Some(number(bytes)),
        }
    }

    /// Whether the source is base64 text; places in it then count in the decoded file.
    #[wasm_bindgen(getter, js_name = isBase64)]
    #[must_use]
    pub fn is_base64(&self) -> bool {
        self.encoding == Encoding::Base64
    }

    /// Where the payload starts in the binary file.
    ///
    /// # Errors
    /// The header is not whole.
    #[wasm_bindgen(getter, js_name = payloadOffset)]
    pub fn payload_offset(&self) -> Result<f64, Failure> {
        Ok(number(self.whole()?.payload_offset))
    }

    /// The header as a writer would write it: JSON.
    ///
    /// # Errors
    /// The header is not whole.
    pub fn header(&self) -> Result<String, Failure> {
        Ok(bytes::json_text(self.whole()?.header.to_json()))
    }

    /// The header as it is in the file.
    ///
    /// # Errors
    /// The header is not whole.
    #[wasm_bindgen(js_name = headerAsWritten)]
    pub fn header_as_written(&self) -> Result<String, Failure> {
        Ok(bytes::json_text(self.whole()?.header_json.clone()))
    }

    /// What a listener should know: JSON `[[class, sentence], ...]`. `size`: bytes of the binary file, if known.
    ///
    /// # Errors
    /// The header is not whole.
    pub fn warnings(&self, size: Option<f64>) -> Result<String, Failure> {
        let prefix = self.whole()?;
        let payload = size.map(|size| count(size).saturating_sub(prefix.payload_offset));
        let found: Vec<_> = header::warnings(&prefix.header, payload, None)
            .iter()
            .map(|warning| (warning.class(), warning.to_string()))
            .collect();
        Ok(bytes::to_json(&found))
    }

    /// Whether the manifest names a date that has passed at `now` (Unix seconds).
    ///
    /// # Errors
    /// The header is not whole.
    #[wasm_bindgen(js_name = isExpired)]
    pub fn is_expired(&self, now: f64) -> Result<bool, Failure> {
        let now: UnixTime = time(now);
        Ok(self.whole()?.header.manifest.as_ref().is_some_and(|manifest| manifest.is_expired(now)))
    }

    /// v3: the content key, for a licence at a moment. `cadence` counts when the header names none.
    ///
    /// # Errors
    /// As opening with a licence.
    pub fn unwrap(
        &self,
        id: &JsValue,
        fingerprint: &JsValue,
        now: f64,
        cadence: &JsValue,
    ) -> Result<Cek, Failure> {
        let header = &self.whole()?.header;
        let key = Key::licence(id, fingerprint, now, cadence)?.0;
        // Whether an expired file is played is the page's to ask: `isExpired`.
        match admit(header, &key, &Options { limits: Limits::default(), now: None })? {
            Access::Content(cek) => Ok(Cek(cek)),
            Access::Password(_) => Err(smsg::OpenError::NotV3.into()),
        }
    }

    /// v3 chunked: the table of chunks, checked; `undefined` for any other file. `size`: bytes of the binary file, if known.
    ///
    /// # Errors
    /// `chunk_out_of_bounds`, `over_limit`, `decompression_limit`.
    pub fn chunks(&self, size: Option<f64>) -> Result<Option<Chunks>, Failure> {
        let prefix = self.whole()?;
        if prefix.header.chunked.is_none() {
            return Ok(None);
        }
        let payload = size.map(|size| count(size).saturating_sub(prefix.payload_offset));
        let index = ChunkIndex::new(&prefix.header, prefix.payload_offset, payload)?;
        index.check_size(Limits::default())?;
        Ok(Some(Chunks(index)))
    }

    fn whole(&self) -> Result<&smsg::Prefix, Failure> {
        match &self.state {
            State::Whole(prefix) => Ok(prefix),
            State::NeedMore(_) => Err(Failure::new("bad_argument", "the header is not whole yet")),
        }
    }
}

/// The bytes of as many whole groups of four characters as there are.
fn whole_groups(text: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut groups: Vec<u8> = text.iter().copied().filter(|c| !matches!(c, b'\r' | b'\n')).collect();
    groups.truncate(groups.len() / 4 * 4);
    let groups = String::from_utf8(groups).map_err(|_| {
        smsg::ContainerError::BadBase64("there are characters that base64 does not have".into())
    })?;
    Ok(text::decode(&groups)?)
}
