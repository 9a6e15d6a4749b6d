//! Damaged and random bytes: an answer or an error, never a panic.
#![allow(clippy::unwrap_used)]

use std::io::Cursor;
use std::path::Path;

use osp_media::{probe_reader, timeline};
use proptest::prelude::*;

const FIXTURES: [&[u8]; 10] = [
    include_bytes!("fixtures/tagged.opus"),
    include_bytes!("fixtures/tagged.ogg"),
    include_bytes!("fixtures/tagged.mp3"),
    include_bytes!("fixtures/tagged.flac"),
    include_bytes!("fixtures/tagged.m4a"),
    include_bytes!("fixtures/tagged.wav"),
    include_bytes!("fixtures/untagged.mp3"),
    include_bytes!("timelines/pages.oga"),
    include_bytes!("timelines/frames.aac"),
    include_bytes!("timelines/fragments.m4a"),
];

const TYPES: [&str; 6] = ["audio/mpeg", "audio/aac", "audio/wav", "audio/flac", "audio/ogg", "audio/mp4"];

/// Timelines of the bytes as every type, and what holds of any.
fn timelines(bytes: &[u8]) -> Result<(), TestCaseError> {
    for media_type in TYPES {
        let Ok(Some(timeline)) = timeline(Cursor::new(bytes), media_type) else { continue };
        prop_assert!(timeline.scale > 0 && timeline.duration > 0);
        prop_assert!(timeline.init.is_none_or(|init| init.len() <= osp_media::timeline::MAX_INIT));
        prop_assert!(timeline.frames.iter().all(|mark| mark.byte < bytes.len() as u64));
        let rising = |pair: &[osp_media::Mark]| {
            pair[0].byte / 4096 < pair[1].byte / 4096 && pair[0].ticks <= pair[1].ticks
        };
        prop_assert!(timeline.frames.windows(2).all(rising), "{media_type}");
    }
    Ok(())
}

/// Probes, and checks what holds of any answer.
fn answer(bytes: &[u8]) -> Result<(), TestCaseError> {
    timelines(bytes)?;
    let Ok(info) = probe_reader(&mut Cursor::new(bytes), Path::new("x")) else { return Ok(()) };
    for text in [&info.title, &info.artist_name, &info.album, &info.released].into_iter().flatten() {
        prop_assert!(!text.is_empty() && !text.contains(char::is_control), "{text:?}");
    }
    prop_assert!(info.duration_seconds.is_none_or(|s| s.is_finite() && s > 0.0));
    prop_assert!(info.track_number != Some(0));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn mutated_files(
        which in 0..FIXTURES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        // Headers are a small part of a file: aim half of the changes at them.
        near_start in any::<bool>(),
    ) {
        let mut file = FIXTURES[which].to_vec();
        let reach = if near_start { file.len().min(600) } else { file.len() };
        for (at, value) in changes {
            file[at.index(reach)] = value;
        }
        answer(&file)?;
    }

    #[test]
    fn cut_and_spliced_files(
        a in 0..FIXTURES.len(),
        b in 0..FIXTURES.len(),
        cut in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
    ) {
        let mut file = FIXTURES[a][..cut.index(FIXTURES[a].len())].to_vec();
        file.extend(&FIXTURES[b][from.index(FIXTURES[b].len())..]);
        answer(&file)?;
    }

    #[test]
    fn random_bytes_behind_a_magic(
        magic in prop::sample::select(vec![
            &b"OggS\0\x02"[..], b"fLaC\0\0\0\x22", b"ID3\x03\0\0", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypM4A ", b"\xff\xfb\x90\0", b"",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        answer(&[magic, &rest].concat())?;
    }
}
