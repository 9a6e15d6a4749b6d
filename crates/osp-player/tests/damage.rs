//! Cut, damaged and senseless files end with an error or early, never in a panic or without end.

#![allow(clippy::unwrap_used)]

mod support;

use osp_player::{
    Decoder,
    decode::{DecodeError, OpenError},
};
use proptest::prelude::*;
use support::{bytes, media};

const FILES: [&str; 8] =
    ["wav16.wav", "flac.flac", "alac.m4a", "mp3.mp3", "vorbis.ogg", "opus.opus", "aac.m4a", "aac.aac"];

/// Decodes what can be, and seeks; gives the samples that came.
fn survive(bytes: Vec<u8>) -> usize {
    let Ok(mut decoder) = Decoder::open(media(bytes)) else { return 0 };
    let (mut samples, mut block) = (0, Vec::new());
    while let Ok(frames) = decoder.next(&mut block) {
        if frames == 0 {
            break;
        }
        samples += block.len();
        assert!(samples < 10_000_000, "no end");
    }
    if decoder.seek(1000).is_ok() {
        let _ = decoder.next(&mut block);
    }
    samples
}

#[test]
fn a_cut_song_plays_what_is_there_and_says_so() {
    let song = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/music/01 Awakening.opus");
    let mut song = std::fs::read(song).unwrap();
    song.truncate(200_000);
    let mut decoder = Decoder::open(media(song)).unwrap();
    let (mut block, mut heard) = (Vec::new(), 0);
    let end = loop {
        match decoder.next(&mut block) {
            Ok(0) => break Ok(()),
            Ok(frames) => heard += frames,
            Err(e) => break Err(e),
        }
    };
    assert!(matches!(end, Err(DecodeError::Truncated)), "{end:?}");
    assert!(heard > 20 * 48_000, "{heard}");
}

#[test]
fn what_is_no_audio_is_told_apart() {
    for senseless in
        [Vec::new(), b"hello".to_vec(), vec![0; 100_000], b"<html><body>404</body></html>".repeat(300)]
    {
        let error = Decoder::open(media(senseless)).unwrap_err();
        assert!(matches!(error, OpenError::NotAudio), "{error:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn damage_is_survived(file in 0..FILES.len(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12), cut: Option<prop::sample::Index>) {
        let mut bytes = bytes(FILES[file]);
        for (at, to) in changes {
            // Most of what can be misunderstood is near the beginning.
            let len = if to % 2 == 0 { bytes.len() } else { bytes.len().min(600) };
            bytes[at.index(len)] = to;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        survive(bytes);
    }
}
