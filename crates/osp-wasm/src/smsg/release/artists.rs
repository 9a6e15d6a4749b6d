//! Who signed: a `did:key` is its own key; the document of a `did:web` is fetched by the page, which knows the way. A file that names
//! its key is read without that document too, and says so.

use super::{Failure, bytes};
use js_sys::Uint8Array;
use osp_core::did::{Did, DidDocument, MAX_DOCUMENT_BYTES};
use smsg::v3::signing::{Naming, Verifier};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

thread_local! {
    /// Documents that the page fetched from where their DIDs say.
    static DOCUMENTS: RefCell<Vec<DidDocument>> = const { RefCell::new(Vec::new()) };
}

/// Judges signatures for the whole module.
pub(super) static VERIFIER: Artists = Artists;

/// See [`VERIFIER`].
pub(super) struct Artists;

impl Verifier for Artists {
    fn verifies(&self, artist: &str, message: &[u8], signature: &[u8; 64]) -> bool {
        let Ok(did) = Did::parse(artist) else { return false };
        if let Some(key) = did.embedded_key() {
            return key.verify(message, signature);
        }
        document_of(&did, |document| document.assertion_keys.iter().any(|key| key.verify(message, signature)))
            .unwrap_or(false)
    }

    fn names(&self, artist: &str, key: &str) -> Naming {
        let (Ok(artist @ Did::Web(_)), Ok(Did::Key(key))) = (Did::parse(artist), Did::parse(key)) else {
            return Naming::Denied;
        };
        match document_of(&artist, |document| document.assertion_keys.contains(&key)) {
            Some(true) => Naming::Named,
            Some(false) => Naming::Denied,
            None => Naming::Unknown,
        }
    }
}

/// `None` when the page brought no document of this artist.
fn document_of<T>(did: &Did, ask: impl FnOnce(&DidDocument) -> T) -> Option<T> {
    DOCUMENTS.with_borrow(|documents| documents.iter().find(|document| document.id == *did).map(ask))
}

/// Where the keys of an artist are to be fetched: a `did:web`'s document. `undefined` when nothing need, or can, be fetched.
///
/// # Errors
/// Not a string.
#[wasm_bindgen(js_name = artistDocument)]
pub fn artist_document(artist: &JsValue) -> Result<Option<String>, Failure> {
    Ok(match Did::parse(&bytes::text(artist, "the artist")?) {
        Ok(Did::Web(web)) => Some(web.document_url()),
        _ => None,
    })
}

/// Takes the document that was fetched from there: its keys count from now on. Without one, nothing is known of the artist any more.
///
/// # Errors
/// `bad_artist` when it is not this artist's document.
#[wasm_bindgen(js_name = trustArtist)]
pub fn trust_artist(artist: &JsValue, document: Option<Uint8Array>) -> Result<(), Failure> {
    let bad = |error| Failure::new("bad_artist", error);
    let did = Did::parse(&bytes::text(artist, "the artist")?).map_err(bad)?;
    DOCUMENTS.with_borrow_mut(|documents| documents.retain(|known| known.id != did));
    let Some(document) = document else { return Ok(()) };
    let document = bytes::take(&document, MAX_DOCUMENT_BYTES as u64, "the artist's document")?;
    let document = DidDocument::parse(&document, &did).map_err(bad)?;
    DOCUMENTS.with_borrow_mut(|documents| documents.push(document));
    Ok(())
}
