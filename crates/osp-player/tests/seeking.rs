//! After a seek come the samples that come there anyway.

#![allow(clippy::unwrap_used)]

mod support;

use support::{channel, decibels, decode, open, rest};

#[test]
fn a_place_sounds_as_it_does_when_played_through() {
    for name in [
        "wav16.wav",
        "wav24.wav",
        "flac.flac",
        "alac.m4a",
        "mp3.mp3",
        "vorbis.ogg",
        "opus.opus",
        "aac.m4a",
        "aac.aac",
    ] {
        let (info, all) = decode(name);
        let total = all.len() / info.format.width();
        for place in [total / 2, 1, total - 3, 700, 0, total * 3 / 4] {
            let mut decoder = open(name);
            // From the middle of it, and forwards as well as back.
            let mut block = Vec::new();
            decoder.next(&mut block).unwrap();
            decoder.seek(place as u64).unwrap();
            assert_eq!(decoder.position(), place as u64);
            let found = rest(&mut decoder);
            let wanted = &all[place * info.format.width()..];
            assert_eq!(found.len(), wanted.len(), "{name} at {place}");
            let near =
                decibels(&channel(&found, info.format.width(), 0), &channel(wanted, info.format.width(), 0));
            assert!(near > if name == "opus.opus" { 35.0 } else { 60.0 }, "{name} at {place}: {near:.1} dB");
        }
    }
}

#[test]
fn behind_the_end_is_the_end_and_there_is_a_way_back() {
    for name in ["wav16.wav", "flac.flac", "mp3.mp3", "vorbis.ogg", "opus.opus", "aac.m4a"] {
        let (_, all) = decode(name);
        let mut decoder = open(name);
        decoder.seek(1 << 40).unwrap();
        assert_eq!(rest(&mut decoder), [0.0; 0], "{name}");
        decoder.seek(0).unwrap();
        assert_eq!(rest(&mut decoder).len(), all.len(), "{name}");
    }
}
