//! Where a file may be fetched over HTTP, and which of its proofs may be asked for there.

use crate::HttpSource;
use osp_core::{Cid, torrent::Sha1Digest};
use osp_fetch::Target;

/// One place.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// As people see it.
    pub(crate) name: String,
    /// The base of a node or gateway: it may give blocks and torrents.
    pub(crate) base: Option<Target>,
    /// The file of a mirror.
    mirror: Option<Target>,
    /// What it was given as.
    pub(crate) source: HttpSource,
}

impl Place {
    pub(crate) fn new(source: &HttpSource) -> Self {
        match source {
            HttpSource::Node(base) => Self {
                name: base.to_string(),
                base: Some(base.clone()),
                mirror: None,
                source: source.clone(),
            },
            HttpSource::Mirror(url) => Self {
                name: url.to_string(),
                base: gateway_of(url),
                mirror: Some(url.clone()),
                source: source.clone(),
            },
        }
    }

    /// Whether it is a node or gateway that the caller named as one.
    pub(crate) fn is_node(&self) -> bool {
        self.mirror.is_none()
    }

    /// The file itself. A node's needs the CID.
    pub(crate) fn file(&self, cid: Option<&Cid>) -> Option<Target> {
        match (&self.mirror, &self.base, cid) {
            (Some(url), _, _) => Some(url.clone()),
            (None, Some(base), Some(cid)) => Some(base.join(&format!("/ipfs/{cid}"))),
            _ => None,
        }
    }

    /// Where the `.torrent` may be: at a node by infohash, beside a mirror's file.
    pub(crate) fn torrents(&self, infohash: &Sha1Digest) -> Vec<Target> {
        let hex: String = infohash.iter().map(|byte| format!("{byte:02x}")).collect();
        let at_node = self.base.iter().map(|base| base.join(&format!("/torrents/{hex}.torrent")));
        let beside = self.mirror.iter().filter_map(|url| {
            let mut beside = url.url().clone();
            beside.set_path(&format!("{}.torrent", beside.path()));
            Target::parse(beside.as_str(), url.trust()).ok()
        });
        at_node.chain(beside).collect()
    }
}

/// The gateway that a mirror's address leads to, when it ends in `/ipfs/CID`.
fn gateway_of(url: &Target) -> Option<Target> {
    let (base, cid) = url.url().path().trim_end_matches('/').rsplit_once("/ipfs/")?;
    osp_core::content::parse_cid(cid).ok()?;
    let mut gateway = url.url().clone();
    gateway.set_path(base);
    gateway.set_query(None);
    Target::parse(gateway.as_str(), url.trust()).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CID: &str = "bafkreihvpyjk44jmr6g52v2f7c5mz5whgux5w2uapohul34uxmrxd64qfm";

    fn mirror(url: &str) -> Place {
        Place::new(&HttpSource::Mirror(Target::learned(url).unwrap()))
    }

    #[test]
    fn a_torrent_stands_beside_a_mirrors_file() {
        let place = mirror("https://m.example/a/song.opus?x=1");
        let torrents: Vec<String> = place.torrents(&[0xab; 20]).iter().map(|t| t.url().to_string()).collect();
        assert_eq!(torrents, ["https://m.example/a/song.opus.torrent?x=1"]);
        assert!(place.base.is_none());
    }

    #[test]
    fn a_mirror_that_is_a_gateway_gives_blocks_too() {
        let place = mirror(&format!("https://m.example/g/ipfs/{CID}"));
        assert_eq!(place.base.as_ref().unwrap().url().as_str(), "https://m.example/g");
        assert_eq!(place.torrents(&[1; 20]).len(), 2);
        assert!(mirror("https://m.example/ipfs/x").base.is_none());
    }

    #[test]
    fn a_node_needs_the_cid() {
        let place = Place::new(&HttpSource::Node(Target::typed("http://127.0.0.1:1/n").unwrap()));
        assert!(place.file(None).is_none());
        let cid = osp_core::content::parse_cid(CID).unwrap();
        assert_eq!(place.file(Some(&cid)).unwrap().url().path(), format!("/n/ipfs/{CID}"));
    }
}
