//! A part of the file in memory, moved along as it is read.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes read at once, and the most that can be looked at: more than an Ogg page has.
pub(super) const WINDOW: usize = 128 << 10;

/// The file, seen in pieces.
pub(super) struct Window<R> {
    reader: R,
    size: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl<R: Read + Seek> Window<R> {
    /// Of a file of `size` bytes.
    pub(super) fn new(reader: R, size: u64) -> Self {
        Self { reader, size, start: 0, bytes: Vec::new() }
    }

    /// Bytes of the file.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The `length` bytes from `at` on, at most [`WINDOW`]; fewer at the end of the file.
    pub(super) fn peek(&mut self, at: u64, length: usize) -> io::Result<&[u8]> {
        let there = usize::try_from(self.size.saturating_sub(at)).unwrap_or(usize::MAX);
        let length = length.min(WINDOW).min(there);
        if self.held(at, length).is_none() {
            self.bytes.clear();
            self.reader.seek(SeekFrom::Start(at))?;
            self.reader.by_ref().take(WINDOW as u64).read_to_end(&mut self.bytes)?;
            self.start = at;
        }
        // A file that became shorter meanwhile has fewer.
        let length = length.min(self.bytes.len());
        Ok(self.held(at, length).unwrap_or_default())
    }

    fn held(&self, at: u64, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(at.checked_sub(self.start)?).ok()?;
        self.bytes.get(from..from.checked_add(length)?)
    }

    /// The `N` bytes from `at` on, if the file has them.
    pub(super) fn array<const N: usize>(&mut self, at: u64) -> io::Result<Option<[u8; N]>> {
        Ok(self.peek(at, N)?.first_chunk().copied())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn looks_anywhere_and_ends_with_the_file() {
        let file: Vec<u8> = (0..300_000u32).map(|n| (n / 7) as u8).collect();
        let mut window = Window::new(io::Cursor::new(&file), 300_000);
        for (at, length) in [(0, 10), (131_070, 10), (5, WINDOW), (299_990, 100), (299_999, 1), (100, 3)] {
            let end = (at + length).min(file.len());
            assert_eq!(window.peek(at as u64, length).unwrap(), &file[at..end], "{at} {length}");
        }
        assert!(window.peek(300_000, 5).unwrap().is_empty());
        assert!(window.peek(u64::MAX, 5).unwrap().is_empty());
        assert_eq!(window.array::<4>(299_998).unwrap(), None);
    }

    #[test]
    fn a_file_that_became_shorter_has_fewer_bytes() {
        let mut window = Window::new(io::Cursor::new(vec![1; 10]), 100);
        assert_eq!(window.peek(8, 50).unwrap(), [1, 1]);
        assert!(window.peek(50, 50).unwrap().is_empty());
    }
}
