//! The real program, killed at random instants while it publishes and while it fetches: nothing that it
//! acknowledged is lost, nothing broken is served, and doing it again succeeds.
//!
//! `OSP_CRASH_ROUNDS` sets the number of kills (12 when it is not set; `cargo xtask soak` uses 200),
//! `OSP_CRASH_SEED` repeats a run: the seed is printed.

#![cfg(unix)]
#![allow(clippy::print_stdout, clippy::unwrap_used)] // a failed run is repeated by its printed seed

mod support;

use serde_json::Value;
use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use support::{Machine, TEST_DID, fixture, node::Node, text};

/// Tracks of the album that is published.
const TRACKS: usize = 4;

fn rounds() -> u32 {
    std::env::var("OSP_CRASH_ROUNDS").map_or(12, |text| text.parse().expect("OSP_CRASH_ROUNDS is a number"))
}

/// SplitMix64: enough to choose instants, and the same ones for the same seed.
struct Random(u64);

impl Random {
    fn new(test: &str) -> Self {
        let seed = std::env::var("OSP_CRASH_SEED").ok().map(|text| text.parse().expect("a number"));
        let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let seed = seed.unwrap_or(clock.as_nanos() as u64);
        println!("{test}: OSP_CRASH_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

/// An album of a few megabytes a track: long enough to be hit while hashing, writing and committing.
fn album(folder: &Path) -> BTreeMap<String, PathBuf> {
    let tail = std::fs::read(fixture("untagged.mp3")).unwrap();
    let frames: Vec<u8> = tail.iter().copied().cycle().take(tail.len() * 2_000).collect();
    (1..=TRACKS)
        .map(|n| {
            let path = folder.join(format!("{n:02} Track.mp3"));
            // The same music, each file a little longer than the one before: other bytes, other pieces.
            std::fs::write(&path, &frames[..tail.len() * (1_500 + 100 * n)]).unwrap();
            (n.to_string(), path)
        })
        .collect()
}

/// How long a run takes that nobody kills, and how many have been killed.
struct Killer {
    random: Random,
    whole: Duration,
    kills: u32,
    runs: u32,
}

impl Killer {
    fn new(test: &str, mut command: Command) -> Self {
        let start = Instant::now();
        assert!(command.stdout(Stdio::null()).status().unwrap().success());
        Self { random: Random::new(test), whole: start.elapsed(), kills: 0, runs: 0 }
    }

    /// Whether more kills are wanted. A run that ended before its time came is none.
    fn goes_on(&self) -> bool {
        assert!(self.runs < 20 * rounds() + 20, "runs end before they can be killed");
        self.kills < rounds()
    }

    /// Runs the command and kills it at a random instant; the lines that were whole on stdout.
    fn run(&mut self, command: Command) -> Vec<Value> {
        let after = Duration::from_micros(self.random.below(self.whole.as_micros() as u64));
        let start = Instant::now();
        let (lines, finished) = run_and_kill(command, after);
        self.runs += 1;
        if finished {
            // The machine is quicker than it was.
            self.whole = self.whole.min(start.elapsed());
        } else {
            self.kills += 1;
        }
        lines
    }
}

fn run_and_kill(mut command: Command, after: Duration) -> (Vec<Value>, bool) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    let finished = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.success();
        }
        if start.elapsed() >= after {
            child.kill().unwrap();
            break false;
        }
        std::thread::sleep(Duration::from_micros(200));
    };
    child.wait().unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    (whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), finished)
}

fn sound(machine: &Machine) {
    let report = machine.json(["doctor", "--scrub"]).remove(0);
    assert_eq!(report["damaged"], serde_json::json!([]));
    let leftovers = std::fs::read_dir(machine.home().join("store/tmp")).unwrap().count();
    assert_eq!(leftovers, 0, "half-written files are cleared away when the store is opened");
}

#[test]
fn a_killed_publish_loses_nothing_acknowledged() {
    let source = Machine::new();
    let files = album(&source.path(""));
    let publish = |machine: &Machine| {
        let mut command = machine.osp();
        command.args(["--json", "publish"]).args(files.values());
        command
    };
    let mut killer = Killer::new("publish", publish(&Machine::of_artist()));
    let mut acknowledged_in_all = 0;
    while killer.goes_on() {
        let round = killer.runs;
        let artist = Machine::of_artist();
        // Several kills on one home: what one leaves behind must not trouble the next.
        let mut acknowledged: BTreeMap<String, Value> = BTreeMap::new();
        for _ in 0..=killer.random.below(2) {
            let records = killer.run(publish(&artist));
            acknowledged.extend(records.into_iter().map(|r| (text(&r, "id").to_owned(), r)));
        }
        acknowledged_in_all += acknowledged.len();

        sound(&artist);
        let listed = artist.json(["search"]);
        for (id, record) in &acknowledged {
            assert!(listed.contains(record), "round {round}: {id} was acknowledged and is gone");
        }
        // Whatever is listed is whole, acknowledged or not.
        for record in &listed {
            let number = record["trackNumber"].to_string();
            let out = artist.path("out.mp3");
            artist.ok(["resolve", text(record, "id"), "--force", "--output", out.to_str().unwrap()]);
            assert!(
                std::fs::read(&out).unwrap() == std::fs::read(&files[&number]).unwrap(),
                "round {round}: track {number} has other bytes"
            );
        }
        let again: Vec<_> = artist.publish(files.values());
        assert_eq!(again.len(), TRACKS, "round {round}");
        assert_eq!(artist.json(["search"]).len(), TRACKS, "round {round}");
    }
    println!(
        "publish: {} runs, {} kills, {acknowledged_in_all} tracks acknowledged",
        killer.runs, killer.kills
    );
}

#[test]
fn a_killed_fetch_keeps_nothing_broken() {
    let artist = Machine::of_artist();
    let files = album(&artist.path(""));
    let records = artist.publish(files.values());
    let node = Node::start(&artist);
    let resolve = |machine: &Machine| {
        let mut command = machine.osp();
        command.args(["--json", "resolve", TEST_DID, "--from", &node.url, "--output", "music", "--force"]);
        command
    };
    let mut killer = Killer::new("resolve", resolve(&Machine::new()));
    while killer.goes_on() {
        let round = killer.runs;
        let listener = Machine::new();
        let acknowledged = killer.run(resolve(&listener));
        if listener.home().join("store/index.sqlite3").exists() {
            sound(&listener);
        }
        // A file that is there under its name is whole.
        let folder = listener.path("music");
        for entry in std::fs::read_dir(&folder).into_iter().flatten().map(|e| e.unwrap().path()) {
            let name = entry.file_name().unwrap().to_str().unwrap();
            if !name.starts_with(".osp-") {
                let bytes = std::fs::read(&entry).unwrap();
                assert!(files.values().any(|f| std::fs::read(f).unwrap() == bytes), "round {round}: {name}");
            }
        }
        for line in &acknowledged {
            assert!(listener.path(text(line, "path")).exists(), "round {round}");
            let id = text(&line["record"], "id");
            listener.ok(["resolve", id]);
        }
        let again = resolve(&listener).output().unwrap();
        assert!(again.status.success(), "round {round}: {again:?}");
        assert_eq!(listener.json(["search"]).len(), records.len(), "round {round}");
    }
    println!("resolve: {} runs, {} kills", killer.runs, killer.kills);
}
