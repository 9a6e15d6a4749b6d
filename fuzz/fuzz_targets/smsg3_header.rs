//! The header of version 3.0: no bytes panic it, every chunk lies where the next one says, and its time index stays inside.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smsg::v3::Header;

fuzz_target!(|json: &[u8]| {
    let length = u32::try_from(json.len()).unwrap_or(u32::MAX);
    let file = [b"SMSG\x03", &length.to_be_bytes()[..], json].concat();
    let _ = Header::length(json);
    let Ok(header) = Header::parse(&file, &|_: &str, _: &[u8], _: &[u8; 64]| true) else { return };
    assert_eq!(header.bytes(), file);
    let geometry = header.geometry();
    let mut at = 0;
    for chunk in (0..geometry.chunks()).take(1_000) {
        let place = geometry.chunk(chunk).expect("there are so many");
        assert_eq!((place.stored.start, geometry.chunk_at(place.part, place.plain.end - 1)), (at, Some(chunk)));
        at = place.stored.end;
    }
    assert!(at <= geometry.stored());
    for (number, part) in header.parts().iter().enumerate() {
        let length = geometry.part_bytes(number).expect("it has bytes");
        assert!(part.index.marks().iter().all(|mark| mark.byte < length));
        assert!(part.index.marks().is_sorted());
        let _ = part.index.seek(length);
    }
});
