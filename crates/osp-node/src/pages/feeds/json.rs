//! The list as JSON: every signed record as it is, beside where this node shows it.
//!
//! ```json
//! {"title": "...", "description": "...", "url": "https://...", "tracks":
//!   [{"record": {...}, "url": "https://.../track/...", "audio": "https://.../audio", "cover": "https://..."}]}
//! ```

use super::Listing;
use crate::pages::addresses::Addresses;
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
struct List<'a> {
    title: &'a str,
    description: &'a str,
    url: String,
    tracks: Vec<Track>,
}

#[derive(Serialize)]
struct Track {
    record: Box<RawValue>,
    url: String,
    audio: String,
    cover: String,
}

/// The document.
#[must_use]
pub fn write(at: &Addresses, listing: &Listing) -> Vec<u8> {
    let tracks = listing.tracks.iter().filter_map(|entry| {
        // Stored records are JSON; one that were not would be left out.
        let record = RawValue::from_string(String::from_utf8(entry.record.to_vec()).ok()?).ok()?;
        let view = &entry.view;
        let links = [at.track(&view.key), at.audio(view), at.cover(view)];
        let [url, audio, cover] = links.map(|link| link.best().to_owned());
        Some(Track { record, url, audio, cover })
    });
    let list = List {
        title: &listing.title,
        description: &listing.description,
        url: at.list(&listing.list).best().to_owned(),
        tracks: tracks.collect(),
    };
    serde_json::to_vec(&list).expect("texts and JSON are JSON")
}
