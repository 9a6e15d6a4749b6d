//! Every format decodes to what was encoded: to the sample in length, and as near in content as its codec is.

#![allow(clippy::unwrap_used)]

mod support;

use osp_player::Format;
use support::{channel, decibels, decode, tone};

/// File, codec, rate, channels, frames, least signal to error in dB.
const VECTORS: [(&str, &str, u32, u16, usize, f64); 10] = [
    ("wav16.wav", "PCM", 44_100, 2, 1501, 85.0),
    ("wav24.wav", "PCM", 44_100, 2, 1501, 120.0),
    ("flac.flac", "FLAC", 44_100, 2, 2003, 85.0),
    ("alac.m4a", "ALAC", 44_100, 2, 2003, 85.0),
    ("mp3.mp3", "MP3", 44_100, 2, 20_011, 20.0),
    ("vorbis.ogg", "Vorbis", 44_100, 2, 20_011, 20.0),
    ("opus.opus", "Opus", 48_000, 2, 20_011, 20.0),
    ("voice.opus", "Opus", 48_000, 1, 20_011, 0.0),
    // ffmpeg's own encoder is this far off; ffmpeg's decoder finds the same 7.1 dB.
    ("aac.m4a", "AAC", 44_100, 2, 20_011, 7.0),
    // ADTS has no place to say how much silence the encoder put in front: it stays, as in every player.
    ("aac.aac", "AAC", 44_100, 2, 21_504, f64::NEG_INFINITY),
];

#[test]
fn every_format_comes_out_as_it_went_in() {
    for (name, codec, rate, channels, frames, least) in VECTORS {
        let (info, samples) = decode(name);
        assert_eq!((info.codec, info.format), (codec, Format { rate, channels }), "{name}");
        assert_eq!(samples.len(), frames * usize::from(channels), "{name}");
        assert_eq!(info.frames, Some(frames as u64), "{name}");
        let left = channel(&samples, usize::from(channels), 0);
        let wanted = tone(rate, 0, frames);
        if channels == 1 {
            // Speech at 14 kbit/s: what the coder was not made for is not measured.
            continue;
        }
        let near = decibels(&left, &wanted);
        assert!(near > least, "{name}: {near:.1} dB");
    }
}

#[test]
fn adts_is_the_tone_behind_the_encoders_delay() {
    let (_, samples) = decode("aac.aac");
    let left = channel(&samples, 2, 0);
    let near = decibels(&left[1024..20_000], &tone(44_100, 0, 20_000 - 1024));
    assert!(near > 6.9, "{near:.1} dB");
}
