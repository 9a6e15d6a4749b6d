//! REF: what a person types to name music.

use crate::{Cid, content::parse_cid, did::Did, record::RecordId, torrent::Magnet};

/// A parsed REF.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reference {
    /// `osp:track:…` (or the id of another kind of record)
    Record(RecordId),
    /// A bare CID, or `ipfs://CID`
    Cid(Cid),
    /// `magnet:?xt=urn:btih:…`
    Magnet(Magnet),
    /// `did:…`
    Did(Did),
    /// `http://…` or `https://…`
    Url(String),
}

/// Why a text is no REF; says which forms there are.
#[derive(Debug, thiserror::Error)]
#[error(
    "«{text}» names no music: {reason}. A reference is an id (osp:track:…), a CID (bafk…, Qm…, ipfs://…), \
     a magnet link (magnet:?xt=urn:btih:…), an artist (did:key:…) or an http(s) URL"
)]
pub struct ReferenceError {
    /// The text, shortened.
    pub text: String,
    /// What is wrong.
    pub reason: String,
}

impl Reference {
    /// Parses a REF. White space around it, as pasting leaves it, is ignored.
    ///
    /// # Errors
    /// [`ReferenceError`].
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let text = text.trim();
        let fail = |reason: String| ReferenceError { text: text.chars().take(80).collect(), reason };
        let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("osp") => RecordId::parse(text).map(Self::Record).map_err(|e| fail(e.message)),
            Some("did") => Did::parse(text).map(Self::Did).map_err(|e| fail(e.reason.into())),
            Some("magnet") => Magnet::parse(text)
                .map(Self::Magnet)
                .ok_or_else(|| fail("the magnet link has no xt=urn:btih: with a 40-digit infohash".into())),
            Some("ipfs") => {
                let cid = text.get("ipfs://".len()..).unwrap_or_default();
                parse_cid(cid).map(Self::Cid).map_err(|e| fail(e.reason))
            }
            Some("http" | "https") => {
                check_url(text).map_err(|reason| fail(reason.into()))?;
                Ok(Self::Url(text.to_owned()))
            }
            Some(other) => Err(fail(format!("references do not begin with «{}:»", shorten(other)))),
            None if text.is_empty() => Err(fail("it is empty".into())),
            None => parse_cid(text).map(Self::Cid).map_err(|e| fail(e.reason)),
        }
    }
}

/// The least a URL must be to be handed on; whoever fetches it parses it whole.
fn check_url(text: &str) -> Result<(), &'static str> {
    let rest = text.split_once("://").ok_or("a URL has // after its scheme")?.1;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err("the URL names no host");
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("a URL has no spaces or control characters; write them as %20");
    }
    Ok(())
}

fn shorten(text: &str) -> String {
    text.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CID: &str = "bafkreicm63aemklh3n6weljbrqfwrdwu26ck4fmyffshexgam25dry6bau";

    #[test]
    fn every_form_is_recognised() {
        let is = |text: &str| match Reference::parse(text).unwrap() {
            Reference::Record(_) => "record",
            Reference::Cid(_) => "cid",
            Reference::Magnet(_) => "magnet",
            Reference::Did(_) => "did",
            Reference::Url(_) => "url",
        };
        assert_eq!(is(&format!("osp:track:{CID}")), "record");
        assert_eq!(is(&format!("osp:retraction:{CID}")), "record");
        assert_eq!(is(CID), "cid");
        assert_eq!(is("QmVREn33ZJW8qCUkcCkjdAaDtwLT58r2EMEAywMV9RWh33"), "cid");
        assert_eq!(is(&format!(" ipfs://{CID}\n")), "cid");
        assert_eq!(is("did:web:example.com"), "did");
        assert_eq!(is("https://example.com/x?y#z"), "url");
        assert_eq!(is("HTTP://127.0.0.1:8080"), "url");
        assert_eq!(is("magnet:?xt=urn:btih:dd0e5814145d8187383eb8f46aa156f5b2e5dbd5"), "magnet");
    }

    #[test]
    fn what_is_no_reference_says_which_forms_there_are() {
        for text in [
            "",
            "song.opus",
            "ftp://example.com",
            "osp:album:x",
            "osp:track:",
            "osp:track:not-a-cid",
            "did:key:zNope",
            "did:",
            "magnet:",
            "magnet:?xt=urn:btih:xyz",
            "ipfs://",
            "ipfs:",
            "http://",
            "https:///path",
            "http:example.com",
            "https://exa mple.com",
            "\u{1f3a7}:x",
        ] {
            let error = Reference::parse(text).unwrap_err().to_string();
            assert!(error.contains("osp:track:"), "{text}: {error}");
        }
    }
}
