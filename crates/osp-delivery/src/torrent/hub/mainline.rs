//! Peers from the mainline DHT (BEP 5), for torrents that were joined.

use super::Inner;
use crate::torrent::Torrent;
use osp_fetch::Trust;
use osp_swarm::Bitfield;
use std::time::Duration;

/// How often a torrent is looked up and announced: nodes forget an announcement after half an hour.
const EVERY: Duration = Duration::from_secs(15 * 60);

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
