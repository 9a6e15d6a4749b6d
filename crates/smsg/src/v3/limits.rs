//! Every bound of version 3.0, named. They are part of the format (`spec/SMSG.md` 19), kept while parsing, and the same for
//! writers.

/// Longest header and longest table head, bytes.
pub const MAX_JSON: usize = 65_536;

/// Deepest nesting of JSON, the outermost object counted.
pub const MAX_DEPTH: usize = 8;

/// Largest integer in JSON: what every language's numbers hold.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Names in `crit`.
pub const MAX_CRITICAL: usize = 16;

/// Parts of a file.
pub const MAX_PARTS: usize = 64;

/// Segments over all parts.
pub const MAX_SEGMENTS: usize = 1_024;

/// Chunks: 16 GiB.
pub const MAX_CHUNKS: u64 = 1 << 18;

/// Plaintext bytes of a chunk.
pub const CHUNK: usize = 65_536;

/// Tracks.
pub const MAX_TRACKS: usize = 512;

/// Declared cuts.
pub const MAX_CUTS: usize = 64;

/// Ranges of one set of chunks.
pub const MAX_RANGES: usize = 64;

/// Links.
pub const MAX_LINKS: usize = 64;

/// Bytes of what a decoder needs first.
pub const MAX_INIT: usize = 8 << 10;

/// Bytes of a part's time index.
pub const MAX_INDEX: usize = 32 << 10;

/// Grants of a table.
pub const MAX_GRANTS: usize = 64;

/// Entries of a table.
pub const MAX_ENTRIES: u64 = 1 << 20;

/// Passphrase slots of a table: each is tried, so each costs a guess's work.
pub const MAX_SLOTS: usize = 4;

/// Longest licence, bytes.
pub const MAX_LICENCE: usize = 32 << 10;

/// Argon2id: most memory, KiB.
pub const MAX_ARGON2_MEMORY: u64 = 256 << 10;

/// Argon2id: most passes.
pub const MAX_ARGON2_PASSES: u64 = 6;

/// Argon2id: most lanes.
pub const MAX_ARGON2_LANES: u64 = 4;

/// Argon2id: most memory times passes, KiB.
pub const MAX_ARGON2_WORK: u64 = 1 << 20;
