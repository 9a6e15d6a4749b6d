//! Announcing what could be seeded, without opening it.

use super::{Inner, names::Names};
use crate::torrent::{Encryption, Library};
use osp_peers::tracker::{Announcement, Found, Progress};
use osp_swarm::InfoHash;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Weak},
};
use tokio::{sync::mpsc, task::JoinHandle, time::sleep};

/// Torrents of a library that are announced in the local network: what a packet every few minutes can carry.
const LOCAL: usize = 50;

/// What is announced of a torrent that is not open.
struct Standing {
    _trackers: Option<Announced>,
    _nearby: Option<osp_peers::local::Announced>,
}

/// An announcement at trackers, and the task that waits for callers through them.
struct Announced {
    _announcement: Announcement,
    waiting: JoinHandle<()>,
}

impl Drop for Announced {
    fn drop(&mut self) {
        self.waiting.abort();
    }
}

/// Announces what the library names, one after another; asks it again from time to time.
pub(super) async fn announce(hub: Weak<Inner>, library: Arc<dyn Library>) {
    let mut standing: HashMap<InfoHash, Standing> = HashMap::new();
    loop {
        let Some(inner) = hub.upgrade() else { return };
        // Another library has taken this one's place.
        if !inner.state().library.as_ref().is_some_and(|current| Arc::ptr_eq(current, &library)) {
            return;
        }
        let refresh = inner.config.library_refresh;
        let wanted = match library.announced(inner.config.max_announced).await {
            Ok(wanted) => {
                if inner.config.encryption != Encryption::Off {
                    let names = Names::of(&wanted);
                    inner.state().names = names;
                }
                wanted
            }
            Err(error) => {
                tracing::warn!("cannot list what to announce: {error}");
                standing.keys().copied().collect()
            }
        };
        drop(inner);
        let names: HashSet<InfoHash> = wanted.iter().copied().collect();
        standing.retain(|infohash, _| names.contains(infohash));
        for (rank, infohash) in wanted.into_iter().enumerate() {
            let Some(inner) = hub.upgrade() else { return };
            // One that was joined announces itself.
            let joined = inner.state().torrents.get(&infohash).is_some_and(|open| open.joined);
            if joined {
                standing.remove(&infohash);
            } else {
                standing.entry(infohash).or_insert_with(|| stand(&inner, infohash, rank < LOCAL));
            }
        }
        let Some(again) = hub.upgrade().map(|inner| Arc::clone(&inner.library_changed)) else { return };
        tokio::select! {
            () = sleep(refresh) => {}
            () = again.notified() => {}
        }
    }
}

fn stand(inner: &Arc<Inner>, infohash: InfoHash, local: bool) -> Standing {
    let nearby = if local { inner.announce_nearby(infohash) } else { None };
    Standing { _trackers: at_trackers(inner, infohash), _nearby: nearby }
}

/// Trackers are told in turns, by the tracker client, so that a thousand torrents do not come in a burst. The node's own
/// need not be told.
fn at_trackers(inner: &Arc<Inner>, infohash: InfoHash) -> Option<Announced> {
    if inner.config.announce.is_empty() {
        return None;
    }
    let (found, findings) = mpsc::channel(1);
    let hub = Arc::downgrade(inner);
    let progress = move || {
        let account = hub.upgrade().and_then(|inner| inner.ledger.find(infohash));
        Progress {
            uploaded: account.as_ref().map_or(0, |a| a.uploaded()),
            downloaded: account.as_ref().map_or(0, |a| a.downloaded()),
            left: 0,
            // Whoever wants it calls.
            want_peers: false,
        }
    };
    let announcement = inner.announce(infohash, &inner.config.announce, true, Arc::new(progress), found)?;
    let waiting = tokio::spawn(wait(Arc::downgrade(inner), infohash, findings));
    Some(Announced { _announcement: announcement, waiting })
}

/// Opens the torrent when somebody comes through a tracker. Addresses are let go: whoever wants it calls.
async fn wait(hub: Weak<Inner>, infohash: InfoHash, mut findings: mpsc::Receiver<Found>) {
    while let Some(finding) = findings.recv().await {
        let Some(inner) = hub.upgrade() else { return };
        if let Found::Stream(_) = &finding
            && let Some(torrent) = inner.torrent_for(infohash).await
        {
            inner.use_finding(&torrent, finding);
        }
    }
}
