//! Files that ask for more than they are: refused by what they claim, or stopped by what they give. Counted in bytes, so
//! that no clock is needed.

use crate::support;

use smsg::{
    Format, Header, Limits, OpenError,
    chunked::ChunkIndex,
    crypto::{Nonce, sealed_box},
    header::{ChunkTable, Compression},
    keys::Credential,
    limits::{DEFAULT_MAX_DECOMPRESSED, MAX_DECOMPRESSED_V1, MAX_MESSAGE_JSON, MAX_TRAILING_PLAINTEXT},
    open::{Collected, Options},
    payload::{
        compression::reader,
        stream::{Length, read_v2},
    },
};
use std::{
    cell::Cell,
    io::{self, BufReader, Read, Write as _},
};
use support::{
    Block, Outcome, PASSWORD, any_time, cek, file, one_box, open_all_ways, password, v2_plaintext, vector,
    zstd_frame,
};

const GIB: u64 = 1 << 30;

/// Bytes a decompressor may be ahead of what is asked of it.
const AHEAD: u64 = 512 << 10;

fn v2(compression: Compression) -> Header {
    let mut header = Header::new(Format::V2);
    header.compression = compression;
    header
}

fn opened(file: &[u8]) -> Outcome {
    open_all_ways(file, &password(PASSWORD), &any_time())
}

fn gzip(parts: &[&[u8]]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    parts.iter().for_each(|part| encoder.write_all(part).unwrap());
    encoder.finish().unwrap()
}

/// Counts what is read through it.
struct Counting<'c, R>(R, &'c Cell<u64>);

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buf)?;
        self.1.set(self.1.get() + read as u64);
        Ok(read)
    }
}

/// Reads a v2 plaintext as opening does; the class, and how much was decompressed for it.
fn decompressed(compression: Compression, compressed: &[u8]) -> (&'static str, u64) {
    let count = Cell::new(0);
    let source = Counting(reader(compression, compressed, DEFAULT_MAX_DECOMPRESSED).unwrap(), &count);
    let mut sink = Collected::default();
    let result = read_v2(
        &mut BufReader::with_capacity(256 << 10, source),
        Length::AtMost(DEFAULT_MAX_DECOMPRESSED),
        &mut sink,
    );
    (result.as_ref().err().map_or("ok", OpenError::class), count.get())
}

#[test]
fn the_vectors() {
    for (name, class) in [
        ("bomb-2g-declared", "decompression_limit"),
        ("bomb-2g-stream", "invalid_payload"),
        ("bomb-64m-gzip", "invalid_payload"),
    ] {
        let outcome = opened(&vector(&format!("{name}.smsg")));
        assert_eq!((outcome.class(), outcome.message_seen), (class, false), "{name}");
    }
    let window = opened(&vector("bomb-window-128m.smsg"));
    assert_eq!((window.class(), window.released()), ("ok", 200_000));
}

/// The claim is refused before anything is decompressed for it.
#[test]
fn an_attachment_that_claims_2_gib() {
    let head = v2_plaintext(r#"{"body":"b","attachments":[{"name":"a","size":2147483648}]}"#, b"");
    let compressed = zstd_frame(None, &[Block::Raw(&head), Block::Repeat(0, 2 * GIB)]);
    assert!(compressed.len() < 100_000);
    let outcome = opened(&one_box(&v2(Compression::Zstd), &compressed));
    assert_eq!((outcome.class(), outcome.message_seen), ("decompression_limit", false));
    let (class, produced) = decompressed(Compression::Zstd, &compressed);
    assert_eq!(class, "decompression_limit");
    assert!(produced <= AHEAD, "{produced}");
}

/// Many claims that are small each.
#[test]
fn attachments_that_claim_too_much_together() {
    let attachment = r#"{"name":"a","size":200000000}"#;
    let json = format!(r#"{{"body":"b","attachments":[{}]}}"#, [attachment; 6].join(","));
    for compression in [Compression::Gzip, Compression::Zstd] {
        let plaintext = v2_plaintext(&json, &[0; 100]);
        let compressed = match compression {
            Compression::Zstd => zstd_frame(None, &[Block::Raw(&plaintext)]),
            Compression::Gzip | Compression::None => gzip(&[&plaintext]),
        };
        let outcome = opened(&one_box(&v2(compression), &compressed));
        assert_eq!((outcome.class(), outcome.message_seen), ("decompression_limit", false));
    }
    // Uncompressed, it is only wrong.
    let outcome = opened(&one_box(&v2(Compression::None), &v2_plaintext(&json, &[0; 100])));
    assert_eq!((outcome.class(), outcome.message_seen), ("attachment_truncated", false));
}

/// The message is fine, and endless zeros follow.
#[test]
fn much_behind_the_last_attachment() {
    let head = v2_plaintext(r#"{"body":"b","attachments":[{"name":"a","size":3}]}"#, b"abc");
    let stream = zstd_frame(None, &[Block::Raw(&head), Block::Repeat(0, GIB - 1_000)]);
    let zeros = vec![0; 8 << 20];
    for (compression, compressed) in
        [(Compression::Zstd, stream), (Compression::Gzip, gzip(&[&head, &zeros]))]
    {
        let outcome = opened(&one_box(&v2(compression), &compressed));
        assert_eq!((outcome.class(), outcome.released()), ("over_limit", 3));
        let (class, produced) = decompressed(compression, &compressed);
        assert_eq!(class, "over_limit");
        assert!(produced <= MAX_TRAILING_PLAINTEXT + AHEAD, "{produced}");
    }
}

/// A frame header of nine bytes that claims more than the cap.
#[test]
fn a_frame_that_declares_too_much() {
    let head = v2_plaintext(r#"{"body":"b"}"#, b"");
    let compressed = zstd_frame(Some(DEFAULT_MAX_DECOMPRESSED + 1), &[Block::Raw(&head)]);
    let outcome = opened(&one_box(&v2(Compression::Zstd), &compressed));
    assert_eq!((outcome.class(), outcome.message_seen), ("decompression_limit", false));
    assert_eq!(decompressed(Compression::Zstd, &compressed), ("decompression_limit", 0));
}

/// v1 and the message of v3 are held whole, so their caps are their own.
#[test]
fn text_that_must_be_held_whole() {
    let spaces = zstd_frame(None, &[Block::Raw(b"{\"body\":\"b\""), Block::Repeat(b' ', 2 * GIB)]);
    let mut v1 = Header::new(Format::V1);
    v1.compression = Compression::Zstd;
    let outcome = opened(&one_box(&v1, &spaces));
    assert_eq!((outcome.class(), outcome.message_seen), ("decompression_limit", false));
    assert!(matches!(outcome.error, Some(OpenError::DecompressionCap { limit: MAX_DECOMPRESSED_V1, .. })));

    let mut v3 = Header::new(Format::V3);
    v3.compression = Compression::Zstd;
    let sealed = sealed_box::seal(&cek().0, &Nonce([1; 24]), &spaces);
    let len = u32::try_from(sealed.len()).unwrap().to_be_bytes();
    let payload = [&[0; 4][..], &len, &sealed].concat();
    let bomb = file(std::str::from_utf8(&v3.to_json()).unwrap(), &payload);
    let outcome = open_all_ways(&bomb, &Credential::Cek(cek()), &any_time());
    assert_eq!((outcome.class(), outcome.message_seen), ("decompression_limit", false));
    assert!(matches!(outcome.error, Some(OpenError::DecompressionCap { limit: MAX_MESSAGE_JSON, .. })));
    // A lower limit is the caller's own, and can be raised.
    let low = Options { limits: Limits { decompressed: 1_000 }, now: None };
    let outcome = open_all_ways(&bomb, &Credential::Cek(cek()), &low);
    assert!(matches!(outcome.error, Some(OpenError::DecompressionLimit(1_000))));
}

/// The length before the JSON is no reason to reserve memory.
#[test]
fn json_that_claims_to_be_long() {
    for claimed in [u32::MAX, u32::try_from(MAX_MESSAGE_JSON).unwrap(), 100] {
        let plaintext = [&claimed.to_be_bytes()[..], b"{}"].concat();
        for compression in [Compression::None, Compression::Gzip] {
            let content =
                if compression == Compression::None { plaintext.clone() } else { gzip(&[&plaintext]) };
            let outcome = opened(&one_box(&v2(compression), &content));
            assert_eq!((outcome.class(), outcome.message_seen), ("invalid_payload", false), "{claimed}");
        }
    }
}

/// Two boxes of a mebibyte, and an index that names the second as often as it likes.
#[test]
fn a_chunk_that_is_named_again_and_again() {
    const CHUNK: usize = 1 << 20;
    const BOX: i64 = CHUNK as i64 + 40;
    let made = |repeats: usize| {
        let json =
            |size: usize| format!(r#"{{"body":"b","attachments":[{{"name":"a","size":{size:>11}}}]}}"#);
        let size = (1 + repeats) * CHUNK - json(0).len();
        let mut first = json(size).into_bytes();
        first.resize(CHUNK, 0);
        let boxes = [(7, first), (8, vec![0; CHUNK])]
            .map(|(nonce, plaintext)| sealed_box::seal(&cek().0, &Nonce([nonce; 24]), &plaintext));
        let mut index = vec![(0, BOX)];
        index.resize(1 + repeats, (BOX, BOX));
        let mut header = Header::new(Format::V3);
        header.chunked = Some(ChunkTable { chunk_size: 1 << 20, total_chunks: 0, total_size: 0, index });
        let file = file(std::str::from_utf8(&header.to_json()).unwrap(), &boxes.concat());
        (header, file, size)
    };
    let opened =
        |file: &[u8], limits| open_all_ways(file, &Credential::Cek(cek()), &Options { limits, now: None });
    let (header, bomb, size) = made(1_100);
    assert!(bomb.len() < 3 << 20 && size as u64 > GIB);
    let outcome = opened(&bomb, Limits::default());
    assert_eq!((outcome.class(), outcome.message_seen), ("decompression_limit", false));
    // A player is told so by the index, whether or not it knows how long the file is.
    for len in [None, Some(2 * BOX as u64)] {
        let index = ChunkIndex::new(&header, 9, len).unwrap();
        assert_eq!(index.check_size(Limits::default()).unwrap_err().class(), "decompression_limit");
    }
    // A few times is odd and no bomb; where that ends is the caller's to say.
    let (_, odd, size) = made(4);
    let limits = Limits { decompressed: 5 * CHUNK as u64 };
    let outcome = opened(&odd, limits);
    assert_eq!((outcome.class(), outcome.released()), ("ok", size));
    let outcome = opened(&odd, Limits { decompressed: limits.decompressed - 1 });
    assert_eq!((outcome.class(), outcome.message_seen), ("decompression_limit", false));
}

/// The cap is the caller's to raise and to lower.
#[test]
fn the_cap_can_be_moved() {
    let json = r#"{"body":"b","attachments":[{"name":"a","size":2097152}]}"#;
    let head = v2_plaintext(json, b"");
    let compressed = zstd_frame(None, &[Block::Raw(&head), Block::Repeat(5, 2 << 20)]);
    let file = one_box(&v2(Compression::Zstd), &compressed);
    let all = head.len() as u64 + (2 << 20);
    for (limit, class) in [(all, "ok"), (all - 1, "decompression_limit")] {
        let options = Options { limits: Limits { decompressed: limit }, now: None };
        assert_eq!(open_all_ways(&file, &password(PASSWORD), &options).class(), class);
    }
}
