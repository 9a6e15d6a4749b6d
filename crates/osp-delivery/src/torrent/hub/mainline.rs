//! The mainline DHT (BEP 5): peers for torrents that were joined, and announcements of what a library has.

use super::Inner;
use crate::torrent::{Library, Torrent};
use osp_fetch::Trust;
use osp_swarm::{Bitfield, InfoHash};
use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// How often a torrent is looked up and announced: nodes forget an announcement after half an hour.
const EVERY: Duration = Duration::from_secs(15 * 60);

/// Torrents of a library that are announced, the newest ones: each costs some fifty questions every [`EVERY`].
const OF_LIBRARY: usize = 200;
/// Between two announcements of a library: [`OF_LIBRARY`] of them fit into [`EVERY`].
const GAP: Duration = Duration::from_secs(4);
/// How often a library is asked what there is to announce.
const LOOK: Duration = Duration::from_secs(1);

/// Announces what the library has, one after the other, until another library takes its place. What it no longer names
/// is not announced again.
pub(super) async fn announce_library(hub: Weak<Inner>, library: Arc<dyn Library>) {
    let mut told: HashMap<InfoHash, Instant> = HashMap::new();
    loop {
        let Some(inner) = hub.upgrade() else { return };
        if !inner.state().library.as_ref().is_some_and(|current| Arc::ptr_eq(current, &library)) {
            return;
        }
        let (Some(mainline), Some(local)) = (inner.config.mainline.clone(), inner.local) else { return };
        drop(inner);
        let wanted = library.announced(OF_LIBRARY).await.unwrap_or_default();
        told.retain(|infohash, at| wanted.contains(infohash) && at.elapsed() < EVERY);
        let Some(next) = wanted.into_iter().find(|infohash| !told.contains_key(infohash)) else {
            sleep(LOOK).await;
            continue;
        };
        told.insert(next, Instant::now());
        if let Err(error) = mainline.announce(next, local.port()).await {
            tracing::debug!("{error}");
        }
        sleep(GAP).await;
    }
}

impl Inner {
    /// Looks a torrent up from time to time, and announces it if we can be called, until it is closed.
    pub(super) fn search_mainline(&self, torrent: &Torrent) {
        let Some(mainline) = self.config.mainline.clone() else { return };
        let port = self.local.map(|local| local.port());
        let torrent = torrent.clone();
        let search = {
            let torrent = torrent.clone();
            async move {
                loop {
                    let missing = !Bitfield::is_complete(&torrent.have().borrow());
                    if missing || torrent.have().borrow().pieces() == 0 {
                        torrent.add_addresses(mainline.peers(torrent.infohash()).await, Trust::Learned);
                    }
                    if let Some(port) = port
                        && let Err(error) = mainline.announce(torrent.infohash(), port).await
                    {
                        tracing::debug!("{error}");
                    }
                    tokio::time::sleep(EVERY).await;
                }
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                () = torrent.closed() => {}
                () = search => {}
            }
        });
    }
}
