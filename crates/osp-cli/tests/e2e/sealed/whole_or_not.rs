//! A file is there whole, or it is not there: bad input, kills, full disks, two at once.

use crate::support::{Done, Machine, eventually};
use std::process::{Command, Stdio};

/// Names in a folder; none when it is not there.
fn names(machine: &Machine, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(machine.path(folder)).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Two attachments in chunks, which are opened one after the other.
fn chunked(machine: &Machine, megabytes: usize) {
    machine.file("one", vec![1; megabytes << 20]);
    machine.file("two", vec![2; megabytes << 20]);
    let v3 = ["--format", "v3", "--license-id", "L", "--chunk-size", "64KiB", "--force"];
    machine.ok([&["seal", "one", "two", "--out", "x.smsg"][..], &v3].concat());
}

const OPEN: [&str; 6] = ["unseal", "x.smsg", "--license-id", "L", "--out", "new/out"];

#[test]
fn a_file_that_is_bad_at_its_end_leaves_nothing() {
    let machine = Machine::new();
    chunked(&machine, 1);
    let mut bytes = std::fs::read(machine.path("x.smsg")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    machine.file("x.smsg", &bytes);
    machine.run([&["--json"], &OPEN[..]].concat()).failed_json(3, "decryption_failed");
    assert!(!machine.path("new").exists(), "nor the folders that were made for it");
    // A folder that was there stays, and what is in it.
    machine.file("new/out/mine", "mine");
    machine.run(OPEN).failed(3, "does not open");
    assert_eq!(names(&machine, "new/out"), ["mine"]);
}

/// From 64 MiB on a box is read twice instead of being held.
#[test]
fn a_large_box_is_checked_before_anything_is_written() {
    let machine = Machine::new();
    let large: Vec<u8> = (0..65u32 << 20).map(|n| (n / 1021) as u8).collect();
    machine.file("large", &large);
    machine.ok(["seal", "--format", "v2", "large", "--compression", "none", "--key", "k", "--out", "x.smsg"]);
    let open = ["unseal", "x.smsg", "--key", "k", "--out", "out"];
    machine.ok(open);
    assert!(std::fs::read(machine.path("out/large")).unwrap() == large);
    std::fs::remove_dir_all(machine.path("out")).unwrap();
    let mut bytes = std::fs::read(machine.path("x.smsg")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    machine.file("x.smsg", bytes);
    machine.run([&["--json"], &open[..]].concat()).failed_json(3, "decryption_failed");
    assert!(!machine.path("out").exists());
}

#[test]
fn what_is_there_is_kept_unless_forced() {
    let machine = Machine::new();
    chunked(&machine, 1);
    machine.file("new/out/two", "mine");
    machine.run([&["--json"], &OPEN[..]].concat()).failed_json(1, "exists");
    assert_eq!(names(&machine, "new/out"), ["two"], "none, if not all");
    assert_eq!(std::fs::read(machine.path("new/out/two")).unwrap(), b"mine");
    machine.ok([&OPEN[..], &["--force"]].concat());
    assert_eq!(std::fs::read(machine.path("new/out/two")).unwrap().len(), 1 << 20);
    // A folder is not replaced.
    machine.file("other/one/mine", "mine");
    machine
        .run(["unseal", "x.smsg", "--license-id", "L", "--out", "other", "--force"])
        .failed(1, "other/one");

    let seal = ["seal", "--format", "v2", "one", "--key", "k", "--out", "x.smsg"];
    let before = std::fs::read(machine.path("x.smsg")).unwrap();
    machine.run([&["--json"], &seal[..]].concat()).failed_json(1, "exists");
    assert!(std::fs::read(machine.path("x.smsg")).unwrap() == before);
    machine.ok([&seal[..], &["--force"]].concat());
    machine
        .run(["seal", "--format", "v2", "one", "--key", "k", "--out", "nofolder/x.smsg"])
        .failed(1, "nofolder");
    machine
        .run(["seal", "--format", "v2", "one", "--key", "k", "--out", "new", "--force"])
        .failed(1, "is there already");
}

#[test]
fn a_kill_in_the_middle_leaves_no_named_file() {
    for signal in ["KILL", "TERM", "INT"] {
        let machine = Machine::new();
        chunked(&machine, 24);
        let mut child = machine.osp().args(OPEN).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("it writes", || !names(&machine, "new/out").is_empty());
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let status = child.wait().unwrap();
        let left = names(&machine, "new/out");
        if status.success() {
            // It was faster than the signal.
            assert_eq!(left, ["one", "two"]);
        } else if signal == "KILL" {
            assert!(left.iter().all(|name| name.starts_with(".osp-")), "{left:?}");
        } else {
            assert_eq!(left, Vec::<String>::new(), "{signal}");
        }
    }
}

#[test]
fn a_kill_while_sealing_leaves_no_named_file() {
    let v3 = ["--format=v3", "--license-id=L", "--chunk-size=64KiB"];
    for (signal, form) in [("KILL", &v3[..]), ("TERM", &v3), ("KILL", &[]), ("TERM", &[])] {
        let machine = Machine::of_artist();
        machine.file("one", vec![1; 24 << 20]);
        let mut command = machine.osp();
        command.args(["seal", "one", "--out", "out/x.smsg"]).args(form);
        std::fs::create_dir(machine.path("out")).unwrap();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("it writes", || !names(&machine, "out").is_empty());
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let status = child.wait().unwrap();
        let left = names(&machine, "out");
        let whole = left == ["x.smsg"];
        assert!(whole || !left.iter().any(|name| name == "x.smsg"), "{left:?}");
        assert!(whole || signal == "KILL" || left.is_empty(), "{left:?} {status}");
        if whole {
            machine.ok(["inspect", "out/x.smsg"]);
        }
    }
}

#[test]
fn of_two_at_once_one_wins_whole() {
    let machine = Machine::new();
    machine.file("one", vec![1; 1 << 20]);
    let start = |key: &str| {
        let mut command = machine.osp();
        command
            .args(["seal", "--format", "v2", "one", "--out", "x.smsg", "--key", key])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        (key.to_owned(), command.spawn().unwrap())
    };
    let running: Vec<_> = ["a", "b", "c", "d"].map(start).into_iter().collect();
    let done: Vec<_> =
        running.into_iter().map(|(key, child)| (key, Done::of(child.wait_with_output().unwrap()))).collect();
    let winners: Vec<_> = done.iter().filter(|(_, done)| done.code == Some(0)).collect();
    let [(key, _)] = winners.as_slice() else { panic!("{done:?}") };
    done.iter().filter(|(k, _)| k != key).for_each(|(_, done)| done.failed(1, "is there already"));
    machine.ok(["unseal", "x.smsg", "--key", key, "--out", "out"]);
    assert_eq!(names(&machine, ""), ["one", "out", "x.smsg"], "and no file is left over");
}

/// 4 MiB, counted in units of 1024 bytes; the signal that would end the program is ignored.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing() {
    let machine = Machine::new();
    chunked(&machine, 8);
    let limited = |command: &str| {
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("trap '' XFSZ; ulimit -f 4096; exec $OSP {command}")]);
        bash.env("OSP", env!("CARGO_BIN_EXE_osp")).current_dir(machine.path(""));
        Done::of(bash.output().unwrap())
    };
    limited(&OPEN.join(" ")).failed(1, "cannot write new/out/one");
    assert!(!machine.path("new").exists());
    limited("seal one --format v2 --compression none --key k --out y.smsg").failed(1, "cannot write y.smsg");
    assert_eq!(names(&machine, ""), ["one", "two", "x.smsg"]);
}
