//! `kill -9` at random instants: nothing acknowledged is lost, nothing broken is served, nothing is left over.
//!
//! The test starts itself again as a child that publishes in a loop and prints a line after every acknowledged
//! step, kills it, opens the store and compares. `OSP_CRASH_ROUNDS` sets how often (40), `OSP_CRASH_SEED` repeats
//! a failure.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
#[path = "contract/samples.rs"]
mod samples;

use osp_core::{content::parse_cid, unixfs::Profile};
use osp_store::{BlobStore, RecordIndex, embedded::EmbeddedStore};
use samples::{artist, bytes, store as put, track};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const CHILD: &str = "OSP_CRASH_CHILD";

/// Publishes until it is killed. Not a test of its own: without the environment of the parent it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publisher() {
    let Some(home) = std::env::var_os(CHILD) else { return };
    let from: u64 = std::env::var("OSP_CRASH_FROM").unwrap().parse().unwrap();
    let store = EmbeddedStore::open(Path::new(&home)).unwrap();
    // A line is one write, so that a reader never sees half of an acknowledgement and more.
    let say = |line: String| std::io::stderr().write_all(line.as_bytes()).unwrap();
    for n in from.. {
        let data = bytes(n, size_of(n));
        let blob = put(&store, &data, &[Profile::V1_2025, Profile::V0_2015]).await;
        say(format!("\nack blob {n} {}\n", blob.cid));
        let record = track(&format!("Crash {n}")).content(&blob.cid).sign(&artist(1));
        store.put(std::slice::from_ref(&record)).await.unwrap();
        say(format!("\nack record {n} {}\n", record.id().as_str()));
        if n % 5 == 4 {
            say(format!("\nack removing {n} {}\n", blob.cid));
            store.remove(&blob).await.unwrap();
            say(format!("\nack removed {n} {}\n", blob.cid));
        }
    }
}

/// Small ones for many commits, some of several leaves.
fn size_of(n: u64) -> usize {
    if n % 7 == 3 { 2_300_000 } else { 1_000 + (n as usize * 7919) % 90_000 }
}

fn start(home: &Path, from: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["publisher", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, home)
        .env("OSP_CRASH_FROM", from.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What was acknowledged, by the number of the step.
#[derive(Default)]
struct Acknowledged {
    blobs: BTreeMap<u64, String>,
    records: BTreeMap<u64, String>,
    removed: BTreeMap<u64, String>,
    /// Whether the last thing heard was that a blob is about to go.
    removing: BTreeMap<u64, String>,
    next: u64,
}

impl Acknowledged {
    fn hear(&mut self, line: &str) {
        let mut words = line.split(' ');
        if words.next() != Some("ack") {
            return;
        }
        let (Some(what), Some(n), Some(id)) = (words.next(), words.next(), words.next()) else { return };
        let n: u64 = n.parse().unwrap();
        self.next = self.next.max(n + 1);
        let map = match what {
            "blob" => &mut self.blobs,
            "record" => &mut self.records,
            "removing" => &mut self.removing,
            "removed" => &mut self.removed,
            other => panic!("{other}"),
        };
        map.insert(n, id.to_owned());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_it_acknowledged() {
    let rounds: u64 = std::env::var("OSP_CRASH_ROUNDS").map_or(40, |n| n.parse().unwrap());
    let seed: u64 = std::env::var("OSP_CRASH_SEED").map_or_else(
        |_| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into(),
        |n| n.parse().unwrap(),
    );
    let home = tempfile::tempdir().unwrap();
    let mut all = Acknowledged::default();
    let mut sound = BTreeSet::new();
    for round in 0..rounds {
        // Every tenth round looks at everything again, the others at what has come since: a check of all in each
        // of 200 rounds would take longer than all the publishing.
        let since = if round % 10 == 9 || round + 1 == rounds {
            sound.clear();
            0
        } else {
            all.next
        };
        let mut child = start(home.path(), all.next + 5);
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let hearing = std::thread::spawn(move || stderr.lines().map_while(Result::ok).collect::<Vec<_>>());
        // From before the store is open to many commits later.
        let delay = u64::from(bytes(seed ^ round, 16)[15]) * 2;
        tokio::time::sleep(Duration::from_millis(delay)).await;
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(9),
            "the child ended by itself"
        );
        for line in hearing.join().unwrap() {
            all.hear(&line);
        }
        let when = format!("OSP_CRASH_SEED={seed}, round {round}, killed after {delay} ms");
        check(home.path(), &all, since, &mut sound, &when).await;
    }
    assert!(all.records.len() as u64 > rounds, "the child published too little to say anything");
}

/// Looks at the steps from `since` on, and at every blob that is not yet known to be `sound`.
async fn check(home: &Path, all: &Acknowledged, since: u64, sound: &mut BTreeSet<String>, when: &str) {
    let store = EmbeddedStore::open(home).unwrap();
    for (n, id) in all.records.range(since..) {
        let record = store.get(id).await.unwrap().unwrap_or_else(|| panic!("record {n} is lost: {when}"));
        osp_core::record::Record::parse(&record.json).unwrap().verify().unwrap();
    }
    for (n, cid) in all.blobs.range(since..) {
        let found = store.find(&parse_cid(cid).unwrap()).await.unwrap();
        if all.removed.contains_key(n) {
            assert_eq!(found, None, "blob {n} was removed and is back: {when}");
        } else if !all.removing.contains_key(n) {
            assert!(found.is_some(), "blob {n} is lost: {when}");
        }
    }
    // Whatever is visible, acknowledged or not, is whole: row and file, neither without the other.
    let mut listed = BTreeSet::new();
    for cid in store.list(None, 1_000_000).await.unwrap() {
        if sound.insert(cid.to_string()) {
            assert_eq!(store.scrub(&cid).await.unwrap().damaged, [], "{cid} is broken: {when}");
        }
        listed.insert(cid.to_string());
    }
    let shards = fs::read_dir(home.join("store/blobs")).unwrap();
    for file in shards.flat_map(|shard| fs::read_dir(shard.unwrap().path()).unwrap()) {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(listed.contains(&name), "{name} is a file without a row: {when}");
    }
    assert_eq!(fs::read_dir(home.join("store/tmp")).unwrap().count(), 0, "leftovers: {when}");
}
