//! What the search page looks through (web/src/lib/site-search.ts): the texts of all tracks in one file, and the rows that are
//! shown of them in files of fifty, so that a large catalogue is not loaded to show one page. The oldest track comes first:
//! a new one changes the last file only.
//!
//! ```text
//!  search/index.json   {"rows": 50, "texts": ["title\nartist\nalbum\ngenres", …]}
//!  search/rows-0.json  ["<li data-track=…>…</li>", …]
//! ```

use super::{ExportError, collect::Track, folder::Folder};
use crate::pages::{
    addresses::Addresses,
    row::{Beside, row},
};

/// Rows in a file.
const ROWS: usize = 50;

/// Writes the index; `tracks` come the newest first, `at` is of the root, where the search page is.
///
/// # Errors
/// [`ExportError::Io`].
pub(super) fn write(at: &Addresses, tracks: &[Track], folder: &mut Folder) -> Result<(), ExportError> {
    let views: Vec<_> = tracks.iter().rev().map(|track| &track.view).collect();
    let texts: Vec<String> = views
        .iter()
        .map(|view| {
            let album = view.album.as_deref().unwrap_or_default();
            [&view.title, &view.artist, album, &view.genres.join(" ")].map(one_line).join("\n")
        })
        .collect();
    folder.put("search/index.json", &json(&serde_json::json!({"rows": ROWS, "texts": texts})))?;
    for (number, views) in views.chunks(ROWS).enumerate() {
        let rows: Vec<String> =
            views.iter().map(|view| row(at, view, Beside::Cover, None).into_string()).collect();
        folder.put(&format!("search/rows-{number}.json"), &json(&serde_json::json!(rows)))?;
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn json(value: &serde_json::Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
