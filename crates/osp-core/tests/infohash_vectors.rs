//! Infohashes equal to those made with Python's hashlib (spec/vectors/infohash.json).
#![allow(clippy::unwrap_used)]

mod bytes;

use bytes::Xorshift;
use osp_core::{
    torrent::{Magnet, PieceHasher, TorrentInfo, piece_length},
    unixfs::{Importer, Profile},
};
use serde_json::Value;

#[test]
fn infohash_is_a_function_of_the_bytes() {
    let vectors: Value = serde_json::from_str(include_str!("../../../spec/vectors/infohash.json")).unwrap();
    let mut files: Vec<_> = vectors["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| {
            let size = v["size"].as_u64().unwrap();
            (size, v, Importer::new(Profile::V1_2025), PieceHasher::new(piece_length(size)))
        })
        .collect();
    assert!(files.len() >= 15);
    let longest = files.iter().map(|f| f.0).max().unwrap();
    Xorshift::stream(longest, |at, block| {
        for (size, _, importer, pieces) in &mut files {
            let part = bytes::within(*size, at, block);
            importer.update(part);
            pieces.update(part);
        }
    });
    for (size, vector, importer, pieces) in files {
        let info = TorrentInfo::new(size, &importer.finish(), pieces.finish());
        assert_eq!(info.name, vector["name"], "{size} bytes");
        assert_eq!(u64::from(info.piece_length), vector["pieceLength"], "{size} bytes");
        assert_eq!(info.pieces.len() as u64, vector["pieces"], "{size} bytes");
        assert_eq!(info.to_bencode().len() as u64, vector["infoBytes"], "{size} bytes");
        assert_eq!(info.magnet(&[], &[]).to_string(), vector["magnet"], "{size} bytes");
        let magnet = Magnet::parse(vector["magnet"].as_str().unwrap()).unwrap();
        assert_eq!(magnet.infohash_hex(), vector["infohash"]);
        assert_eq!(magnet.infohash, info.infohash());
    }
}
