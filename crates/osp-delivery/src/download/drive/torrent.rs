//! The torrent of a download: opened when the size is known, or for peers who tell it; opened anew when the size turns out
//! to be another.

use super::{Drive, Run, local};
use crate::{
    DeliveryError,
    download::{
        gate::Gate,
        leaves::Leaves,
        partial::Partial,
        pieces::Pieces,
        shared::{Body, Shared},
        sources::{HttpRanges, Tracked},
    },
    torrent::{Held, JoinError, RangeSource, Reach, Torrent, TorrentSetup},
};
use osp_core::{content::RAW, unixfs::MAX_BLOCK_BYTES};
use osp_swarm::{Demand, Geometry, InfoHash, PeerId};
use std::{sync::Arc, time::Duration};

impl Drive {
    /// The file has this size: begins, or begins anew if it was thought to have another.
    pub(super) async fn resize(&mut self, size: u64) -> Result<(), DeliveryError> {
        let cut = self.pieces().map(|pieces| pieces.geometry().length());
        if cut == Some(size) {
            return Ok(());
        }
        self.size = Some(size);
        self.close_run().await;
        if size > 0 { self.begin().await } else { Ok(()) }
    }

    /// Opens the torrent, with the geometry if the size is known.
    pub(super) async fn begin(&mut self) -> Result<(), DeliveryError> {
        let folder = self.config.folder.clone();
        let geometry = self.size.and_then(Geometry::by_rule);
        let pieces = match geometry {
            None => None,
            Some(geometry) => {
                let size = geometry.length();
                let place = folder.clone();
                let partial = tokio::task::spawn_blocking(move || Partial::new(&place, Some(size))).await;
                let partial = partial.map_err(std::io::Error::other).and_then(|p| p).map_err(local)?;
                Some(Arc::new(Pieces::new(geometry, partial, self.shared.tick.clone())))
            }
        };
        let max_size = self.request.max_size;
        let gate = Arc::new(Gate::new(folder, max_size, self.shared.tick.clone(), pieces));
        self.enter(gate).await;
        Ok(())
    }

    /// Opens the torrent of these pieces, which may be there in part, and lets it use every source.
    pub(super) async fn enter(&mut self, gate: Arc<Gate>) {
        let pieces = gate.pieces();
        let (torrent, taken) = self.open_torrent(&gate).await;
        let mut run = Run { torrent: torrent.clone(), gate, sources: Vec::new(), culprits: 0, beside: None };
        if let Some(other) = taken {
            self.go_beside(other, &mut run);
        }
        self.run = Some(run);
        if let Some(pieces) = pieces {
            self.shared.set_size(pieces.geometry().length());
            self.prove(&pieces).await;
            self.shared.set_body(Body::Pieces(pieces));
        }
        self.shared.set_torrent(Some(torrent));
        for index in 0..self.places.len() {
            self.add_source(index);
        }
        self.use_peers();
        if let Some(run) = &mut self.run {
            for source in self.request.ranges.clone() {
                run.add(source, &self.shared);
            }
        }
    }

    /// Tells new pieces what is known.
    async fn prove(&mut self, pieces: &Pieces) {
        let size = pieces.geometry().length();
        if let Some(info) = self.info.clone() {
            pieces.prove_by_info(info).await;
        }
        // A raw root is its only leaf; whether it has this size shows when it is whole.
        let single = self.request.cid.filter(|cid| cid.codec() == RAW && size <= MAX_BLOCK_BYTES as u64);
        let leaves =
            self.leaves.clone().or_else(|| single.and_then(|c| Leaves::single(c, size)).map(Arc::new));
        if let Some(leaves) = leaves {
            pieces.prove_by_leaves(leaves).await;
        }
    }

    /// The torrent, and the one in its place in the hub, if another download has joined that.
    async fn open_torrent(&self, gate: &Arc<Gate>) -> (Torrent, Option<Torrent>) {
        let pieces = gate.pieces();
        let setup = |infohash, config, peer_id| TorrentSetup {
            infohash,
            info: self.info.as_deref().cloned(),
            geometry: pieces.as_ref().map(|pieces| pieces.geometry()),
            held: pieces.as_ref().map_or(Held::Nothing, |pieces| Held::Pieces(pieces.have())),
            content: Arc::clone(gate) as _,
            config,
            demand: Demand::Everything,
            peer_id,
            seed: chance(),
            seeding: self.config.seeding,
        };
        let nobody = PeerId([b'-'; 20]);
        let Some((hub, infohash)) = self.config.hub.as_ref().zip(self.request.infohash()) else {
            // There are no peers to wait for: all that is ahead is asked of web seeds.
            let ahead = Duration::from_secs(3600);
            let alone =
                osp_swarm::Config { window: ahead, web_seed_reserve: ahead, ..self.config.engine.clone() };
            return (Torrent::open(setup(self.own_infohash(), alone, nobody)), None);
        };
        loop {
            let reach = Reach {
                trackers: self.request.trackers.clone(),
                sources: Vec::new(),
                peers: self.request.peers.clone(),
                announce: self.config.announce,
            };
            let other = match hub.join(setup(infohash, hub.engine_config(), hub.peer_id()), reach) {
                Ok(torrent) => return (torrent, None),
                Err(JoinError::AlreadyOpen(other)) => other,
            };
            if !other.have().borrow().is_complete() {
                // What nobody waits for, the other one brings.
                let setup = setup(infohash, self.config.engine.clone(), nobody);
                let ours = Torrent::open(TorrentSetup { demand: Demand::Windows, ..setup });
                return (ours, Some(other));
            }
            // A download that has ended: its content would stand in the way of ours.
            other.close().await;
        }
    }

    /// The infohash, or a name for a torrent that nobody hears of.
    fn own_infohash(&self) -> InfoHash {
        let digest = self.request.cid.as_ref().and_then(osp_core::content::digest_of).unwrap_or_default();
        let own = digest.first_chunk::<20>().copied().unwrap_or_default();
        self.request.infohash().unwrap_or(InfoHash(own))
    }

    pub(super) fn can_use_peers(&self) -> bool {
        self.config.hub.is_some() && self.request.magnet.is_some()
    }

    /// Lets the engine use a place, if its address and the size are known.
    pub(super) fn add_source(&mut self, index: usize) {
        let (Some(place), Some(run)) = (self.places.get(index), &mut self.run) else { return };
        let Some(pieces) = run.gate.pieces() else { return };
        let Some(url) = place.file(self.request.cid.as_ref()) else { return };
        let known = run.sources.iter().any(|source| source.name() == place.name);
        if known || self.shared.ledger.has_lied(&place.name) {
            return;
        }
        let size = pieces.geometry().length();
        let fetcher = self.config.fetcher.clone();
        let idle = self.config.patience.idle;
        let (folder, proven) = (self.config.folder.clone(), Arc::clone(&self.proven));
        let ranges = HttpRanges::new(fetcher, url, place.name.clone(), size, folder, proven, idle);
        if let Some(opening) = self.openings.remove(&index).filter(|opening| opening.size == size) {
            ranges.resume(*opening);
        }
        run.add(Arc::new(ranges), &self.shared);
    }

    pub(super) async fn close_run(&mut self) {
        self.look_at_culprits();
        if let Some(run) = self.run.take() {
            self.shared.set_torrent(None);
            run.torrent.close().await;
        }
    }

    pub(super) fn pieces(&self) -> Option<Arc<Pieces>> {
        self.run.as_ref()?.gate.pieces()
    }
}

impl Run {
    pub(super) fn add(&mut self, source: Arc<dyn RangeSource>, shared: &Shared) {
        let tracked = Tracked::new(source, Arc::clone(&shared.ledger));
        self.torrent.add_source(Arc::new(tracked.clone()));
        self.sources.push(tracked);
    }
}

/// For what the engine leaves to chance: from the system's randomness, by way of a hasher's keys.
fn chance() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0)
}
