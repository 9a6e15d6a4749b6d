//! Releases (SMSG 3.0): sealed once, opened by many keys, whole or in part; and refused when a bit is wrong.

use super::super::schemas::valid;
use crate::support::{Done, Machine, fixture, http::Files, node::Node, repository, text};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

fn song(name: &str) -> String {
    repository("demo/music").join(name).to_str().unwrap().to_owned()
}

/// 60 seconds of PCM, 8,000 bytes each, as a WAV file.
const WAV_SECONDS: u32 = 60;

/// Seals with `--json`, and gives what it says.
fn seal(machine: &Machine, arguments: &[&str]) -> Value {
    let sealed = machine.json([&["seal", "--out", "x.smsg"], arguments].concat()).remove(0);
    valid("seal-result", &sealed);
    sealed
}

/// The keys that were minted, by what they open.
fn minted(sealed: &Value) -> BTreeMap<String, String> {
    let keys = sealed["keys"].as_array().unwrap().iter();
    keys.map(|key| (key["opens"].as_str().unwrap_or("all").to_owned(), text(key, "key").to_owned())).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn seconds(line: &Value) -> f64 {
    line["played_seconds"].as_f64().unwrap()
}

#[test]
fn music_comes_back_and_its_words_with_it() {
    let machine = Machine::of_artist();
    let songs = [song("01 Awakening.opus"), song("02 Coherence.opus"), song("cover.jpg")];
    let arguments: Vec<&str> = songs.iter().map(String::as_str).collect();
    let sealed =
        seal(&machine, &[&arguments[..], &["--body", "hear!", "--subject", "New", "--from", "Max"]].concat());
    assert_eq!(sealed["size"], std::fs::metadata(machine.path("x.smsg")).unwrap().len());
    assert_eq!(text(&sealed, "cid"), machine.ok(["cid", "x.smsg"]).trim());
    let overhead = sealed["size"].as_u64().unwrap()
        - sealed["attachments"].as_array().unwrap().iter().map(|a| a["size"].as_u64().unwrap()).sum::<u64>();
    assert!(overhead < 10_000, "{overhead}");

    let key = text(&sealed, "key");
    let opened = machine.json(["unseal", "x.smsg", "--key", key, "--out", "out"]).remove(0);
    valid("unseal-result", &opened);
    assert_eq!(
        (text(&opened, "body"), text(&opened, "subject"), text(&opened, "from")),
        ("hear!", "New", "Max")
    );
    assert_eq!(files(&machine.path("out")), ["01 Awakening.opus", "02 Coherence.opus", "cover.jpg"]);
    for song in &songs {
        let name = Path::new(song).file_name().unwrap();
        assert!(std::fs::read(machine.path("out").join(name)).unwrap() == std::fs::read(song).unwrap());
    }
    // However it is typed.
    let typed = key.to_lowercase().replace('-', " ");
    assert!(
        machine
            .ok(["unseal", "x.smsg", "--key", &typed, "--out", "again"])
            .starts_with("subject: New\nfrom: Max\nhear!\n")
    );
    let lines = machine.json(["play", "x.smsg", "--key", key, "--null"]);
    assert_eq!(lines.len(), 2, "the cover is no music");

    let said = machine.json(["inspect", "x.smsg", "--key", key]).remove(0);
    valid("inspect-release", &said);
    assert_eq!(
        (said["file"].clone(), said["artist"].clone()),
        (sealed["file"].clone(), sealed["artist"].clone())
    );
    assert_eq!(said["licence"]["terms"]["everything"], true);
    assert!(said["parts"][0]["duration"].as_f64().unwrap() > 100.0 && said["parts"][0]["seekable"] == true);
    // The artist keeps what opens it, and says so of nobody's key.
    assert_eq!(files(&machine.home().join("releases")).len(), 1);
}

#[test]
fn a_cut_opens_what_it_names_and_no_more() {
    let machine = Machine::of_artist();
    let (one, two) = (song("01 Awakening.opus"), song("02 Coherence.opus"));
    let cuts = ["--cut", "taste=0:10-0:20", "--cut", "second=2", "--preview", "0:00-0:30"];
    let mint = ["--mint", "taste=1", "--mint", "second=1", "--mint", "1"];
    let sealed = seal(&machine, &[&[one.as_str(), &two][..], &cuts, &mint].concat());
    let keys = minted(&sealed);
    assert_eq!((keys.len(), sealed["minted"].as_u64()), (3, Some(3)));

    let opened = machine.json(["unseal", "x.smsg", "--key", &keys["taste"], "--out", "taste"]).remove(0);
    valid("unseal-result", &opened);
    assert_eq!(opened["release"]["terms"]["cut"], "taste");
    assert_eq!(files(&machine.path("taste")), ["01 Awakening (cut).opus", "02 Coherence (cut).opus"]);
    for name in files(&machine.path("taste")) {
        // It plays to its end, which its last page says.
        let path = machine.path("taste").join(name);
        let played = machine.json(["play", path.to_str().unwrap(), "--null"]).remove(0);
        assert!((9.5..=13.0).contains(&seconds(&played)), "{played}");
    }
    machine.ok(["unseal", "x.smsg", "--key", &keys["second"], "--out", "second"]);
    assert_eq!(files(&machine.path("second")), ["02 Coherence.opus"]);
    assert!(std::fs::read(machine.path("second/02 Coherence.opus")).unwrap() == std::fs::read(&two).unwrap());
    machine.ok(["unseal", "x.smsg", "--key", &keys["all"], "--out", "all"]);
    assert_eq!(files(&machine.path("all")), ["01 Awakening.opus", "02 Coherence.opus"]);

    // What is open to all, by nobody's key: written, and played.
    let done = machine.run(["unseal", "x.smsg", "--out", "preview"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stderr.contains("everybody"), "{done:?}");
    let cut = std::fs::read(machine.path("preview/01 Awakening (cut).opus")).unwrap();
    // The sound as it was: only the mark of the last page, and its checksum of 4 bytes, are others.
    let whole = std::fs::read(&one).unwrap();
    let others = whole.iter().zip(&cut).filter(|(before, after)| before != after).count();
    assert!(cut.len() < whole.len() && (1..=5).contains(&others), "{others}");
    for line in machine.json(["play", "x.smsg", "--null"]) {
        assert!((29.9..=32.0).contains(&seconds(&line)), "{line}");
    }
    for line in machine.json(["play", "x.smsg", "--key", &keys["taste"], "--null"]) {
        assert!((9.5..=13.0).contains(&seconds(&line)), "{line}");
    }
}

#[test]
fn tiers_are_sold_apart() {
    let machine = Machine::of_artist();
    for name in ["a.txt", "b.txt", "notes.txt"] {
        machine.file(name, name);
    }
    let tiers = ["notes.txt", "--tier", "standard=a.txt", "--tier", "premium=b.txt"];
    let keys =
        minted(&seal(&machine, &[&tiers[..], &["--mint", "standard=1", "--mint", "premium=1"]].concat()));
    for (tier, file) in [("standard", "a.txt"), ("premium", "b.txt")] {
        machine.ok(["unseal", "x.smsg", "--key", &keys[tier], "--out", tier]);
        assert_eq!(files(&machine.path(tier)), [file, "notes.txt"], "files of no tier belong to all");
    }
}

#[test]
fn keys_go_into_a_file_that_only_its_owner_reads() {
    let machine = Machine::of_artist();
    machine.file("song", "song");
    let sealed = seal(&machine, &["song", "--mint", "200", "--keys", "keys.csv", "--prefix", "MGH"]);
    assert!(sealed.get("keys").is_none() && sealed.get("key").is_none());
    let csv = std::fs::read_to_string(machine.path("keys.csv")).unwrap();
    let keys: Vec<_> = csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!((keys.len(), sealed["minted"].as_u64()), (200, Some(200)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(machine.path("keys.csv")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    for key in [keys[0], keys[150], keys[199]] {
        assert!(key.starts_with("MGH-"));
        let said = machine.json(["inspect", "x.smsg", "--key", key]).remove(0);
        let serial = said["licence"]["serial"].as_u64().unwrap() as usize;
        assert_eq!(keys[serial - 1], key);
    }
    // A list that is there is not lost.
    let again = ["seal", "song", "--mint", "1", "--keys", "keys.csv", "--out", "y.smsg"];
    machine.run([&["--json"], &again[..]].concat()).failed_json(1, "exists");
    assert!(!machine.path("y.smsg").exists());
}

#[test]
fn wrong_keys_are_told_apart() {
    let machine = Machine::of_artist();
    machine.file("song", "song");
    let sealed = seal(&machine, &["song"]);
    let key = text(&sealed, "key");
    let open = |key: &str| machine.run(["--json", "unseal", "x.smsg", "--out", "out", "--key", key]);
    // Another symbol in the third group.
    let at = key.match_indices('-').nth(2).unwrap().0 + 2;
    let other = if key.as_bytes()[at] == b'Q' { "P" } else { "Q" };
    let done = open(&format!("{}{other}{}", &key[..at], &key[at + 1..]));
    done.failed_json(3, "no_valid_key");
    assert!(done.stderr.contains("group 3"), "{done:?}");
    let another = machine.ok(["key", "new"]);
    let done = open(another.trim());
    done.failed_json(3, "no_valid_key");
    assert!(!done.stderr.contains("mistyped"), "{done:?}");
    open("a passphrase that nobody set").failed_json(3, "no_valid_key");
    machine.run(["--json", "unseal", "x.smsg"]).failed_json(2, "password_required");
    assert!(!machine.path("out").exists());
    // A key that is sealed with must be one.
    machine.run(["seal", "song", "--out", "y.smsg", "--key", &key[..key.len() - 1]]).failed(3, "mistyped");
    machine.run(["seal", "song", "--out", "y.smsg", "--key", "MGH-2024-XKCD-7829"]).failed(2, "bits");
    assert!(!machine.path("y.smsg").exists());
}

#[test]
fn a_passphrase_opens_and_every_key_of_the_command_line_too() {
    let machine = Machine::of_artist();
    machine.file("song", "song");
    seal(&machine, &["song", "--key", "correct horse battery staple"]);
    machine.ok(["unseal", "x.smsg", "--key", "correct horse battery staple", "--out", "out"]);
    let key = machine.ok(["key", "new", "--style", "words"]);
    seal(&machine, &["song", "--key", key.trim(), "--force"]);
    let said = machine.json(["inspect", "x.smsg"]).remove(0);
    assert_eq!((&said["table"]["keys"], &said["table"]["passphrases"]), (&1.into(), &0.into()));
    machine.ok(["unseal", "x.smsg", "--key", key.trim(), "--out", "words"]);
}

/// A rental begins when this home first opens it, not when it was sold; and it is a request.
#[test]
fn a_period_counts_from_first_use() {
    let machine = Machine::of_artist();
    machine.file("song", "song");
    let sealed = seal(&machine, &["song", "--license-type", "rental:7"]);
    let key = text(&sealed, "key");
    let unseal = |out: &str, at: &str, more: &[&str]| {
        machine.run([&["unseal", "x.smsg", "--out", out, "--key", key, "--at", at], more].concat())
    };
    assert_eq!(unseal("first", "2031-03-01T12:00:00Z", &[]).code, Some(0));
    assert_eq!(unseal("in time", "2031-03-08T12:00:00Z", &[]).code, Some(0));
    unseal("late", "2031-03-08T12:00:01Z", &[]).failed(5, "2031-03-08T12:00:00Z");
    assert!(!machine.path("late").exists());
    assert_eq!(unseal("late", "2031-03-08T12:00:01Z", &["--ignore-expiry"]).code, Some(0));
    // Another sealed file has a period of its own.
    let other = seal(&machine, &["song", "--force", "--license-type", "rental:7"]);
    let opened = machine.run([
        "unseal",
        "x.smsg",
        "--out",
        "other",
        "--key",
        text(&other, "key"),
        "--at",
        "2031-03-09T12:00:00Z",
    ]);
    assert_eq!(opened.code, Some(0), "{opened:?}");
}

/// A cut of a WAV file says how long it is, wherever it was cut: other programs read it, and it can be published.
#[test]
fn cuts_of_wav_have_the_right_sizes() {
    let machine = Machine::of_artist();
    machine.file("tone.wav", crate::liars::wav(WAV_SECONDS * 8000));
    let cuts = ["--cut", "head=0:00-0:20", "--cut", "middle=0:20-0:40"];
    let mint = ["--mint", "head=1", "--mint", "middle=1"];
    let keys = minted(&seal(&machine, &[&["tone.wav"], &cuts[..], &mint].concat()));
    for (cut, from) in [("head", 0usize), ("middle", 160_000)] {
        machine.ok(["unseal", "x.smsg", "--out", cut, "--key", &keys[cut]]);
        let path = machine.path(&format!("{cut}/tone (cut).wav"));
        let bytes = std::fs::read(&path).unwrap();
        let size = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!((size(4), size(40)), (bytes.len() - 8, bytes.len() - 44), "{cut}");
        let tone = crate::liars::wav(WAV_SECONDS * 8000);
        // It begins at the mark before, never behind.
        let begins = (0..=4096).filter_map(|before| from.checked_sub(before));
        let mut begins = begins.map(|at| &tone[44 + at..]);
        assert!(begins.any(|tone| tone.starts_with(&bytes[44..])), "{cut}");
        let track = machine.json(["publish".as_ref(), path.as_os_str()]).remove(0);
        // Marks are half a second apart at this rate.
        assert!((20.0..21.0).contains(&track["duration"].as_f64().unwrap()), "{cut}: {track}");
    }
}

/// What mixes say of their tracks.
#[test]
fn loops_and_artists_of_tracks_come_from_the_manifest() {
    let machine = Machine::of_artist();
    machine.file("tone.wav", crate::liars::wav(WAV_SECONDS * 8000));
    let manifest = |loops: &str| {
        let tracks = format!(
            r#"[{{"title":"Break","start":0,"end":20,"loop":{loops},"artist":"Guest"}},{{"title":"Rest","start":20}}]"#
        );
        machine.file("m.json", format!(r#"{{"title":"Mixed","tracks":{tracks}}}"#));
    };
    manifest("[4,6.5]");
    seal(&machine, &["tone.wav", "--manifest", "m.json"]);
    let said = machine.json(["inspect", "x.smsg"]).remove(0);
    let track = &said["tracks"][0];
    assert_eq!(
        (&track["artist"], &track["loop"]),
        (&"Guest".into(), &serde_json::json!([4000, 6500])),
        "{said}"
    );
    for loops in ["[6,4]", "[-1,4]", "[4]", "true"] {
        manifest(loops);
        let refused = machine.run(["seal", "tone.wav", "--out", "y.smsg", "--manifest", "m.json"]);
        assert_eq!(refused.code, Some(3), "{loops}: {refused:?}");
    }
}

#[test]
fn dates_are_requests_that_are_kept_unless_told_otherwise() {
    let machine = Machine::of_artist();
    machine.file("song", "song");
    let sealed = seal(
        &machine,
        &["song", "--license-type", "rental", "--at", "2026-01-12T15:04:05Z", "--expires", "30d"],
    );
    let key = text(&sealed, "key");
    let late = ["unseal", "x.smsg", "--out", "out", "--key", key, "--at", "2026-02-11T15:04:06Z"];
    let done = machine.run(late);
    done.failed(5, "2026-02-11T15:04:05Z");
    assert!(done.stderr.contains("request") && done.stderr.contains("not a lock"), "{done:?}");
    machine.run([&["--json"], &late[..]].concat()).failed_json(5, "expired");
    assert!(!machine.path("out").exists());
    let done = machine.run([&late[..], &["--ignore-expiry"]].concat());
    assert!(done.code == Some(0) && done.stderr.contains("warning: "), "{done:?}");
    machine.ok(["unseal", "x.smsg", "--out", "in time", "--key", key, "--at", "2026-02-11T15:04:05Z"]);
    let said = machine.json(["inspect", "x.smsg", "--key", key]).remove(0);
    assert_eq!(
        (&said["licence"]["terms"]["licence"], &said["licence"]["asked"]),
        (&"rental".into(), &"over".into())
    );
    machine.run(["play", "x.smsg", "--null", "--key", key]).failed(5, "ended");
    let sealed = seal(&machine, &["song", "--force", "--license-type", "stream"]);
    let said = machine.json(["inspect", "x.smsg", "--key", text(&sealed, "key")]).remove(0);
    assert_eq!(said["licence"]["terms"]["period"], 86_400);
    for days in ["6", "91"] {
        let kind = format!("rental:{days}");
        machine.run(["seal", "song", "--out", "y.smsg", "--license-type", &kind]).failed(2, "7 to 90");
    }
}

/// Where a file's sections begin: magic, header, table head, directory, entries, seal, digests, chunks, end.
fn sections(file: &[u8], keys: usize, chunks: usize) -> [(&'static str, usize); 9] {
    let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    let table = 9 + number(5);
    let directory = table + 4 + number(table);
    let entries = directory + 64 * keys.div_ceil(128);
    let seal = entries + 88 * keys;
    let digests = seal + 64 + 32 * chunks.div_ceil(256);
    let first = digests + 32 * chunks;
    [
        ("magic", 0),
        ("header", 9),
        ("table", table + 4),
        ("directory", directory),
        ("entries", entries),
        ("seal", seal),
        ("digests", digests),
        ("chunks", first),
        ("end", file.len() - 1),
    ]
}

#[test]
fn one_wrong_bit_anywhere_and_nothing_appears() {
    let machine = Machine::of_artist();
    let sound: Vec<u8> = (0..200_000u32).map(|n| (n / 7 % 251) as u8).collect();
    machine.file("sound", &sound);
    let sealed = seal(&machine, &["sound"]);
    let key = text(&sealed, "key");
    let whole = std::fs::read(machine.path("x.smsg")).unwrap();
    let refused = |bytes: &[u8], what: &str| {
        machine.file("y.smsg", bytes);
        let done = machine.run(["unseal", "y.smsg", "--key", key, "--out", "out"]);
        assert_eq!(done.code, Some(3), "{what}: {done:?}");
        assert!(!machine.path("out").exists(), "{what}");
    };
    for (what, at) in sections(&whole, 1, 4) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        refused(&bytes, what);
        refused(&whole[..at], what);
    }
    refused(&[&whole[..], b"x"].concat(), "a byte behind it");
    let chunk = 65_536 + 48;
    let first = sections(&whole, 1, 4)[7].1;
    let mut swapped = whole.clone();
    swapped[first..first + 2 * chunk].rotate_left(chunk);
    refused(&swapped, "two chunks in each other's place");
    machine.ok(["unseal", "x.smsg", "--key", key, "--out", "out"]);
    assert!(std::fs::read(machine.path("out/sound")).unwrap() == sound);
    // The same while playing, and by whoever only looks.
    let mut bytes = whole.clone();
    bytes[20] ^= 1;
    machine.file("y.smsg", &bytes);
    assert_eq!(machine.run(["inspect", "y.smsg"]).code, Some(3));
}

#[test]
fn of_several_at_once_one_wins_whole() {
    let machine = Machine::of_artist();
    machine.file("one", vec![1; 1 << 20]);
    let start = || {
        let mut command = machine.osp();
        command.args(["--json", "seal", "one", "--out", "out/x.smsg"]);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    std::fs::create_dir(machine.path("out")).unwrap();
    let running: Vec<_> = (0..4).map(|_| start()).collect();
    let done: Vec<_> = running.into_iter().map(|child| Done::of(child.wait_with_output().unwrap())).collect();
    let winners: Vec<_> = done.iter().filter(|done| done.code == Some(0)).collect();
    let [winner] = winners.as_slice() else { panic!("{done:?}") };
    let key = text(&winner.lines()[0], "key").to_owned();
    assert_eq!(files(&machine.path("out")), ["x.smsg"]);
    machine.ok(["unseal", "out/x.smsg", "--key", &key, "--out", "opened"]);
}

#[test]
fn standard_input_and_output() {
    let machine = Machine::of_artist();
    let key = machine.ok(["key", "new"]).trim().to_owned();
    let song = std::fs::read(fixture("tagged.mp3")).unwrap();
    let mut sealing = machine.osp();
    sealing.args(["seal", "-", "--out", "-", "--key", &key]);
    let sealed = sealing.stdin(std::fs::File::open(fixture("tagged.mp3")).unwrap()).output().unwrap();
    assert!(sealed.status.success() && sealed.stdout.starts_with(b"SMSG\x03"), "{sealed:?}");
    let done = machine.run_with_stdin(["--json", "unseal", "-", "--key", &key], &sealed.stdout);
    let attachment = done.lines().remove(0)["attachments"][0].clone();
    assert_eq!((text(&attachment, "name"), text(&attachment, "mime")), ("attachment.mp3", "audio/mpeg"));
    assert!(std::fs::read(machine.path(text(&attachment, "path"))).unwrap() == song);
}

#[test]
fn a_published_release_plays_while_it_comes() {
    let artist = Machine::of_artist();
    let sealed = seal(&artist, &[&song("01 Awakening.opus"), "--preview", "0:00-0:30"]);
    let record = artist.publish(["x.smsg", "--title", "T", "--artist-name", "A"]).remove(0);
    let node = Node::start(&artist);
    let listener = Machine::new();
    let play = ["play", text(&record, "id"), "--from", &node.url, "--null"];
    let preview = listener.json(play).remove(0);
    assert!((29.9..=32.0).contains(&seconds(&preview)), "{preview}");
    let whole = listener.json([&play[..], &["--key", text(&sealed, "key")]].concat()).remove(0);
    assert!(seconds(&whole) > 200.0, "{whole}");
    assert_eq!(whole["record"], record);
}

/// The key stands behind `#` of the address, which no server is told; a later licence lies beside the file.
#[test]
fn an_address_that_brings_its_key_plays_and_opens() {
    let machine = Machine::of_artist();
    let song = song("01 Awakening.opus");
    let sealed = seal(&machine, &[&song, "--cut", "late=2:00-2:20", "--mint", "late=1", "--mint", "1"]);
    let keys = minted(&sealed);
    let file = std::fs::read(machine.path("x.smsg")).unwrap();
    for ranges in [true, false] {
        let host = Files::new(BTreeMap::from([("/a/x.smsg".to_owned(), file.clone())]), ranges);
        let address = format!("{}/a/x.smsg", host.url);
        let link = format!("{address}#k={}", keys["late"]);
        let line = machine.json(["play", &link, "--null"]).remove(0);
        assert!((19.5..=23.0).contains(&seconds(&line)), "{line}");
        let asked = host.asked();
        assert!(asked.iter().all(|(path, _)| path == "/a/x.smsg"), "{asked:?}");
        let skipped = |range: &Option<String>| range.as_ref().is_some_and(|range| range != "bytes=0-");
        assert!(asked.iter().any(|(_, range)| skipped(range)), "it went to the cut: {asked:?}");

        let link = format!("{address}#k={}", keys["all"].replace('-', "%20"));
        let out = format!("out {ranges}");
        machine.ok(["unseal", &link, "--out", &out]);
        assert!(
            std::fs::read(machine.path(&out).join("01 Awakening.opus")).unwrap()
                == std::fs::read(&song).unwrap()
        );
        assert_eq!(machine.json(["inspect", &link]).remove(0)["licence"]["terms"]["everything"], true);
        machine.run(["unseal", &format!("{}/b.smsg", host.url)]).failed(4, "is not there");
        machine.run(["play", &format!("{}/b.smsg", host.url), "--null"]).failed(4, "is not there");
        let another = machine.ok(["key", "new"]);
        machine.run(["unseal", &address, "--key", another.trim()]).failed(3, "does not open");
        // What would be its licence was looked for beside the file.
        assert!(host.asked().iter().any(|(path, _)| path.starts_with("/a/") && path.ends_with(".smsgl")));
    }
}
