//! A second machine with an id and an address gets the music, verified.

use crate::support::{Machine, TEST_DID, fixture, node::Node, repository, text};
use serde_json::Value;

/// An artist's node with one track, and a machine that knows nothing.
struct Two {
    artist: Machine,
    node: Node,
    record: Value,
    listener: Machine,
}

impl Two {
    fn new() -> Self {
        let artist = Machine::of_artist();
        let record = artist.publish([fixture("tagged.opus")]).remove(0);
        let node = Node::start(&artist);
        Self { artist, node, record, listener: Machine::new() }
    }

    fn id(&self) -> &str {
        text(&self.record, "id")
    }
}

fn song() -> Vec<u8> {
    std::fs::read(fixture("tagged.opus")).unwrap()
}

#[test]
fn every_form_of_reference_leads_to_the_same_bytes() {
    let two = Two::new();
    let (id, url) = (two.id(), &two.node.url);
    let references = [
        id.to_owned(),
        id.strip_prefix("osp:track:").unwrap().to_owned(),
        text(&two.record, "cid").to_owned(),
        format!("ipfs://{}", text(&two.record, "cid")),
        text(&two.record, "torrent").to_owned(),
        format!("{url}/api/v1/tracks/{id}"),
        format!("{url}/ipfs/{}", text(&two.record, "cid")),
    ];
    for reference in references {
        let listener = Machine::new();
        let found = listener.json(["resolve", &reference, "--from", url, "--output", "song.opus"]);
        assert_eq!(found.len(), 1, "{reference}");
        assert_eq!(std::fs::read(listener.path("song.opus")).unwrap(), song(), "{reference}");
        assert_eq!(found[0]["path"], "song.opus");
        assert!(found[0]["sources"]["http"].as_u64().unwrap() >= song().len() as u64, "{found:?}");
        if found[0]["record"] != Value::Null {
            assert_eq!(found[0]["record"], two.record, "{reference}");
        }
    }
}

#[test]
fn an_artists_did_gives_a_folder() {
    let artist = Machine::of_artist();
    let album = artist.publish([repository("demo/music")]);
    let node = Node::start(&artist);
    let listener = Machine::new();
    let found = listener.json(["resolve", TEST_DID, "--from", &node.url, "--output", "music"]);
    assert_eq!(found.len(), album.len());
    for line in &found {
        let path = listener.path(text(line, "path"));
        let (record, written) = (&line["record"], std::fs::metadata(&path).unwrap().len());
        assert!(album.contains(record));
        assert_eq!(record["size"], written, "{}", path.display());
        assert!(path.starts_with(listener.path("music")));
    }
}

#[test]
fn what_was_fetched_is_kept_found_and_served_on() {
    let Two { artist: _artist, node, record, listener } = Two::new();
    let id = text(&record, "id");
    listener.ok(["resolve", id, "--from", &node.url]);
    drop(node);
    assert_eq!(listener.json(["search", "opus"]), std::slice::from_ref(&record));
    let again = listener.json(["resolve", id]).remove(0);
    assert_eq!((&again["sources"]["http"], &again["record"]), (&0.into(), &record));
    let second = Node::start(&listener);
    let third = Machine::new();
    third.ok(["resolve", id, "--from", &second.url, "--output", "song.opus"]);
    assert_eq!(std::fs::read(third.path("song.opus")).unwrap(), song());
}

#[test]
fn a_file_that_is_there_is_replaced_only_by_force() {
    let two = Two::new();
    let existing = two.listener.file("song.opus", "mine");
    let arguments = ["resolve", two.id(), "--from", &two.node.url, "--output", "song.opus"];
    two.listener.run(arguments).failed(1, "is there already");
    assert_eq!(std::fs::read(&existing).unwrap(), b"mine");
    two.listener.ok([&arguments[..], &["--force"]].concat());
    assert_eq!(std::fs::read(&existing).unwrap(), song());
    std::fs::create_dir(two.listener.path("folder")).unwrap();
    let arguments = ["resolve", two.id(), "--output", "folder", "--force"];
    two.listener.run(arguments).failed(1, "folder");
}

#[test]
fn tracks_of_one_name_do_not_overwrite_each_other() {
    let artist = Machine::of_artist();
    let (one, other) = (fixture("tagged.opus"), fixture("tagged.opus"));
    artist.publish([one.as_os_str(), "--album".as_ref(), "First".as_ref()]);
    artist.publish([other.as_os_str(), "--album".as_ref(), "Second".as_ref()]);
    for force in [&[][..], &["--force"]] {
        let target = format!("music{}", force.len());
        let arguments = [&["resolve", TEST_DID, "--output", &target], force].concat();
        let lines = artist.json(arguments);
        let mut paths: Vec<_> = lines.iter().map(|line| text(line, "path")).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), 2, "{lines:?}");
        assert_eq!(std::fs::read_dir(artist.path(&target)).unwrap().count(), 2);
    }
}

#[test]
fn what_nobody_has_is_not_found() {
    let two = Two::new();
    let unknown = "osp:track:bafkreihvpyjk44jmr6g52v2f7c5mz5whgux5w2uapohul34uxmrxd64qfm";
    let resolve = |args: &[&str]| two.listener.run([&["resolve"], args].concat());
    resolve(&[unknown]).failed(4, "--from URL");
    resolve(&[unknown, "--from", &two.node.url]).failed(4, &two.node.url);
    resolve(&[two.id(), "--from", "http://127.0.0.1:1"]).failed(4, "http://127.0.0.1:1");
    resolve(&[two.id(), "--from", "music.example"]).failed(2, "music.example");
    assert_eq!(resolve(&[two.id(), "--from", "http://127.0.0.1:1", "--from", &two.node.url]).code, Some(0));
}

#[test]
fn a_retracted_track_is_not_resolved() {
    let two = Two::new();
    two.artist.ok(["retract", two.id(), "--reason", "wrong mix"]);
    // The artist's own home knows the record; elsewhere the signed withdrawal alone is what there is.
    two.artist.run(["resolve", two.id()]).failed(4, "wrong mix");
    two.listener.run(["resolve", two.id(), "--from", &two.node.url]).failed(4, "withdrew");
}

#[test]
fn what_is_blocked_here_is_not_fetched() {
    let two = Two::new();
    two.listener.ok(["block", "add", TEST_DID]);
    two.listener.run(["resolve", two.id(), "--from", &two.node.url]).failed(4, "block list");
    assert!(two.listener.json(["search"]).is_empty());
}

#[test]
fn a_mirror_the_artist_signed_serves_who_names_no_node_for_the_bytes() {
    let artist = Machine::of_artist();
    let node = Node::start(&artist);
    let song = fixture("tagged.opus");
    let cid = artist.ok(["cid".as_ref(), song.as_os_str()]);
    let mirror = format!("{}/ipfs/{}", node.url, cid.trim());
    let record = artist.publish([song.as_os_str(), "--mirror".as_ref(), mirror.as_ref()]).remove(0);
    assert!(text(&record, "torrent").contains("&ws="));
    // A place that knows the record alone.
    let hollow = crate::support::http::Between::new(&node.url, |path, answer| {
        if !path.starts_with("/api/v1/tracks/") || path.ends_with("/audio") {
            answer.status = 404;
        }
    });
    let id = text(&record, "id");
    let listener = Machine::new();
    let refused = listener.run(["resolve", id, "--from", &hollow.url]);
    refused.failed(4, "--allow-private");
    listener.ok(["--allow-private", "resolve", id, "--from", &hollow.url, "--output", "song.opus"]);
    assert_eq!(std::fs::read(listener.path("song.opus")).unwrap(), self::song());
}
