//! How fast one hub gives another a file, on loopback: `torrent_bench [MiB] [tcp|utp] [times]`.
//!
//! Both ends run in this process and share its cores; content is in memory, pieces are hashed.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/torrent/support/mod.rs"]
mod torrent_support;

use osp_delivery::torrent::Hub;
use std::time::Instant;
use torrent_support::{File, Way, config, leech, seed, whole};

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |at: usize| arguments.get(at).map(String::as_str);
    let mib: usize = argument(0).unwrap_or("256").parse().unwrap();
    let way = if argument(1) == Some("utp") { Way::Utp } else { Way::Tcp };
    let times: usize = argument(2).unwrap_or("3").parse().unwrap();
    let file = File::new(mib << 20, 1);
    for _ in 0..times {
        let giver = Hub::open(config(way)).await.unwrap();
        let taker = Hub::open(config(way)).await.unwrap();
        seed(&giver, &file);
        let started = Instant::now();
        let (torrent, content) = leech(&taker, &file, &[giver.local_addr().unwrap()]);
        whole(&torrent).await;
        let seconds = started.elapsed().as_secs_f64();
        assert!(content.whole() == file.bytes);
        println!("{:.0} MB/s", file.bytes.len() as f64 / seconds / 1e6);
    }
}
