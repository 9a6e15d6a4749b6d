//! A home, its backup, and the home made from it.

use crate::support::{Machine, TEST_DID, fixture, node::Node, text};

#[test]
fn what_was_backed_up_comes_back() {
    let artist = Machine::of_artist();
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    artist.ok(["backup", "copy"]);
    let home = artist.path("restored");
    artist.ok(["--home".as_ref(), home.as_os_str(), "restore".as_ref(), "copy".as_ref()]);
    let there = |args: &[&str]| artist.ok([&["--home", home.to_str().unwrap(), "--json"], args].concat());
    assert_eq!(there(&["search"]).trim(), record.to_string());
    assert!(there(&["doctor", "--scrub"]).contains(r#""damaged":[]"#));
    assert!(there(&["id", "show"]).contains(TEST_DID), "keys come along");
    // And it can be published from.
    assert_eq!(there(&["publish", fixture("tagged.mp3").to_str().unwrap()]).lines().count(), 1);
    assert_eq!(artist.json(["search"]).len(), 1, "the copy is a home of its own");
}

#[test]
fn a_restored_node_is_known_by_the_same_peer_id() {
    let artist = Machine::of_artist();
    let start =
        |args: &[&str]| Node::start_with(&artist, &[&["--p2p", "/ip4/127.0.0.1/tcp/0"], args].concat());
    let peer =
        |node: &Node| node.ready["p2p"][0].as_str().unwrap().rsplit_once("/p2p/").unwrap().1.to_owned();
    let before = start(&[]);
    artist.ok(["backup", "copy"]);
    let known = peer(&before);
    drop(before);
    artist.ok(["--home", "restored", "restore", "copy"]);
    assert_eq!(peer(&start(&["--home", "restored"])), known);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(artist.path("restored/p2p-key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_is_damaged_in_a_backup_is_named() {
    let artist = Machine::of_artist();
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    artist.ok(["backup", "copy"]);
    let song = std::fs::read(fixture("tagged.opus")).unwrap();
    crate::support::damage(&artist.path("copy/store/blobs"), &song);
    let restored = artist.run(["--json", "--home", "new", "restore", "copy"]);
    assert_eq!(restored.code, Some(3), "{restored:?}");
    assert_eq!(restored.lines()[0]["damaged"], serde_json::json!([text(&record, "cid")]));
    // The rest is there and sound.
    assert_eq!(artist.json(["--home", "new", "search"]).len(), 1);
    artist.ok(["--home", "new", "doctor", "--scrub"]);
}

#[test]
fn what_was_interrupted_is_not_taken_for_the_whole() {
    let artist = Machine::of_artist();
    artist.ok(["backup", "copy"]);
    artist.file("copy/unfinished", "");
    artist.run(["--home", "new", "restore", "copy"]).failed(1, "did not finish");
    artist.run(["--home", "copy", "search"]).failed(1, "did not finish");
    artist.ok(["backup", "other"]);
    assert!(!artist.path("other/unfinished").exists());
}

#[test]
fn a_backup_goes_into_a_new_folder_only() {
    let artist = Machine::of_artist();
    artist.file("file", "mine");
    artist.run(["backup", "file"]).failed(1, "cannot make the folder");
    artist.file("used/file", "mine");
    artist.run(["backup", "used"]).failed(1, "not empty");
    assert_eq!(std::fs::read(artist.path("used/file")).unwrap(), b"mine");
}
