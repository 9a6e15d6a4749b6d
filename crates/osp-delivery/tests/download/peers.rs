//! Downloads from peers, alone and beside HTTP.

use crate::server::{Reply, Server};
use crate::support::*;
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{torrent::TorrentInfo, unixfs::Profile};
use osp_delivery::{
    DeliveryError,
    download::DownloadRequest,
    torrent::{Content, Hub, HubConfig, Library},
};
use osp_fetch::Trust;
use osp_swarm::{InfoHash, PieceIndex, Verdict};
use std::{io, net::Ipv4Addr, ops::Range, sync::Arc};

/// A whole file in memory.
struct Shelf(Track);

#[async_trait]
impl Content for Shelf {
    async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        Ok(Bytes::copy_from_slice(&self.0.file.bytes[range.start as usize..range.end as usize]))
    }
    async fn put(&self, _: PieceIndex, _: Vec<Bytes>) -> Verdict {
        Verdict::Lost
    }
}

#[async_trait]
impl Library for Shelf {
    async fn find(&self, infohash: InfoHash) -> io::Result<Option<(TorrentInfo, Arc<dyn Content>)>> {
        let known = infohash.0 == self.0.info.infohash();
        Ok(known.then(|| (self.0.info.clone(), Arc::new(Self(self.0.clone())) as Arc<dyn Content>)))
    }
    async fn announced(&self, _: usize) -> io::Result<Vec<InfoHash>> {
        Ok(Vec::new())
    }
}

async fn hub() -> Hub {
    let listen = Some((Ipv4Addr::LOCALHOST, 0).into());
    Hub::open(HubConfig { listen, utp: false, allow_private: true, ..HubConfig::default() }).await.unwrap()
}

async fn seeder(track: &Track) -> Hub {
    let hub = hub().await;
    hub.seed_library(Arc::new(Shelf(track.clone())));
    hub
}

fn with_peer(mut request: DownloadRequest, peer: &Hub) -> DownloadRequest {
    request.peers.push((peer.local_addr().unwrap(), Trust::Typed));
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_magnet_and_a_peer_are_enough() {
    for profile in [Profile::V1_2025, Profile::V0_2015] {
        let track = Track::new(profile, 3 * MIB + 77);
        let seeder = seeder(&track).await;
        let bench = Bench::with_hub(Some(hub().await));
        let by_cid = track.by_record(&[]);
        for mut request in [DownloadRequest::of_magnet(track.magnet()), by_cid] {
            // Even the size comes from the peer.
            request.size = None;
            let download = bench.delivers(&track, with_peer(request, &seeder)).await;
            let progress = download.progress().await;
            assert_eq!((progress.bittorrent, progress.http), (track.info.length, 0));
            assert!(download.attempts().is_empty());
        }
        seeder.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_brings_the_proof_for_a_plain_mirror() {
    let track = Track::new(Profile::V1_2025, 9 * MIB + 77);
    let (seeder, plain) = (seeder(&track).await, plain(&track).await);
    let bench = Bench::with_hub(Some(hub().await));
    let download = bench.delivers(&track, with_peer(track.by_record(&[mirror(&plain)]), &seeder)).await;
    assert!(download.progress().await.culprits.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lying_mirror_is_found_out_by_what_peers_say() {
    let track = Track::new(Profile::V1_2025, 3 * MIB + 77);
    let (seeder, liar) = (seeder(&track).await, lying(&track, 5).await);
    let bench = Bench::with_hub(Some(hub().await));
    bench.delivers(&track, with_peer(track.by_record(&[mirror(&liar)]), &seeder)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mirrors_carry_on_where_nobody_is_in_the_swarm() {
    let track = Track::new(Profile::V1_2025, 3 * MIB + 77);
    let (good, plain) = (honest(&track).await, plain(&track).await);
    let bench = Bench::with_hub(Some(hub().await));
    for server in [&good, &plain] {
        bench.delivers(&track, track.by_record(&[mirror(server)])).await;
    }
    let gone = Server::start(|_| Reply::status(404)).await;
    let bench = Bench::impatient(Some(hub().await));
    let error = bench.downloads.open(track.by_record(&[mirror(&gone)])).finished().await.unwrap_err();
    assert!(matches!(*error, DeliveryError::NotFound { .. }), "{error}");
    assert!(error.to_string().contains(&gone.url("/track.opus")), "{error}");
}
