//! The front of a file, and the ways to open it.

use super::{Failure, KeyLookup, OpenRelease, artists::VERIFIER, bytes, describe, key, range, take};
use crate::smsg::bytes::{count, number};
use js_sys::Uint8Array;
use smsg::v3::{
    Refused,
    grant::Granted,
    licence::{self, Licence},
    limits::MAX_LICENCE,
    open::{Expected, Front, FrontReader, Session, Trust},
};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Reads header and table head.
#[wasm_bindgen]
pub struct ReleaseFront(FrontReader<'static>);

#[wasm_bindgen]
impl ReleaseFront {
    /// Begins. `artist`: the DID that whoever told of the file named, if anybody did.
    ///
    /// # Errors
    /// Not a string.
    #[wasm_bindgen(constructor)]
    pub fn new(artist: &JsValue) -> Result<ReleaseFront, Failure> {
        let artist = bytes::optional_text(artist, "the artist")?;
        Ok(Self(FrontReader::new(&VERIFIER, Expected { artist, ..Expected::default() })))
    }

    /// Start and end of the bytes it needs next; `undefined` when it is done.
    #[must_use]
    pub fn needs(&self) -> Option<Vec<f64>> {
        range(&self.0)
    }

    /// Takes them.
    ///
    /// # Errors
    /// Those of reading a header or a table head. After one it is of no use any more.
    pub fn take(&mut self, bytes: &Uint8Array) -> Result<(), Failure> {
        take(&mut self.0, bytes)
    }

    /// The front, when nothing is needed any more.
    ///
    /// # Errors
    /// `truncated_container`.
    pub fn finish(self) -> Result<Release, Failure> {
        Ok(Release(Rc::new(self.0.finish()?)))
    }
}

/// A file whose front was verified.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Release(pub(super) Rc<Front>);

#[wasm_bindgen]
impl Release {
    /// What it says in the clear, as JSON (`WireRelease` of the page).
    #[must_use]
    pub fn describe(&self) -> String {
        describe::front(&self.0)
    }

    /// Bytes of the whole file.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn length(&self) -> f64 {
        number(self.0.file_length())
    }

    /// Compares the length that somebody else says.
    ///
    /// # Errors
    /// `truncated_container`, `trailing_bytes`.
    #[wasm_bindgen(js_name = checkLength)]
    pub fn check_length(&self, length: f64) -> Result<(), Failure> {
        Ok(self.0.check_length(count(length))?)
    }

    /// What a decoder of a part needs before any frame, if the header has it.
    ///
    /// # Errors
    /// No memory.
    pub fn init(&self, part: u32) -> Result<Option<Uint8Array>, Failure> {
        let part = self.0.header.parts().get(part as usize);
        part.and_then(|part| part.init.as_deref()).map(bytes::give).transpose()
    }

    /// What is open to everybody; `undefined` if nothing is.
    ///
    /// # Errors
    /// `bad_grant`.
    pub fn preview(&self) -> Result<Option<OpenRelease>, Failure> {
        let Some(table) = &self.0.table else { return Ok(None) };
        let first = table.open_grants(&self.0.header)?.into_iter().next();
        first.map(|granted| self.session(granted)).transpose()
    }

    /// Begins to look a key up in the file's table.
    ///
    /// # Errors
    /// `typing_error`, `not_a_key`.
    #[wasm_bindgen(js_name = lookUp)]
    pub fn look_up(&self, key_text: &JsValue) -> Result<KeyLookup, Failure> {
        let secret = key(key_text)?.secret(self.0.header.id());
        Ok(KeyLookup::new(Rc::clone(&self.0), secret))
    }

    /// What a key's licence is called where the file lies.
    ///
    /// # Errors
    /// `typing_error`, `not_a_key`.
    #[wasm_bindgen(js_name = licenceName)]
    pub fn licence_name(&self, key_text: &JsValue) -> Result<String, Failure> {
        Ok(licence::file_name(&key(key_text)?.secret(self.0.header.id())))
    }

    /// Opens with a licence and its key.
    ///
    /// # Errors
    /// Those of reading and opening a licence.
    #[wasm_bindgen(js_name = openLicence)]
    pub fn open_licence(&self, licence: &Uint8Array, key_text: &JsValue) -> Result<OpenRelease, Failure> {
        let licence = bytes::take(licence, MAX_LICENCE as u64, "the licence")?;
        let header = &self.0.header;
        let secret = key(key_text)?.secret(header.id());
        let licence = Licence::parse(&licence, header, &VERIFIER)?;
        self.session(licence.open(header, &secret)?)
    }

    /// Opens with a passphrase that was stretched for a slot; `undefined` if it is not this slot's.
    ///
    /// # Errors
    /// `bad_grant`; `no_valid_key` when there is no such slot.
    #[wasm_bindgen(js_name = openSlot)]
    pub fn open_slot(&self, slot: u32, stretched: &Uint8Array) -> Result<Option<OpenRelease>, Failure> {
        let stretched = bytes::take(stretched, 32, "the stretched passphrase")?;
        let stretched = <[u8; 32]>::try_from(stretched)
            .map_err(|_| Failure::new("bad_argument", "a stretched passphrase has 32 bytes"))?;
        let table = self.0.table.as_ref().ok_or(Refused::NoValidKey)?;
        let slot = table.slots.get(slot as usize).ok_or(Refused::NoValidKey)?;
        let found = table.open_slot(&self.0.header, slot, &stretched)?;
        found.map(|granted| self.session(granted)).transpose()
    }

    fn session(&self, granted: Granted) -> Result<OpenRelease, Failure> {
        open(&self.0, granted)
    }
}

/// A session with the artist's digests checked: nothing here knows a CID.
pub(super) fn open(front: &Front, granted: Granted) -> Result<OpenRelease, Failure> {
    Ok(OpenRelease::new(Session::new(front.clone(), granted, Trust::Digests, &VERIFIER)?))
}

/// The licence in a link, behind `l=`; `undefined` if it is none.
///
/// # Errors
/// Not a string; no memory.
#[wasm_bindgen(js_name = licenceOfLink)]
pub fn licence_of_link(text: &JsValue) -> Result<Option<Uint8Array>, Failure> {
    licence::from_link(&bytes::text(text, "the licence")?).as_deref().map(bytes::give).transpose()
}
