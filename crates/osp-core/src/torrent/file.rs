//! Reading `.torrent` files (BEP 3), as far as torrents by our rule need it.
//!
//! ```text
//!  d 8:announce … 4:info d 6:length i…e 4:name …:… 12:piece length i…e 6:pieces …:… e 8:url-list … e
//! ```

use super::{Sha1Digest, TorrentInfo};
use crate::bencode::{self, Dict, KeyOrder, List, Value};

/// The info dictionary of a `.torrent` file whose torrent is by our rule (exactly `length`, `name`,
/// `piece length`, `pieces`). `None` for anything else: compare [`TorrentInfo::infohash`] with the one wanted.
#[must_use]
pub fn info_of(torrent: &[u8]) -> Option<TorrentInfo> {
    // Around the info dictionary clients write what they like, in any order.
    let (file, _) = bencode::read_first(torrent, KeyOrder::Any).ok()?;
    info_from(file.dict()?.dict(b"info")?)
}

/// The trackers of a `.torrent` file (`announce`, and all tiers of `announce-list`, BEP 12), each once, at most
/// [`MAX_TRACKERS`]. None for anything that is no torrent.
#[must_use]
pub fn trackers_of(torrent: &[u8]) -> Vec<String> {
    let mut trackers: Vec<String> = Vec::new();
    let Some(file) = bencode::read_first(torrent, KeyOrder::Any).ok().and_then(|(file, _)| file.dict())
    else {
        return trackers;
    };
    let tiers = file.list(b"announce-list").into_iter().flat_map(List::iter);
    let listed = tiers.filter_map(Value::items).flat_map(List::iter).filter_map(Value::text);
    for url in file.text(b"announce").into_iter().chain(listed) {
        if trackers.len() < MAX_TRACKERS && !trackers.iter().any(|known| known == url) {
            trackers.push(url.to_owned());
        }
    }
    trackers
}

/// Most trackers that are read from one file.
pub const MAX_TRACKERS: usize = 32;

/// The info dictionary alone, as peers send it (BEP 9): all of `bytes`. `None` when it is not by our rule.
#[must_use]
pub fn info_from_bencode(bytes: &[u8]) -> Option<TorrentInfo> {
    info_from(bencode::read(bytes, KeyOrder::Sorted).ok()?.dict()?)
}

/// Exactly the four members, in their order, so that [`TorrentInfo::to_bencode`] gives the same bytes again.
fn info_from(dict: Dict<'_>) -> Option<TorrentInfo> {
    let mut members = dict.iter();
    let mut member = |name: &[u8]| members.next().filter(|(key, _)| *key == name).map(|(_, value)| value);
    let length = u64::try_from(member(b"length")?.integer()?).ok()?;
    let name = member(b"name")?.text()?.to_owned();
    let piece_length = u32::try_from(member(b"piece length")?.integer()?).ok()?;
    let (pieces, []) = member(b"pieces")?.bytes()?.as_chunks::<20>() else { return None };
    let pieces: Vec<Sha1Digest> = pieces.to_vec();
    members.next().is_none().then_some(TorrentInfo { length, name, piece_length, pieces })
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
            prop_assert_eq!(info_from_bencode(&info.to_bencode()), Some(info.clone()));
            prop_assert_eq!(info_of(&file), Some(info));
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = info_of(&bytes);
        }
    }

    #[test]
    fn trackers_of_all_tiers_each_once() {
        let info = TorrentInfo { length: 1, name: "x".into(), piece_length: 1, pieces: vec![[0; 20]] };
        let trackers = ["wss://a/".to_owned(), "http://b/".to_owned(), "wss://a/".to_owned()];
        assert_eq!(trackers_of(&info.to_torrent_file(&trackers, &[])), ["wss://a/", "http://b/"]);
        assert_eq!(trackers_of(&info.to_torrent_file(&trackers[..1], &[])), ["wss://a/"]);
        assert!(trackers_of(&info.to_torrent_file(&[], &[])).is_empty());
        assert!(trackers_of(b"d8:announcei1ee").is_empty());
        let many: Vec<String> = (0..100).map(|n| format!("wss://{n}/")).collect();
        assert_eq!(trackers_of(&info.to_torrent_file(&many, &[])).len(), MAX_TRACKERS);
    }

    #[test]
    fn deep_and_foreign_files_are_refused() {
        let deep = [b"d1:a".as_slice(), &[b'l'; 100_000]].concat();
        assert_eq!(info_of(&deep), None);
        assert_eq!(info_of(b"d4:infod5:filesleee"), None);
        assert_eq!(info_of(b"d4:info"), None);
    }

    /// Another spelling of the same four members would have another infohash than ours.
    #[test]
    fn only_our_spelling_is_taken() {
        let ours = b"d6:lengthi1e4:name1:x12:piece lengthi65536e6:pieces20:aaaaaaaaaaaaaaaaaaaae".as_slice();
        assert_eq!(info_from_bencode(ours).unwrap().to_bencode(), ours);
        for other in [
            "d4:name1:x6:lengthi1e12:piece lengthi65536e6:pieces20:aaaaaaaaaaaaaaaaaaaae",
            "d6:lengthi1e4:name1:x12:piece lengthi65536e6:pieces20:aaaaaaaaaaaaaaaaaaaa7:privatei1ee",
            "d6:lengthi01e4:name1:x12:piece lengthi65536e6:pieces20:aaaaaaaaaaaaaaaaaaaae",
            "d6:lengthi-1e4:name1:x12:piece lengthi65536e6:pieces20:aaaaaaaaaaaaaaaaaaaae",
            "d6:lengthi1e4:name1:x12:piece lengthi65536e6:pieces19:aaaaaaaaaaaaaaaaaaae",
            "d6:lengthi1e4:name1:x12:piece lengthi4294967296e6:pieces0:e",
            "d6:lengthi1e4:name1:x12:piece lengthi65536e6:pieces20:aaaaaaaaaaaaaaaaaaaae ",
        ] {
            assert_eq!(info_from_bencode(other.as_bytes()), None, "{other}");
        }
    }
}
