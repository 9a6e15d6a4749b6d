//! A peer with one file.

use crate::support::Track;
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::torrent::TorrentInfo;
use osp_delivery::torrent::{Content, Hub, HubConfig, Library};
use osp_swarm::{InfoHash, PieceIndex, Verdict};
use std::{io, net::Ipv4Addr, ops::Range, sync::Arc};
use tokio::sync::Semaphore;

/// A whole file in memory.
#[derive(Clone)]
pub(crate) struct Shelf {
    track: Track,
    /// As many pieces are given as there are permits; without it, all.
    gives: Option<Arc<Semaphore>>,
}

impl Shelf {
    pub(crate) fn new(track: &Track, gives: Option<&Arc<Semaphore>>) -> Self {
        Self { track: track.clone(), gives: gives.cloned() }
    }
}

#[async_trait]
impl Content for Shelf {
    async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        if let Some(gives) = &self.gives {
            gives.acquire().await.unwrap().forget();
        }
        Ok(Bytes::copy_from_slice(&self.track.file.bytes[range.start as usize..range.end as usize]))
    }
    async fn put(&self, _: PieceIndex, _: Vec<Bytes>) -> Verdict {
        Verdict::Lost
    }
}

#[async_trait]
impl Library for Shelf {
    async fn find(&self, infohash: InfoHash) -> io::Result<Option<(TorrentInfo, Arc<dyn Content>)>> {
        let known = infohash.0 == self.track.info.infohash();
        Ok(known.then(|| (self.track.info.clone(), Arc::new(self.clone()) as Arc<dyn Content>)))
    }
    async fn announced(&self, _: usize) -> io::Result<Vec<InfoHash>> {
        Ok(Vec::new())
    }
}

/// Peers on this machine alone.
pub(crate) async fn hub() -> Hub {
    let listen = Some((Ipv4Addr::LOCALHOST, 0).into());
    Hub::open(HubConfig { listen, utp: false, allow_private: true, ..HubConfig::default() }).await.unwrap()
}
