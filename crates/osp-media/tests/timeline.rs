//! Timelines: as long as what a decoder gives, and every mark a place to decode from, at the time it tells.
#![allow(clippy::unwrap_used)]

use std::io::Cursor;

use osp_media::{Mark, Timeline, TimelineError, timeline};
use osp_player::{Decoder, Media};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("fixtures/", $name)).as_slice()
    };
}

/// Media type, file, samples of a frame, samples that a decoder needs to be as if it had begun before.
const FILES: [(&str, &[u8], u64, usize); 9] = [
    ("audio/mpeg", fixture!("../timelines/frames.mp3"), 576, 4 * 576),
    ("audio/aac", fixture!("../timelines/frames.aac"), 1024, 3 * 1024),
    ("audio/wav", fixture!("tagged.wav"), 1, 0),
    ("audio/flac", fixture!("../timelines/frames.flac"), 512, 0),
    ("audio/ogg", fixture!("../timelines/pages.oga"), 512, 0),
    ("audio/ogg", fixture!("../timelines/pages.ogg"), 1024, 2 * 1024),
    ("audio/opus", fixture!("../timelines/pages.opus"), 960, 48_000 / 4),
    ("audio/mp4", fixture!("../timelines/fragments.m4a"), 1024, 3 * 1024),
    ("audio/mp4", fixture!("../timelines/samples.m4a"), 1024, 0),
];

fn read(bytes: &[u8], media_type: &str) -> Timeline {
    timeline(Cursor::new(bytes), media_type).unwrap().unwrap()
}

/// All samples.
fn decode(bytes: Vec<u8>) -> Vec<f32> {
    let length = bytes.len() as u64;
    let mut decoder = Decoder::open(Media::new(Cursor::new(bytes), length).cut()).unwrap();
    let (mut all, mut block) = (Vec::new(), Vec::new());
    while decoder.next(&mut block).unwrap() > 0 {
        all.extend_from_slice(&block);
    }
    all
}

#[test]
fn as_long_as_it_sounds() {
    for (media_type, bytes, frame, _) in FILES {
        let timeline = read(bytes, media_type);
        let heard = decode(bytes.to_vec()).len() as u64;
        assert!(timeline.duration.abs_diff(heard) <= frame, "{media_type}: {} {heard}", timeline.duration);
        assert_eq!(timeline.frames[0].ticks, 0, "{media_type}");
        let rising = |pair: &[Mark]| pair[0].byte < pair[1].byte && pair[0].ticks <= pair[1].ticks;
        assert!(timeline.frames.windows(2).all(rising), "{media_type}");
        assert!(timeline.frames.len() > 1, "{media_type}");
    }
}

#[test]
fn every_mark_is_where_its_moment_is() {
    for (media_type, bytes, frame, warm_up) in FILES {
        let timeline = read(bytes, media_type);
        let whole = decode(bytes.to_vec());
        if bytes == fixture!("../timelines/samples.m4a") {
            continue; // not to be played from a place in it
        }
        let mut compared = 0;
        // The first is the beginning: what is before the sound is not left out of a piece.
        for mark in &timeline.frames[1..] {
            let rest = &bytes[usize::try_from(mark.byte).unwrap()..];
            let piece = decode([timeline.init.as_deref().unwrap_or_default(), rest].concat());
            let expected = timeline.duration.saturating_sub(mark.ticks);
            // Frames that a decoder cannot give alone are missing at the beginning of the piece.
            let tolerance = frame + warm_up as u64;
            let length = piece.len() as u64;
            assert!(length.abs_diff(expected) <= tolerance, "{media_type} {mark:?}: {length} {expected}");
            // The tone rises, so a piece of it fits at one place only: up to what a codec keeps back, where the mark says.
            let sounds = &piece[warm_up.min(piece.len())..];
            let sounds = &sounds[..sounds.len().min(1_500)];
            if sounds.is_empty() {
                continue;
            }
            let place = usize::try_from(mark.ticks).unwrap() + warm_up;
            let fits = |from: usize| {
                let same = |(a, b): (&f32, &f32)| (a - b).abs() < 0.05;
                whole.get(from..).is_some_and(|there| there.iter().zip(sounds).all(same))
            };
            let frame = usize::try_from(frame).unwrap();
            let found = (place.saturating_sub(frame)..=place + frame).any(fits);
            assert!(found, "{media_type} {mark:?}");
            compared += 1;
        }
        assert!(compared > 0, "{media_type}");
    }
}

/// What `ffprobe -show_packets` says of times and places.
#[test]
fn samples_of_an_mp4_file_lie_where_its_tables_say() {
    let timeline = read(fixture!("../timelines/samples.m4a"), "audio/mp4");
    let found: Vec<(u64, u64)> = timeline.frames.iter().map(|mark| (mark.ticks, mark.byte)).collect();
    assert_eq!(found, [(0, 44), (11_264, 4_176), (23_552, 8_490), (33_792, 12_334), (45_056, 16_550)]);
    assert_eq!((timeline.scale, timeline.duration, timeline.init), (16_000, 48_000, None));
}

#[test]
fn a_beginning_tells_nothing_of_the_recording() {
    let flac = fixture!("../timelines/frames.flac");
    let init = read(flac, "audio/flac").init.unwrap();
    assert_eq!((&init[..4], init[4], init.len()), (&b"fLaC"[..], 0x80, 42));
    assert_eq!(init[8..26], flac[8..26]);
    assert_eq!(init[26..], [0; 16]);
    assert_ne!(flac[26..42], [0; 16]);

    let fragments = fixture!("../timelines/fragments.m4a");
    let holds = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    let init = read(fragments, "audio/mp4").init.unwrap();
    assert!(holds(fragments, b"Secret") && !holds(&init, b"Secret") && !holds(&init, b"udta"));

    let opus = fixture!("tagged.opus");
    let init = read(opus, "audio/opus").init.unwrap();
    assert!(holds(opus, b"Test Artist") && !holds(&init, b"Artist"));
    let vorbis = fixture!("tagged.ogg");
    let init = read(vorbis, "audio/ogg").init.unwrap();
    assert!(holds(vorbis, b"Test Artist") && !holds(&init, b"Artist"));
}

#[test]
fn tags_between_frames_are_passed_over() {
    let mp3 = fixture!("../timelines/frames.mp3");
    let plain = read(mp3, "audio/mpeg");
    let at = usize::try_from(plain.frames[2].byte).unwrap();
    let mut ape = b"APETAGEX\xd0\x07\0\0\x0a\0\0\0\0\0\0\0\0\0\0\xa0".to_vec();
    ape.resize(32 + 10, 0);
    let id3 = [&b"ID3\x04\0\0\0\0\0\x05"[..], &[0xff; 5]].concat();
    for tag in [ape, id3, b"what else can be there".to_vec()] {
        let spliced = [&mp3[..at], &tag, &mp3[at..]].concat();
        let found = read(&spliced, "audio/mpeg");
        assert_eq!((found.duration, found.scale), (plain.duration, plain.scale));
        assert!(found.frames.contains(&Mark { byte: (at + tag.len()) as u64, ..plain.frames[2] }));
    }
}

#[test]
fn bytes_like_a_flac_frame_are_none_unless_their_sample_is_next() {
    let flac = fixture!("../timelines/frames.flac");
    let plain = read(flac, "audio/flac");
    // The header of the first frame again, within the third: its CRC-8 fits.
    let (first, third) = (plain.frames[0].byte as usize, plain.frames[2].byte as usize + 40);
    let mut crafted = flac.to_vec();
    crafted.copy_within(first..first + 16, third);
    assert_eq!(read(&crafted, "audio/flac"), plain);
}

#[test]
fn a_stream_recorded_from_the_middle_begins_at_zero() {
    let opus = fixture!("../timelines/pages.opus");
    let plain = read(opus, "audio/opus");
    let mut late = opus.to_vec();
    let mut at = plain.frames[0].byte as usize;
    while at < late.len() {
        let granule = u64::from_le_bytes(late[at + 6..at + 14].try_into().unwrap()) + 480_000;
        late[at + 6..at + 14].copy_from_slice(&granule.to_le_bytes());
        let segments = usize::from(late[at + 26]);
        at += 27 + segments + late[at + 27..][..segments].iter().map(|n| usize::from(*n)).sum::<usize>();
    }
    assert_eq!(read(&late, "audio/opus"), plain);
}

#[test]
fn what_is_cut_off_ends_earlier() {
    for (media_type, bytes, ..) in FILES {
        let plain = read(bytes, media_type);
        let cut = &bytes[..bytes.len() * 3 / 4];
        if bytes == fixture!("../timelines/samples.m4a") {
            let refused = timeline(Cursor::new(cut), media_type);
            assert!(matches!(refused, Err(TimelineError::Damaged { .. })), "its tables are at the end");
            continue;
        }
        let found = read(cut, media_type);
        assert!(found.frames.len() < plain.frames.len(), "{media_type}");
        assert_eq!(found.frames, plain.frames[..found.frames.len()], "{media_type}");
    }
}

#[test]
fn fragments_that_name_places_of_the_file_have_no_beginning() {
    let bytes = fixture!("../timelines/fragments.m4a");
    let tfhd = bytes.windows(4).position(|kind| kind == b"tfhd").unwrap();
    let mut bound = bytes.to_vec();
    bound[tfhd + 7] |= 1; // base-data-offset-present
    assert_eq!(read(&bound, "audio/mp4").init, None);
}

#[test]
fn two_streams_one_behind_the_other_have_no_timeline() {
    let twice = fixture!("tagged.opus").repeat(2);
    assert_eq!(timeline(Cursor::new(twice), "audio/ogg").unwrap(), None);
}

#[test]
fn what_it_is_not() {
    let none = |bytes: &[u8], media_type| timeline(Cursor::new(bytes), media_type).unwrap().is_none();
    assert!(none(b"abc", "text/plain"));
    assert!(none(fixture!("tagged.mp3"), "application/octet-stream"));
    // Free format: the bit rate is not stated, so frames have no length.
    let mut free = fixture!("untagged.mp3").to_vec();
    free.iter_mut().for_each(|byte| *byte &= 0x0f);
    free[..4].copy_from_slice(&[0xff, 0xfb, 0x00, 0x00]);
    for (media_type, bytes) in [
        ("audio/mpeg", free.as_slice()),
        ("audio/mpeg; codecs=mp3", b""),
        ("audio/aac", fixture!("tagged.mp3")),
        ("audio/flac", fixture!("tagged.wav")),
        ("Audio/OGG", fixture!("tagged.wav")),
        ("audio/x-wav", fixture!("tagged.flac")),
        ("audio/mp4", fixture!("tagged.flac")),
    ] {
        let refused = timeline(Cursor::new(bytes), media_type);
        assert!(matches!(refused, Err(TimelineError::Damaged { .. })), "{media_type}: {refused:?}");
    }
}
