//! Timelines of audio files: no bytes panic them, marks rise and lie inside; the first byte says of which media type.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

const TYPES: [&str; 6] = ["audio/mpeg", "audio/aac", "audio/wav", "audio/flac", "audio/ogg", "audio/mp4"];

fuzz_target!(|input: &[u8]| {
    let Some((kind, bytes)) = input.split_first() else { return };
    let media_type = TYPES[usize::from(*kind) % TYPES.len()];
    let Ok(Some(timeline)) = osp_media::timeline(Cursor::new(bytes), media_type) else { return };
    assert!(timeline.scale > 0 && timeline.duration > 0);
    assert!(timeline.init.is_none_or(|init| init.len() <= osp_media::timeline::MAX_INIT));
    assert!(timeline.frames.iter().all(|mark| mark.byte < bytes.len() as u64));
    let rises = |pair: &[osp_media::Mark]| pair[0].byte < pair[1].byte && pair[0].ticks <= pair[1].ticks;
    assert!(timeline.frames.windows(2).all(rises));
});
