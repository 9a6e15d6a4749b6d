//! The files Vite built (web/dist), carried in the binary.
//!
//! Vite's manifest says under which hashed names each client's script and style sheets are. Without web/dist the
//! pages work, plain, and say which command builds it.

use super::security;
use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// Where a page's script and style sheets are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Paths of ES modules.
    pub scripts: Vec<String>,
    /// Paths of style sheets.
    pub styles: Vec<String>,
}

/// What runs on a page, by its source's name in Vite's manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Client {
    /// Player, search, verification, moving between pages.
    #[default]
    Site,
    /// The page that opens sealed files; it works alone and offline.
    Fan,
    /// The player in other people's pages.
    Embed,
}

impl Client {
    fn source(self) -> &'static str {
        match self {
            Self::Site => "src/main.ts",
            Self::Fan => "src/fan.ts",
            Self::Embed => "src/embed.ts",
        }
    }
}

/// One chunk of Vite's manifest.
#[derive(Deserialize)]
struct Chunk {
    file: String,
    #[serde(default)]
    css: Vec<String>,
    /// Keys of chunks this one needs at once; their style sheets are needed too.
    #[serde(default)]
    imports: Vec<String>,
}

/// A web client in this binary; `None` when it was built without.
#[must_use]
pub fn entry(client: Client) -> Option<Entry> {
    // A debug build reads web/dist from the disk each time, so that a new web build shows at once.
    parse(&Dist::get("manifest.json")?.data, client)
}

fn parse(manifest: &[u8], client: Client) -> Option<Entry> {
    let chunks: BTreeMap<String, Chunk> = serde_json::from_slice(manifest).ok()?;
    let first = chunks.get(client.source())?;
    let mut styles = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![first];
    while let Some(chunk) = open.pop() {
        if !seen.insert(&chunk.file) {
            continue;
        }
        // Shared rules come first, so that a page's own ones win.
        styles.splice(0..0, chunk.css.iter().cloned());
        open.extend(chunk.imports.iter().filter_map(|key| chunks.get(key)));
    }
    Some(Entry { scripts: vec![first.file.clone()], styles })
}

/// `GET /assets/…`: names contain a hash of the content, so a browser never asks twice.
pub async fn serve(Path(path): Path<String>) -> Response {
    match Dist::get(&format!("assets/{path}")) {
        Some(file) => answer(file, FOR_EVER, &[]),
        None => missing(),
    }
}

/// `GET /fan/…`: the service worker under its stable name, and the hashed scripts of workers that must be in its scope.
///
/// A worker takes its policy from its own script's answer (Content Security Policy Level 3, section 4.2), not from the page.
pub async fn serve_fan(Path(path): Path<String>) -> Response {
    if path == "sw.js" {
        return serve_service_worker("fan/sw.js", "/fan");
    }
    match Dist::get(&format!("fan/{path}")) {
        Some(file) => {
            answer(file, FOR_EVER, &[(header::CONTENT_SECURITY_POLICY, security::FAN_WORKER_POLICY)])
        }
        None => missing(),
    }
}

/// `GET /swarm/…`: what listening together adds to a page whose listener agreed to it.
pub async fn serve_swarm(Path(path): Path<String>) -> Response {
    match Dist::get(&format!("swarm/{path}")) {
        Some(file) => {
            answer(file, FOR_EVER, &[(header::CONTENT_SECURITY_POLICY, security::SWARM_WORKER_POLICY)])
        }
        None => missing(),
    }
}

/// A service worker by its path in web/dist; its name never changes, so browsers ask for it anew each time.
pub fn serve_service_worker(path: &str, scope: &'static str) -> Response {
    let Some(file) = Dist::get(path) else { return missing() };
    let allowed = (HeaderName::from_static("service-worker-allowed"), scope);
    answer(file, "no-cache", &[allowed, (header::CONTENT_SECURITY_POLICY, security::SERVICE_WORKER_POLICY)])
}

/// Every file of the client that pages without a node need, by its path from their root. The service worker of `/fan` lies in the
/// root itself: without a header from the host it reaches no further than its own folder.
#[must_use = "nothing is written here"]
pub fn files() -> impl Iterator<Item = (String, Cow<'static, [u8]>)> {
    let built = Dist::iter().filter_map(|name| {
        let path = match &*name {
            "fan/sw.js" => "fan-sw.js".to_owned(),
            // By its name it knows that its pages are files.
            "sw.js" => "site-sw.js".to_owned(),
            name if name.starts_with("assets/") || name.starts_with("fan/") => name.to_owned(),
            _ => return None,
        };
        Some((path, Dist::get(&name)?.data))
    });
    let icon = Cow::Borrowed(&include_bytes!("icon.svg")[..]);
    built.chain([("favicon.svg".to_owned(), icon)])
}

const FOR_EVER: &str = "public, max-age=31536000, immutable";

fn answer(file: EmbeddedFile, cache: &'static str, more: &[(HeaderName, &'static str)]) -> Response {
    let body = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let headers = [
        (header::CONTENT_TYPE, file.metadata.mimetype().to_owned()),
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let mut response = (headers, body).into_response();
    for (name, value) in more {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "no such file; a newer web client may have taken its place\n").into_response()
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
    fn a_client_is_found_in_vites_manifest_with_the_styles_of_what_it_imports() {
        let manifest = br#"{
            "src/main.ts": {"file": "assets/main-1a.js", "isEntry": true, "imports": ["_shared.js"]},
            "src/fan.ts": {"file": "assets/fan-2b.js", "isEntry": true, "css": ["assets/fan-2b.css"],
                           "imports": ["_shared.js"], "dynamicImports": ["src/wasm/osp_wasm.js"]},
            "_shared.js": {"file": "assets/shared-4d.js", "css": ["assets/shared-4d.css"], "imports": ["src/main.ts"]},
            "src/wasm/osp_wasm.js": {"file": "assets/osp_wasm-3c.js", "isDynamicEntry": true, "css": ["assets/no.css"]}
        }"#;
        let entry = |script: &str, styles: &[&str]| {
            Some(Entry {
                scripts: vec![script.into()],
                styles: styles.iter().map(|&style| style.into()).collect(),
            })
        };
        assert_eq!(parse(manifest, Client::Site), entry("assets/main-1a.js", &["assets/shared-4d.css"]));
        let both = ["assets/shared-4d.css", "assets/fan-2b.css"];
        assert_eq!(parse(manifest, Client::Fan), entry("assets/fan-2b.js", &both));
        assert_eq!(parse(b"{}", Client::Site), None);
        assert_eq!(parse(b"not json", Client::Site), None);
    }
}
