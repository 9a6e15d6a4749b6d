//! From files to tracks that another process finds.

use crate::support::{Machine, TEST_DID, fixture, repository, text};

#[test]
fn a_folder_is_an_album_in_track_order() {
    let artist = Machine::of_artist();
    let records = artist.publish([repository("demo/music")]);
    let titles: Vec<_> = records.iter().map(|r| text(r, "title")).collect();
    assert_eq!(titles, ["Awakening", "Coherence"]);
    for (number, record) in (1..).zip(&records) {
        assert_eq!(record["trackNumber"], number);
        assert_eq!(text(record, "artist"), TEST_DID);
        assert_eq!(record["album"], records[0]["album"]);
        assert!(record["artwork"].is_string(), "the folder's cover");
    }
    assert_eq!(artist.json(["search", "awakening"]), records[..1]);
}

#[test]
fn every_format_is_published_and_verifies() {
    let artist = Machine::of_artist();
    let records = artist.publish([repository("crates/osp-media/tests/fixtures")]);
    let mut formats: Vec<_> = records.iter().map(|r| text(r, "format")).collect();
    formats.sort_unstable();
    formats.dedup();
    let all = ["audio/flac", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/opus", "audio/wav"];
    assert_eq!(formats, all);
    let stranger = Machine::new();
    for record in &records {
        let judged = stranger.run_with_stdin(["verify", "-"], record.to_string().as_bytes());
        assert_eq!(judged.code, Some(0), "{judged:?}");
    }
    assert!(!stranger.home().exists(), "whoever only verifies needs no home");
}

#[test]
fn the_file_is_the_records_content_under_either_profile() {
    let artist = Machine::of_artist();
    let song = fixture("tagged.opus");
    for profile in ["unixfs-v1-2025", "unixfs-v0-2015"] {
        let arguments = [song.as_os_str(), "--cid-profile".as_ref(), profile.as_ref()];
        let record = artist.publish(arguments).remove(0);
        let path = artist.file("record.json", record.to_string());
        let content = |file: &str| {
            artist.run(["verify".as_ref(), path.as_os_str(), "--content".as_ref(), fixture(file).as_os_str()])
        };
        assert_eq!(content("tagged.opus").code, Some(0));
        let other = content("tagged.mp3");
        assert_eq!(other.code, Some(3), "{other:?}");
        let cid = artist.ok(["cid".as_ref(), song.as_os_str(), "--profile".as_ref(), profile.as_ref()]);
        assert_eq!(cid.trim(), text(&record, "cid"));
    }
}

#[test]
fn the_same_again_gives_the_same_record() {
    let artist = Machine::of_artist();
    let first = artist.publish([fixture("tagged.opus")]);
    assert_eq!(artist.publish([fixture("tagged.opus")]), first, "the proof's time included");
}

#[test]
fn a_correction_takes_the_place_of_what_it_supersedes() {
    let artist = Machine::of_artist();
    let old = artist.publish([fixture("tagged.opus")]).remove(0);
    let song = fixture("tagged.opus");
    let id = text(&old, "id");
    let arguments = [song.to_str().unwrap(), "--title", "Corrected", "--supersedes", id];
    let new = artist.publish(arguments);
    assert_eq!(text(&new[0], "supersedes"), id);
    assert_eq!(artist.json(["search"]), new);
}

#[test]
fn a_dry_run_writes_nothing() {
    let artist = Machine::of_artist();
    let song = fixture("tagged.opus");
    let planned = artist.publish([song.as_os_str(), "--dry-run".as_ref()]);
    let report = artist.json(["doctor"]).remove(0);
    assert_eq!((&report["tracks"], &report["blobs"]), (&0.into(), &0.into()));
    let done = artist.publish([song]);
    assert_eq!(planned[0]["id"], done[0]["id"]);
}

#[test]
fn two_at_once_both_succeed() {
    let artist = Machine::of_artist();
    let publish = || artist.publish([repository("crates/osp-media/tests/fixtures")]);
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(publish);
        let other = scope.spawn(publish);
        (one.join().unwrap(), other.join().unwrap())
    });
    let ids = |records: &[serde_json::Value]| -> Vec<_> { records.iter().map(|r| r["id"].clone()).collect() };
    assert_eq!(ids(&one), ids(&other));
    assert_eq!(artist.json(["search"]).len(), one.len());
    assert_eq!(artist.json(["doctor", "--scrub"])[0]["damaged"], serde_json::json!([]));
}

#[test]
fn another_artists_track_cannot_be_retracted() {
    let artist = Machine::of_artist();
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    artist.ok(["id", "new", "--name", "Somebody", "--no-passphrase"]);
    let id = text(&record, "id");
    artist.run(["retract", id, "--artist-id", "Somebody"]).failed(2, "only its artist can retract it");
    assert_eq!(artist.json(["search"]).len(), 1);
    artist.ok(["retract", id]);
    assert!(artist.json(["search"]).is_empty());
    artist.run([std::ffi::OsStr::new("publish"), fixture("tagged.opus").as_os_str()]).failed(3, "is final");
}
