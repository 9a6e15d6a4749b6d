//! What `--json` prints is what `spec/schemas` promises.

use crate::support::{Machine, TEST_DID, fixture, node::Node, repository, text};
use boon::{Compiler, Schemas};
use serde_json::Value;

/// The value satisfies the schema.
#[track_caller]
pub(crate) fn valid(schema: &str, value: &Value) {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    let path = repository("spec/schemas").join(format!("{schema}.json"));
    let index = compiler.compile(path.to_str().unwrap(), &mut schemas).unwrap();
    if let Err(error) = schemas.validate(value, index) {
        panic!("{schema}: {error:#}\n{value}");
    }
}

/// All values satisfy the schema; and it has teeth: without one of its required members none does.
#[track_caller]
fn conform(schema: &str, values: &[Value]) {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    let path = repository("spec/schemas").join(format!("{schema}.json"));
    let index = compiler.compile(path.to_str().unwrap(), &mut schemas).unwrap();
    assert!(!values.is_empty(), "{schema}: there is nothing to check");
    for value in values {
        if let Err(error) = schemas.validate(value, index) {
            panic!("{schema}: {error:#}\n{value}");
        }
        for member in value.as_object().into_iter().flat_map(|object| object.keys()) {
            let mut less = value.clone();
            less.as_object_mut().unwrap().remove(member);
            let required = member_is_required(&path, member);
            assert_eq!(schemas.validate(&less, index).is_err(), required, "{schema} without {member}");
        }
    }
}

fn member_is_required(path: &std::path::Path, member: &str) -> bool {
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    if let Some(other) = schema["$ref"].as_str() {
        return member_is_required(&path.with_file_name(other), member);
    }
    schema["required"].as_array().is_some_and(|all| all.iter().any(|m| m == member))
}

#[test]
fn results() {
    let artist = Machine::new();
    conform("id-show", &artist.json(["id", "new", "--name", "Max", "--no-passphrase"]));
    conform("id-show", &artist.json(["id", "show"]));
    conform("id-list", &artist.json(["id", "list"]));
    conform("id-export", &artist.json(["id", "export", "--output", "max.key"]));
    conform("id-keys", &artist.json(["id", "resolve", TEST_DID]));

    let records = artist.publish([repository("crates/osp-media/tests/fixtures")]);
    conform("publish-line", &records);
    conform("track-record", &artist.json(["search"]));
    let song = fixture("tagged.opus");
    conform("cid-result", &artist.json(["cid", song.to_str().unwrap()]));
    conform("site-export", &artist.json(["site", "export", "site", "--public-url", "https://a.example"]));
    let record = artist.file("record.json", records[0].to_string());
    conform("verify-result", &artist.json(["verify".as_ref(), record.as_os_str()]));
    let bad = artist.run(["--json".as_ref(), "verify".as_ref(), song.as_os_str()]);
    conform("verify-result", &bad.lines());

    let id = text(&records[0], "id");
    conform(
        "profile",
        &artist.json(["profile", "edit", "--bio", "Noise", "--link", "Web=https://a.example"]),
    );
    conform("profile", &artist.json(["profile", "show"]));
    conform("follow", &artist.json(["follow", "did:web:b.example"]));
    conform("follow", &artist.json(["follow", "--list"]));
    conform("trust-line", &artist.json(["trust", "add", TEST_DID, "--note", "test"]));
    conform("trust-line", &artist.json(["trust", "list"]));
    conform("trust-line", &artist.json(["trust", "remove", TEST_DID]));
    conform("block-line", &artist.json(["block", "add", id, "--reason", "test"]));
    conform("block-line", &artist.json(["block", "list"]));
    conform("block-line", &artist.json(["block", "remove", id]));
    conform("doctor-result", &artist.json(["doctor"]));
    conform("doctor-result", &artist.json(["doctor", "--scrub"]));
    conform("backup-result", &artist.json(["backup", "copy"]));
    conform("restore-result", &artist.json(["--home", "new", "restore", "copy"]));
    conform("play", &artist.json(["play", song.to_str().unwrap(), "--null"]));
    conform("retraction", &artist.json(["retract", id]));
}

#[test]
fn a_node_and_who_resolves_from_it() {
    let artist = Machine::of_artist();
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    let node = Node::start(&artist);
    conform("node-ready", std::slice::from_ref(&node.ready));
    conform("node", &[node.get("/api/v1/node").json()]);
    conform("tracks-page", &[node.get("/api/v1/tracks").json()]);
    let did = text(&record, "artist");
    conform("artist", &[node.get(&format!("/api/v1/artists/{did}")).json()]);
    let id = text(&record, "id");
    conform("sources", &[node.get(&format!("/api/v1/tracks/{id}/sources")).json()]);
    conform("error", &[node.get("/api/v1/tracks/nonsense").json()]);
    let listener = Machine::new();
    conform("resolve-result", &listener.json(["resolve", id, "--from", &node.url, "--output", "a.opus"]));
    let cid = text(&record, "artwork");
    conform("resolve-result", &listener.json(["resolve", cid, "--from", &node.url]));
}

#[test]
fn sealed_files() {
    let machine = Machine::new();
    let song = fixture("tagged.opus");
    let song = song.to_str().unwrap();
    let made =
        machine.json(["seal", "--format", "v2", song, "--out", "a.smsg", "--title", "T", "--expires", "1d"]);
    conform("seal-result", &made);
    conform(
        "unseal-result",
        &machine.json(["unseal", "a.smsg", "--key", text(&made[0], "key"), "--out", "a"]),
    );
    let v3 = ["--format", "v3", "--license-id", "L", "--chunk-size", "64"];
    conform("seal-result", &machine.json([&["seal", song, "--out", "b.smsg"][..], &v3].concat()));
    conform(
        "seal-result",
        &machine.json(["seal", "--body", "b", "--out", "c.smsg", "--format", "v1", "--hint", "h"]),
    );
    for file in ["a.smsg", "b.smsg", "c.smsg"] {
        conform("inspect-result", &machine.json(["inspect", file]));
    }
    let abr = crate::support::sealed::vector("abr-presets.json");
    conform("abr-manifest", &machine.json(["inspect".as_ref(), abr.as_os_str()]));
    conform("key-result", &machine.json(["key", "new"]));
    conform("key-check-result", &machine.json(["key", "check", "password"]));
    let weak =
        machine.run(["--json", "seal", "--format", "v2", "--body", "b", "--out", "d.smsg", "--key", "k"]);
    conform("warning", &[serde_json::from_str(&weak.stderr).unwrap()]);
}

/// What the schema of errors lists, and the classes that the sealed files' crate has, agree.
#[test]
fn every_class_of_the_vectors_is_listed() {
    let schema = std::fs::read(repository("spec/schemas/error.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let listed = schema["properties"]["error"]["properties"]["class"]["examples"].as_array().unwrap();
    let read = |path| std::fs::read_to_string(repository(path)).unwrap();
    let errors = read("crates/smsg/src/error.rs") + &read("crates/smsg/src/v3/error.rs");
    let functions = errors.split("fn class(").skip(1).filter_map(|rest| rest.split_once("\n    }\n"));
    let classes: Vec<_> = functions
        .flat_map(|(body, _)| body.lines())
        .filter_map(|line| line.split_once("=> \"")?.1.strip_suffix("\","))
        .filter(|class| !["io", "unsupported"].contains(class))
        .collect();
    assert!(classes.len() > 45, "{classes:?}");
    for class in classes {
        assert!(listed.contains(&class.into()), "{class}");
    }
}

#[test]
fn errors() {
    let machine = Machine::new();
    for arguments in [
        &["publish"][..],
        &["publish", "nothere"],
        &["cid", "."],
        &["resolve", "nonsense"],
        &["verify", "nothere"],
        &["node", "--http", "nonsense"],
        &["restore", "."],
        &["seal", "nothere", "--out", "x.smsg", "--key", "k"],
        &["unseal", "nothere", "--key", "k"],
        &["inspect", "/dev/null"],
        &["key", "new", "--prefix", "-"],
    ] {
        let done = machine.run([&["--json"], arguments].concat());
        let error: Value = serde_json::from_str(&done.stderr).unwrap();
        assert_eq!(error["error"]["code"].as_i64().map(|c| c as i32), done.code);
        conform("error", &[error]);
    }
}
