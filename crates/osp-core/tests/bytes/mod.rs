//! The deterministic bytes of the vectors: xorshift32, of which every shorter file is a prefix.

/// The generator described in the vectors.
pub(crate) struct Xorshift(u32);

impl Xorshift {
    /// Gives the first `size` bytes of the stream to `sink`, in blocks of at most 1 MiB with their offset.
    pub(crate) fn stream(size: u64, mut sink: impl FnMut(u64, &[u8])) {
        let mut state = Self(0x9E37_79B9);
        let mut block = vec![0; 1 << 20];
        let mut at = 0;
        while at < size {
            for word in block.chunks_exact_mut(4) {
                word.copy_from_slice(&state.next().to_le_bytes());
            }
            let len = (size - at).min(1 << 20);
            sink(at, &block[..len as usize]);
            at += len;
        }
    }

    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

/// The part of a block at offset `at` that belongs to a file of `size` bytes.
pub(crate) fn within(size: u64, at: u64, block: &[u8]) -> &[u8] {
    &block[..(size.saturating_sub(at) as usize).min(block.len())]
}
