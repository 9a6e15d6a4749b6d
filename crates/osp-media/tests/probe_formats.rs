//! One fixture per format: a tone of one second, tagged by the usual tools.
#![allow(clippy::unwrap_used)]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use osp_media::{AudioFormat, AudioInfo, MediaError, probe, probe_reader};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn probed(name: &str) -> AudioInfo {
    probe(&fixture(name)).unwrap()
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

fn probe_bytes(bytes: &[u8]) -> Result<AudioInfo, MediaError> {
    probe_reader(&mut Cursor::new(bytes), Path::new("file"))
}

/// What all tagged fixtures share, whatever their format.
fn assert_common(info: &AudioInfo, title: &str, track: u32) {
    assert_eq!(info.title.as_deref(), Some(title));
    assert_eq!(info.artist_name.as_deref(), Some("Test Artist"));
    assert_eq!(info.album.as_deref(), Some("Test Album"));
    assert_eq!(info.track_number, Some(track));
}

fn assert_lasts(info: &AudioInfo, seconds: f64, tolerance: f64) {
    let got = info.duration_seconds.unwrap();
    assert!((got - seconds).abs() <= tolerance, "{got} is not about {seconds}");
    assert!((got * 1000.0 - (got * 1000.0).round()).abs() < 1e-6, "{got} is finer than milliseconds");
}

#[test]
fn opus() {
    let info = probed("tagged.opus");
    assert_eq!(info.format.media_type(), "audio/opus");
    assert_common(&info, "Tone in Opus", 1);
    assert_eq!(info.disc_number, Some(2));
    assert_eq!(info.genres, ["Ambient", "Electronic"]);
    assert_eq!(info.released.as_deref(), Some("2011-08-23"));
    assert_eq!(info.license.as_deref(), Some("CC-BY-SA-3.0"));
    assert_lasts(&info, 1.0, 0.001);
    // The back cover comes first in the file.
    let cover = info.cover.unwrap();
    assert_eq!(cover.mime, "image/png");
    assert_eq!(cover.bytes, bytes("cover.png"));
}

#[test]
fn vorbis() {
    let info = probed("tagged.ogg");
    assert_eq!(info.format.media_type(), "audio/ogg");
    assert_common(&info, "Tone in Vorbis", 2);
    assert_eq!(info.genres, ["Ambient", "Electronic"]);
    assert_eq!(info.released.as_deref(), Some("2011"));
    assert_eq!(info.license.as_deref(), Some("CC-BY-4.0"));
    assert_lasts(&info, 1.0, 0.001);
}

#[test]
fn mp3() {
    let info = probed("tagged.mp3");
    assert_eq!(info.format.media_type(), "audio/mpeg");
    assert_common(&info, "Tone in MP3", 3);
    assert_eq!(info.disc_number, Some(1));
    assert_eq!(info.genres, ["Ambient"]);
    assert_eq!(info.released.as_deref(), Some("2011-08-23"));
    assert_eq!(info.license.as_deref(), Some("CC0-1.0"));
    // Frames are whole: the encoder's padding counts.
    assert_lasts(&info, 1.0, 0.1);
    let cover = info.cover.unwrap();
    assert_eq!((cover.mime, cover.bytes), ("image/jpeg", bytes("cover.jpg")));
}

#[test]
fn flac() {
    let info = probed("tagged.flac");
    assert_eq!(info.format.media_type(), "audio/flac");
    assert_common(&info, "Tone in FLAC", 4);
    assert_eq!(info.released.as_deref(), Some("2011-08"));
    assert_eq!(info.license.as_deref(), Some("CC-BY-NC-4.0"));
    assert_lasts(&info, 1.0, 0.0);
    assert_eq!(info.cover.unwrap().bytes, bytes("cover.png"));
}

#[test]
fn m4a() {
    let info = probed("tagged.m4a");
    assert_eq!(info.format.media_type(), "audio/mp4");
    assert_common(&info, "Tone in AAC", 5);
    assert_eq!(info.disc_number, Some(1));
    assert_eq!(info.genres, ["Ambient"]);
    assert_eq!(info.released.as_deref(), Some("2011-08-23"));
    assert_eq!(info.license.as_deref(), Some("CC-BY-NC-SA-3.0-DE"));
    assert_lasts(&info, 1.0, 0.05);
    assert_eq!(info.cover.unwrap().bytes, bytes("cover.png"));
}

#[test]
fn wav() {
    let info = probed("tagged.wav");
    assert_eq!(info.format.media_type(), "audio/wav");
    assert_common(&info, "Tone in WAV", 6);
    assert_eq!(info.genres, ["Ambient"]);
    assert_eq!(info.released.as_deref(), Some("2011"));
    assert_lasts(&info, 1.0, 0.0);
}

#[test]
fn untagged_mp3_has_format_and_length_only() {
    let info = probed("untagged.mp3");
    assert_eq!(info.format, AudioFormat::Mp3);
    assert_eq!((info.title, info.artist_name, info.album, info.track_number), (None, None, None, None));
    assert!(info.duration_seconds.unwrap() > 0.2);
}

#[test]
fn sealed_files_are_recognised_and_not_looked_into() {
    let info = probe_bytes(b"SMSG\x02\x00whatever").unwrap();
    assert_eq!(info.format.media_type(), "application/vnd.smsg");
    assert_eq!((info.title, info.duration_seconds, info.cover), (None, None, None));
}

#[test]
fn the_name_plays_no_part() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("really-flac.mp3");
    std::fs::copy(fixture("tagged.flac"), &path).unwrap();
    assert_eq!(probe(&path).unwrap().format, AudioFormat::Flac);
}

#[test]
fn id3_in_front_of_flac_is_skipped() {
    let mut file = b"ID3\x04\x00\x00\x00\x00\x00\x0a\0\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend(bytes("tagged.flac"));
    assert_eq!(probe_bytes(&file).unwrap().format, AudioFormat::Flac);
}
