//! Downloads from peers, alone and beside HTTP.

use crate::server::{Reply, Server};
use crate::shelf::{Shelf, hub};
use crate::support::*;
use osp_core::unixfs::Profile;
use osp_delivery::{DeliveryError, download::DownloadRequest, torrent::Hub};
use osp_fetch::Trust;
use std::sync::Arc;

async fn seeder(track: &Track) -> Hub {
    let hub = hub().await;
    hub.seed_library(Arc::new(Shelf::new(track, None)));
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
