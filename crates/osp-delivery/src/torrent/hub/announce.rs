//! Telling trackers of torrents, and torrents of the peers that trackers name.

use super::{HubConfig, Inner};
use crate::torrent::Torrent;
use osp_fetch::Trust;
use osp_peers::tracker::{Announced, Announcement, Found, Progress};
use osp_swarm::{Bitfield, Geometry, InfoHash};
use std::sync::{Arc, Weak};
use tokio::sync::mpsc;

/// Findings that wait at most for the torrent to take them.
const FOUND_QUEUE: usize = 4;
/// A complete torrent asks trackers for peers while it has fewer.
const SEED_WANTS: usize = 4;

/// Announces a torrent that was joined, until it is closed.
pub(super) async fn joined(hub: Weak<Inner>, torrent: Torrent, trackers: Vec<(String, Trust)>) {
    let (found, findings) = mpsc::channel(FOUND_QUEUE);
    let (announcements, nearby) = {
        let Some(inner) = hub.upgrade() else { return };
        let nearby = inner.announce_nearby(torrent.infohash());
        #[cfg(feature = "mainline")]
        inner.search_mainline(&torrent);
        let progress = progress_of(&inner, &torrent);
        let HubConfig { announce, own_trackers, .. } = &inner.config;
        let known = own_trackers.iter().chain(announce).cloned();
        let typed = known.chain(named(&trackers, Trust::Typed)).collect();
        let learned = named(&trackers, Trust::Learned).collect();
        let infohash = torrent.infohash();
        let announcements = [(typed, true), (learned, false)].map(|(urls, typed): (Vec<String>, bool)| {
            inner.announce(infohash, &urls, typed, Arc::clone(&progress), found.clone())
        });
        (announcements, nearby)
    };
    drop(found);
    attend(hub, torrent, findings).await;
    // Announcements say goodbye when they are dropped.
    drop((announcements, nearby));
}

/// Announces a torrent to further trackers, until it is closed.
pub(super) async fn further(hub: Weak<Inner>, torrent: Torrent, trackers: Vec<(String, Trust)>) {
    let (found, findings) = mpsc::channel(FOUND_QUEUE);
    let announcements = {
        let Some(inner) = hub.upgrade() else { return };
        let progress = progress_of(&inner, &torrent);
        [(Trust::Typed, true), (Trust::Learned, false)].map(|(trust, typed)| {
            let urls: Vec<String> = named(&trackers, trust).collect();
            inner.announce(torrent.infohash(), &urls, typed, Arc::clone(&progress), found.clone())
        })
    };
    drop(found);
    attend(hub, torrent, findings).await;
    drop(announcements);
}

/// Gives a torrent what trackers find, until it is closed.
async fn attend(hub: Weak<Inner>, torrent: Torrent, mut findings: mpsc::Receiver<Found>) {
    loop {
        tokio::select! {
            () = torrent.closed() => break,
            finding = findings.recv() => {
                let Some(inner) = hub.upgrade() else { break };
                match finding {
                    Some(finding) => inner.use_finding(&torrent, finding),
                    // No tracker is left: the rest stands until the torrent is closed.
                    None => {
                        drop(inner);
                        torrent.closed().await;
                        break;
                    }
                }
            }
        }
    }
}

fn named(trackers: &[(String, Trust)], by: Trust) -> impl Iterator<Item = String> + '_ {
    trackers.iter().filter(move |(_, trust)| *trust == by).map(|(url, _)| url.clone())
}

/// The numbers of a joined torrent. It holds no handle: that would keep the torrent open.
fn progress_of(inner: &Arc<Inner>, torrent: &Torrent) -> Arc<dyn Fn() -> Progress + Send + Sync> {
    let (have, info, account) = (torrent.have(), torrent.info(), torrent.account());
    let limits = inner.services.limits.clone();
    Arc::new(move || {
        let have = have.borrow();
        Progress {
            uploaded: account.uploaded(),
            downloaded: account.downloaded(),
            left: left(&have, info.borrow().as_ref().and_then(|info| Geometry::of(info))),
            want_peers: !is_whole(&have) || limits.open() < SEED_WANTS,
        }
    })
}

fn is_whole(have: &Bitfield) -> bool {
    have.pieces() > 0 && have.is_complete()
}

/// Bytes still to come, as far as they are known: something but nothing when they are not.
fn left(have: &Bitfield, geometry: Option<Geometry>) -> u64 {
    match geometry {
        _ if is_whole(have) => 0,
        Some(geometry) => {
            let there = u64::from(have.count()) * u64::from(geometry.piece_length());
            geometry.length().saturating_sub(there).max(1)
        }
        None => 1,
    }
}

impl Inner {
    /// Announces to these trackers until the result is dropped.
    pub(super) fn announce(
        &self,
        infohash: InfoHash,
        urls: &[String],
        typed: bool,
        progress: Arc<dyn Fn() -> Progress + Send + Sync>,
        found: mpsc::Sender<Found>,
    ) -> Option<Announcement> {
        let trackers = self.config.trackers.as_ref().filter(|_| !urls.is_empty())?;
        let port = self.local.filter(|_| self.config.tcp).map(|local| local.port());
        let announced = Announced { infohash, peer_id: self.peer_id, port, progress };
        Some(trackers.announce(urls, typed, announced, found))
    }

    /// Hands a torrent what a tracker led to.
    pub(super) fn use_finding(&self, torrent: &Torrent, finding: Found) {
        match finding {
            // The tracker client has judged them; it takes a loopback tracker's word.
            Found::Addresses(addresses) => torrent.add_addresses(addresses, Trust::Typed),
            Found::Stream(stream) => self.hand_over(torrent, stream, None),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_swarm::PieceIndex;

    #[test]
    fn only_a_whole_file_has_nothing_left() {
        let geometry = Geometry::new(100_000, 65_536);
        let mut have = Bitfield::none(2);
        assert_eq!(left(&Bitfield::none(0), None), 1);
        assert_eq!(left(&have, geometry), 100_000);
        have.set(PieceIndex(1));
        assert_eq!(left(&have, geometry), 34_464);
        have.set(PieceIndex(0));
        assert_eq!(left(&have, geometry), 0);
    }
}
