//! What makes an app of the site, a node's or one of plain files: the web app manifest, its icons, and the service worker at the root.
//!
//! Addresses in the manifest are relative to the manifest's own, so it says the same wherever the site stands.

use super::{addresses::Addresses, assets, language::VARY};
use axum::{
    Json,
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// Ground of the pages by day and by night, as in `web/src/styles/tokens.css`.
pub const THEME: [(&str, &str); 2] =
    [("(prefers-color-scheme: light)", "#f1f2ef"), ("(prefers-color-scheme: dark)", "#131518")];

/// `GET /manifest.webmanifest`
pub async fn manifest(at: Addresses) -> Response {
    let mut response = Json(content(&at, NAME)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static(VARY));
    response
}

/// What the app is called.
pub const NAME: &str = "OpenSound";

/// Web Application Manifest (W3C) of a site with this name.
#[must_use]
pub fn content(at: &Addresses, name: &str) -> Value {
    let t = at.t();
    let icon = |src: &str, sizes: &str, kind: &str, purpose: &str| json!({ "src": src, "sizes": sizes, "type": kind, "purpose": purpose });
    let shortcut = |name: &str, url: &str| json!({ "name": name, "url": url, "icons": [icon("icons/192.png", "192x192", "image/png", "any")] });
    json!({
        "id": "./",
        "name": name,
        "short_name": name,
        "lang": t.code,
        "description": t.layout.app,
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#131518",
        "theme_color": "#131518",
        "categories": ["music"],
        "icons": [
            icon("favicon.svg", "any", "image/svg+xml", "any"),
            icon("icons/192.png", "192x192", "image/png", "any"),
            icon("icons/512.png", "512x512", "image/png", "any"),
            icon("icons/maskable-512.png", "512x512", "image/png", "maskable"),
        ],
        "shortcuts": [
            shortcut(t.device.title, at.library().path()),
            shortcut(t.genre.genres, at.genres().path()),
            shortcut(t.layout.open_sealed, at.fan().path()),
        ],
    })
}

/// The drawn icons by name; small enough to be in the binary as they are.
const ICONS: [(&str, &[u8]); 4] = [
    ("192.png", include_bytes!("icons/192.png")),
    ("512.png", include_bytes!("icons/512.png")),
    ("maskable-512.png", include_bytes!("icons/maskable-512.png")),
    ("apple-180.png", include_bytes!("icons/apple-180.png")),
];

/// The icons as files of an export.
pub(crate) fn icon_files() -> impl Iterator<Item = (String, &'static [u8])> {
    ICONS.iter().map(|(name, bytes)| (format!("icons/{name}"), *bytes))
}

/// `GET /icons/{file}`
pub async fn icon(Path(file): Path<String>) -> Response {
    let Some((_, bytes)) = ICONS.iter().find(|(name, _)| *name == file) else {
        return (StatusCode::NOT_FOUND, "no such icon\n").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, *bytes).into_response()
}

/// `GET /sw.js`: the service worker of every page but `/fan`, which has one of its own.
pub async fn service_worker() -> Response {
    assets::serve_service_worker("sw.js", "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_of_the_manifest_is_there_and_of_the_size_it_says() {
        let content = content(&Addresses::node("http://localhost"), NAME);
        let named = content["icons"].as_array().into_iter().flatten();
        for icon in named.filter(|icon| icon["type"] == "image/png") {
            let src = icon["src"].as_str().unwrap_or_default();
            let found = ICONS.iter().find(|(name, _)| src == format!("icons/{name}"));
            let (_, bytes) = found.unwrap_or_else(|| panic!("{src} is missing"));
            // PNG: width and height follow the head of the first chunk.
            let side =
                |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
            assert_eq!(icon["sizes"], format!("{}x{}", side(16), side(20)), "{src}");
        }
        assert!(
            content["icons"]
                .as_array()
                .is_some_and(|all| all.iter().any(|icon| icon["purpose"] == "maskable"))
        );
    }
}
