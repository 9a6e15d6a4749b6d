//! Fragmented MP4 (ISO/IEC 14496-12, 8.8), one audio track.
//!
//! ```text
//! ftyp · moov( mvhd · trak( tkhd · mdia( mdhd · hdlr · minf( smhd · dinf · stbl( stsd … )))) · mvex( trex ))    once
//! moof( mfhd · traf( tfhd · tfdt(time of the first frame) · trun(ticks and size of each frame) )) · mdat         again and again
//! ```
//!
//! There is no edit list: what is not heard is cut off by the player's append window, to the sample.

/// A box: `size(4) kind(4) …`.
pub(super) fn mp4_box(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(length);
    bytes.extend_from_slice(&(length as u32).to_be_bytes());
    bytes.extend_from_slice(kind);
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

/// `AudioSampleEntry` (12.2.3): what every codec's begins with, then the box of the codec.
pub(super) fn sample_entry(kind: &[u8; 4], channels: u16, bits: u16, rate: u32, codec: &[u8]) -> Vec<u8> {
    // Rates that do not fit in 16 bits are only in the codec's box.
    let rate = u16::try_from(rate).unwrap_or(0);
    mp4_box(
        kind,
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            &channels.to_be_bytes(),
            &bits.to_be_bytes(),
            &[0; 4],
            &rate.to_be_bytes(),
            &[0; 2],
            codec,
        ],
    )
}

/// The initialisation segment of a track with `scale` ticks a second.
pub(super) fn init(scale: u32, sample_entry: &[u8]) -> Vec<u8> {
    const UNITY: [u8; 36] = [
        0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40,
        0, 0, 0,
    ];
    let none = [0; 8];
    let scale = scale.to_be_bytes();
    let mvhd = mp4_box(
        b"mvhd",
        &[&[0; 12], &scale, &[0; 4], &[0, 1, 0, 0, 1, 0, 0, 0], &[0; 8], &UNITY, &[0; 24], &[0, 0, 0, 2]],
    );
    let tkhd = mp4_box(
        b"tkhd",
        &[&[0, 0, 0, 3], &[0; 8], &[0, 0, 0, 1], &[0; 16], &[0; 4], &[1, 0, 0, 0], &UNITY, &[0; 8]],
    );
    // Language "und".
    let mdhd = mp4_box(b"mdhd", &[&[0; 12], &scale, &[0; 4], &[0x55, 0xc4, 0, 0]]);
    let hdlr = mp4_box(b"hdlr", &[&[0; 8], b"soun", &[0; 13]]);
    let dref = mp4_box(b"dref", &[&[0; 4], &[0, 0, 0, 1], &mp4_box(b"url ", &[&[0, 0, 0, 1]])]);
    let stbl = mp4_box(
        b"stbl",
        &[
            &mp4_box(b"stsd", &[&[0; 4], &[0, 0, 0, 1], sample_entry]),
            &mp4_box(b"stts", &[&none]),
            &mp4_box(b"stsc", &[&none]),
            &mp4_box(b"stsz", &[&none, &[0; 4]]),
            &mp4_box(b"stco", &[&none]),
        ],
    );
    let minf = mp4_box(b"minf", &[&mp4_box(b"smhd", &[&none]), &mp4_box(b"dinf", &[&dref]), &stbl]);
    let trak = mp4_box(b"trak", &[&tkhd, &mp4_box(b"mdia", &[&mdhd, &hdlr, &minf])]);
    let trex = mp4_box(b"trex", &[&[0; 4], &[0, 0, 0, 1], &[0, 0, 0, 1], &[0; 12]]);
    [
        mp4_box(b"ftyp", &[b"iso5", &[0; 4], b"iso5iso6mp41"]),
        mp4_box(b"moov", &[&mvhd, &trak, &mp4_box(b"mvex", &[&trex])]),
    ]
    .concat()
}

/// A media segment: frames of `(ticks, bytes)` whose first plays at `time`, and whose bytes `data` are one behind another.
pub(super) fn fragment(sequence: u32, time: u64, frames: &[(u32, u32)], data: &[u8]) -> Vec<u8> {
    let mut run = Vec::with_capacity(frames.len() * 8);
    for (ticks, bytes) in frames {
        run.extend_from_slice(&ticks.to_be_bytes());
        run.extend_from_slice(&bytes.to_be_bytes());
    }
    // 8 moof, 16 mfhd, 8 traf, 16 tfhd, 20 tfdt, 20 trun; then the header of mdat.
    let place = (8 + 16 + 8 + 16 + 20 + 20 + run.len() + 8) as u32;
    let traf = mp4_box(
        b"traf",
        &[
            // Places count from the moof's first byte; every frame can be begun with.
            &mp4_box(b"tfhd", &[&[0, 2, 0, 0], &[0, 0, 0, 1]]),
            &mp4_box(b"tfdt", &[&[1, 0, 0, 0], &time.to_be_bytes()]),
            // The place, and of each frame its ticks and its size.
            &mp4_box(
                b"trun",
                &[&[0, 0, 3, 1], &(frames.len() as u32).to_be_bytes(), &place.to_be_bytes(), &run],
            ),
        ],
    );
    let mut segment = mp4_box(b"moof", &[&mp4_box(b"mfhd", &[&[0; 4], &sequence.to_be_bytes()]), &traf]);
    segment.extend_from_slice(&(8 + data.len() as u32).to_be_bytes());
    segment.extend_from_slice(b"mdat");
    segment.extend_from_slice(data);
    segment
}
