//! Both zstd decoders over the same input, and gzip.

#![allow(clippy::unwrap_used)]

use super::{frames::Frames, into_open_error, reader, rust_zstd::RustZstd};
use crate::{
    OpenError,
    crypto::{PasswordKey, sealed_box},
    header::Compression,
    limits::{MAX_EMPTY_FRAMES, MAX_ZSTD_WINDOW_LOG},
};
use proptest::prelude::*;
use std::io::{self, Read, Write as _};

const GENEROUS: u64 = 64 << 20;

/// What a decoder gave before it ended, and the class of its error.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    bytes: Vec<u8>,
    class: &'static str,
}

fn drain(mut reader: impl Read) -> Outcome {
    let mut bytes = Vec::new();
    let mut piece = [0; 1000];
    let class = loop {
        match reader.read(&mut piece) {
            Ok(0) => break "ok",
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
            Err(e) => break into_open_error(e).class(),
        }
    };
    Outcome { bytes, class }
}

/// By the decoder of the browser and, where it is there, by libzstd; they agree.
fn unzstd(compressed: &[u8], limit: u64) -> Outcome {
    let ours = drain(Frames::new(compressed, RustZstd::new(), limit));
    let native = drain(reader(Compression::Zstd, compressed, limit).unwrap());
    assert_eq!(ours.class, native.class);
    if ours.class == "ok" {
        assert!(ours.bytes == native.bytes, "the decoders disagree");
    }
    ours
}

fn gunzip(compressed: &[u8], limit: u64) -> Outcome {
    drain(reader(Compression::Gzip, compressed, limit).unwrap())
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The compressed plaintext of a vector with the usual password.
fn vector(name: &str) -> Vec<u8> {
    let path = format!("{}/../../spec/vectors/smsg/{name}.smsg", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let header_len = u32::from_be_bytes(file[5..9].try_into().unwrap()) as usize;
    sealed_box::open(&PasswordKey::derive("correct horse battery staple").0, &file[9 + header_len..]).unwrap()
}

/// A frame with raw blocks.
fn raw_frame(content: &[u8], descriptor: u8, rest_of_header: &[u8]) -> Vec<u8> {
    let mut out = vec![0x28, 0xB5, 0x2F, 0xFD, descriptor];
    out.extend_from_slice(rest_of_header);
    let header = 1 | u32::try_from(content.len()).unwrap() << 3;
    out.extend_from_slice(&header.to_le_bytes()[..3]);
    out.extend_from_slice(content);
    out
}

/// A window of 1 KiB, no content size.
fn frame(content: &[u8]) -> Vec<u8> {
    raw_frame(content, 0, &[0])
}

#[test]
fn vectors_of_zstd() {
    for (name, class) in [
        ("v2-zstd", "ok"),
        ("v2-many", "ok"),
        ("v2-zeros-1m", "ok"),
        ("bomb-window-128m", "ok"),
        ("x-v1-with-zstd", "ok"),
        ("x-zstd-two-frames", "ok"),
        ("x-zstd-skippable", "ok"),
        ("x-zstd-empty", "ok"),
        ("x-zstd-trailing-garbage", "decompression_failed"),
        ("x-zstd-truncated", "decompression_failed"),
        ("x-zstd-bad-checksum", "decompression_failed"),
    ] {
        assert_eq!(unzstd(&vector(name), GENEROUS).class, class, "{name}");
    }
}

#[test]
fn vectors_of_gzip() {
    for (name, class) in [
        ("v2-gzip", "ok"),
        ("x-gzip-two-members", "ok"),
        ("x-gzip-trailing-garbage", "decompression_failed"),
        ("x-gzip-truncated", "decompression_failed"),
    ] {
        assert_eq!(gunzip(&vector(name), GENEROUS).class, class, "{name}");
    }
}

#[test]
fn a_frame_that_declares_too_much_is_refused_before_it_is_decoded() {
    let declared = unzstd(&vector("bomb-2g-declared"), GENEROUS);
    assert_eq!((declared.class, declared.bytes.len()), ("decompression_limit", 0));
    // The second frame would go over what the first has left.
    let second = raw_frame(b"abcd", 0x20, &[4]);
    let both = unzstd(&[second.clone(), second].concat(), 7);
    assert_eq!((both.class, both.bytes.len()), ("decompression_limit", 4));
}

#[test]
fn what_does_not_declare_is_stopped_at_the_limit() {
    let limit = 1 << 20;
    for outcome in [unzstd(&vector("bomb-2g-stream"), limit), gunzip(&vector("bomb-64m-gzip"), limit)] {
        assert_eq!(outcome.class, "decompression_limit");
        assert!(outcome.bytes.len() as u64 <= limit, "{}", outcome.bytes.len());
    }
    let ten = gzip(&[1; 10]);
    assert_eq!(gunzip(&ten, 10).class, "ok");
    assert_eq!(gunzip(&ten, 9).class, "decompression_limit");
    assert_eq!(unzstd(&frame(&[1; 10]), 10).class, "ok");
    assert_eq!(unzstd(&frame(&[1; 10]), 9).class, "decompression_limit");
}

#[test]
fn a_frame_is_as_long_as_it_says() {
    assert_eq!(unzstd(&raw_frame(b"abcd", 0x20, &[4]), GENEROUS).class, "ok");
    assert_eq!(unzstd(&raw_frame(b"abcd", 0x20, &[5]), GENEROUS).class, "decompression_failed");
    assert_eq!(unzstd(&raw_frame(b"abcd", 0x20, &[3]), GENEROUS).class, "decompression_failed");
}

#[test]
fn windows_up_to_128_mib() {
    let log =
        |log: u32, mantissa: u8| raw_frame(b"abcd", 0, &[u8::try_from(log - 10).unwrap() << 3 | mantissa]);
    assert_eq!(unzstd(&log(MAX_ZSTD_WINDOW_LOG, 0), GENEROUS).class, "ok");
    assert_eq!(unzstd(&log(MAX_ZSTD_WINDOW_LOG, 1), GENEROUS).class, "over_limit");
    assert_eq!(unzstd(&log(41, 7), GENEROUS).class, "over_limit");
    // One segment: the content is the window.
    let huge = raw_frame(b"abcd", 0xA0, &200_000_000_u32.to_le_bytes());
    assert_eq!(unzstd(&huge, u64::MAX).class, "over_limit");
}

#[test]
fn frames_of_other_kinds() {
    let skippable =
        |len: u32, body: &[u8]| [&[0x5A, 0x2A, 0x4D, 0x18], &len.to_le_bytes()[..], body].concat();
    let between = [frame(b"ab"), skippable(3, b"xyz"), frame(b"cd"), skippable(0, b"")].concat();
    assert_eq!(unzstd(&between, GENEROUS), Outcome { bytes: b"abcd".into(), class: "ok" });
    for (what, bytes) in [
        ("a skippable frame that is cut", skippable(4, b"xyz")),
        ("a skippable frame's header that is cut", skippable(4, b"")[..6].to_vec()),
        ("three bytes behind the last frame", [frame(b"ab"), vec![0; 3]].concat()),
        ("a dictionary", raw_frame(b"ab", 1, &[0, 9])),
        ("a magic and nothing", vec![0x28, 0xB5, 0x2F, 0xFD]),
        ("half a header", vec![0x28, 0xB5, 0x2F, 0xFD, 0xC0, 0, 1, 2]),
    ] {
        assert_eq!(unzstd(&bytes, GENEROUS).class, "decompression_failed", "{what}");
    }
}

/// Parts that hold nothing take time and show nothing for it, so there is an end to them; content begins the count anew.
#[test]
fn empty_frames_and_members_in_a_row() {
    let skippable = vec![0x5A, 0x2A, 0x4D, 0x18, 0, 0, 0, 0];
    for (empty, full, decode) in [
        (frame(b""), frame(b"ab"), unzstd as fn(&[u8], u64) -> Outcome),
        (skippable, frame(b"ab"), unzstd),
        (gzip(b""), gzip(b"ab"), gunzip),
    ] {
        let most = empty.repeat(MAX_EMPTY_FRAMES);
        let allowed = [&most[..], &full, &most, &full, &most].concat();
        assert_eq!(decode(&allowed, GENEROUS), Outcome { bytes: b"abab".into(), class: "ok" });
        for too_many in [[&most[..], &empty].concat(), [&full[..], &most, &empty].concat()] {
            assert_eq!(decode(&too_many, GENEROUS).class, "decompression_failed");
        }
    }
}

#[test]
fn the_errors_of_the_source_stay_its_own() {
    struct Fails(u8);
    impl Read for Fails {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let start = [&gzip(b"abc")[..5], &frame(b"abcdef")[..9]][usize::from(self.0 % 2)].to_vec();
            if self.0 >= 2 {
                return Err(io::Error::other("the cable was pulled"));
            }
            self.0 += 2;
            buf[..start.len()].copy_from_slice(&start);
            Ok(start.len())
        }
    }
    let outcomes = [
        drain(reader(Compression::Gzip, Fails(0), GENEROUS).unwrap()),
        drain(reader(Compression::Zstd, Fails(1), GENEROUS).unwrap()),
        drain(Frames::new(Fails(1), RustZstd::new(), GENEROUS)),
    ];
    for outcome in outcomes {
        assert_eq!(outcome.class, "io");
    }
}

#[test]
fn an_error_inside_an_error_is_found() {
    let inside = io::Error::other(OpenError::NotV3);
    assert_eq!(into_open_error(inside).class(), "not_v3");
    let inside = io::Error::new(io::ErrorKind::InvalidData, crate::ContainerError::DoubleBase64);
    assert_eq!(into_open_error(inside).class(), "double_base64");
    assert_eq!(into_open_error(io::Error::other("?")).class(), "io");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No input of any kind makes a decoder panic or give more than the limit.
    #[test]
    fn damaged_input_is_an_error_or_content(
        start in 0_usize..3,
        at in 0_usize..10_000,
        byte: u8,
        cut in 0_usize..10_000,
    ) {
        let mut bytes = vector(["v2-zstd-manifest", "v2-many", "x-zstd-two-frames"][start]);
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(bytes.len() - cut % bytes.len() / 2);
        let limit = 20_000;
        for outcome in [
            drain(Frames::new(&bytes[..], RustZstd::new(), limit)),
            drain(reader(Compression::Zstd, &bytes[..], limit).unwrap()),
            gunzip(&bytes, limit),
        ] {
            prop_assert!(outcome.bytes.len() as u64 <= limit);
        }
    }

    #[cfg(feature = "zstd-encoder")]
    #[test]
    fn what_is_compressed_comes_back(content in proptest::collection::vec(0_u8..4, 0..300_000)) {
        for (compression, decoded) in [
            (Compression::Zstd, unzstd as fn(&[u8], u64) -> Outcome),
            (Compression::Gzip, gunzip),
        ] {
            let mut out = b"before".to_vec();
            super::encode::compress(compression, content.len() as u64, &mut out, |encoder| {
                encoder.write_all(&content).map_err(crate::SealError::Compress)
            })
            .unwrap();
            prop_assert_eq!(&out[..6], b"before");
            let outcome = decoded(&out[6..], content.len() as u64);
            prop_assert_eq!(outcome.class, "ok");
            prop_assert!(outcome.bytes == content);
        }
    }
}
