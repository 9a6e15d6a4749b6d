//! The store of provider records: budgets, fairness, expiry, restarts, damage.

#![allow(clippy::unwrap_used)]

use osp_store::{
    DiscoveryStore,
    providers::{Added, Announcement, Clock, Limits, MAX_KNOWN_PEERS, Origin, ProviderKey},
};
use std::{
    collections::HashSet,
    net::Ipv4Addr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const DAY: u64 = 86_400;

/// Seconds that pass on both clocks, and by how much the wall clock is set wrong.
#[derive(Clone, Default)]
struct Time(Arc<(AtomicU64, AtomicU64)>);

impl Time {
    fn pass(&self, seconds: u64) {
        self.0.0.fetch_add(seconds, Ordering::Relaxed);
    }
    fn set_wrong(&self, days: i64) {
        self.0.1.store((days * DAY as i64) as u64, Ordering::Relaxed);
    }
}

impl Clock for Time {
    fn wall(&self) -> u64 {
        let running = 20_000 * DAY + self.0.0.load(Ordering::Relaxed);
        running.wrapping_add(self.0.1.load(Ordering::Relaxed))
    }
    fn running(&self) -> Duration {
        Duration::from_secs(self.0.0.load(Ordering::Relaxed))
    }
}

struct Bench {
    store: DiscoveryStore,
    time: Time,
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn bench(limits: Limits) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("discovery.db");
    let time = Time::default();
    let store = DiscoveryStore::open_with(&path, limits, Box::new(time.clone())).unwrap();
    Bench { store, time, _dir: dir, path }
}

impl Bench {
    fn reopen(self, limits: Limits) -> Self {
        let Self { store, time, _dir, path } = self;
        drop(store);
        let store = DiscoveryStore::open_with(&path, limits, Box::new(time.clone())).unwrap();
        Self { store, time, _dir, path }
    }

    fn add(&self, n: u64, peer: u64, network: u32) -> Added {
        self.store.add_provider(&Announcement { ..announcement(n, &peer.to_be_bytes(), network) }).unwrap()
    }

    fn peers(&self, n: u64, count: usize) -> HashSet<u64> {
        let found = self.store.providers(key(n), count).unwrap();
        found.iter().map(|p| u64::from_be_bytes(p.peer.clone().try_into().unwrap())).collect()
    }

    fn sweep(&self) -> usize {
        let mut gone = 0;
        for _ in 0..10_000 {
            let done = self.store.maintain().unwrap();
            gone += done.expired;
            if done.expired == 0 && !done.more {
                break;
            }
        }
        gone
    }
}

fn key(n: u64) -> ProviderKey {
    let mut bytes = [0; 32];
    // Spread, as digests are.
    bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[8..16].copy_from_slice(&n.to_be_bytes());
    ProviderKey(bytes)
}

fn network(n: u32) -> Origin {
    Origin::of(Ipv4Addr::from(0x0b00_0001 + (n << 8)).into())
}

fn announcement(n: u64, peer: &[u8], from: u32) -> Announcement<'_> {
    Announcement { key: key(n), peer, addresses: &[], origin: network(from) }
}

fn small() -> Limits {
    Limits { total: 1000, per_peer: 100, per_key: 20, per_popular_key: 50, ..Limits::default() }
}

#[test]
fn what_was_announced_is_found_with_the_latest_addresses() {
    let bench = bench(small());
    let (peer, first, second) = ([7; 38], vec![vec![1, 2, 3]], vec![vec![4], vec![5, 6]]);
    let of = |n| announcement(n, &peer, 1);
    assert_eq!(bench.store.add_provider(&Announcement { addresses: &first, ..of(1) }).unwrap(), Added::New);
    assert_eq!(bench.store.add_provider(&Announcement { addresses: &second, ..of(2) }).unwrap(), Added::New);
    assert_eq!(
        bench.store.add_provider(&Announcement { addresses: &second, ..of(2) }).unwrap(),
        Added::Renewed
    );
    let found = bench.store.providers(key(1), 20).unwrap();
    assert_eq!((found[0].peer.as_slice(), &found[0].addresses), (&peer[..], &second));
    assert_eq!(found[0].remaining, Duration::from_secs(2 * DAY));
    assert!(bench.store.remove_provider(key(1), &peer).unwrap());
    assert!(!bench.store.remove_provider(key(1), &peer).unwrap());
    assert!(bench.store.providers(key(1), 20).unwrap().is_empty());
    assert_eq!(bench.store.counts().unwrap().records, 1);
    assert_eq!(bench.store.add_provider(&announcement(1, &[0; 65], 1)).unwrap(), Added::Malformed);
}

#[test]
fn a_peer_keeps_to_its_budget() {
    let bench = bench(small());
    let kept = (0..500).filter(|n| bench.add(*n, 1, 1) == Added::New).count();
    assert_eq!(kept, 100);
    assert_eq!(bench.add(501, 1, 1), Added::PeerFull);
    assert_eq!(bench.add(0, 1, 1), Added::Renewed);
    assert_eq!(bench.add(501, 2, 1), Added::New);
}

#[test]
fn first_comers_of_one_network_do_not_shut_out_others() {
    let bench = bench(small());
    for peer in 0..200 {
        bench.add(1, peer, 1);
    }
    assert_eq!(bench.store.counts().unwrap().records, 50);
    for n in 0..10 {
        assert_eq!(bench.add(1, 1000 + u64::from(n), 100 + n), Added::New, "network {n}");
    }
    assert_eq!(bench.store.counts().unwrap().records, 50);
    // Even an answer of ten names all of them, or all but one, beside the crowd's one.
    let named = bench.peers(1, 11);
    assert_eq!(named.iter().filter(|peer| **peer >= 1000).count(), 10);
}

#[test]
fn a_popular_key_is_answered_differently_each_time() {
    let bench = bench(small());
    for peer in 0..50 {
        bench.add(1, peer, peer as u32);
    }
    let named: HashSet<u64> = (0..20).flat_map(|_| bench.peers(1, 20)).collect();
    assert_eq!(bench.peers(1, 20).len(), 20);
    assert!(named.len() > 40, "{}", named.len());
}

#[test]
fn a_key_has_fewer_places_when_room_is_short() {
    let bench = bench(small());
    for n in 0..500 {
        bench.add(1_000_000 + n, n, n as u32);
    }
    for peer in 0..100 {
        bench.add(1, peer, peer as u32);
    }
    assert_eq!(bench.peers(1, 1000).len(), 20);
}

#[test]
fn a_full_store_gives_way_to_other_networks() {
    let bench = bench(small());
    // A flood of one network, from as many peer ids as it likes.
    for n in 0..3000 {
        bench.add(n, n / 50, 1);
    }
    assert_eq!(bench.store.counts().unwrap().records, 1000);
    assert_eq!(bench.add(5000, 9000, 1), Added::Full);
    for n in 0..300 {
        assert_eq!(bench.add(10_000 + n, 9001, 2), if n < 100 { Added::New } else { Added::PeerFull });
    }
    assert_eq!(bench.store.counts().unwrap().records, 1000);
    assert!((0..100).all(|n| bench.peers(10_000 + n, 20).contains(&9001)));
    let own = Announcement { origin: Origin::OWN, ..announcement(77, b"me", 0) };
    assert_eq!(bench.store.add_provider(&own).unwrap(), Added::New);
    assert!(bench.store.providers(key(77), 20).unwrap().iter().any(|p| p.own && p.peer == b"me"));
}

#[test]
fn records_expire_and_are_removed_in_batches() {
    let bench = bench(small());
    for n in 0..600 {
        bench.add(n, n / 60, n as u32);
    }
    bench.time.pass(DAY);
    for n in 0..10 {
        assert_eq!(bench.add(n, 0, 0), Added::Renewed);
    }
    bench.time.pass(DAY + 1);
    assert_eq!(bench.peers(5, 20), HashSet::from([0]));
    assert!(bench.peers(50, 20).is_empty());
    assert_eq!(bench.sweep(), 590);
    let counts = bench.store.counts().unwrap();
    assert_eq!((counts.records, counts.peers), (10, 1));
    bench.time.pass(2 * DAY);
    assert_eq!(bench.sweep(), 10);
    assert_eq!(bench.store.counts().unwrap().peers, 0);
}

#[test]
fn a_wrong_clock_expires_nothing_and_keeps_nothing_for_ever() {
    let bench = bench(small());
    bench.add(1, 1, 1);
    bench.time.set_wrong(300);
    bench.time.pass(1800);
    assert_eq!(bench.sweep(), 0);
    bench.time.set_wrong(0);
    assert_eq!(bench.peers(1, 20).len(), 1);
    bench.time.set_wrong(-300);
    bench.time.pass(DAY);
    assert_eq!((bench.sweep(), bench.peers(1, 20).len()), (0, 1));
    bench.time.pass(DAY);
    assert_eq!((bench.sweep(), bench.peers(1, 20).len()), (1, 0));
}

#[test]
fn a_restart_keeps_records_peers_and_announcements() {
    let first = bench(small());
    first.add(1, 1, 1);
    first.store.saw(b"peer", &[vec![9]]).unwrap();
    first.store.set_announced(&[key(1), key(2)]).unwrap();
    let again = first.reopen(small());
    again.time.pass(90);
    assert_eq!(again.peers(1, 20), HashSet::from([1]));
    let known = again.store.known_peers(10).unwrap();
    assert_eq!((known[0].peer.as_slice(), &known[0].addresses), (&b"peer"[..], &vec![vec![9]]));
    assert_eq!(again.store.announced(key(2)).unwrap(), Some(Duration::from_secs(90)));
    assert_eq!(again.store.announced(key(3)).unwrap(), None);
    let all = again.store.announced_after(None, 10).unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(again.store.announced_after(Some(all[0].0), 10).unwrap(), all[1..]);
    again.store.forget_announced(&[key(1)]).unwrap();
    again.store.forget_peer(b"peer").unwrap();
    let counts = again.store.counts().unwrap();
    assert_eq!((counts.records, counts.announced, counts.known), (1, 1, 0));
}

#[test]
fn known_peers_are_bounded_and_the_latest_stay() {
    let bench = bench(small());
    for n in 0..MAX_KNOWN_PEERS + 500 {
        bench.time.pass(1);
        bench.store.saw(&n.to_be_bytes(), &[vec![1]]).unwrap();
    }
    assert_eq!(bench.store.counts().unwrap().known, MAX_KNOWN_PEERS);
    assert_eq!(bench.store.known_peers(1).unwrap()[0].peer, (MAX_KNOWN_PEERS + 499).to_be_bytes());
}

#[test]
fn a_damaged_file_is_begun_anew() {
    let first = bench(small());
    for n in 0..500 {
        first.add(n, n, 1);
    }
    first.store.maintain().unwrap();
    let Bench { store, time, _dir, path } = first;
    drop(store);
    for damage in ["not a database at all", ""] {
        std::fs::write(&path, damage.repeat(1000)).unwrap();
        let store = DiscoveryStore::open_with(&path, small(), Box::new(time.clone())).unwrap();
        assert_eq!(store.counts().unwrap().records, 0);
        assert_eq!(store.add_provider(&announcement(1, b"peer", 1)).unwrap(), Added::New);
    }
}

#[test]
fn a_file_damaged_inside_is_begun_anew_when_that_shows() {
    use std::{fs, os::unix::fs::FileExt as _};
    let first = bench(small());
    for n in 0..1000 {
        first.add(n, n / 50, n as u32);
    }
    let Bench { store, time, _dir, path } = first;
    drop(store);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    for page in 3..pages {
        file.write_all_at(&[0xa5; 4096], page * 4096).unwrap();
    }
    let store = DiscoveryStore::open_with(&path, small(), Box::new(time)).unwrap();
    for n in 0..100 {
        store.add_provider(&announcement(5000 + n, b"peer", 1)).unwrap();
    }
    assert_eq!(store.counts().unwrap().records, 100);
    assert_eq!(store.providers(key(5001), 20).unwrap().len(), 1);
}
