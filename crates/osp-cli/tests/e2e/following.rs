//! Nodes that follow each other over HTTP alone.

use crate::support::{Machine, eventually, fixture, http::Between, node::Node, text};
use serde_json::Value;

/// HTTP and nothing else.
const HTTP_ONLY: [&str; 4] = ["--bittorrent", "off", "--p2p", "off"];

fn follower(machine: &Machine, peer: &str) -> Node {
    Node::start_with(machine, &[&HTTP_ONLY[..], &["--peer", peer]].concat())
}

fn song(artist: &Machine, title: &str) -> Value {
    let bytes = std::fs::read(fixture("tagged.wav")).unwrap();
    let file = artist.file(&format!("{title}.wav"), [&bytes[..], title.as_bytes()].concat());
    artist.publish([file.as_os_str(), "--title".as_ref(), title.as_ref()]).remove(0)
}

#[test]
fn what_is_published_on_one_is_found_played_and_withdrawn_on_the_next_but_one() {
    let artist = Machine::of_artist();
    let record = song(&artist, "Before");
    let first = Node::start_with(&artist, &HTTP_ONLY);
    let (second, third) = (Machine::new(), Machine::new());
    let second = follower(&second, &first.url);
    let third = follower(&third, &second.url);
    eventually("what was there before is known", || third.titles() == ["Before"]);
    song(&artist, "After");
    eventually("what is published later as well", || third.titles().len() == 2);

    // Who has heard it has it for the next one.
    let audio = format!("/api/v1/tracks/{}/audio", text(&record, "id"));
    for node in [&second, &third] {
        let played = node.get(&audio);
        assert_eq!((played.status, &played.body), (200, &first.get(&audio).body));
    }

    artist.json(["retract", text(&record, "id")]);
    eventually("a withdrawal too", || third.titles() == ["After"]);
    assert_eq!(third.get(&audio).status, 410);
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let artist = Machine::of_artist();
    song(&artist, "One");
    let first = Node::start_with(&artist, &HTTP_ONLY);
    let machine = Machine::new();
    let node = follower(&machine, &first.url);
    eventually("the first is known", || node.titles() == ["One"]);
    let feeds = machine.home().join("feeds.json");
    eventually("the place is kept", || std::fs::read_to_string(&feeds).is_ok_and(|text| text.contains("1-")));
    drop(node);
    song(&artist, "Two");
    let node = follower(&machine, &first.url);
    eventually("the second as well", || node.titles().len() == 2);
}

#[test]
fn a_neighbour_that_changes_a_record_does_not_get_it_in() {
    let artist = Machine::of_artist();
    song(&artist, "Mine");
    let good = song(&artist, "Other");
    let honest = Node::start_with(&artist, &HTTP_ONLY);
    let liar = Between::new(&honest.url, |path, answer| {
        if path.starts_with("/api/v1/feed") {
            let body = String::from_utf8(answer.body.clone()).unwrap();
            answer.body = body.replace("\"Mine\"", "\"Mein\"").into_bytes();
        }
    });
    let machine = Machine::new();
    let node = follower(&machine, &liar.url);
    eventually("what it left alone is taken", || node.titles() == [text(&good, "title")]);
}

#[test]
fn the_settings_name_neighbours_for_every_command() {
    let artist = Machine::of_artist();
    let record = song(&artist, "Near");
    let node = Node::start_with(&artist, &HTTP_ONLY);
    let listener = Machine::new();
    std::fs::create_dir_all(listener.home()).unwrap();
    let settings = format!("[discovery]\npeer = [\"{}\"]\n", node.url);
    std::fs::write(listener.home().join("config.toml"), settings).unwrap();
    let resolved = listener.json(["resolve", "--no-peers", text(&record, "id"), "--output", "near.wav"]);
    assert_eq!(resolved[0]["record"]["id"], record["id"]);
}
