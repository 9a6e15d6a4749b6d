//! What is sealed comes out again, byte for byte.

use crate::support::{Done, Machine, fixture, repository, text};
use serde_json::Value;
use std::path::PathBuf;

/// Real music and a cover.
fn music() -> Vec<PathBuf> {
    ["01 Awakening.opus", "02 Coherence.opus", "cover.jpg"]
        .iter()
        .map(|name| repository("demo/music").join(name))
        .collect()
}

/// Flags that choose a form, and those that open it.
const FORMS: [(&[&str], &[&str]); 8] = [
    (&["--format", "v2", "--key", "test key 1"], &["--key", "test key 1"]),
    (&["--format", "v2", "--key", "k", "--compression", "none"], &["--key", "k"]),
    (&["--format", "v2", "--key", "k", "--compression", "gzip"], &["--key", "k"]),
    (&["--format", "v2", "--key", "k", "--base64"], &["--key", "k"]),
    (&["--key", "k", "--format", "v1", "--hint", "one letter"], &["--key", "k"]),
    (&["--format", "v3", "--license-id", "L"], &["--license-id", "L"]),
    (
        &["--format", "v3", "--license-id", "L", "--fingerprint", "F", "--cadence", "1h"],
        &["--license-id", "L", "--fingerprint", "F"],
    ),
    (&["--format", "v3", "--license-id", "L", "--chunk-size", "64KiB", "--base64"], &["--license-id", "L"]),
];

#[test]
fn music_comes_back_from_every_form() {
    let machine = Machine::new();
    for (number, (seal, open)) in FORMS.iter().enumerate() {
        let (name, out) = (format!("{number}.smsg"), format!("out{number}"));
        let mut command = machine.osp();
        command.args([
            "--json",
            "seal",
            "--body",
            "hear!",
            "--subject",
            "New",
            "--from",
            "Max",
            "--out",
            &name,
        ]);
        let done = Done::of(command.args(*seal).args(music()).output().unwrap());
        assert_eq!(done.code, Some(0), "{done:?}");
        let sealed = done.lines().remove(0);
        assert_eq!(sealed["size"], std::fs::metadata(machine.path(&name)).unwrap().len());
        assert_eq!(text(&sealed, "cid"), machine.ok(["cid", &name]).trim());
        assert!(sealed.get("key").is_none());

        let opened = machine.json([&["unseal", &name, "--out", &out], *open].concat()).remove(0);
        assert_eq!(
            (text(&opened, "body"), text(&opened, "subject"), text(&opened, "from")),
            ("hear!", "New", "Max")
        );
        let attachments = opened["attachments"].as_array().unwrap();
        assert_eq!(attachments.len(), 3);
        for (attachment, original) in attachments.iter().zip(music()) {
            let name = original.file_name().unwrap().to_str().unwrap();
            assert_eq!(text(attachment, "name"), name);
            assert_eq!(text(attachment, "path"), format!("{out}/{name}"));
            let mime = if name.ends_with("jpg") { "image/jpeg" } else { "audio/ogg" };
            assert_eq!(text(attachment, "mime"), mime);
            let written = std::fs::read(machine.path(text(attachment, "path"))).unwrap();
            assert!(written == std::fs::read(&original).unwrap(), "{name} of form {number}");
        }
    }
}

#[test]
fn pipes_all_the_way() {
    let machine = Machine::new();
    let song = std::fs::read(fixture("tagged.mp3")).unwrap();
    let mut sealing = machine.osp();
    sealing.args(["seal", "--format", "v2", "-", "--out", "-", "--key", "k", "--base64"]);
    let file = std::fs::File::open(fixture("tagged.mp3")).unwrap();
    let sealed = sealing.stdin(file).output().unwrap();
    assert!(sealed.status.success() && sealed.stdout.starts_with(b"U01TR"), "{sealed:?}");
    let done = machine.run_with_stdin(["--json", "unseal", "-", "--key", "k"], &sealed.stdout);
    let opened = done.lines().remove(0);
    let attachment = &opened["attachments"][0];
    assert_eq!((text(attachment, "name"), text(attachment, "mime")), ("attachment.mp3", "audio/mpeg"));
    assert_eq!(std::fs::read(machine.path(text(attachment, "path"))).unwrap(), song);
    let said = machine.run_with_stdin(["--json", "inspect", "-"], &sealed.stdout).lines().remove(0);
    assert_eq!((text(&said, "encoding"), text(&said, "format")), ("base64", "v2"));
}

#[test]
fn files_of_one_name_are_both_kept() {
    let machine = Machine::new();
    for folder in ["a", "b", "c"] {
        machine.file(&format!("{folder}/song.txt"), folder);
    }
    machine.ok([
        "seal",
        "--format",
        "v2",
        "a/song.txt",
        "b/song.txt",
        "c/song.txt",
        "--key",
        "k",
        "--out",
        "x.smsg",
    ]);
    let opened = machine.json(["unseal", "x.smsg", "--key", "k", "--out", "out"]).remove(0);
    let said = |member: &str| {
        let all = opened["attachments"].as_array().unwrap();
        all.iter().map(|a| text(a, member).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(said("name"), ["song.txt", "song.txt", "song.txt"]);
    assert_eq!(said("path"), ["out/song.txt", "out/song (2).txt", "out/song (3).txt"]);
    for (folder, path) in ["a", "b", "c"].iter().zip(said("path")) {
        assert_eq!(std::fs::read_to_string(machine.path(&path)).unwrap(), *folder);
    }
}

#[test]
fn the_manifest_is_made_of_a_file_and_flags() {
    let machine = Machine::new();
    machine.file(
        "m.json",
        r#"{"title":"Old","genre":"Ambient","tracks":[{"title":"One","start":0}],"licence_type":"x"}"#,
    );
    let mut command = machine.osp();
    command.args(["--json", "seal", "--format", "v2", "--body", "b", "--key", "k", "--out", "x.smsg"]);
    command.args(["--manifest", "m.json"]);
    command.args([
        "--title",
        "New",
        "--artist",
        "Max",
        "--license-type",
        "rental",
        "--link",
        "shop=https://a.example/?b=c",
    ]);
    command.args(["--at", "2026-01-12T15:04:05Z", "--expires", "90d"]);
    let done = Done::of(command.output().unwrap());
    assert_eq!(done.code, Some(0), "{done:?}");
    let warnings: Vec<Value> = done.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let classes: Vec<_> = warnings.iter().map(|w| text(&w["warning"], "class")).collect();
    assert_eq!(classes, ["unknown_member", "weak_key"]);
    assert!(text(&warnings[0]["warning"], "message").contains("licence_type"));
    let said = machine.json(["inspect", "x.smsg"]).remove(0);
    assert_eq!(
        said["manifest"],
        serde_json::json!({
            "title": "New", "artist": "Max", "genre": "Ambient", "license_type": "rental",
            "issued_at": 1_768_230_245, "expires_at": 1_768_230_245 + 90 * 86_400,
            "tracks": [{"title": "One", "start": 0.0}], "links": {"shop": "https://a.example/?b=c"},
        })
    );
    let broken = machine.file("broken.json", "[]");
    machine
        .run([
            "--json".as_ref(),
            "seal".as_ref(),
            "--body=b".as_ref(),
            "--out=y".as_ref(),
            "--manifest".as_ref(),
            broken.as_os_str(),
        ])
        .failed_json(3, "malformed");
}
