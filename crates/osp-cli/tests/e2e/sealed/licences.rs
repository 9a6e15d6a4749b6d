//! Licences that end: refused with honest words, and opened when the listener says so.

use crate::support::Machine;

#[test]
fn an_ended_licence_is_a_request_that_is_kept_unless_told_otherwise() {
    let machine = Machine::new();
    let seal = ["seal", "--format", "v2", "--body", "song", "--key", "k", "--out", "x.smsg", "--title", "T"];
    let at = ["--at", "2026-01-12T15:04:05Z", "--expires", "30d"];
    machine.ok([&seal[..], &at].concat());
    let open = ["unseal", "x.smsg", "--key", "k"];
    assert_eq!(
        machine.ok([&open[..], &["--at", "2026-02-11T15:04:05Z"]].concat()),
        "song\n",
        "its last second"
    );
    let late = [&open[..], &["--at", "2026-02-11T15:04:06Z"]].concat();
    let done = machine.run(&late);
    done.failed(5, "2026-02-11T15:04:05Z");
    assert!(done.stderr.contains("request") && done.stderr.contains("not a lock"), "{done:?}");
    assert!(done.stderr.contains("--ignore-expiry"), "{done:?}");
    machine.run([&["--json"], &late[..]].concat()).failed_json(5, "expired");
    let opened = machine.run([&late[..], &["--ignore-expiry"]].concat());
    assert_eq!((opened.code, opened.stdout.as_str()), (Some(0), "song\n"), "{opened:?}");
    assert!(
        opened.stderr.contains("warning: ") && opened.stderr.contains("2026-02-11T15:04:05Z"),
        "{opened:?}"
    );
    // Before and after, with an offset that makes the difference.
    machine.ok([&open[..], &["--at", "2026-02-11T16:04:05+01:00"]].concat());
    machine.run([&open[..], &["--at", "2026-02-11T15:04:05-01:00"]].concat()).failed(5, "ended");
}

#[test]
fn periods_end_and_nothing_helps() {
    let machine = Machine::new();
    let seal = [
        "seal",
        "--body",
        "song",
        "--format",
        "v3",
        "--license-id",
        "L",
        "--cadence",
        "12h",
        "--out",
        "x.smsg",
    ];
    machine.ok([&seal[..], &["--at", "2026-01-12T15:04:05Z"]].concat());
    let open = |at: &str| machine.run(["unseal", "x.smsg", "--license-id", "L", "--at", at]);
    for at in ["2026-01-12T00:00:00Z", "2026-01-12T12:00:00Z", "2026-01-13T11:59:59Z"] {
        assert_eq!(open(at).stdout, "song\n", "{at}");
    }
    open("2026-01-13T12:00:00Z").failed(5, "is over");
    open("2026-01-11T23:59:59Z").failed(5, "no key in this file is for now");
    let ignored =
        ["unseal", "x.smsg", "--license-id", "L", "--at", "2026-01-14T00:00:00Z", "--ignore-expiry"];
    machine.run(ignored).failed(5, "--ignore-expiry cannot help");
    // A key that is dated for now and does not open is a wrong one.
    let wrong = ["--json", "unseal", "x.smsg", "--license-id", "M", "--at", "2026-01-12T15:00:00Z"];
    machine.run(wrong).failed_json(3, "no_valid_key");
    machine.run(["--json", "unseal", "x.smsg", "--key", "L"]).failed_json(3, "license_required");
    machine.run(["--json", "unseal", "x.smsg"]).failed_json(2, "license_required");
}
