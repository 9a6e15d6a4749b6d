//! Asking for proofs: the info dictionary and the leaves, from every place at once.
//!
//! | proof | asked as | believed because |
//! |---|---|---|
//! | info dictionary | `{node}/torrents/{infohash}.torrent`, `{mirror}.torrent` | its SHA-1 is the infohash in the signed magnet |
//! | leaves | `{node}/ipfs/{cid}?format=raw` for each interior block, or the block over Bitswap | each block hashes to its CID, from the root on |

use super::{blocks::PeerBlocks, dag, leaves::Leaves, ledger::Ledger, places::Place};
use crate::{Fault, Outcome, gateway::Gateway};
use osp_core::{
    Cid,
    torrent::{Sha1Digest, TorrentInfo, info_of, trackers_of},
};
use osp_fetch::{FetchError, Fetcher, Limits, StatusCode, Target, Trust};
use std::sync::Arc;

/// Largest `.torrent` that is read: 16 GiB in pieces of 4 MiB take 80 KiB, and other people's pieces are smaller.
const MAX_TORRENT_BYTES: u64 = 8 * 1024 * 1024;

/// What came of one question.
pub(crate) enum Answer {
    /// The info dictionary of the infohash asked for, and the trackers named beside it.
    Info(Arc<TorrentInfo>, Vec<(String, Trust)>),
    /// The leaves of the CID asked for.
    Leaves(Arc<Leaves>),
    /// The CID names no file, or one too large: verified, so nobody can help.
    NotAFile(String),
    /// Nothing of use.
    Nothing,
}

/// A place that the user typed may name itself as a tracker; whatever else it names was learned.
fn trust_in(tracker: &str, (trust, host): &(Trust, Option<String>)) -> Trust {
    let rest = tracker.split_once("://").map_or("", |(_, rest)| rest);
    let same = host.as_deref().is_some_and(|host| {
        rest.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    if same { *trust } else { Trust::Learned }
}

/// Asks. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Prover {
    pub(crate) fetcher: Fetcher,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) max_size: u64,
}

impl Prover {
    /// The info dictionary from one address of a place.
    pub(crate) async fn info(self, place: Place, target: Target, infohash: Sha1Digest) -> Answer {
        match self.torrent(&place, target, infohash).await {
            Ok(Some((info, trackers))) => Answer::Info(Arc::new(info), trackers),
            Ok(None) => Answer::Nothing,
            Err(outcome) => {
                // That a place has no torrent is nothing to tell: its bytes may be good all the same.
                if outcome.is_lie() {
                    self.ledger.note(&place.name, outcome);
                }
                Answer::Nothing
            }
        }
    }

    async fn torrent(
        &self,
        place: &Place,
        target: Target,
        infohash: Sha1Digest,
    ) -> Result<Option<(TorrentInfo, Vec<(String, Trust)>)>, Outcome> {
        let origin = (target.trust(), target.url().host_str().map(str::to_owned));
        let response = match self.fetcher.get(target, Limits::document(MAX_TORRENT_BYTES)).await {
            // Not a torrent, whatever it is.
            Err(FetchError::TooBig { .. }) => return Ok(None),
            other => other?,
        };
        let says_torrent = response.media_type().as_deref() == Some("application/x-bittorrent");
        if response.status() != StatusCode::OK {
            return Ok(None);
        }
        let file = response.bytes().await?;
        let info = info_of(&file).filter(|info| info.infohash() == infohash);
        if info.is_none() && says_torrent && place.is_node() {
            return Err(Outcome::Lied("its torrent has another infohash".to_owned()));
        }
        let trackers = trackers_of(&file).into_iter().map(|url| (trust_in(&url, &origin), url));
        Ok(info.map(|info| (info, trackers.map(|(trust, url)| (url, trust)).collect())))
    }

    /// The leaves from the gateway of a place.
    pub(crate) async fn leaves(self, place: Place, base: Target, cid: Cid) -> Answer {
        let gateway = Gateway { fetcher: self.fetcher.clone(), base };
        match dag::leaves_of(&gateway, cid, self.max_size).await {
            // That a place gives no blocks is nothing to tell: its bytes may be good all the same.
            Err(Fault::Source(outcome)) if !outcome.is_lie() => Answer::Nothing,
            found => self.found(&place.name, found),
        }
    }

    /// The leaves from a peer that gives nothing but blocks.
    pub(crate) async fn leaves_from_peer(self, peer: Arc<PeerBlocks>, cid: Cid) -> Answer {
        let found = dag::leaves_of(&*peer, cid, self.max_size).await;
        self.found(&peer.name(), found)
    }

    fn found(&self, name: &str, found: Result<Option<Leaves>, Fault>) -> Answer {
        match found {
            Ok(Some(leaves)) => Answer::Leaves(Arc::new(leaves)),
            Err(Fault::Content(reason)) => Answer::NotAFile(reason),
            Err(Fault::Source(outcome)) => {
                self.ledger.note(name, outcome);
                Answer::Nothing
            }
            Ok(None) | Err(Fault::Sink(_)) => Answer::Nothing,
        }
    }
}
