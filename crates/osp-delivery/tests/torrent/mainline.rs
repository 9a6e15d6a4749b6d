//! The mainline DHT between hubs, on a network of nodes on this machine.

use crate::support::{File, Memory, Shelf, Way, config, setup, whole};
use mainline::Testnet;
use osp_delivery::torrent::{Hub, HubConfig, Reach};
use osp_peers::mainline::{Mainline, MainlineConfig};
use std::sync::Arc;

/// A hub that takes part in the DHT and knows no other way to peers.
async fn hub(net: &Testnet, allow_private: bool) -> Hub {
    let bootstrap = Some(net.bootstrap.clone());
    let mainline = Mainline::start(&MainlineConfig { bootstrap, allow_private, ..MainlineConfig::default() });
    Hub::open(HubConfig { mainline: Some(mainline.unwrap()), ..config(Way::Tcp) }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_library_has_is_found_in_the_dht() {
    let net = Testnet::builder(8).build().unwrap();
    let file = File::new(300_000, 21);
    let giver = hub(&net, true).await;
    giver.seed_library(Arc::new(Shelf(vec![file.clone()])));
    // The announcement takes a moment; a taker asks every quarter of an hour, so it comes afterwards.
    let looker =
        MainlineConfig { bootstrap: Some(net.bootstrap.clone()), allow_private: true, ..Default::default() };
    let looker = Mainline::start(&looker).unwrap();
    crate::support::until(async || !looker.peers(file.infohash).await.is_empty()).await;

    let taker = hub(&net, true).await;
    let content = Memory::empty(&file);
    let torrent = taker.join(setup(&taker, &file, content.clone()), Reach::default()).unwrap();
    whole(&torrent).await;
    assert_eq!(content.whole(), file.bytes);

    // Addresses in the DHT are strangers' words.
    let careful = hub(&net, false).await;
    let torrent = careful.join(setup(&careful, &file, Memory::empty(&file)), Reach::default()).unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(torrent.have().borrow().count(), 0);
}
