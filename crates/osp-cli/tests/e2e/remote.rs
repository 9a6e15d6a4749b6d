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
    let waveform = node.get(&format!("/ipfs/{}", text(&record, "waveform"))).body;
    assert!(
        osp_player::Waveform::parse(&waveform)
            .is_some_and(|waveform| waveform.peaks().iter().any(|peak| *peak > 0))
    );

    assert_eq!(to(&artist, &node, &token, &["publish", song]).code, Some(0), "again is no error");
    assert_eq!(to(&artist, &node, &token, &["retract", id]).code, Some(0));
    eventually("withdrawn there too", || node.titles().is_empty());
}

#[test]
fn lyrics_go_along_with_the_track_to_nodes_and_to_those_who_resolve_it() {
    let (artist, server, listener) = (Machine::of_artist(), Machine::new(), Machine::new());
    let node = Node::start(&server);
    let token = std::fs::read_to_string(server.home().join("api-token")).unwrap();
    let (song, words) = (artist.home().join("song.opus"), "[00:01.00]one line\n");
    std::fs::copy(fixture("tagged.opus"), &song).unwrap();
    std::fs::write(song.with_extension("lrc"), words).unwrap();

    let done = to(&artist, &node, &token, &["publish", song.to_str().unwrap()]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let record = done.lines().remove(0);
    let lyrics = format!("/ipfs/{}", text(&record, "lyrics"));
    assert_eq!(node.get(&lyrics).body, words.as_bytes());
    assert!(String::from_utf8(node.get("/").body).unwrap().contains(&format!(r#"data-lyrics="{lyrics}""#)));

    let mut resolve = listener.osp();
    resolve.args(["resolve", text(&record, "id"), "--from", &node.url]);
    assert_eq!(Done::of(resolve.output().unwrap()).code, Some(0));
    let (words_here, waveform) = (text(&record, "lyrics"), text(&record, "waveform"));
    let copies = Node::start(&listener);
    for cid in [words_here, waveform] {
        assert_eq!(copies.get(&format!("/ipfs/{cid}")).status, 200, "{cid}");
    }
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
