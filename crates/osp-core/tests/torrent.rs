//! Torrents and magnets by our rule.
#![allow(clippy::unwrap_used)]

use osp_core::torrent::{MAX_MAGNET_BYTES, Magnet, PieceHasher, TorrentInfo, hash_piece, piece_length};
use proptest::prelude::*;

const MIB: u64 = 1 << 20;

#[test]
fn piece_lengths_change_after_8_64_and_512_mebibytes() {
    let kib = |n: u64| piece_length(n) / 1024;
    for (size, expected) in [(0, 64), (8 * MIB, 64), (64 * MIB, 256), (512 * MIB, 1024), (u64::MAX, 4096)] {
        assert_eq!(kib(size), expected, "{size}");
    }
    for (size, expected) in [(8 * MIB, 256), (64 * MIB, 1024), (512 * MIB, 4096)] {
        assert_eq!(kib(size + 1), expected, "{size} + 1");
    }
}

#[test]
fn a_torrent_file_is_sorted_and_holds_trackers_and_web_seeds() {
    let info = TorrentInfo {
        length: 3,
        name: "bafkreiexample".into(),
        piece_length: 65536,
        pieces: vec![*b"aaaaaaaaaaaaaaaaaaaa"],
    };
    let dictionary =
        "d6:lengthi3e4:name14:bafkreiexample12:piece lengthi65536e6:pieces20:aaaaaaaaaaaaaaaaaaaae";
    assert_eq!(String::from_utf8(info.to_bencode()).unwrap(), dictionary);
    let text = |trackers: &[&str], seeds: &[&str]| {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        String::from_utf8(info.to_torrent_file(&own(trackers), &own(seeds))).unwrap()
    };
    assert_eq!(text(&[], &[]), format!("d4:info{dictionary}e"));
    assert_eq!(
        text(&["wss://t"], &["https://m/a", "https://n/b"]),
        format!("d8:announce7:wss://t4:info{dictionary}8:url-listl11:https://m/a11:https://n/bee"),
    );
    assert_eq!(
        text(&["wss://t", "wss://u"], &[]),
        format!("d8:announce7:wss://t13:announce-listll7:wss://tel7:wss://uee4:info{dictionary}e"),
    );
}

#[test]
fn a_magnet_is_printed_in_one_order() {
    let magnet = Magnet {
        infohash: [0xab; 20],
        size: Some(7),
        web_seeds: vec!["https://host/a b?c=1&d=é+".into()],
        trackers: vec!["wss://t:1/announce".into(), "http://u".into()],
    };
    let text = format!(
        "magnet:?xt=urn:btih:{}&xl=7&ws=https%3A%2F%2Fhost%2Fa%20b%3Fc%3D1%26d%3D%C3%A9%2B\
         &tr=wss%3A%2F%2Ft%3A1%2Fannounce&tr=http%3A%2F%2Fu",
        "ab".repeat(20),
    );
    assert_eq!(magnet.to_string(), text);
    assert_eq!(Magnet::parse(&text), Some(magnet));
}

#[test]
fn foreign_magnets_are_read() {
    let hex = "0123456789abcdef0123456789abcdef01234567";
    let expected = Magnet::parse(&format!("magnet:?xt=urn:btih:{hex}")).unwrap();
    assert_eq!(expected.infohash_hex(), hex);
    for text in [
        format!("MAGNET:?xt=urn:btih:{}", hex.to_uppercase()),
        "magnet:?xt=urn:btih:aerukz4jvpg66ajdivtytk6n54asgrlh".to_owned(),
        "magnet:?dn=A%20name&xt=URN:btih:AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH&x.pe=1.2.3.4:5".to_owned(),
        format!("magnet:?xt=urn:btmh:1220aa&xt=urn:btih:{hex}&xt=urn:btih:ff"),
        format!("magnet:?dn=%zz&xt=urn%3Abtih%3A{hex}&&=&xl"),
    ] {
        // «xl» without a number is broken, the others are the same torrent.
        let parsed = Magnet::parse(&text);
        assert_eq!(parsed.is_none(), text.ends_with("xl"), "{text}");
        assert!(parsed.is_none_or(|m| m == expected), "{text}");
    }
}

#[test]
fn what_is_no_magnet_is_refused() {
    let hex = "0123456789abcdef0123456789abcdef01234567";
    for text in [
        String::new(),
        "magnet:".into(),
        "magnet:?".into(),
        "magnet:?xt=urn:btih:".into(),
        "magnet:?xt=urn:btih:0123".into(),
        "magnet:?xt=urn:btmh:1220aa".into(),
        format!("magnet:?xt=urn:btih:{}g", &hex[..39]),
        format!("magnet:?xt=urn:btih:{hex}&xl=+5"),
        format!("magnet:?xt=urn:btih:{hex}&xl=18446744073709551616"),
        format!("magnet:?xt=urn:btih:{hex}&ws=%zz"),
        format!("magnet:?xt=urn:btih:{hex}&ws=%f"),
        format!("magnet:?xt=urn:btih:{hex}&tr=%ff"),
        format!("https://x/?xt=urn:btih:{hex}"),
        format!("magnet:?xt=urn:btih:{hex}&dn={}", "a".repeat(MAX_MAGNET_BYTES)),
        "magnet:é".into(),
    ] {
        assert_eq!(Magnet::parse(&text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn a_printed_magnet_reads_back(
        infohash in any::<[u8; 20]>(),
        size in any::<Option<u64>>(),
        web_seeds in prop::collection::vec(any::<String>(), 0..4),
        trackers in prop::collection::vec(any::<String>(), 0..4),
    ) {
        let magnet = Magnet { infohash, size, web_seeds, trackers };
        prop_assert_eq!(Magnet::parse(&magnet.to_string()), Some(magnet));
    }

    #[test]
    fn any_text_is_a_magnet_or_not(
        text in r"(magnet:\?)?((xt|xl|ws|tr|dn)=(urn:btih:)?[0-9a-fA-F%é]{0,42}&?){0,4}.{0,9}",
    ) {
        if let Some(magnet) = Magnet::parse(&text) {
            prop_assert_eq!(Magnet::parse(&magnet.to_string()), Some(magnet));
        }
    }

    #[test]
    fn pieces_do_not_depend_on_how_the_bytes_arrive(
        file in prop::collection::vec(any::<u8>(), 0..2000),
        cuts in prop::collection::vec(0_usize..2000, 0..8),
        length in 1_u32..600,
    ) {
        let whole: Vec<_> = file.chunks(length as usize).map(hash_piece).collect();
        let mut hasher = PieceHasher::new(length);
        let mut cuts = cuts.into_iter().map(|c| c % (file.len() + 1)).collect::<Vec<_>>();
        cuts.extend([0, file.len()]);
        cuts.sort_unstable();
        cuts.windows(2).for_each(|w| hasher.update(&file[w[0]..w[1]]));
        prop_assert_eq!(hasher.finish(), whole);
    }
}
