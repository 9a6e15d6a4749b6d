//! `osp play`: what is named is found, decoded to the sample, and written or only counted.

use crate::{
    schemas::valid,
    support::{Machine, TEST_DID, fixture, node::Node, repository, text},
};
use std::path::Path;

/// Frames of `demo/music`, as opusdec finds them.
const AWAKENING: u64 = 9_984_000;
const COHERENCE: u64 = 10_971_557;
/// Bytes before the samples of a WAV that was written here.
const WAV_HEADER: u64 = 44;

fn song(name: &str) -> String {
    repository("demo/music").join(name).to_str().unwrap().to_owned()
}

/// Frames in a WAV of 24-bit stereo.
fn frames(path: &Path) -> u64 {
    (std::fs::metadata(path).unwrap().len() - WAV_HEADER) / 6
}

/// Root mean square of a WAV of 24-bit samples.
fn loudness(path: &Path) -> f64 {
    let bytes = std::fs::read(path).unwrap();
    let samples = bytes[WAV_HEADER as usize..].chunks_exact(3);
    let sum: f64 =
        samples.clone().map(|b| f64::from(i32::from_le_bytes([0, b[0], b[1], b[2]]) >> 8).powi(2)).sum();
    (sum / samples.len() as f64).sqrt() / 8_388_608.0
}

#[test]
fn real_music_becomes_a_wav_of_the_right_length_and_loudness() {
    let machine = Machine::new();
    let lines = machine.json(["play", &song("01 Awakening.opus"), "--output", "a.wav"]);
    assert_eq!(lines.len(), 1);
    valid("play", &lines[0]);
    assert_eq!((&lines[0]["samples"], &lines[0]["played_seconds"]), (&(AWAKENING * 2).into(), &208.0.into()));
    assert_eq!((&lines[0]["record"], &lines[0]["stalls"]), (&serde_json::Value::Null, &0.into()));
    assert_eq!(frames(&machine.path("a.wav")), AWAKENING);
    // As ffmpeg has it.
    let found = loudness(&machine.path("a.wav"));
    assert!((found - AWAKENING_RMS).abs() < 0.0005, "{found}");
    machine.run(["play", &song("01 Awakening.opus"), "--output", "a.wav"]).failed(1, "is there already");
}

/// Of all samples of both channels, full scale being 1.
const AWAKENING_RMS: f64 = 0.14363;

#[test]
fn an_album_is_played_from_another_node_while_it_comes() {
    let artist = Machine::of_artist();
    let mut album = artist.publish([repository("demo/music")]);
    let node = Node::start(&artist);
    let listener = Machine::new();
    let lines = listener.json(["play", TEST_DID, "--from", &node.url, "--output", "album.wav"]);
    assert_eq!(frames(&listener.path("album.wav")), AWAKENING + COHERENCE);
    album.sort_by_key(|record| record["trackNumber"].as_u64());
    for (line, record) in lines.iter().zip(&album) {
        valid("play", line);
        assert_eq!((&line["record"], &line["cid"]), (record, &record["cid"]));
        // Peers relieve the node as they come: the node's own seed is one.
        let bytes = |way: &str| line["sources"][way].as_u64().unwrap();
        let all: u64 = ["http", "bittorrent", "webtorrent", "ipfs"].into_iter().map(bytes).sum();
        assert!(bytes("http") > 0 && Some(all) >= record["size"].as_u64(), "{line}");
        assert!(line["first_sound_ms"].is_u64());
    }
    assert_eq!(lines.len(), 2);
    // What was heard is kept.
    drop(node);
    let again = listener.json(["play", text(&album[0], "id"), "--null"]).remove(0);
    assert_eq!((&again["sources"]["local"], &again["sources"]["http"]), (&album[0]["size"], &0.into()));
    assert_eq!(again["samples"], lines[0]["samples"]);
    let none = listener.run(["play", TEST_DID, "--album", "Nothing", "--null"]);
    none.failed(4, "Nothing");
    let all = listener.json(["play", TEST_DID, "--album", text(&album[0], "album"), "--null"]);
    assert_eq!(all.len(), 2);
}

#[test]
fn every_format_plays() {
    let machine = Machine::new();
    for name in ["tagged.opus", "tagged.ogg", "tagged.mp3", "tagged.flac", "tagged.m4a", "tagged.wav"] {
        let line = machine.json(["play".as_ref(), fixture(name).as_os_str(), "--null".as_ref()]).remove(0);
        valid("play", &line);
        assert!(line["samples"].as_u64() > Some(0), "{name}: {line}");
    }
}

#[test]
fn a_playlist_names_files_and_references() {
    let machine = Machine::of_artist();
    let record = machine.publish([fixture("tagged.opus")]).remove(0);
    std::fs::copy(fixture("tagged.mp3"), machine.path("b c.mp3")).unwrap();
    machine.file("l.m3u", format!("#EXTM3U\n{}\nb c.mp3\n", text(&record, "id")));
    let m3u = machine.json(["play", "l.m3u", "--null"]);
    assert_eq!((m3u.len(), &m3u[0]["record"], &m3u[1]["record"]), (2, &record, &serde_json::Value::Null));
    machine.file(
        "l.xspf",
        "<playlist><trackList><track><location>b%20c.mp3</location></track></trackList></playlist>",
    );
    assert_eq!(machine.json(["play", "l.xspf", "--null"]).len(), 1);
    machine.file("l.m3u", "missing.mp3\nb c.mp3\n");
    let some = machine.run(["play", "l.m3u", "--null"]);
    assert_eq!((some.code, some.stdout.lines().count()), (Some(4), 2), "{some:?}");
}

#[test]
fn sealed_music_plays_with_its_key_and_leaves_nothing_behind() {
    let machine = Machine::new();
    let (first, second) = (song("01 Awakening.opus"), song("02 Coherence.opus"));
    for (name, seal, open) in [
        ("v2", &["--format", "v2", "--key", "right key"][..], &["--key", "right key"][..]),
        ("v1", &["--key", "right key", "--format", "v1"], &["--key", "right key"]),
        ("text", &["--format", "v2", "--key", "right key", "--base64"], &["--key", "right key"]),
        ("v3", &["--format", "v3", "--license-id", "L"], &["--license-id", "L"]),
        ("chunks", &["--format", "v3", "--license-id", "L", "--chunk-size", "64KiB"], &["--license-id", "L"]),
    ] {
        let file = format!("{name}.smsg");
        let cover = song("cover.jpg");
        machine.ok([&["seal", &first, &cover, &second, "--out", &file], seal].concat());
        let before = std::fs::read_dir(machine.path(".")).unwrap().count();
        let lines = machine.json([&["play", &file, "--null"], open].concat());
        let samples: Vec<_> = lines.iter().map(|line| line["samples"].as_u64().unwrap()).collect();
        assert_eq!(samples, [AWAKENING * 2, COHERENCE * 2], "{name}");
        lines.iter().for_each(|line| valid("play", line));
        let wrong = if open[0] == "--key" { ["--key", "wrong key"] } else { ["--license-id", "M"] };
        machine.run([&["play", &file, "--null"][..], &wrong].concat()).failed(3, "");
        assert_eq!(std::fs::read_dir(machine.path(".")).unwrap().count(), before, "{name}");
    }
    machine.run(["play", "v2.smsg", "--null"]).failed(2, "key");
    machine.run(["play", "v3.smsg", "--null"]).failed(2, "licence id");
}

#[test]
fn a_sealed_release_plays_while_it_comes() {
    let artist = Machine::of_artist();
    let seal =
        ["--format", "v3", "--license-id", "L", "--chunk-size", "64KiB", "--title", "T", "--artist", "A"];
    artist.ok([&["seal", &song("01 Awakening.opus"), "--out", "a.smsg"][..], &seal].concat());
    let record = artist.publish(["a.smsg", "--title", "T"]).remove(0);
    let node = Node::start(&artist);
    let listener = Machine::new();
    let line = listener
        .json(["play", text(&record, "id"), "--from", &node.url, "--license-id", "L", "--null"])
        .remove(0);
    assert_eq!((&line["samples"], &line["record"]), (&(AWAKENING * 2).into(), &record));
}

#[test]
fn places_and_volumes() {
    let machine = Machine::new();
    let song = song("01 Awakening.opus");
    let line =
        machine.json(["play", &song, "--start", "200", "--volume", "0", "--output", "end.wav"]).remove(0);
    assert_eq!(line["played_seconds"], 8.0);
    assert_eq!(frames(&machine.path("end.wav")), 8 * 48_000);
    assert!(loudness(&machine.path("end.wav")) < 1e-9);
}

#[test]
fn what_cannot_be_played_says_why() {
    let machine = Machine::new();
    machine.file("text.opus", "this is not music");
    machine.file("cut.opus", &std::fs::read(song("01 Awakening.opus")).unwrap()[..100_000]);
    machine.run(["play", "text.opus", "--null"]).failed(3, "known format");
    machine.run(["play", "cut.opus", "--null"]).failed(3, "ends in the middle");
    machine.run(["play", "cut.opus", "--output", "cut.wav"]).failed(3, "ends in the middle");
    assert!(!machine.path("cut.wav").exists());
    machine.run(["play", "missing.opus", "--null"]).failed(4, "missing.opus");
    machine.run(["play", "nonsense", "--null"]).failed(2, "nonsense");
    let unknown = "osp:track:bafkreihvpyjk44jmr6g52v2f7c5mz5whgux5w2uapohul34uxmrxd64qfm";
    machine.run(["play", unknown, "--null"]).failed(4, "--from URL");
    let mut silent = machine.osp();
    silent.env("PATH", "/nowhere").args(["play", &song("01 Awakening.opus")]);
    let done = crate::support::Done::of(silent.output().unwrap());
    done.failed(1, "--output FILE.wav");
    assert!(done.stderr.contains("--null"));
}
