//! The files Vite built (web/dist), carried in the binary.
//!
//! Vite's manifest says under which hashed names the entry's script and style sheets are. Without web/dist the
//! pages work, plain, and say which command builds it.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rust_embed::RustEmbed;
use serde::Deserialize;
use std::{borrow::Cow, collections::BTreeMap};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// Where the pages' script and style sheets are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Paths of ES modules.
    pub scripts: Vec<String>,
    /// Paths of style sheets.
    pub styles: Vec<String>,
}

/// One chunk of Vite's manifest.
#[derive(Deserialize)]
struct Chunk {
    file: String,
    #[serde(default)]
    css: Vec<String>,
    #[serde(default, rename = "isEntry")]
    is_entry: bool,
}

/// The entry of the web client in this binary; `None` when it was built without.
#[must_use]
pub fn entry() -> Option<Entry> {
    // A debug build reads web/dist from the disk each time, so that a new web build shows at once.
    parse(&Dist::get("manifest.json")?.data)
}

fn parse(manifest: &[u8]) -> Option<Entry> {
    let chunks: BTreeMap<String, Chunk> = serde_json::from_slice(manifest).ok()?;
    let mut entry = Entry::default();
    for chunk in chunks.into_values().filter(|chunk| chunk.is_entry) {
        entry.scripts.push(format!("/{}", chunk.file));
        entry.styles.extend(chunk.css.iter().map(|file| format!("/{file}")));
    }
    (!entry.scripts.is_empty()).then_some(entry)
}

/// `GET /assets/…`: names contain a hash of the content, so a browser never asks twice.
pub async fn serve(Path(path): Path<String>) -> Response {
    let Some(file) = Dist::get(&format!("assets/{path}")) else {
        return (StatusCode::NOT_FOUND, "no such file; a newer web client may have taken its place\n")
            .into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, file.metadata.mimetype().to_owned()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let body = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    (headers, body).into_response()
}

/// `GET /favicon.svg`
pub async fn icon() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("icon.svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_is_found_in_vites_manifest() {
        let manifest = br#"{
            "src/main.ts": {"file": "assets/main-1a.js", "isEntry": true, "css": ["assets/main-2b.css"]},
            "src/wasm/osp_wasm.js": {"file": "assets/osp_wasm-3c.js", "isDynamicEntry": true}
        }"#;
        let entry = parse(manifest);
        assert_eq!(
            entry,
            Some(Entry {
                scripts: vec!["/assets/main-1a.js".into()],
                styles: vec!["/assets/main-2b.css".into()]
            })
        );
        assert_eq!(parse(b"{}"), None);
        assert_eq!(parse(b"not json"), None);
    }
}
