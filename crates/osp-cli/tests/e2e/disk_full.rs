//! A disk without room: said in a sentence, nothing lost, and it works again when there is room.

#![cfg(target_os = "linux")]

use crate::support::Machine;
use std::process::{Command, Stdio};

/// Runs a script in a mount namespace of its own; `None` where the system allows no such thing.
fn namespace(machine: &Machine, script: &str) -> Option<(Option<i32>, String)> {
    let allowed = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"])
        .stderr(Stdio::null())
        .status();
    if !allowed.is_ok_and(|status| status.success()) {
        return None;
    }
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "bash", "-c", script])
        .current_dir(machine.path(""));
    let output = command.env("OSP", env!("CARGO_BIN_EXE_osp")).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    Some((output.status.code(), said))
}

fn big_file(machine: &Machine) {
    let mut flac = std::fs::read(crate::support::fixture("tagged.wav")).unwrap();
    let data = 8_000_000u32;
    // A WAV file whose last chunk, the audio, is long.
    flac.truncate(12);
    flac.extend(b"fmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data");
    flac.extend(data.to_le_bytes());
    flac.resize(flac.len() + data as usize, 7);
    let length = (flac.len() as u32 - 8).to_le_bytes();
    flac[4..8].copy_from_slice(&length);
    machine.file("big.wav", flac);
}

#[test]
fn a_full_disk_loses_nothing() {
    let machine = Machine::new();
    big_file(&machine);
    std::fs::create_dir(machine.path("disk")).unwrap();
    let key = format!("{}/tests/cmd/id.in/test.key", env!("CARGO_MANIFEST_DIR"));
    let song = crate::support::fixture("tagged.opus");
    let script = format!(
        "set -e; mount -t tmpfs -o size=4m none disk; export OSP_HOME=disk/home
         $OSP -q id import '{key}'; $OSP publish '{song}'
         if $OSP publish big.wav; then exit 90; else test $? = 1 || exit 91; fi
         $OSP search | grep -q Opus || exit 92
         $OSP doctor --scrub || exit 93
         mount -o remount,size=64m disk
         $OSP publish big.wav; test $($OSP search | wc -l) = 2; $OSP doctor --scrub",
        song = song.display(),
    );
    let Some((code, said)) = namespace(&machine, &script) else { return };
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    assert!(said.contains("is full") && said.contains("free some space"), "{said}");
}

/// A quota by another name; needs no privilege.
#[test]
fn a_file_size_limit_loses_nothing() {
    let machine = Machine::of_artist();
    big_file(&machine);
    let run = |script: &str| {
        let mut command = Command::new("bash");
        command.args(["-c", script]).env("OSP", env!("CARGO_BIN_EXE_osp")).env("OSP_HOME", machine.home());
        crate::support::Done::of(command.current_dir(machine.path("")).output().unwrap())
    };
    // 4 MiB, counted in units of 1024 bytes; the signal that would end the program is ignored.
    run("trap '' XFSZ; ulimit -f 4096; exec $OSP publish big.wav").failed(1, "cannot write");
    assert!(machine.json(["search"]).is_empty());
    machine.publish(["big.wav"]);
    assert_eq!(machine.json(["doctor", "--scrub"])[0]["damaged"], serde_json::json!([]));
}
