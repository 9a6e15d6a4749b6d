//! Files made for Media Source: no bytes panic or hold the remuxer, wherever one goes in them; the first byte says of which
//! media type, the second how they come.
#![no_main]

use libfuzzer_sys::fuzz_target;
use osp_media::remux::Remux;

const TYPES: [&str; 7] =
    ["audio/mpeg", "audio/aac", "audio/wav", "audio/flac", "audio/ogg", "audio/mp4", "application/octet-stream"];

fuzz_target!(|input: &[u8]| {
    let &[kind, step, ref bytes @ ..] = input else { return };
    let Some(mut remux) = Remux::new(TYPES[usize::from(kind) % TYPES.len()], bytes.len() as u64) else { return };
    let read = |remux: &mut Remux| {
        for _ in 0..bytes.len() + 64 {
            let at = remux.position() as usize;
            let end = bytes.len().min(at + 1 + usize::from(step));
            if at >= bytes.len() || remux.push(&bytes[at..end]).is_err() {
                return;
            }
        }
    };
    read(&mut remux);
    if remux.seek(f64::from(step) / 8.0) {
        read(&mut remux);
    }
});
