//! Reading `.torrent` files (BEP 3), as far as torrents by our rule need it.
//!
//! ```text
//!  d 8:announce … 4:info d 6:length i…e 4:name …:… 12:piece length i…e 6:pieces …:… e 8:url-list … e
//! ```

use super::{Sha1Digest, TorrentInfo};

/// Deepest nesting that is skipped over; real files have three levels.
const MAX_DEPTH: usize = 16;

/// What is left to read.
struct Reader<'a>(&'a [u8]);

/// The info dictionary of a `.torrent` file whose torrent is by our rule (exactly `length`, `name`,
/// `piece length`, `pieces`). `None` for anything else: compare [`TorrentInfo::infohash`] with the one wanted.
#[must_use]
pub fn info_of(torrent: &[u8]) -> Option<TorrentInfo> {
    let mut reader = Reader(torrent);
    reader.byte(b'd')?;
    while reader.0.first() != Some(&b'e') {
        if reader.string()? == b"info" {
            return reader.info();
        }
        reader.skip(0)?;
    }
    None
}

impl<'a> Reader<'a> {
    fn byte(&mut self, wanted: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        (*first == wanted).then_some(())
    }

    /// Digits up to `end`, without sign or leading zero.
    fn number(&mut self, end: u8) -> Option<u64> {
        let at = self.0.iter().take(21).position(|b| *b == end)?;
        let digits = std::str::from_utf8(&self.0[..at]).ok()?;
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        self.0 = &self.0[at + 1..];
        if plain { digits.parse().ok() } else { None }
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.number(b':')?).ok()?;
        let (string, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(string)
    }

    fn key(&mut self, name: &[u8]) -> Option<()> {
        (self.string()? == name).then_some(())
    }

    fn info(&mut self) -> Option<TorrentInfo> {
        self.byte(b'd')?;
        self.key(b"length")?;
        self.byte(b'i')?;
        let length = self.number(b'e')?;
        self.key(b"name")?;
        let name = String::from_utf8(self.string()?.to_vec()).ok()?;
        self.key(b"piece length")?;
        self.byte(b'i')?;
        let piece_length = u32::try_from(self.number(b'e')?).ok()?;
        self.key(b"pieces")?;
        let (pieces, []) = self.string()?.as_chunks::<20>() else { return None };
        let pieces: Vec<Sha1Digest> = pieces.to_vec();
        self.byte(b'e')?;
        Some(TorrentInfo { length, name, piece_length, pieces })
    }

    fn skip(&mut self, depth: usize) -> Option<()> {
        match self.0.first()? {
            _ if depth > MAX_DEPTH => None,
            b'i' => {
                let end = self.0.iter().take(24).position(|b| *b == b'e')?;
                self.0 = &self.0[end + 1..];
                Some(())
            }
            b'l' | b'd' => {
                // A dictionary is skipped as the list of its keys and values.
                self.0 = &self.0[1..];
                while *self.0.first()? != b'e' {
                    self.skip(depth + 1)?;
                }
                self.byte(b'e')
            }
            _ => self.string().map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_we_write_reads_back(
            length in 0u64..u64::MAX / 2, name in "[a-z2-7]{1,64}", piece_length in 1u32..=1 << 22,
            pieces in proptest::collection::vec(any::<[u8; 20]>(), 0..5),
            trackers in proptest::collection::vec("wss://[a-z]{1,9}/", 0..3),
        ) {
            let info = TorrentInfo { length, name, piece_length, pieces };
            let file = info.to_torrent_file(&trackers, &["https://example.org/x".to_owned()]);
            prop_assert_eq!(info_of(&file), Some(info));
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = info_of(&bytes);
        }
    }

    #[test]
    fn deep_and_foreign_files_are_refused() {
        let deep = [b"d1:a".as_slice(), &[b'l'; 100_000]].concat();
        assert_eq!(info_of(&deep), None);
        assert_eq!(info_of(b"d4:infod5:filesleee"), None);
        assert_eq!(info_of(b"d4:info"), None);
    }
}
