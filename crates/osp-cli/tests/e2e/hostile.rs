//! Input made to break the program: each gets a sentence and an exit code, and nothing is lost.

use crate::support::{Done, Machine, eventually, fixture, node::Node, text};
use std::{io::Write as _, process::Stdio};

/// The program answers before it has read all; whoever writes gets a broken pipe.
#[test]
fn a_record_of_100_megabytes_is_refused_unread() {
    let mut command = Machine::new().osp();
    command.args(["--json", "verify", "-"]).current_dir("/");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let piece = vec![b'['; 1 << 20];
    let written = (0..100).take_while(|_| stdin.write_all(&piece).is_ok()).count();
    assert!(written < 100, "all of it was read");
    drop(stdin);
    let done = Done::of(child.wait_with_output().unwrap());
    assert_eq!(done.code, Some(3), "{done:?}");
    assert_eq!(text(&done.lines()[0], "error"), "malformed");
}

#[test]
fn nesting_ends_somewhere() {
    let machine = Machine::new();
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let depth = 100_000;
        let inner = if open == "[" { "" } else { "1" };
        let json = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
        let done = machine.run_with_stdin(["verify", "-"], json.as_bytes());
        assert_eq!(done.code, Some(3), "{done:?}");
        // As deep as fits into a record's size, too.
        let json = format!("{}{inner}{}", open.repeat(9_000), close.repeat(9_000));
        let done = machine.run_with_stdin(["verify", "-"], json.as_bytes());
        assert!(done.code == Some(3) && done.stdout.contains("malformed"), "{done:?}");
    }
}

/// Titles are data: in the terminal, in file names, on the page.
#[test]
fn a_title_cannot_steer_anything() {
    let artist = Machine::of_artist();
    let title = "../../\x1b[31mred\x1b[0m\n\u{202e}<script>alert(1)</script>";
    let song = fixture("tagged.opus");
    let record = artist.publish([song.to_str().unwrap(), "--title", title]).remove(0);
    assert_eq!(text(&record, "title"), title, "the record says what the artist said");
    let shown = artist.ok(["search"]);
    assert_eq!(shown.lines().count(), 1);
    assert!(!shown.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{shown:?}");
    let node = Node::start(&artist);
    let page = String::from_utf8(node.get("/").body).unwrap();
    assert!(!page.contains("<script>alert"));
    let listener = Machine::new();
    let found =
        listener.json(["resolve", crate::support::TEST_DID, "--from", &node.url, "--output", "music"]);
    let path = listener.path(text(&found[0], "path")).canonicalize().unwrap();
    assert_eq!(path.parent().unwrap(), listener.path("music").canonicalize().unwrap());
    assert!(!path.file_name().unwrap().to_str().unwrap().contains(['\n', '\x1b', '<']));
}

#[cfg(unix)]
#[test]
fn file_names_with_newlines_and_escapes_are_published_and_shown_plainly() {
    let artist = Machine::of_artist();
    let name = "a\nb\x1b[2J.mp3";
    artist.file(name, std::fs::read(fixture("untagged.mp3")).unwrap());
    artist.file("bad/c\n\x1b[2J.mp3", "not music");
    let shown = artist.ok(["publish", name]);
    assert_eq!((shown.lines().count(), shown.contains('\x1b')), (1, false), "{shown:?}");
    let refused = artist.run(["publish", "bad"]);
    refused.failed(3, "is not audio");
    assert!(refused.stderr.lines().count() <= 2 && !refused.stderr.contains('\x1b'), "{refused:?}");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let artist = Machine::of_artist();
    let path = artist.file("song.opus", std::fs::read(fixture("tagged.opus")).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        return; // root reads everything
    }
    artist.run(["publish", "song.opus"]).failed(1, "song.opus");
    artist.run(["cid", "song.opus"]).failed(1, "song.opus");
}

#[test]
fn a_home_that_cannot_be_one_is_told() {
    let machine = Machine::new();
    machine.file("file", "");
    machine.run(["--home", "file", "search"]).failed(1, "file");
    machine.run(["--home", "file/below", "search"]).failed(1, "file/below");
    let mut command = machine.osp();
    for name in ["OSP_HOME", "HOME", "XDG_DATA_HOME", "APPDATA"] {
        command.env_remove(name);
    }
    Done::of(command.arg("search").output().unwrap()).failed(2, "no home folder");
}

#[test]
fn a_damaged_blob_is_found_not_served_and_mended_by_publishing_again() {
    let artist = Machine::of_artist();
    let song = fixture("tagged.opus");
    let record = artist.publish([&song]).remove(0);
    let bytes = std::fs::read(&song).unwrap();
    crate::support::damage(&artist.home().join("store/blobs"), &bytes);
    let found = artist.run(["--json", "doctor", "--scrub"]);
    assert_eq!(found.code, Some(3));
    assert_eq!(found.lines()[0]["damaged"], serde_json::json!([record["cid"]]));
    let node = Node::start(&artist);
    let audio = format!("/api/v1/tracks/{}/audio", text(&record, "id"));
    assert_ne!(node.get(&audio).status, 200);
    artist.publish([&song]);
    artist.ok(["doctor", "--scrub"]);
    eventually("the running node serves it again", || node.get(&audio).body == bytes);
}
