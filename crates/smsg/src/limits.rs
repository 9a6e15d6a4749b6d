//! Every bound a reader keeps, named. What can be raised by the caller is in [`Limits`].

/// Longest header, bytes: what the original's container allows.
pub const MAX_HEADER: u64 = 16 << 20;

/// Longest message JSON of v2 and v3, bytes (attachments are not in it).
pub const MAX_MESSAGE_JSON: u64 = 16 << 20;

/// Longest plaintext of one box, bytes: 2^32 blocks of 64, but the first (RFC 8439 section 2.8).
pub const MAX_BOX: u64 = 64 * 0xFFFF_FFFF;

/// Most attachments in one file.
pub const MAX_ATTACHMENTS: usize = 65_536;

/// Most tracks, tags, links or other entries in one list of a manifest or a message.
pub const MAX_ENTRIES: usize = 65_536;

/// A file is base64 text if its first four bytes that are not line breaks say so; so far they are looked for, bytes.
pub const DETECTED_WITHIN: usize = 16 << 10;

/// Most chunks in the index of a chunked file.
pub const MAX_CHUNKS: usize = 1 << 20;

/// Largest chunk of a chunked file that is opened, plaintext bytes: the memory one chunk may take.
pub const MAX_CHUNK: u64 = 256 << 20;

/// Most wrapped keys in a header.
pub const MAX_WRAPPED_KEYS: usize = 4_096;

/// Longest ABR manifest, bytes.
pub const MAX_ABR_MANIFEST: usize = 1 << 20;

/// Most variants in an ABR manifest.
pub const MAX_VARIANTS: usize = 1_024;

/// Longest address of a variant in an ABR manifest, bytes.
pub const MAX_VARIANT_URL: usize = 4_096;

/// Longest payload whose `lthn` checksum is computed, bytes: it needs the payload backwards, so it must be held whole.
pub const MAX_LTHN_PAYLOAD: usize = 64 << 20;

/// Default cap on what a compressed payload may decompress to, bytes, and on what chunks may come to that are in the index
/// more than once. What is neither compressed nor repeated is no longer than its file and has no such cap.
pub const DEFAULT_MAX_DECOMPRESSED: u64 = 1 << 30;

/// Cap on a decompressed v1 payload, bytes: v1 is one JSON text that must be held whole. No writer is known to compress v1.
pub const MAX_DECOMPRESSED_V1: u64 = 32 << 20;

/// Plaintext after the last attachment that is read and ignored, bytes; more is refused.
pub const MAX_TRAILING_PLAINTEXT: u64 = 1 << 20;

/// Largest window of a zstd frame, as a power of two: 128 MiB, what `zstd --long` writes.
pub const MAX_ZSTD_WINDOW_LOG: u32 = 27;

/// Most zstd frames (skippable ones too) or gzip members in a row that hold nothing: they take time and show nothing for it.
pub const MAX_EMPTY_FRAMES: usize = 4_096;

/// Default plaintext bytes in a chunk that we write.
pub const DEFAULT_CHUNK: u32 = 1 << 20;

/// Smallest plaintext bytes in a chunk that we write; smaller ones are read.
pub const MIN_CHUNK_WRITTEN: u32 = 64;

/// The bounds a caller may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What a compressed payload may decompress to, bytes; and what a chunked file may come to when that is more than the
    /// file has.
    pub decompressed: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { decompressed: DEFAULT_MAX_DECOMPRESSED }
    }
}
