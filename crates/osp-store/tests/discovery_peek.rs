//! Known peers are read by other processes while the store is in use; one in memory needs no file.
#![allow(clippy::unwrap_used)]

use osp_store::{DiscoveryStore, providers::Limits};

#[test]
fn another_process_reads_whom_a_store_in_use_knows() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("discovery.db");
    assert!(DiscoveryStore::peek_known_peers(&path, 10).is_empty());
    assert!(!path.exists(), "looking makes nothing");
    let store = DiscoveryStore::open(&path, Limits::default()).unwrap();
    for peer in [b"one", b"two"] {
        store.saw(peer, &[vec![4, 1, 2, 3, 4]]).unwrap();
    }
    store.flush().unwrap();
    // Something is being written meanwhile.
    store.saw(b"three", &[vec![4, 1, 2, 3, 4]]).unwrap();
    let known = DiscoveryStore::peek_known_peers(&path, 10);
    assert_eq!(known.len(), 2);
    assert_eq!(known[0].addresses, [vec![4, 1, 2, 3, 4]]);
    assert_eq!(DiscoveryStore::peek_known_peers(&path, 1).len(), 1);
    std::fs::write(home.path().join("other.db"), b"no database at all, but long enough to be one").unwrap();
    assert!(DiscoveryStore::peek_known_peers(&home.path().join("other.db"), 10).is_empty());
}

#[test]
fn a_store_in_memory_keeps_what_it_is_told_and_leaves_nothing() {
    let store = DiscoveryStore::in_memory(Limits::default()).unwrap();
    let other = DiscoveryStore::in_memory(Limits::default()).unwrap();
    store.saw(b"one", &[vec![4, 1, 2, 3, 4]]).unwrap();
    store.maintain().unwrap();
    assert_eq!(store.known_peers(10).unwrap().len(), 1);
    assert!(other.known_peers(10).unwrap().is_empty());
}
