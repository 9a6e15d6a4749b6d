//! What is made for Media Source sounds as the file does, to the sample, and says where the sound begins and ends.
#![allow(clippy::unwrap_used)]

use std::io::Cursor;

use osp_media::remux::{Remux, RemuxError};
use osp_player::{Decoder, Media};
use proptest::prelude::*;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("fixtures/", $name)).as_slice()
    };
}

/// Media type, file, and samples that a decoder needs to be as if it had begun before.
const FILES: [(&str, &[u8], usize); 11] = [
    ("audio/opus", fixture!("../timelines/pages.opus"), 48_000 / 4),
    ("audio/opus", fixture!("tagged.opus"), 48_000 / 4),
    ("audio/flac", fixture!("../timelines/frames.flac"), 0),
    ("audio/flac", fixture!("tagged.flac"), 0),
    ("audio/wav", fixture!("tagged.wav"), 0),
    ("audio/mpeg", fixture!("../timelines/frames.mp3"), 4 * 1152),
    ("audio/mpeg", fixture!("tagged.mp3"), 4 * 1152),
    ("audio/mpeg", fixture!("untagged.mp3"), 4 * 1152),
    ("audio/aac", fixture!("../timelines/frames.aac"), 4 * 1024),
    ("audio/mp4", fixture!("../timelines/samples.m4a"), 4 * 1024),
    ("audio/mp4", fixture!("tagged.m4a"), 4 * 1024),
];

/// All samples, of all channels.
fn decode(bytes: Vec<u8>) -> (Vec<f32>, usize) {
    let length = bytes.len() as u64;
    let mut decoder = Decoder::open(Media::new(Cursor::new(bytes), length).cut()).unwrap();
    let channels = usize::from(decoder.info().format.channels);
    let (mut all, mut block) = (Vec::new(), Vec::new());
    while decoder.next(&mut block).unwrap() > 0 {
        all.extend_from_slice(&block);
    }
    (all, channels)
}

/// Reads on until the file's end, `step` bytes at a time.
fn rest(remux: &mut Remux, file: &[u8], step: usize) -> Result<Vec<u8>, RemuxError> {
    let mut out = Vec::new();
    loop {
        let at = usize::try_from(remux.position()).unwrap();
        if at == file.len() {
            return Ok(out);
        }
        out.extend(remux.push(&file[at..file.len().min(at + step)])?);
    }
}

fn remuxed(media_type: &str, file: &[u8], step: usize) -> (Remux, Vec<u8>) {
    let mut remux = Remux::new(media_type, file.len() as u64).unwrap();
    let out = rest(&mut remux, file, step).unwrap();
    (remux, out)
}

#[test]
fn sounds_as_the_file_does_to_the_sample() {
    for (media_type, file, _) in FILES {
        let (remux, out) = remuxed(media_type, file, 5_000);
        let stream = remux.stream().unwrap();
        let (original, channels) = decode(file.to_vec());
        let (all, _) = decode([stream.init.as_slice(), &out].concat());
        let (start, end) = (stream.start as usize * channels, remux.end().unwrap() as usize * channels);
        assert_eq!(end - start, original.len(), "{media_type}");
        assert!(all[start..end] == original, "{media_type}");
    }
}

#[test]
fn what_no_host_names_is_known_by_its_beginning() {
    for (media_type, file, _) in FILES {
        for step in [512, 5_000] {
            let (named, expected) = remuxed(media_type, file, step);
            let (remux, out) = remuxed("application/octet-stream", file, step);
            assert_eq!((remux.stream(), remux.end()), (named.stream(), named.end()), "{media_type}");
            assert!(out == expected, "{media_type}");
        }
    }
    for file in [&[7; 9_000][..], b"fL", b""] {
        let mut remux = Remux::new("", file.len() as u64).unwrap();
        assert!(file.is_empty() || rest(&mut remux, file, 4_096).is_err());
    }
}

#[test]
fn what_comes_in_other_pieces_is_the_same() {
    for (media_type, file, _) in FILES {
        let whole = |out: Vec<u8>, remux: &Remux| {
            let (all, _) = decode([remux.stream().unwrap().init.as_slice(), &out].concat());
            (all, remux.end(), remux.first(), remux.stream().cloned())
        };
        let (once, out) = remuxed(media_type, file, file.len());
        let once = whole(out, &once);
        for step in [97, 1_000] {
            let (again, out) = remuxed(media_type, file, step);
            assert!(whole(out, &again) == once, "{media_type} {step}");
        }
    }
}

#[test]
fn a_moment_sounds_as_in_the_whole() {
    for (media_type, file, warm_up) in FILES {
        let (remux, out) = remuxed(media_type, file, 5_000);
        let stream = remux.stream().unwrap().clone();
        let (whole, channels) = decode([stream.init.as_slice(), &out].concat());
        let length = (remux.end().unwrap() - stream.start) as f64 / f64::from(stream.scale);
        let mut remux = Remux::new(media_type, file.len() as u64).unwrap();
        while remux.stream().is_none() {
            let at = usize::try_from(remux.position()).unwrap();
            remux.push(&file[at..file.len().min(at + 2_000)]).unwrap();
        }
        for part in [0.9, 0.1, 0.0, 0.5, 0.7] {
            assert!(remux.seek(length * part));
            let out = rest(&mut remux, file, 700).unwrap();
            let (piece, _) = decode([stream.init.as_slice(), &out].concat());
            let first = remux.first().unwrap();
            let moment = (length * part * f64::from(stream.scale)) as u64 + stream.start;
            // AAC in ADTS has no places but by guess.
            let guessed = if media_type == "audio/aac" { 6 * 1024 } else { 0 };
            assert!(first <= moment, "{media_type} {part}: {first} {moment}");
            assert!(moment - first <= 48_000, "{media_type} {part}: {first} {moment}");
            // It is the whole from there on, but for what a decoder cannot give alone.
            let left = (whole.len() / channels) as u64 - first;
            let there = (piece.len() / channels) as u64;
            assert!(left.abs_diff(there) <= guessed + 2 * 1152, "{media_type} {part}: {left} {there}");
            let compared =
                piece.len().min(whole.len()).saturating_sub((warm_up + guessed as usize) * channels);
            let worst = piece.iter().rev().zip(whole.iter().rev()).take(compared).map(|(a, b)| (a - b).abs());
            // Decoders put noise where there was noise.
            let allowed = if warm_up == 0 { 0.0 } else { 0.05 };
            let worst = worst.fold(0.0, f32::max);
            assert!(worst <= allowed, "{media_type} {part}: {worst} of {compared}");
            if warm_up == 0 {
                assert_eq!(left, there, "{media_type} {part}");
            }
        }
    }
}

#[test]
fn pictures_are_not_fetched() {
    let file = fixture!("../timelines/frames.flac");
    let picture = [&[6, 8, 0, 0][..], &vec![0; 8 << 16]].concat();
    let file = [&file[..42], &picture, &file[42..]].concat();
    let mut remux = Remux::new("audio/flac", file.len() as u64).unwrap();
    assert!(remux.push(&file[..100]).unwrap().is_empty());
    assert!(remux.position() >= 42 + (8 << 16), "{}", remux.position());
}

#[test]
fn what_cannot_be_joined_says_so() {
    let refused = |media_type: &str, file: &[u8]| {
        let mut remux = Remux::new(media_type, file.len() as u64).unwrap();
        rest(&mut remux, file, 4_096).unwrap_err()
    };
    assert!(Remux::new("audio/midi", 100).is_none());
    let kinds = [
        ("audio/ogg", fixture!("../timelines/pages.ogg")),
        ("audio/mp4", fixture!("../timelines/fragments.m4a")),
    ];
    for (media_type, file) in kinds {
        assert!(matches!(refused(media_type, file), RemuxError::Unsupported(_)), "{media_type}");
    }
    for media_type in ["audio/ogg", "audio/flac", "audio/wav", "audio/mpeg", "audio/aac", "audio/mp4"] {
        assert!(matches!(refused(media_type, &[7; 9_000]), RemuxError::Damaged { .. }), "{media_type}");
        assert!(matches!(refused(media_type, b"fL"), RemuxError::Damaged { .. }), "{media_type}");
    }
}

/// A WAV file of samples of `bits` bits.
fn wav(rate: u32, channels: u16, bits: u16, samples: &[i32]) -> Vec<u8> {
    let width = bits / 8;
    let little_endian = |sample: &i32| {
        let sample = if bits == 8 { sample + 128 } else { *sample };
        sample.to_le_bytes()[..usize::from(width)].to_vec()
    };
    let data: Vec<u8> = samples.iter().flat_map(little_endian).collect();
    let format = [
        &1u16.to_le_bytes()[..],
        &channels.to_le_bytes(),
        &rate.to_le_bytes(),
        &(rate * u32::from(channels * width)).to_le_bytes(),
        &(channels * width).to_le_bytes(),
        &bits.to_le_bytes(),
    ];
    let chunk = |id: &[u8; 4], body: &[u8]| [&id[..], &(body.len() as u32).to_le_bytes(), body].concat();
    let body = [b"WAVE".to_vec(), chunk(b"fmt ", &format.concat()), chunk(b"data", &data)].concat();
    chunk(b"RIFF", &body)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the samples are: loud, silent, far apart.
    #[test]
    fn pcm_is_the_same_as_flac(
        bits in prop::sample::select(vec![8u16, 16, 24]),
        channels in 1u16..=3,
        shift in 0u32..24,
        constant in any::<bool>(),
        noise in prop::collection::vec(any::<i32>(), 1..400),
        repeat in 1usize..40,
    ) {
        let sample = |n: &i32| n >> (32 - u32::from(bits)) >> shift;
        let samples: Vec<i32> = noise.iter().map(|n| if constant { 3 } else { sample(n) }).collect();
        let mut samples = samples.repeat(repeat);
        samples.resize(samples.len().next_multiple_of(channels.into()), 0);
        let file = wav(44_100, channels, bits, &samples);
        let (remux, out) = remuxed("audio/wav", &file, 3_000);
        prop_assert_eq!(remux.end(), Some((samples.len() / usize::from(channels)) as u64));
        let (heard, _) = decode([remux.stream().unwrap().init.as_slice(), &out].concat());
        let full = (1u32 << (bits - 1)) as f32;
        let expected: Vec<f32> = samples.iter().map(|sample| *sample as f32 / full).collect();
        prop_assert!(heard == expected, "{:?} {:?}", &heard[..heard.len().min(5)], &expected[..expected.len().min(5)]);
    }

    /// Damaged bytes are refused or played, wherever one goes in them; never anything else.
    #[test]
    fn damage_stops_nobody(
        which in 0..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        part in 0.0..4.0,
    ) {
        let (media_type, file, _) = FILES[which];
        let mut file = file.to_vec();
        for (place, byte) in changes {
            let place = place.index(file.len());
            file[place] = byte;
        }
        let mut remux = Remux::new(media_type, file.len() as u64).unwrap();
        let mut pushes = 0;
        let mut read = |remux: &mut Remux| {
            while remux.position() < file.len() as u64 {
                let at = usize::try_from(remux.position()).unwrap();
                if remux.push(&file[at..file.len().min(at + 4_000)]).is_err() {
                    break;
                }
                pushes += 1;
                assert!(pushes < 4_000, "no end");
            }
        };
        read(&mut remux);
        if remux.seek(part) {
            read(&mut remux);
        }
    }
}
