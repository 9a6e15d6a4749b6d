//! Sealed files made to break who opens them.

use crate::support::{Machine, text};
use smsg::{
    Attachment, Message,
    header::Compression,
    keys::Password,
    seal::{Release, Source, Target, seal},
};
use std::path::Path;

/// Seals attachments under any names, as no honest program would.
fn craft(path: &Path, attachments: &[(&str, &[u8])], compression: Compression) {
    let attached = |(name, bytes): &(&str, &[u8])| Attachment {
        name: (*name).to_owned(),
        mime: String::new(),
        size: bytes.len() as u64,
    };
    let message = Message {
        body: "\u{1b}]0;title\u{7}\u{9b}31mred\u{202e}".to_owned(),
        attachments: attachments.iter().map(attached).collect(),
        ..Message::default()
    };
    let release = Release { message, manifest: None, hint: None };
    let mut sources: Vec<_> = attachments.iter().map(|(_, bytes)| Source(Box::new(*bytes))).collect();
    let target = Target::V2 { password: Password::new("k"), compression };
    let mut file = std::fs::File::create(path).unwrap();
    seal(&release, &mut sources, &target, &mut osp_node::sealed::rng(), &mut file).unwrap();
}

/// All files below a folder, without `except`.
fn files(folder: &Path, except: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap().map(|e| e.unwrap()) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.retain(|name| name != except);
    found.sort();
    found
}

#[test]
fn no_name_leaves_the_folder() {
    let machine = Machine::new();
    let long = "n".repeat(5000) + ".opus";
    let names = [
        "../../etc/x",
        "/abs",
        "C:\\x",
        "CON",
        "..",
        ".",
        "",
        "a/b",
        "line\nbreak",
        "..\\..\\y",
        "-rf",
        "nul\0byte",
        "x.",
        "x ",
        ".bashrc",
        "~/z",
        "con.txt",
        &long,
        "\u{202e}gpj.exe",
        "\\\\host\\share",
        "日本.opus",
        "aux",
        "a\u{1b}[31mb",
    ];
    let attachments: Vec<_> = names.iter().map(|name| (*name, name.as_bytes())).collect();
    craft(&machine.path("x.smsg"), &attachments, Compression::None);
    let opened = machine.json(["unseal", "x.smsg", "--key", "k", "--out", "deep/er/out"]).remove(0);
    let written = opened["attachments"].as_array().unwrap();
    assert_eq!(written.len(), names.len());
    for (attachment, name) in written.iter().zip(names) {
        assert_eq!(text(attachment, "name"), name, "the sender's words are told as they are");
        let path = text(attachment, "path");
        let file = path.strip_prefix("deep/er/out/").expect(path);
        assert!(!file.contains(['/', '\\', ':']) && !file.starts_with(['.', '-']), "{file:?}");
        assert!(
            !file.chars().any(char::is_control) && !file.ends_with(['.', ' ']) && file.len() <= 255,
            "{file:?}"
        );
        let stem = file.split('.').next().unwrap().to_ascii_uppercase();
        assert!(!["CON", "NUL", "AUX"].contains(&stem.as_str()), "{file:?}");
        assert_eq!(std::fs::read(machine.path(path)).unwrap(), name.as_bytes());
    }
    assert_eq!(files(&machine.path(""), "x.smsg").len(), names.len(), "nothing is anywhere else");
    assert!(written.iter().any(|a| text(a, "path").ends_with("/日本.opus")), "letters of all scripts stay");
}

#[test]
fn many_attachments_of_one_name_all_come_out() {
    let machine = Machine::new();
    let attachments = vec![("same", &b"x"[..]); 300];
    craft(&machine.path("x.smsg"), &attachments, Compression::Zstd);
    machine.ok(["unseal", "x.smsg", "--key", "k", "--out", "out"]);
    assert_eq!(files(&machine.path("out"), "").len(), 300);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let machine = Machine::new();
    let precious = machine.file("precious", "mine");
    std::fs::create_dir(machine.path("out")).unwrap();
    for (name, to) in [("song", precious.as_path()), ("dangling", Path::new("../nowhere"))] {
        std::os::unix::fs::symlink(to, machine.path("out").join(name)).unwrap();
        craft(&machine.path("x.smsg"), &[(name, b"theirs")], Compression::None);
        let arguments = ["unseal", "x.smsg", "--key", "k", "--out", "out"];
        machine.run(arguments).failed(1, "is there already");
        machine.ok([&arguments[..], &["--force"]].concat());
        assert_eq!(std::fs::read(machine.path("out").join(name)).unwrap(), b"theirs");
        assert!(!machine.path("out").join(name).is_symlink(), "the link itself was replaced");
    }
    assert_eq!(std::fs::read(&precious).unwrap(), b"mine");
    assert!(!machine.path("nowhere").exists());
    // The same for what is sealed.
    std::os::unix::fs::symlink(&precious, machine.path("y.smsg")).unwrap();
    machine
        .run(["seal", "--format", "v2", "--body", "b", "--key", "k", "--out", "y.smsg"])
        .failed(1, "is there already");
    machine.ok(["seal", "--format", "v2", "--body", "b", "--key", "k", "--out", "y.smsg", "--force"]);
    assert_eq!(std::fs::read(&precious).unwrap(), b"mine");
}

#[test]
fn text_does_not_steer_the_terminal() {
    let machine = Machine::new();
    craft(&machine.path("x.smsg"), &[("a\u{1b}[31m\u{9b}b", b"")], Compression::None);
    // JSON has every character, as an escape.
    let done = machine.run(["--json", "unseal", "x.smsg", "--key", "k", "--out", "out"]);
    assert!(!done.stdout.trim_end().contains(char::is_control), "{done:?}");
    assert_eq!(text(&done.lines()[0], "body"), "\u{1b}]0;title\u{7}\u{9b}31mred\u{202e}");
    // A pipe gets the text as it was sealed.
    let done = machine.run(["unseal", "x.smsg", "--key", "k", "--out", "out2"]);
    assert!(done.stdout.starts_with("\u{1b}]0;title\u{7}\u{9b}31mred\u{202e}\n"), "{done:?}");
    // A manifest's texts reach people only without.
    machine.ok([
        "seal",
        "--format",
        "v2",
        "--body",
        "b",
        "--key",
        "k",
        "--out",
        "y.smsg",
        "--title",
        "a\u{1b}[2Jb\u{202e}",
    ]);
    let shown = machine.ok(["inspect", "y.smsg"]);
    assert!(shown.contains("a\u{fffd}[2Jb\u{fffd}") && !shown.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn the_cap_on_decompression_can_be_raised_and_lowered() {
    let machine = Machine::new();
    let zeros = vec![0; 3 << 20];
    craft(&machine.path("x.smsg"), &[("zeros", &zeros)], Compression::Zstd);
    let open = ["unseal", "x.smsg", "--key", "k", "--out", "out"];
    let done = machine.run([&["--json"], &open[..], &["--max-size", "2MiB"]].concat());
    done.failed_json(3, "decompression_limit");
    assert!(done.stderr.contains("--max-size"), "{done:?}");
    assert!(!machine.path("out").exists());
    machine.ok([&open[..], &["--max-size", "4MiB"]].concat());
    assert_eq!(std::fs::read(machine.path("out/zeros")).unwrap(), zeros);
}
