//! Licence keys: made, shown once, found in files and the environment, never in a log.

use super::super::schemas::valid;
use crate::support::{Done, Machine, text};
use serde_json::Value;

#[test]
fn a_key_that_is_made_is_shown_once_and_opens() {
    let machine = Machine::new();
    let done = machine.run(["seal", "--format", "v2", "--body", "secret", "--out", "x.smsg"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let key = done.stdout.lines().find_map(|l| l.strip_prefix("licence key: ")).unwrap().to_owned();
    assert!(!done.stderr.contains(&key) && done.stderr.contains("cannot be recovered"), "{done:?}");
    assert_eq!(done.stdout.matches(&key).count(), 1);
    assert_eq!(machine.ok(["unseal", "x.smsg", "--key", &key]), "secret\n");
    // However it is typed.
    let typed = key.to_lowercase().replace('-', " ");
    assert_eq!(machine.ok(["unseal", "x.smsg", "--key", &typed]), "secret\n");
    let json = machine.json(["seal", "--format", "v2", "--body", "secret", "--out", "y.smsg"]).remove(0);
    assert_ne!(text(&json, "key"), key, "each file has its own");
    assert!(
        machine
            .run(["-q", "seal", "--format", "v2", "--body", "b", "--out", "z.smsg"])
            .stdout
            .contains("licence key: ")
    );
}

#[test]
fn keys_come_from_a_file_or_the_environment() {
    let machine = Machine::new();
    machine.file("key", "the key\nnot this\n");
    machine.ok(["seal", "--format", "v2", "--body", "secret", "--key-file", "key", "--out", "x.smsg"]);
    let open = |env: &str, args: &[&str]| {
        let mut command = machine.osp();
        command.env("OSP_KEY", env).args(["unseal", "x.smsg"]).args(args);
        Done::of(command.output().unwrap())
    };
    assert_eq!(open("the key", &[]).stdout, "secret\n");
    assert_eq!(
        open("wrong", &["--key-file", "key"]).stdout,
        "secret\n",
        "a file goes before the environment"
    );
    assert_eq!(open("wrong", &["--key", "the key"]).stdout, "secret\n", "and so does a flag");
    open("wrong", &[]).failed(3, "does not open");
    open("", &[]).failed(2, "a licence key is needed");
    open("", &["--key", ""]).failed(2, "the licence key is empty");
    open("", &["--license-id", ""]).failed(2, "the licence id is empty");
    open("", &["--license-id", "L"]).failed(3, "opened by a licence key");
    open("", &["--key-file", "nothere"]).failed(4, "nothere");
}

#[test]
fn a_mistyped_key_is_told_with_its_place() {
    let machine = Machine::new();
    let key = machine.ok(["key", "new"]).trim().to_owned();
    machine.ok(["seal", "--format", "v2", "--body", "b", "--key", &key, "--out", "x.smsg"]);
    // Another symbol of the alphabet in the third group.
    let at = key.match_indices('-').nth(2).unwrap().0 + 2;
    let other = if key.as_bytes()[at] == b'Q' { "P" } else { "Q" };
    let mistyped = format!("{}{other}{}", &key[..at], &key[at + 1..]);
    let done = machine.run(["--json", "unseal", "x.smsg", "--key", &mistyped]);
    done.failed_json(3, "decryption_failed");
    assert!(done.stderr.contains("group 3"), "{done:?}");
    let done = machine.run(["key", "check", &mistyped]);
    done.failed(3, "group 3");
    // A key that is whole but of another file is not called mistyped.
    let another = machine.ok(["key", "new"]);
    let done = machine.run(["unseal", "x.smsg", "--key", another.trim()]);
    done.failed(3, "the key is wrong");
    assert!(!done.stderr.contains("mistyped"), "{done:?}");
}

#[test]
fn keys_are_checked() {
    let machine = Machine::new();
    let check = |key: &str| {
        let done = machine.run(["--json", "key", "check", key]);
        let judgement = done.lines().remove(0);
        valid("key-check-result", &judgement);
        (done, judgement)
    };
    for style in ["code", "words", "uuid"] {
        let made = machine.json(["key", "new", "--style", style]).remove(0);
        valid("key-result", &made);
        let key = text(&made, "key");
        let (done, judgement) = check(&key.to_uppercase());
        assert_eq!(done.code, Some(0), "{done:?}");
        assert_eq!((&judgement["valid"], &judgement["style"]), (&true.into(), &made["style"]));
        assert_eq!((text(&judgement, "canonical"), &judgement["bits"]), (key, &made["bits"]));
        assert_eq!(machine.run_with_stdin(["key", "check"], key.as_bytes()).code, Some(0));
        assert_eq!(machine.run_with_stdin(["key", "check", "-"], key.as_bytes()).code, Some(0));
    }
    assert!(machine.ok(["key", "new", "--prefix", "mgh"]).starts_with("MGH-"));
    let (done, judgement) = check("password123");
    assert_eq!((done.code, &judgement["valid"]), (Some(0), &Value::Null));
    let key = machine.ok(["key", "new"]).trim().to_owned();
    let (done, judgement) = check(&key[..key.len() - 1]);
    done.failed_json(3, "typo");
    assert_eq!(judgement["valid"], false);
    machine.run(["key", "new", "--prefix", "x"]).failed(2, "prefix");
    machine.run(["key", "check"]).failed(2, "empty");
}

/// Everything that can be logged is, and no key is in it.
#[test]
fn keys_are_in_no_log() {
    let machine = Machine::new();
    let secrets = ["correct-horse-battery", "LIC-7788-XYZ", "fingerprint-of-mia"];
    let v3 = ["--license-id", secrets[1], "--fingerprint", secrets[2]];
    let runs = [
        vec!["seal", "--format", "v2", "--body", "b", "--key", secrets[0], "--out", "a.smsg"],
        vec!["unseal", "a.smsg", "--key", secrets[0]],
        vec!["unseal", "a.smsg", "--key", "correct-horse-batterx"],
        [&["seal", "--body", "b", "--format", "v3", "--out", "b.smsg"][..], &v3].concat(),
        [&["unseal", "b.smsg"][..], &v3].concat(),
        vec!["unseal", "b.smsg", "--license-id", secrets[1], "--fingerprint", "other"],
        vec!["unseal", "b.smsg", "--key", secrets[0]],
        vec!["key", "check", secrets[0]],
    ];
    for run in runs {
        let mut command = machine.osp();
        command.env("RUST_LOG", "trace").env("OSP_LOG", "trace").arg("-vvv").args(&run);
        let done = Done::of(command.output().unwrap());
        for secret in secrets.iter().chain(&["correct-horse-batterx"]) {
            assert!(!done.stderr.contains(secret) && !done.stdout.contains(secret), "{run:?}: {done:?}");
        }
    }
    // What is made is on stdout, and nowhere else.
    let done = machine.run(["-vvv", "seal", "--format", "v2", "--body", "b", "--out", "c.smsg"]);
    let key = done.stdout.lines().find_map(|l| l.strip_prefix("licence key: ")).unwrap();
    assert!(!done.stderr.contains(key));
}
