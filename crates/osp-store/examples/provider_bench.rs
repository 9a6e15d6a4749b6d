//! How provider records weigh: `cargo run --release --example provider_bench -p osp-store [RECORDS]`.
//!
//! Fills a store to its budget, from 100 networks with 100 peers each, and prints seconds, resident memory before and
//! after, and the size of the file.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use osp_store::{
    DiscoveryStore,
    providers::{Announcement, Limits, Origin, ProviderKey},
};
use std::{net::Ipv4Addr, time::Instant};

fn main() {
    let records: u64 = std::env::args().nth(1).map_or(1_000_000, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("discovery.db");
    let store = DiscoveryStore::open(&path, Limits::default()).unwrap();
    let addresses = [vec![4, 8, 8, 8, 8, 6, 15, 161], vec![4, 8, 8, 8, 8, 0x91, 2, 15, 161, 0xcd, 3]];
    for round in [0, 1, 2] {
        let (start, mut slowest) = (Instant::now(), 0);
        let part = if round == 0 { records / 10 } else { records };
        for n in 0..part {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            let peer = n % 10_000;
            let before = Instant::now();
            store
                .add_provider(&Announcement {
                    key: ProviderKey(key),
                    peer: &[&[0; 30][..], &peer.to_be_bytes()].concat(),
                    addresses: &addresses,
                    origin: Origin::of(Ipv4Addr::from(0x0b00_0000 + ((peer as u32 / 100) << 8)).into()),
                })
                .unwrap();
            slowest = slowest.max(before.elapsed().as_micros());
            if n % 1000 == 999 {
                store.maintain().unwrap();
            }
        }
        store.maintain().unwrap();
        let counts = store.counts().unwrap();
        let start_reading = Instant::now();
        for n in 0..10_000_u64 {
            let mut key = [0; 32];
            let n = (n * 97) % part;
            key[..8].copy_from_slice(&(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            assert!(!store.providers(ProviderKey(key), 20).unwrap().is_empty());
        }
        println!(
            "round {round}: {} records of {} peers, {:.1} s ({:.0} a second, slowest {slowest} us), read {:.0} us, RSS {} KiB, file {} KiB",
            counts.records,
            counts.peers,
            start.elapsed().as_secs_f64(),
            part as f64 / start.elapsed().as_secs_f64(),
            start_reading.elapsed().as_micros() as f64 / 10_000.0,
            resident(),
            std::fs::metadata(&path).unwrap().len() / 1024,
        );
    }
}

/// Resident memory in KiB, as Linux tells it.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}
