//! stdout: who reads it may go away.

use crate::support::{Machine, fixture, repository};
use std::process::{Command, Stdio};

fn shell(machine: &Machine, script: &str) -> (Option<i32>, String) {
    let mut command = Command::new("bash");
    command.args(["-c", script]).env("OSP", env!("CARGO_BIN_EXE_osp")).env("OSP_HOME", machine.home());
    let output = command.stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn head_ends_a_search_quietly() {
    let artist = Machine::of_artist();
    artist.publish([repository("crates/osp-media/tests/fixtures")]);
    for command in ["search", "--json search", "completions bash", "id list"] {
        let (code, stderr) = shell(&artist, &format!("set -o pipefail; $OSP {command} | true"));
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{command}");
    }
}

#[test]
fn publishing_goes_on_when_nobody_reads() {
    let artist = Machine::of_artist();
    let folder = repository("crates/osp-media/tests/fixtures");
    let (code, _) = shell(&artist, &format!("set -o pipefail; $OSP publish '{}' | true", folder.display()));
    assert_eq!(code, Some(0));
    assert_eq!(artist.json(["search"]).len(), 7);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_stdout_is_an_error() {
    let machine = Machine::new();
    let song = fixture("tagged.opus");
    let (code, stderr) = shell(&machine, &format!("$OSP cid '{}' > /dev/full", song.display()));
    assert!(code == Some(1) && stderr.contains("cannot write the result"), "{stderr}");
}
