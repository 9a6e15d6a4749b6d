//! Completion scripts are scripts their shells can read.

use crate::support::Machine;
use std::process::Command;

#[test]
fn bash_reads_its_script() {
    let machine = Machine::new();
    let script = machine.ok(["completions", "bash"]);
    let path = machine.file("osp.bash", &script);
    let parsed = Command::new("bash").arg("-n").arg(path).status().unwrap();
    assert!(parsed.success());
    for command in ["publish", "resolve", "completions"] {
        assert!(script.contains(command), "{command} is missing");
    }
    assert!(!machine.home().exists(), "printing a script makes no home");
}

#[test]
fn every_shell_has_one() {
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        assert!(Machine::new().ok(["completions", shell]).contains("osp"), "{shell}");
    }
}
