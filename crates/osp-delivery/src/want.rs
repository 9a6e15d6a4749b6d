//! What is wanted, and where it may be.

use osp_core::{Cid, torrent::Magnet, unixfs::Profile};
use osp_fetch::{FetchError, Target};

/// Largest file that is fetched unless the caller says otherwise: 16 GiB.
pub const MAX_CONTENT_BYTES: u64 = 16 << 30;

/// Content that is wanted.
#[derive(Clone, Debug)]
pub struct Want {
    /// Its CID, in any form.
    pub cid: Cid,
    /// Its size in bytes, where a record or magnet says it. A hint: the CID decides.
    pub size: Option<u64>,
    /// Most bytes that are taken.
    pub max_size: u64,
}

impl Want {
    /// Content of unknown size.
    #[must_use]
    pub fn new(cid: Cid) -> Self {
        Self { cid, size: None, max_size: MAX_CONTENT_BYTES }
    }

    /// With the size a record gives.
    #[must_use]
    pub fn with_size(mut self, size: Option<u64>) -> Self {
        // A stranger's number: what is beyond the limit says nothing.
        self.size = size.filter(|s| *s <= self.max_size);
        self
    }

    /// Profiles under which the CID may have been made.
    pub(crate) fn profiles(&self) -> &'static [Profile] {
        Profile::candidates(&self.cid)
    }
}

/// A place that speaks HTTP.
#[derive(Clone, Debug)]
pub enum HttpSource {
    /// The base URL of an OpenSound node or any trustless IPFS gateway.
    Node(Target),
    /// The URL of the file itself.
    Mirror(Target),
}

impl HttpSource {
    /// The web seeds of a magnet out of a record. A URL that ends in a slash gets `name` appended (BEP 19).
    /// Unusable ones are given back as errors, to be told and passed over.
    pub fn mirrors<'a>(
        magnet: &'a Magnet,
        name: &'a Cid,
    ) -> impl Iterator<Item = Result<Self, FetchError>> + 'a {
        magnet.web_seeds.iter().map(move |url| {
            let target = Target::learned(url)?;
            let folder = target.url().path().ends_with('/');
            Ok(Self::Mirror(if folder { target.join(&name.to_string()) } else { target }))
        })
    }

    /// The web seeds of a magnet whose CID is not known yet: folders are passed over.
    pub(crate) fn files(magnet: &Magnet) -> impl Iterator<Item = Result<Self, FetchError>> + '_ {
        let targets = magnet.web_seeds.iter().map(|url| Target::learned(url).map(Self::Mirror));
        targets.filter(|source| !matches!(source, Ok(Self::Mirror(url)) if url.url().path().ends_with('/')))
    }
}
