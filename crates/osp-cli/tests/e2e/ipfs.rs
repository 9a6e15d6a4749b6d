//! Bytes over Bitswap: between two homes, and what must not travel.

use crate::support::{Machine, eventually, fixture, http, node::Node, repository, text};
use serde_json::{Value, json};
use std::path::PathBuf;

const LISTEN: [&str; 2] = ["--p2p", "/ip4/127.0.0.1/tcp/0"];

fn start(machine: &Machine) -> Node {
    Node::start_with(machine, &LISTEN)
}

/// The first address in a ready line.
fn address(node: &Node) -> String {
    node.ready["p2p"][0].as_str().expect("a multiaddr").to_owned()
}

fn peer_id(node: &Node) -> String {
    address(node).rsplit_once("/p2p/").expect("a peer id").1.to_owned()
}

/// A track of several blocks under either profile.
fn song() -> PathBuf {
    let files = std::fs::read_dir(repository("demo/music")).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|e| e == "opus"))
        .max_by_key(|p| p.metadata().unwrap().len())
        .unwrap()
}

fn resolve(listener: &Machine, reference: &str, from: &str) -> Value {
    listener.json(["resolve", reference, "--from", from, "--output", "song.opus", "--force"]).remove(0)
}

#[test]
fn a_cid_comes_from_a_peer_alone() {
    let song = song();
    let size = song.metadata().unwrap().len();
    for profile in ["unixfs-v1-2025", "unixfs-v0-2015"] {
        let artist = Machine::of_artist();
        let record = artist.publish([song.as_os_str(), "--cid-profile".as_ref(), profile.as_ref()]).remove(0);
        let node = start(&artist);
        for cid in [text(&record, "cid").to_owned(), format!("ipfs://{}", text(&record, "cid"))] {
            let listener = Machine::new();
            let found = resolve(&listener, &cid, &address(&node));
            assert_eq!(std::fs::read(listener.path("song.opus")).unwrap(), std::fs::read(&song).unwrap());
            let (ipfs, http) = (&found["sources"]["ipfs"], &found["sources"]["http"]);
            assert_eq!((ipfs, http), (&json!(size), &json!(0)), "{profile}: {found}");
        }
    }
}

#[test]
fn a_file_of_one_block_comes_too() {
    let artist = Machine::of_artist();
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    let node = start(&artist);
    let listener = Machine::new();
    let found = resolve(&listener, text(&record, "cid"), &address(&node));
    assert_eq!(found["sources"]["ipfs"], record["size"]);
}

#[test]
fn blocked_content_is_not_given_to_peers() {
    let artist = Machine::of_artist();
    let record = artist.publish([song()]).remove(0);
    let cid = text(&record, "cid");
    let node = start(&artist);
    resolve(&Machine::new(), cid, &address(&node));
    artist.ok(["block", "add", cid]);
    let refused = Machine::new().run(["resolve", cid, "--from", &address(&node)]);
    refused.failed(4, "IPFS peer");
    let providers = node.get(&format!("/routing/v1/providers/{cid}")).json();
    assert_eq!(providers, json!({"Providers": []}));
    artist.ok(["block", "remove", cid]);
    resolve(&Machine::new(), cid, &address(&node));
}

#[test]
fn a_node_keeps_its_peer_id() {
    let artist = Machine::of_artist();
    let first = start(&artist);
    let id = peer_id(&first);
    drop(first);
    assert_eq!(peer_id(&start(&artist)), id);
    assert_ne!(peer_id(&start(&Machine::new())), id);
}

#[test]
fn it_is_off_on_request() {
    let machine = Machine::new();
    let node = Node::start_with(&machine, &["--p2p", "off"]);
    assert_eq!(node.ready["p2p"], Value::Null);
    assert!(!machine.home().join("p2p-key").exists());
    machine.run(["node", "--http", "127.0.0.1:0", "--p2p", "4001"]).failed(2, "p2p cannot be");
}

#[test]
fn a_port_in_use_is_told_if_it_was_asked_for() {
    let (one, other) = (Machine::new(), Machine::new());
    let held = start(&one);
    let taken = address(&held);
    let taken = taken.rsplit_once("/p2p/").unwrap().0;
    other.run(["node", "--http", "127.0.0.1:0", "--p2p", taken]).failed(1, "libp2p address number 0");
}

#[test]
fn the_node_says_who_has_a_block() {
    let artist = Machine::of_artist();
    let record = artist.publish([song()]).remove(0);
    let node = start(&artist);
    let path = format!("/routing/v1/providers/{}", text(&record, "cid"));
    let answer = node.get(&path);
    assert_eq!(answer.headers["content-type"], "application/json");
    crate::schemas::valid("providers", &answer.json());
    let provider = answer.json()["Providers"][0].clone();
    assert_eq!(provider["ID"], peer_id(&node));
    assert!(address(&node).starts_with(provider["Addrs"][0].as_str().unwrap()));
    let lines = http::get_with(&format!("{}{path}", node.url), &[("Accept", "application/x-ndjson")]);
    assert_eq!(lines.headers["content-type"], "application/x-ndjson");
    let lines = String::from_utf8(lines.body).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, std::slice::from_ref(&provider));
    let sources = node.get(&format!("/api/v1/tracks/{}/sources", text(&record, "id"))).json();
    assert_eq!(sources["providers"], json!([provider]));
    let other = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";
    assert_eq!(node.get(&format!("/routing/v1/providers/{other}")).json(), json!({"Providers": []}));
    assert_eq!(node.get("/routing/v1/providers/nonsense").status, 400);
}

#[test]
fn peers_that_a_node_names_are_asked_too() {
    let artist = Machine::of_artist();
    let record = artist.publish([song()]).remove(0);
    let cid = text(&record, "cid").to_owned();
    let node = start(&artist);
    // A router that has nothing itself.
    let router = http::Between::new(&node.url, |path, answer| {
        if !path.starts_with("/routing/") {
            (answer.status, answer.body) = (404, b"{}".to_vec());
        }
    });
    // Its peers are a stranger's word: on this machine they are called only when private addresses are allowed.
    let listener = Machine::new();
    listener.run(["resolve", &cid, "--from", &router.url]).failed(4, "found neither here nor at");
    let found = listener.json(["resolve", &cid, "--from", &router.url, "--allow-private"]).remove(0);
    assert_eq!(found["sources"]["ipfs"], record["size"], "{found}");
}

#[test]
fn what_is_published_while_it_runs_is_given() {
    let artist = Machine::of_artist();
    let node = start(&artist);
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    let path = format!("/routing/v1/providers/{}", text(&record, "cid"));
    eventually("the node names itself", || node.get(&path).json()["Providers"][0]["ID"] == peer_id(&node));
    resolve(&Machine::new(), text(&record, "cid"), &address(&node));
}

#[test]
fn addresses_that_say_no_peer_are_a_usage_error() {
    let cid = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";
    let machine = Machine::new();
    machine.run(["resolve", cid, "--from", "/ip4/127.0.0.1/tcp/4001"]).failed(2, "does not say which peer");
    machine.run(["resolve", cid, "--from", "/tmp/x"]).failed(2, "is no multiaddr");
}

#[test]
fn the_ratio_counts_what_was_given_over_bitswap() {
    let artist = Machine::of_artist();
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    let cid = text(&record, "cid");
    let source = start(&artist);
    let friend = Machine::new();
    resolve(&friend, cid, &address(&source));
    drop(source);
    // What is kept for others is given once over.
    let node = Node::start_with(&friend, &[&LISTEN[..], &["--seeding", "ratio:1"]].concat());
    resolve(&Machine::new(), cid, &address(&node));
    let asked = || Machine::new().run(["resolve", cid, "--from", &address(&node)]);
    eventually("it is given no more", || asked().code == Some(4));
    drop(node);
    // What was published here is no guest.
    let node = Node::start_with(&artist, &[&LISTEN[..], &["--seeding", "ratio:0"]].concat());
    resolve(&Machine::new(), cid, &address(&node));
    resolve(&Machine::new(), cid, &address(&node));
}
