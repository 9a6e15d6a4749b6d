//! Who signed: a `did:key` is its own key; the document of a `did:web` is fetched by the page, which knows the way.

use super::{Failure, bytes};
use js_sys::Uint8Array;
use osp_core::did::{Did, DidDocument, MAX_DOCUMENT_BYTES};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

thread_local! {
    /// Documents that the page fetched from where their DIDs say.
    static DOCUMENTS: RefCell<Vec<DidDocument>> = const { RefCell::new(Vec::new()) };
}

/// Judges signatures for the whole module.
pub(super) static VERIFIER: fn(&str, &[u8], &[u8; 64]) -> bool = verifies;

fn verifies(artist: &str, message: &[u8], signature: &[u8; 64]) -> bool {
    let Ok(did) = Did::parse(artist) else { return false };
    if let Some(key) = did.embedded_key() {
        return key.verify(message, signature);
    }
    DOCUMENTS.with_borrow(|documents| {
        let of_artist = documents.iter().filter(|document| document.id == did);
        of_artist.flat_map(|document| &document.assertion_keys).any(|key| key.verify(message, signature))
    })
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

/// Takes the document that was fetched from there: its keys count from now on.
///
/// # Errors
/// `bad_artist` when it is not this artist's document.
#[wasm_bindgen(js_name = trustArtist)]
pub fn trust_artist(artist: &JsValue, document: &Uint8Array) -> Result<(), Failure> {
    let bad = |error| Failure::new("bad_artist", error);
    let did = Did::parse(&bytes::text(artist, "the artist")?).map_err(bad)?;
    let document = bytes::take(document, MAX_DOCUMENT_BYTES as u64, "the artist's document")?;
    let document = DidDocument::parse(&document, &did).map_err(bad)?;
    DOCUMENTS.with_borrow_mut(|documents| {
        documents.retain(|known| known.id != did);
        documents.push(document);
    });
    Ok(())
}
