//! Addresses of nodes' pages and interfaces as REFs, so that what is in the browser's address bar can be pasted.

use osp_core::{content::parse_cid, did::Did, record::RecordId, reference::Reference};
use osp_fetch::Url;

/// The node's base URL and the REF inside; `None` for an address of another kind.
pub(in crate::resolve) fn understand(address: &str) -> Option<(String, Reference)> {
    let url = Url::parse(address).ok()?;
    let segments: Vec<String> = url
        .path_segments()?
        .filter(|s| !s.is_empty())
        .map(|s| percent_encoding::percent_decode_str(s).decode_utf8_lossy().into_owned())
        .collect();
    // A node may live below a path of a larger site: what comes before the known part belongs to its base.
    let known = |at: usize| -> Option<Reference> {
        let rest: Vec<&str> = segments[at..].iter().map(String::as_str).collect();
        match rest[..] {
            ["track", id] | ["embed", id] => track(id),
            ["api", "v1", "tracks", id] | ["api", "v1", "tracks", id, "audio"] => track(id),
            ["artist", did] => Did::parse(did).ok().map(Reference::Did),
            ["ipfs", cid] => parse_cid(cid).ok().map(Reference::Cid),
            _ => None,
        }
    };
    let (at, reference) = (0..segments.len()).find_map(|at| Some((at, known(at)?)))?;
    let mut base = url.clone();
    base.set_query(None);
    base.set_fragment(None);
    base.set_path(&segments[..at].join("/"));
    Some((base.as_str().trim_end_matches('/').to_owned(), reference))
}

/// A page of `osp site export`, as files anywhere on the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exported {
    /// Where the record, or the list of records, is.
    pub(super) document: String,
    /// The folder that everything of the export is in, without a slash at its end.
    pub(super) base: String,
    /// The track that the address names; `None` for a list.
    pub(super) id: Option<RecordId>,
}

/// What is behind the address of an exported page: of a track, or of an artist, an album or a genre.
pub(super) fn exported(address: &str) -> Option<Exported> {
    let url = Url::parse(address).ok()?;
    let (folder, page) = url.path().rsplit_once('/')?;
    let page = page.strip_suffix(".html").or_else(|| page.strip_suffix(".json"))?;
    let at = |path: &str| {
        let mut url = url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.set_path(path);
        url.as_str().trim_end_matches('/').to_owned()
    };
    if let Some(base) = folder.strip_suffix("/track").or_else(|| folder.strip_suffix("/embed")) {
        let key = page.split('-').next().unwrap_or(page);
        let Some(Reference::Record(id)) = track(key) else { return None };
        return Some(Exported {
            document: at(&format!("{base}/track/{key}.json")),
            base: at(base),
            id: Some(id),
        });
    }
    // An album lies below its artist.
    let above = match folder.strip_suffix("/album") {
        Some(artist) => artist.rsplit_once('/')?.0,
        None => folder,
    };
    let base = above.strip_suffix("/artist").or_else(|| above.strip_suffix("/genre"))?;
    Some(Exported { document: at(&format!("{folder}/{page}/tracks.json")), base: at(base), id: None })
}

fn track(text: &str) -> Option<Reference> {
    let whole = if text.starts_with("osp:") { text.to_owned() } else { format!("osp:track:{text}") };
    RecordId::parse(&whole).ok().map(Reference::Record)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{exported, understand};

    const CID: &str = "bafkreihvpyjk44jmr6g52v2f7c5mz5whgux5w2uapohul34uxmrxd64qfm";

    #[test]
    fn addresses_of_a_node_name_what_they_show() {
        for (path, base) in [
            (format!("http://n.example:8787/track/{CID}?t=1m08s"), "http://n.example:8787"),
            (format!("https://n.example/radio/track/{CID}#x"), "https://n.example/radio"),
            (format!("https://n.example/api/v1/tracks/osp%3Atrack%3A{CID}/audio"), "https://n.example"),
            (format!("https://n.example/api/v1/tracks/osp:track:{CID}"), "https://n.example"),
            (format!("https://n.example/ipfs/{CID}"), "https://n.example"),
        ] {
            let (found, reference) = understand(&path).unwrap();
            assert_eq!(found, base, "{path}");
            assert!(format!("{reference:?}").contains("Record") || path.contains("/ipfs/"));
        }
    }

    #[test]
    fn exported_pages_have_their_records_beside_them() {
        let shop = "https://max.example/music";
        for (page, document) in [
            (format!("track/{CID}.html?t=1m08s"), format!("track/{CID}.json")),
            (format!("track/{CID}.json"), format!("track/{CID}.json")),
            (format!("embed/{CID}-compact.html"), format!("track/{CID}.json")),
            ("artist/did-key-z6Mk.html#x".into(), "artist/did-key-z6Mk/tracks.json".into()),
            (
                "artist/did-key-z6Mk/album/one-1a.html".into(),
                "artist/did-key-z6Mk/album/one-1a/tracks.json".into(),
            ),
            ("genre/ambient-1a.html".into(), "genre/ambient-1a/tracks.json".into()),
        ] {
            let found = exported(&format!("{shop}/{page}")).unwrap();
            assert_eq!(found.document, format!("{shop}/{document}"), "{page}");
            assert_eq!(found.base, shop, "{page}");
        }
        assert_eq!(
            exported(&format!("https://max.example/track/{CID}.html")).unwrap().base,
            "https://max.example"
        );
        for page in ["index.html", "track/x.html", "records/a.json", "album/one.html", ""] {
            assert_eq!(exported(&format!("{shop}/{page}")), None, "{page}");
        }
    }

    #[test]
    fn other_addresses_are_left_alone() {
        for path in ["https://n.example/", "https://n.example/track/x", "https://n.example/records/a.json"] {
            assert!(understand(path).is_none(), "{path}");
        }
    }
}
