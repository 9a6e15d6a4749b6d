//! Files that are not published, and the sentence that says why.
#![allow(clippy::unwrap_used)]

use std::io::Cursor;
use std::path::Path;

use osp_media::{MediaError, probe, probe_reader};

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

fn refusal(bytes: &[u8]) -> MediaError {
    probe_reader(&mut Cursor::new(bytes), Path::new("music/song")).unwrap_err()
}

#[test]
fn what_is_not_a_readable_file() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(probe(folder.path()), Err(MediaError::NotAFile { .. })));
    assert!(matches!(probe(&folder.path().join("none.ogg")), Err(MediaError::NotFound { .. })));
    assert!(matches!(refusal(b""), MediaError::Empty { .. }));
}

#[test]
fn what_is_not_audio() {
    for not_audio in
        [&b"hello"[..], b"\0", &[0xff; 5000], &[0; 5000], &bytes("cover.png"), &bytes("cover.jpg")]
    {
        assert!(matches!(refusal(not_audio), MediaError::NotAudio { .. }));
    }
    let text = "All the words of a long text file. ".repeat(1000);
    assert!(matches!(refusal(text.as_bytes()), MediaError::NotAudio { .. }));
}

#[test]
fn formats_without_a_media_type_are_named() {
    for (head, name) in [
        (&b"FORM\0\0\0\x10AIFFCOMM"[..], "AIFF"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "a 64-bit WAV"),
        (b"wvpk\0\0\0\0", "WavPack"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0", "Matroska or WebM"),
        (b"\xff\xf1\x50\x80\x02\x1f\xfc", "raw AAC (ADTS)"),
    ] {
        let MediaError::Unsupported { kind, .. } = refusal(head) else { panic!("{name} was not recognised") };
        assert_eq!(kind, name);
    }
}

/// Every cut, from most of the file gone to one byte.
#[test]
fn a_missing_end_is_noticed() {
    for name in ["tagged.opus", "tagged.ogg", "tagged.flac", "tagged.m4a"] {
        let whole = bytes(name);
        for length in (64..whole.len()).step_by(37).chain([whole.len() - 1]) {
            let error = refusal(&whole[..length]);
            assert!(matches!(error, MediaError::Truncated { .. }), "{name} cut to {length}: {error}");
        }
    }
}

#[test]
fn a_missing_end_of_wav_data_is_noticed() {
    let whole = bytes("tagged.wav");
    let data = whole.windows(4).position(|w| w == b"data").unwrap();
    for length in [data, data + 8, data + 100, data + 8 + 3999] {
        let error = refusal(&whole[..length]);
        assert!(matches!(error, MediaError::Truncated { .. }), "cut to {length}: {error}");
    }
}

#[test]
fn mp3_is_held_to_what_its_first_frame_counted() {
    let whole = bytes("tagged.mp3");
    let id3v1 = whole.len() - 128;
    assert!(matches!(refusal(&whole[..id3v1 - 100]), MediaError::Truncated { .. }));
}

#[test]
fn a_wav_that_was_piped_has_no_length() {
    let mut file = bytes("tagged.wav");
    let data = file.windows(4).position(|w| w == b"data").unwrap();
    file[data + 4..data + 8].fill(0xff);
    assert!(matches!(refusal(&file), MediaError::Malformed { .. }));
}

#[test]
fn messages_are_one_sentence_with_the_file_and_what_to_do() {
    let errors =
        [refusal(b""), refusal(b"hello"), refusal(b"wvpk\0\0\0\0"), refusal(&bytes("tagged.opus")[..2000])];
    let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "music/song is empty; export or copy it again",
            "music/song is not audio in a known format; publish Opus, Ogg Vorbis, MP3, FLAC, M4A, WAV or SMSG",
            "music/song is WavPack, which cannot be published; convert it to FLAC or Opus first",
            "music/song is incomplete: it ends in the middle of an Ogg page; export or download it again",
        ]
    );
}
