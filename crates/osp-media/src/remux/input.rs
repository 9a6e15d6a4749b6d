//! Bytes of the file as they arrive: a window that moves forward, and jumps where nothing in between is wanted.

/// What a format reads from.
pub(super) struct Input {
    /// The file's length.
    size: u64,
    /// Where in the file `bytes` begin.
    at: u64,
    bytes: Vec<u8>,
}

impl Input {
    pub(super) fn new(size: u64) -> Self {
        Self { size, at: 0, bytes: Vec::new() }
    }

    /// Takes what follows at [`Self::position`]; what is beyond the end of the file is not looked at.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let left = usize::try_from(self.size.saturating_sub(self.position())).unwrap_or(usize::MAX);
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(left)]);
    }

    /// Where in the file the next bytes are to be read.
    pub(super) fn position(&self) -> u64 {
        self.at + self.bytes.len() as u64
    }

    /// Where in the file [`Self::bytes`] begin.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// What is there.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether there is nothing behind [`Self::bytes`].
    pub(super) fn is_last(&self) -> bool {
        self.position() >= self.size
    }

    /// Drops the first `count` bytes, of which some may not have come yet: those are not wanted.
    pub(super) fn skip(&mut self, count: u64) {
        self.jump(self.at.saturating_add(count));
    }

    /// Goes on at this byte of the file.
    pub(super) fn jump(&mut self, to: u64) {
        let to = to.min(self.size);
        match to.checked_sub(self.at).and_then(|count| usize::try_from(count).ok()) {
            Some(count) if count <= self.bytes.len() => drop(self.bytes.drain(..count)),
            _ => self.bytes.clear(),
        }
        self.at = to;
    }
}
