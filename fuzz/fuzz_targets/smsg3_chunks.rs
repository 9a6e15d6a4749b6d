//! A whole file, changed, cut, moved: what is released is what was sealed, at its place; and all of it only from the whole file.
#![no_main]

#[path = "../src/smsg3.rs"]
#[allow(dead_code)]
mod smsg3;

use libfuzzer_sys::fuzz_target;
use smsg::v3::open::{Expected, Opener, Trust, unseal};
use std::sync::LazyLock;

static SAMPLES: LazyLock<[smsg3::Sample; 2]> =
    LazyLock::new(|| [true, false].map(|digests| smsg3::sample(digests).expect("it seals")));

fuzz_target!(|input: &[u8]| {
    let Some((kind, edits)) = input.split_first() else { return };
    let sample = &SAMPLES[usize::from(kind & 1)];
    let mut file = sample.file.clone();
    // Some edits do all that many do, and a copy of a copy of a copy would only take time.
    for edit in edits.as_chunks::<6>().0.iter().take(16) {
        let place = |high, low| usize::from(u16::from_be_bytes([high, low]));
        let at = place(edit[1], edit[2]) % (file.len() + 1);
        let other = place(edit[3], edit[4]) % (file.len() + 1);
        let (from, to) = (at.min(other), at.max(other));
        match edit[0] % 5 {
            0 if at < file.len() => file[at] ^= edit[5],
            1 => file.truncate(at),
            2 => drop(file.drain(from..to)),
            3 => {
                let copy = file[from..to].to_vec();
                file.splice(from..from, copy);
            }
            _ if to + (to - from) <= file.len() => file.copy_within(from..to, to),
            _ => file.push(edit[5]),
        }
        file.truncate(2 * sample.file.len());
    }
    let opener = Opener::Key(sample.key.clone());
    let mut released = 0;
    let opened = unseal(&*file, Expected::default(), &opener, Trust::Digests, &smsg3::verifies);
    let result = opened.and_then(|opened| {
        opened.chunks(|place, bytes| {
            assert_eq!(bytes, &sample.plain[place.plain.start as usize..place.plain.end as usize]);
            released += bytes.len();
            Ok(())
        })
    });
    assert_eq!(result.is_ok(), file == sample.file, "{result:?}");
    assert!(result.is_err() || released == sample.plain.len());
});
