//! The network of nodes, with the real program: found and played with no address but a member's.

use crate::support::{Machine, fixture, node::Node, text};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A node that can be found on this machine.
const MEMBER: [&str; 5] = ["--p2p", "/ip4/127.0.0.1/tcp/0", "--bittorrent", "off", "--allow-private"];

fn member(machine: &Machine, bootstrap: &[&str]) -> Node {
    let mut args = MEMBER.to_vec();
    bootstrap.iter().for_each(|address| args.extend(["--bootstrap", address]));
    Node::start_with(machine, &args)
}

/// Waits for what takes a few seconds, and on a busy machine longer.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(120), "never came true: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Where the network meets a node.
fn address(node: &Node) -> String {
    node.ready["p2p"][0].as_str().expect("a multiaddr").to_owned()
}

/// A number of its metrics.
fn metric(node: &Node, name: &str) -> Option<f64> {
    let metrics = String::from_utf8(node.get("/metrics").body).unwrap();
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

/// Waits until everything it has is in the network.
fn announced(node: &Node) {
    eventually("all of it is in the network", || {
        metric(node, "osp_network_keys").is_some_and(|keys| keys > 0.0)
            && metric(node, "osp_network_keys_waiting") == Some(0.0)
    });
}

fn song(artist: &Machine, title: &str) -> Value {
    let bytes = std::fs::read(fixture("tagged.wav")).unwrap();
    let file = artist.file(&format!("{title}.wav"), [&bytes[..], title.as_bytes()].concat());
    artist.publish([file.as_os_str(), "--title".as_ref(), title.as_ref()]).remove(0)
}

#[test]
fn music_outlives_its_publisher_and_is_found_by_who_knows_one_member() {
    let first = Machine::new();
    let first = member(&first, &[]);
    let begin = address(&first);
    let artist = Machine::of_artist();
    let record = song(&artist, "Pull the plug");
    let id = text(&record, "id");
    let publisher = member(&artist, &[&begin]);
    announced(&publisher);

    // One hears it, and has it from then on.
    let hearer = Machine::new();
    hearer.ok(["play", "--null", id, "--bootstrap", &begin, "--allow-private"]);
    let hearer = member(&hearer, &[&begin]);
    announced(&hearer);
    drop(publisher);

    // Another one has never heard of either.
    let listener = Machine::new();
    let network = ["--bootstrap", &begin, "--allow-private"];
    let found = listener.json([&["search", "--network", "--title", "pull the plug"][..], &network].concat());
    assert!(found.iter().any(|line| line.to_string().contains(id)), "{found:?}");
    let got = listener.json([&["resolve", id, "--output", "song.wav"][..], &network].concat()).remove(0);
    assert_eq!(got["sources"]["ipfs"], record["size"], "{got}");
    let played = std::fs::read(listener.path("song.wav")).unwrap();
    assert_eq!(played, std::fs::read(artist.path("Pull the plug.wav")).unwrap());
    // It remembers whom it met.
    let other = song(&artist, "Encore");
    let publisher = member(&artist, &[&begin]);
    announced(&publisher);
    listener.ok(["play", "--null", text(&other, "id"), "--allow-private"]);
}

#[test]
fn the_doctor_says_how_the_network_stands() {
    let (one, other) = (Machine::new(), Machine::of_artist());
    assert_eq!(one.json(["doctor"])[0]["network"], Value::Null);
    let first = member(&one, &[]);
    eventually("a report", || !one.json(["doctor"])[0]["network"].is_null());
    assert!(one.ok(["doctor"]).contains("--bootstrap"));
    song(&other, "Song");
    let second = member(&other, &[&address(&first)]);
    announced(&second);
    let report = |machine: &Machine| machine.json(["doctor"])[0]["network"].clone();
    eventually("both know each other", || [&one, &other].iter().all(|machine| report(machine)["table"] == 1));
    eventually("its keys are told", || report(&other)["keys"].as_u64() > Some(0));
    eventually("words for a person", || {
        let said = other.ok(["doctor"]);
        ["1 other member, 1 of them known", "reach", "found under"].iter().all(|words| said.contains(words))
    });
    crate::schemas::valid("doctor-result", &other.json(["doctor"])[0]);
    drop(second);
}
