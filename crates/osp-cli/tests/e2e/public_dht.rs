//! The public DHT of IPFS, made of three of our own nodes on loopback: announced to, asked, and left alone.

use crate::support::{Machine, eventually, fixture, node::Node, text};

/// Somebody who is not there: a node that begins with it asks nobody outside this machine.
const NOBODY: &str = "/ip4/127.0.0.1/tcp/9/p2p/12D3KooWM8sovaEGU1bmiWGWAzvs47DEcXKZZTuJnpQyVTkRs2Vn";

/// A node that takes part, beginning with `first`.
fn start(machine: &Machine, first: &str) -> Node {
    let settings = format!(
        "[peers]\npublic-dht = true\npublic-dht-bootstrap = [\"{first}\"]\npublic-addresses = [\"127.0.0.1\"]\n"
    );
    let config = machine.file("dht.toml", settings);
    let config = config.to_str().unwrap();
    Node::start_with(machine, &["--config", config, "--p2p", "/ip4/127.0.0.1/tcp/0"])
}

fn address(node: &Node) -> String {
    node.ready["p2p"][0].as_str().expect("a multiaddr").to_owned()
}

/// Resolves with nobody named but the DHT's first peer.
fn resolve(first: &str, cid: &str, args: &[&str]) -> std::process::Output {
    let listener = Machine::new();
    let mut osp = listener.osp();
    osp.env("OSP_PUBLIC_DHT", "1").env("OSP_PUBLIC_DHT_BOOTSTRAP", first);
    osp.args(["--json", "resolve", cid, "--output", "song.opus"]).args(args).output().unwrap()
}

#[test]
fn a_cid_alone_is_found_by_the_public_dht_and_no_longer_when_it_is_blocked() {
    let (keeper, artist) = (Machine::new(), Machine::of_artist());
    let keeper = start(&keeper, NOBODY);
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    let node = start(&artist, &address(&keeper));
    let cid = text(&record, "cid");
    eventually("it is found", || {
        let done = resolve(&address(&keeper), cid, &["--allow-private"]);
        let found = serde_json::from_slice::<serde_json::Value>(&done.stdout);
        found.is_ok_and(|found| found["sources"]["ipfs"] == record["size"])
    });
    // Addresses in provider records are strangers' words.
    let refused =
        resolve("/ip4/127.0.0.2/tcp/9/p2p/12D3KooWM8sovaEGU1bmiWGWAzvs47DEcXKZZTuJnpQyVTkRs2Vn", cid, &[]);
    assert_eq!(refused.status.code(), Some(4));
    artist.ok(["block", "add", cid]);
    eventually("it is given no more", || {
        !resolve(&address(&keeper), cid, &["--allow-private"]).status.success()
    });
    drop(node);
}

#[test]
fn nothing_is_asked_of_it_unless_it_is_switched_on() {
    let (keeper, artist) = (Machine::new(), Machine::of_artist());
    let keeper = start(&keeper, NOBODY);
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    let _node = start(&artist, &address(&keeper));
    let cid = text(&record, "cid");
    eventually("it is announced", || resolve(&address(&keeper), cid, &["--allow-private"]).status.success());
    let listener = Machine::new();
    let mut osp = listener.osp();
    osp.env("OSP_PUBLIC_DHT", "0").env("OSP_PUBLIC_DHT_BOOTSTRAP", address(&keeper));
    let done = osp.args(["resolve", cid, "--allow-private"]).output().unwrap();
    assert_eq!(done.status.code(), Some(4));
    let config = listener.osp().args(["node", "--print-config"]).output().unwrap();
    assert!(String::from_utf8(config.stdout).unwrap().contains("public-dht = false"));
}
