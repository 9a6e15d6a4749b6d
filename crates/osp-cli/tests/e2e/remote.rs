//! `--to URL`: publishing to a node elsewhere.

use crate::support::{Done, Machine, eventually, fixture, node::Node, text};

fn to(artist: &Machine, node: &Node, token: &str, args: &[&str]) -> Done {
    let mut command = artist.osp();
    command.env("OSP_TOKEN", token).arg("--json").args(args).args(["--to", &node.url]);
    Done::of(command.output().unwrap())
}

#[test]
fn the_node_with_the_token_gets_record_bytes_and_withdrawal() {
    let (artist, server) = (Machine::of_artist(), Machine::new());
    let node = Node::start(&server);
    let token = std::fs::read_to_string(server.home().join("api-token")).unwrap();
    let song = fixture("tagged.opus");
    let song = song.to_str().unwrap();

    to(&artist, &node, "not-the-token", &["publish", song]).failed_json(1, "unauthorized");
    assert!(node.titles().is_empty());

    let done = to(&artist, &node, &token, &["publish", song]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let record = done.lines().remove(0);
    let id = text(&record, "id");
    assert_eq!(node.titles(), ["Tone in Opus"]);
    assert_eq!(node.get(&format!("/api/v1/tracks/{id}/audio")).body, std::fs::read(song).unwrap());
    assert_eq!(node.get(&format!("/ipfs/{}", text(&record, "artwork"))).status, 200);

    assert_eq!(to(&artist, &node, &token, &["publish", song]).code, Some(0), "again is no error");
    assert_eq!(to(&artist, &node, &token, &["retract", id]).code, Some(0));
    eventually("withdrawn there too", || node.titles().is_empty());
}

#[test]
fn a_node_that_is_not_there_leaves_the_track_published_here() {
    let artist = Machine::of_artist();
    let song = fixture("tagged.opus");
    let mut command = artist.osp();
    command.env("OSP_TOKEN", "x").args(["publish", song.to_str().unwrap(), "--to", "http://127.0.0.1:1"]);
    Done::of(command.output().unwrap()).failed(4, "cannot reach");
    assert_eq!(artist.json(["search"]).len(), 1);
}
