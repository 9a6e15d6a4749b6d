//! Searching, resolving and playing with no address: through the network of nodes, which a home knows by one member.

use crate::{
    schemas::valid,
    support::{Machine, eventually, fixture, http, node::Node, text},
};
use serde_json::{Value, json};

/// A member of the network on this machine.
fn member(machine: &Machine, begin: Option<&Node>) -> Node {
    let mut args = vec!["--p2p", "/ip4/127.0.0.1/tcp/0", "--allow-private"];
    let first = begin.map(address);
    if let Some(first) = &first {
        args.extend(["--bootstrap", first]);
    }
    Node::start_with(machine, &args)
}

fn address(node: &Node) -> String {
    node.ready["p2p"][0].as_str().expect("a multiaddr").to_owned()
}

fn peer_id(node: &Node) -> String {
    address(node).rsplit_once("/p2p/").expect("a peer id").1.to_owned()
}

/// An artist's node, known by its own address alone, and what it has.
struct Network {
    artist: Machine,
    node: Node,
    record: Value,
}

impl Network {
    fn new() -> Self {
        let artist = Machine::of_artist();
        let song = fixture("tagged.opus");
        let args = [song.to_str().unwrap(), "--title", "Night drive", "--genre", "Techno"];
        let record = artist.publish(args).remove(0);
        let node = member(&artist, None);
        Self { artist, node, record }
    }

    fn id(&self) -> &str {
        text(&self.record, "id")
    }

    /// A home that knows the node, once its announcements can be found.
    fn listener(&self) -> Machine {
        let listener = Machine::new();
        eventually("it is announced", || !self.search(&listener, &["night drive"]).is_empty());
        listener
    }

    fn search(&self, listener: &Machine, args: &[&str]) -> Vec<Value> {
        let known = ["search", "--allow-private", "--bootstrap", &address(&self.node)];
        listener.json([&known[..], args].concat())
    }
}

#[test]
fn a_search_finds_what_only_others_have() {
    let network = Network::new();
    let listener = network.listener();
    let did = text(&network.record, "artist");
    for query in [
        &["NIGHT  drive"][..],
        &["--title", "night drive"],
        &["--genre", "techno"],
        &["--artist", did],
        &[did],
    ] {
        let found = network.search(&listener, query);
        assert_eq!(found.len(), 1, "{query:?}");
        valid("search-line", &found[0]);
        let mut record = found[0].clone();
        let provenance = record.as_object_mut().unwrap().remove("provenance").unwrap();
        assert_eq!(record, network.record, "{query:?}: the record as it was signed");
        assert_eq!(provenance, json!({"local": false, "peer": peer_id(&network.node)}), "{query:?}");
    }
    // A search fills no catalogue.
    assert_eq!(listener.json(["search", "--local"]), [] as [Value; 0]);
    assert!(network.search(&listener, &["--genre", "techno", "--title", "day drive"]).is_empty());
    // Who was met once is known from then on.
    let again = listener.ok(["search", "--network", "--allow-private", "night drive"]);
    assert!(again.contains("Night drive") && again.contains("network, peer …"), "{again}");
}

#[test]
fn what_is_here_comes_first_and_once() {
    let network = Network::new();
    let listener = network.listener();
    network.search(&listener, &["night drive"]);
    listener.json(["resolve", "--allow-private", network.id()]);
    let found = network.search(&listener, &["night"]);
    assert_eq!(found.len(), 1);
    valid("search-line", &found[0]);
    assert_eq!(found[0]["provenance"], json!({"local": true}));
    assert_eq!(listener.json(["search", "--local", "night"]), std::slice::from_ref(&network.record));
}

#[test]
fn without_anybody_to_begin_with_it_says_what_to_do() {
    let machine = Machine::new();
    machine.run(["search", "--network", "night"]).failed(4, "--bootstrap");
    machine.run(["search", "--network"]).failed(2, "title");
    machine.run(["search", "--network", "--local", "night"]).failed(2, "cannot be used with");
    let done = machine.run(["search", "night"]);
    assert_eq!((done.code, done.stderr.trim()), (Some(0), "nothing found in this catalogue"));
    let id = "osp:track:bafkreies6ldpvyhuf4eulbrc5hkkd6up7ifbby6e4cznnq4t4gfhrtstcm";
    machine.run(["resolve", id]).failed(4, "--bootstrap");
    machine.run(["play", id, "--null"]).failed(4, "--bootstrap");
}

#[test]
fn a_track_and_an_artist_are_resolved_and_played_with_no_address() {
    let network = Network::new();
    network.listener();
    let bootstrap = ["--allow-private", "--bootstrap", &address(&network.node)];
    for reference in [network.id(), text(&network.record, "cid"), text(&network.record, "artist")] {
        let listener = Machine::new();
        let found = listener.json([&["resolve", reference][..], &bootstrap].concat());
        assert_eq!(found[0]["record"], network.record, "{reference}");
        let size = network.record["size"].as_u64().unwrap();
        assert_eq!(found[0]["sources"]["ipfs"], json!(size), "{reference}: {}", found[0]);
        let listener = Machine::new();
        let played = listener.json([&["play", reference, "--null"][..], &bootstrap].concat());
        assert_eq!(played[0]["record"], network.record, "{reference}");
        // Without peers there is no network either.
        let alone = Machine::new().run([&["resolve", "--no-peers", reference][..], &bootstrap].concat());
        assert_eq!(alone.code, Some(4), "{reference}: {alone:?}");
    }
    let unknown = "osp:track:bafkreies6ldpvyhuf4eulbrc5hkkd6up7ifbby6e4cznnq4t4gfhrtstcm";
    let done = Machine::new().run([&["resolve", unknown][..], &bootstrap].concat());
    done.failed(4, "the network: nobody there has announced it (1 member is known)");
}

#[test]
fn an_artist_is_kept_alive_with_no_address() {
    let network = Network::new();
    network.listener();
    let friend = Machine::new();
    let did = text(&network.record, "artist");
    let told = friend.ok(["seed", did, "--once", "--allow-private", "--bootstrap", &address(&network.node)]);
    assert!(told.contains("1 fetched"), "{told}");
    assert_eq!(friend.json(["search", "--local"]), std::slice::from_ref(&network.record));
    let played = friend.json(["play", network.id(), "--null", "--no-peers"]);
    assert_eq!(played[0]["sources"]["local"], network.record["size"]);
}

/// The events of a stream to its end, as (event, data).
fn events(url: &str) -> Vec<(String, Value)> {
    let answer = http::get_with(url, &[("Accept", "text/event-stream")]);
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "text/event-stream"));
    let body = String::from_utf8(answer.body).unwrap();
    let frames = body.split("\n\n").filter(|frame| !frame.is_empty() && !frame.starts_with(':'));
    frames
        .map(|frame| {
            let (event, data) = frame.split_once('\n').unwrap();
            let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            (event.strip_prefix("event: ").unwrap().to_owned(), data)
        })
        .collect()
}

#[test]
fn a_node_searches_for_its_visitors_and_plays_what_it_finds() {
    let network = Network::new();
    network.listener();
    let machine = Machine::new();
    let node = member(&machine, Some(&network.node));
    let scope = "/api/v1/tracks?scope=network&title=night%20drive";
    let page = || node.get(&format!("{scope}&wait=10")).json();
    eventually("the node finds it", || page()["tracks"].as_array().is_some_and(|tracks| tracks.len() == 1));
    let page = page();
    valid("tracks-page", &page);
    assert_eq!(page["tracks"], json!([network.record]));
    let peers = [peer_id(&network.node)];
    assert_eq!(page["provenance"][network.id()], json!({"local": false, "peers": peers, "trusted": null}));
    assert_eq!(page["network"]["records"], 1);

    let told = events(&format!("{}{scope}", node.url));
    let names: Vec<&str> = told.iter().map(|(event, _)| &**event).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("local", "done"), "{names:?}");
    for (event, data) in &told {
        valid("search-events", &json!({event: data}));
    }
    let tracks: Vec<&Value> =
        told.iter().filter(|(event, _)| event == "track").map(|(_, data)| data).collect();
    assert_eq!((tracks.len(), &tracks[0]["record"]), (1, &network.record));

    // Its pages, with and without script.
    let key = network.id().strip_prefix("osp:track:").unwrap();
    let link = format!("href=\"/track/{key}\"");
    let html = |path: &str| String::from_utf8(node.get(path).body).unwrap();
    let offered = html("/search?q=night+drive");
    assert!(offered.contains("data-network=\"/search/events?q=night%20drive\"") && !offered.contains(&link));
    let plain = html("/search?q=night+drive&network=1");
    assert!(plain.contains(&link) && plain.contains("found in the network, 1 peer has it"), "{plain}");
    let rows = events(&format!("{}/search/events?q=night%20drive", node.url));
    assert!(rows[0].1["html"].as_str().unwrap().contains(&link), "{rows:?}");
    assert_eq!(rows[rows.len() - 1].1["text"], "1 track found in the network");

    // A visitor's search fills no catalogue; what is played is in it.
    assert!(node.titles().is_empty());
    assert_eq!(node.get(&format!("/api/v1/tracks/{key}")).json(), network.record);
    assert!(html(&format!("/track/{key}")).contains("Night drive"));
    let audio = node.get(&format!("/api/v1/tracks/{key}/audio"));
    assert_eq!((audio.status, audio.body), (200, std::fs::read(fixture("tagged.opus")).unwrap()));
    assert_eq!(node.titles(), ["Night drive"]);

    // One that was never searched for is found when it is opened.
    let bytes = std::fs::read(fixture("tagged.wav")).unwrap();
    let other = network.artist.file("other.wav", bytes);
    let other = network.artist.publish([other.to_str().unwrap(), "--title", "Day drive"]).remove(0);
    let key = text(&other, "id").strip_prefix("osp:track:").unwrap();
    eventually("it is announced", || node.get(&format!("/track/{key}")).status == 200);
    let did = text(&other, "artist");
    // The artist's page has what is here, and offers what the network has besides.
    let artist = format!("/artist/{did}");
    let here = html(&artist);
    assert!(here.contains("Night drive") && !here.contains("Day drive"), "{here}");
    assert!(here.contains(&format!("data-network=\"{artist}/events\"")), "{here}");
    let link = format!("href=\"/track/{key}\"");
    let all = html(&format!("{artist}?network=1"));
    assert!(all.contains(&link) && all.contains("1 track found in the network"), "{all}");
    let rows = events(&format!("{}{artist}/events", node.url));
    let row = rows.iter().find(|(event, _)| event == "row").unwrap();
    assert!(row.1["html"].as_str().unwrap().contains(&link), "{rows:?}");
    assert_eq!(rows[rows.len() - 1].1["text"], "1 track found in the network");
    assert_eq!(node.get("/artist/somebody/events").status, 400);
}

#[test]
fn what_the_operator_blocks_is_not_shown_from_the_network() {
    let network = Network::new();
    let listener = network.listener();
    listener.ok(["block", "add", text(&network.record, "artist")]);
    assert!(network.search(&listener, &["night drive"]).is_empty());
    listener.run(["resolve", "--allow-private", network.id()]).failed(4, "");
    listener.ok(["block", "remove", text(&network.record, "artist")]);
    listener.ok(["block", "add", network.id()]);
    assert!(network.search(&listener, &["--genre", "techno"]).is_empty());
    let node = member(&listener, Some(&network.node));
    for path in ["", "/audio", "/sources"] {
        let answer = node.get(&format!("/api/v1/tracks/{}{path}", network.id()));
        assert!([404, 410].contains(&answer.status), "{path}: {}", answer.status);
    }
}
