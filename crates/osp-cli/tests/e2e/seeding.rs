//! Volunteers keep artists' music alive, within the room that they give.

use crate::{
    schemas::valid,
    support::{Done, Machine, TEST_DID, eventually, node::Node, text},
};
use serde_json::Value;

/// Room for three tracks of [`track`], and not for four.
const THREE: &str = "350000";
/// Room for one.
const ONE: &str = "150000";

/// Publishes a WAV file of about 100 kB, other music for each number; gives the record.
fn track(artist: &Machine, number: u16) -> Value {
    const BYTES: u32 = 100_000;
    let mut wav = Vec::new();
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + BYTES).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend_from_slice(&44_100u32.to_le_bytes());
    wav.extend_from_slice(&88_200u32.to_le_bytes());
    wav.extend_from_slice(b"\x02\0\x10\0data");
    wav.extend_from_slice(&BYTES.to_le_bytes());
    wav.extend((0..BYTES / 2).flat_map(|n| ((n as u16).wrapping_mul(number) % 9000).to_le_bytes()));
    let file = artist.file(&format!("{number}.wav"), wav);
    let title = format!("Song {number}");
    artist.publish([file.as_os_str(), "--no-waveform".as_ref(), "--title".as_ref(), title.as_ref()]).remove(0)
}

/// Runs `osp seed --once` without peers; every line is what the schema promises.
fn seed(machine: &Machine, quota: &str, args: &[&str]) -> Done {
    let once = ["--json", "seed", "--once", "--no-peers", "--quota", quota];
    let done = machine.run([&once, args].concat());
    done.lines().iter().for_each(|line| valid("seed", line));
    done
}

/// Titles of what this happened to, in order of their names.
fn titles(done: &Done, event: &str) -> Vec<String> {
    let lines = done.lines();
    let those = lines.iter().filter(|line| line["event"] == event);
    let mut titles: Vec<String> = those.map(|line| text(line, "title").to_owned()).collect();
    titles.sort();
    titles
}

fn has(node: &Node, record: &Value) -> bool {
    node.get(&format!("/ipfs/{}", text(record, "cid"))).status == 200
}

#[test]
fn a_catalogue_outlives_the_artists_node() {
    let artist = Machine::of_artist();
    let album: Vec<Value> = (1..=2).map(|n| track(&artist, n)).collect();
    let node = Node::start(&artist);
    let volunteer = Machine::new();
    let page = format!("{}/artist/{TEST_DID}", node.url);
    let done = seed(&volunteer, THREE, &[&page]);
    assert_eq!((done.code, titles(&done, "kept")), (Some(0), vec!["Song 1".into(), "Song 2".into()]));
    let listed = volunteer.json(["seed", "--list"]);
    listed.iter().for_each(|line| valid("seed-list", line));
    assert_eq!((&listed[0]["ref"], &listed[0]["sources"][0]), (&TEST_DID.into(), &node.url.as_str().into()));
    let again = seed(&volunteer, THREE, &[]);
    assert_eq!((titles(&again, "kept").len(), titles(&again, "seeding").len()), (0, 2), "{again:?}");
    drop(node);

    let seeding = Node::start(&volunteer);
    let listener = Machine::new();
    for record in &album {
        let found = listener.json(["resolve", text(record, "id"), "--from", &seeding.url]).remove(0);
        assert_eq!(&found["record"], record);
    }
}

#[test]
fn a_new_release_takes_the_room_of_what_is_wanted_least() {
    let artist = Machine::of_artist();
    let album: Vec<Value> = (1..=3).map(|n| track(&artist, n)).collect();
    let node = Node::start(&artist);
    let volunteer = Machine::new();
    let first = seed(&volunteer, THREE, &[TEST_DID, "--from", &node.url]);
    assert_eq!((first.code, titles(&first, "kept").len()), (Some(0), 3), "{first:?}");

    let serving = Node::start(&volunteer);
    for played in [&album[0], &album[2]] {
        assert_eq!(serving.get(&format!("/api/v1/tracks/{}/audio", text(played, "id"))).status, 200);
    }
    assert!(serving.signal("TERM").0.success());

    let release = track(&artist, 4);
    let second = seed(&volunteer, THREE, &[]);
    assert_eq!(titles(&second, "evicted"), ["Song 2"], "{second:?}");
    assert_eq!((second.code, titles(&second, "kept")), (Some(0), vec!["Song 4".to_owned()]));
    // What has left does not come back to push out others.
    let third = seed(&volunteer, THREE, &[]);
    assert_eq!((titles(&third, "refused"), titles(&third, "evicted").len()), (vec!["Song 2".to_owned()], 0));

    let serving = Node::start(&volunteer);
    let there: Vec<bool> = album.iter().chain([&release]).map(|record| has(&serving, record)).collect();
    assert_eq!(there, [true, false, true, true]);
}

#[test]
fn a_last_copy_stays_and_is_named() {
    let artist = Machine::of_artist();
    (1..=2).for_each(|n| drop(track(&artist, n)));
    let node = Node::start(&artist);
    let volunteer = Machine::new();
    seed(&volunteer, THREE, &[TEST_DID, "--from", &node.url]);
    drop(node);
    let done = seed(&volunteer, ONE, &[]);
    let lines = done.lines();
    let full = lines.iter().find(|line| line["event"] == "refused").unwrap_or_else(|| panic!("{done:?}"));
    let named: Vec<&str> = full["last_copies"].as_array().unwrap().iter().map(|c| text(c, "title")).collect();
    assert!(named.len() == 2 && full["reason"].as_str().unwrap().contains("no other copy"), "{full}");
    assert_eq!(titles(&done, "evicted").len(), 0);
    let node = Node::start(&artist);
    // At its old address there is nothing; it is told where it is now.
    let done = seed(&volunteer, ONE, &[TEST_DID, "--from", &node.url]);
    assert_eq!(titles(&done, "evicted").len(), 1, "{done:?}");
}

#[test]
fn what_is_pinned_is_not_given_up() {
    let artist = Machine::of_artist();
    let album: Vec<Value> = (1..=2).map(|n| track(&artist, n)).collect();
    let node = Node::start(&artist);
    let volunteer = Machine::new();
    let pinned = seed(&volunteer, ONE, &[text(&album[0], "id"), "--pin", "--from", &node.url]);
    assert_eq!(titles(&pinned, "kept"), ["Song 1"], "{pinned:?}");
    let rest = seed(&volunteer, ONE, &[TEST_DID, "--from", &node.url]);
    assert_eq!((rest.code, titles(&rest, "refused")), (Some(0), vec!["Song 2".to_owned()]), "{rest:?}");
    // Once it is unpinned, a release may take its place.
    volunteer.ok(["seed", "--remove", text(&album[0], "id")]);
    track(&artist, 3);
    let release = seed(&volunteer, ONE, &[]);
    assert_eq!(
        (titles(&release, "evicted"), titles(&release, "kept")),
        (vec!["Song 1".into()], vec!["Song 3".into()])
    );
}

#[test]
fn what_is_retracted_is_dropped() {
    let artist = Machine::of_artist();
    let album: Vec<Value> = (1..=2).map(|n| track(&artist, n)).collect();
    let node = Node::start(&artist);
    let volunteer = Machine::new();
    seed(&volunteer, THREE, &[TEST_DID, "--from", &node.url]);
    artist.ok(["retract", text(&album[0], "id")]);
    let done = seed(&volunteer, THREE, &[]);
    let dropped: Vec<Value> = done.lines().into_iter().filter(|line| line["event"] == "dropped").collect();
    assert_eq!(dropped.len(), 1, "{done:?}");
    assert_eq!(dropped[0]["cid"], album[0]["cid"]);
}

#[test]
fn a_running_node_does_the_work_and_hears_of_new_releases() {
    let artist = Machine::of_artist();
    let first = track(&artist, 1);
    let node = Node::start(&artist);
    let volunteer = Machine::new();
    volunteer.file("home/config.toml", "[peers]\nrefresh = 1\n");
    let seeding = Node::start(&volunteer);
    let done = volunteer.run(["seed", TEST_DID, "--from", &node.url]);
    assert!(done.code == Some(0) && done.stderr.contains("keeps it"), "{done:?}");
    eventually("the catalogue is kept", || has(&seeding, &first));
    let second = track(&artist, 2);
    eventually("the release is kept", || has(&seeding, &second));
    let guests = |n: usize| {
        let metrics = String::from_utf8(seeding.get("/metrics").body).unwrap();
        metrics.contains(&format!("\nosp_guests {n}\n"))
    };
    // Whose they are is written down after the bytes are.
    eventually("both are guests", || guests(2));
    // What somebody publishes here is his own, even if it was fetched before.
    let copy = std::fs::copy(artist.path("1.wav"), volunteer.path("1.wav"));
    assert!(copy.is_ok());
    volunteer.ok(["id", "new", "--name", "V", "--no-passphrase"]);
    volunteer.publish(["1.wav", "--no-waveform", "--title", "Mine"]);
    assert!(guests(1));
}

#[test]
fn what_nobody_has_fails_and_what_is_heard_counts() {
    let artist = Machine::of_artist();
    let album: Vec<Value> = (1..=2).map(|n| track(&artist, n)).collect();
    let node = Node::start(&artist);
    let listener = Machine::new();
    let nobody = seed(&listener, ONE, &[TEST_DID, "--from", "http://127.0.0.1:1"]);
    assert_eq!(nobody.code, Some(4), "{nobody:?}");
    listener.file("home/config.toml", format!("[peers]\nquota = \"{ONE}\"\n"));
    // What is played or resolved is a guest as well: the quota holds for it.
    for record in &album {
        listener.ok(["resolve", text(record, "id"), "--from", &node.url, "--no-peers"]);
    }
    let left = album
        .iter()
        .filter(|record| listener.run(["resolve", text(record, "id"), "--no-peers"]).code == Some(0));
    assert_eq!(left.count(), 1);
}
