//! What is to be downloaded, and from where.

use super::{BlockSearch, BlockSource};
use crate::{HttpSource, MAX_CONTENT_BYTES, torrent::RangeSource};
use osp_core::{
    Cid,
    content::{Digest, digest_of},
    torrent::Magnet,
};
use osp_fetch::Trust;
use osp_swarm::InfoHash;
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// Content that is to be downloaded. It has a CID or a magnet, or both.
#[derive(Clone)]
pub struct DownloadRequest {
    /// Its CID, in any form. Without it the magnet's info dictionary names it.
    pub cid: Option<Cid>,
    /// Its torrent. The infohash is believed: it was signed by the artist, or typed by the user.
    pub magnet: Option<Magnet>,
    /// Its size in bytes, as a record says. A hint, with which ranges can be asked for at once.
    pub size: Option<u64>,
    /// Most bytes that are taken.
    pub max_size: u64,
    /// How long it plays: how urgent a byte is follows from that.
    pub duration: Option<Duration>,
    /// Nodes, gateways and mirrors.
    pub http: Vec<HttpSource>,
    /// Peers that give blocks, such as those the user named.
    pub blocks: Vec<Arc<dyn BlockSource>>,
    /// Finds more such peers while it downloads: at once where nobody else is named, else when that is not enough.
    pub search: Option<Arc<dyn BlockSearch>>,
    /// Other places that give ranges.
    pub ranges: Vec<Arc<dyn RangeSource>>,
    /// Trackers of the magnet and others, and who named them.
    pub trackers: Vec<(String, Trust)>,
    /// Peers, and who named them.
    pub peers: Vec<(SocketAddr, Trust)>,
    /// What happens when nobody holds the [`Download`](super::Download) any more.
    pub when_left: WhenLeft,
}

/// What happens to a download that nobody waits for any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenLeft {
    /// It is finished and kept, so that the listener can seed it.
    #[default]
    Finish,
    /// It is stopped.
    Stop,
}

impl DownloadRequest {
    /// Content by its CID.
    #[must_use]
    pub fn of_cid(cid: Cid) -> Self {
        Self { cid: Some(cid), ..Self::empty() }
    }

    /// Content by its magnet, with its mirrors and trackers, which were learned. Mirrors that are folders need the CID.
    #[must_use]
    pub fn of_magnet(magnet: Magnet) -> Self {
        Self::empty().with_magnet(magnet)
    }

    /// With a magnet, its mirrors and trackers, which were learned; a request with a CID has it first.
    #[must_use]
    pub fn with_magnet(mut self, magnet: Magnet) -> Self {
        match &self.cid {
            Some(cid) => self.http.extend(HttpSource::mirrors(&magnet, cid).filter_map(Result::ok)),
            None => self.http.extend(HttpSource::files(&magnet).filter_map(Result::ok)),
        }
        self.trackers.extend(magnet.trackers.iter().map(|url| (url.clone(), Trust::Learned)));
        self.size = self.size.or(magnet.size);
        self.magnet = Some(magnet);
        self
    }

    fn empty() -> Self {
        Self {
            cid: None,
            magnet: None,
            size: None,
            max_size: MAX_CONTENT_BYTES,
            duration: None,
            http: Vec::new(),
            blocks: Vec::new(),
            search: None,
            ranges: Vec::new(),
            trackers: Vec::new(),
            peers: Vec::new(),
            when_left: WhenLeft::Finish,
        }
    }

    /// The infohash of the magnet.
    pub(crate) fn infohash(&self) -> Option<InfoHash> {
        self.magnet.as_ref().map(|magnet| InfoHash(magnet.infohash))
    }

    /// What tells it from other downloads; `None` for a CID whose hash is not known here.
    pub(crate) fn key(&self) -> Option<Key> {
        match (&self.cid, &self.magnet) {
            (Some(cid), _) => digest_of(cid).map(|digest| Key::Content(cid.codec(), digest)),
            (None, Some(magnet)) => Some(Key::Torrent(InfoHash(magnet.infohash))),
            (None, None) => None,
        }
    }
}

/// What tells downloads apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// Codec and digest: the version in which a CID is written makes no difference.
    Content(u64, Digest),
    /// Of content that is known by its torrent only.
    Torrent(InfoHash),
}
