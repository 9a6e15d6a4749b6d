//! Blocks from strangers: which are parts of a file, and why the others are not.
#![allow(clippy::unwrap_used)]

use osp_core::{
    Cid,
    content::{cid_v0, dag_pb_cid, raw_cid, sha256},
    unixfs::{Importer, LeafKind, Node, Profile, UnixFsError, verify_block},
};
use proptest::prelude::*;
use std::collections::HashMap;

/// Protobuf: a length-delimited member.
fn bytes(number: u8, value: &[u8]) -> Vec<u8> {
    assert!(value.len() < 128);
    [&[number << 3 | 2, value.len() as u8], value].concat()
}
fn varint(number: u8, value: u8) -> Vec<u8> {
    assert!(value < 128);
    vec![number << 3, value]
}
fn link(data: &[u8]) -> Vec<u8> {
    let cid = raw_cid(sha256(data)).to_bytes();
    bytes(2, &[bytes(1, &cid), bytes(2, b""), varint(3, data.len() as u8)].concat())
}
fn unixfs(parts: &[Vec<u8>]) -> Vec<u8> {
    bytes(1, &parts.concat())
}
fn read(block: &[u8]) -> Result<Node, String> {
    verify_block(&dag_pb_cid(sha256(block)), block).map_err(|e| match e {
        UnixFsError::NotAFile { reason, .. } => reason.to_owned(),
        other => panic!("unexpected {other}"),
    })
}
fn reason(parts: &[Vec<u8>]) -> String {
    read(&parts.concat()).unwrap_err()
}

#[test]
fn raw_and_wrapped_leaves_are_read() {
    let data = b"some audio";
    let raw = raw_cid(sha256(data));
    assert_eq!(verify_block(&raw, data).unwrap(), Node::Leaf { kind: LeafKind::Raw, data: 0..10 });
    for kind in [LeafKind::WrappedFile, LeafKind::WrappedRaw] {
        for data in [&b""[..], b"x", &[7; 200], &[8; 262_144]] {
            let block = kind.block(data);
            let digest = sha256(&block);
            assert_eq!(kind.digest(data), digest);
            assert_eq!(kind.block_len(data.len()), block.len() as u64);
            for cid in [cid_v0(digest), dag_pb_cid(digest)] {
                let Node::Leaf { kind: read, data: range } = verify_block(&cid, &block).unwrap() else {
                    panic!("a leaf was read as a node")
                };
                assert_eq!((read, &block[range]), (kind, data));
            }
        }
    }
}

#[test]
fn a_node_may_have_its_data_before_its_links_and_packed_sizes() {
    let links = [link(b"ab"), link(b"c")].concat();
    let unpacked = unixfs(&[varint(1, 2), varint(3, 3), varint(4, 2), varint(4, 1)]);
    let packed = unixfs(&[varint(1, 2), varint(3, 3), bytes(4, &[2, 1])]);
    let expected =
        Node::File { size: 3, children: vec![(raw_cid(sha256(b"ab")), 2), (raw_cid(sha256(b"c")), 1)] };
    for block in [
        [links.clone(), unpacked.clone()].concat(),
        [unpacked, links.clone()].concat(),
        [links, packed].concat(),
    ] {
        assert_eq!(read(&block).unwrap(), expected);
    }
}

#[test]
fn what_is_no_file_is_refused_with_the_reason() {
    let file = |sizes: &[u8], total: u8| {
        let mut parts = vec![varint(1, 2), varint(3, total)];
        parts.extend(sizes.iter().map(|s| varint(4, *s)));
        unixfs(&parts)
    };
    let cases: &[(&str, Vec<Vec<u8>>)] = &[
        ("it has no UnixFS message", vec![]),
        ("it has no UnixFS message", vec![link(b"ab")]),
        ("it is a directory; name the file inside it", vec![unixfs(&[varint(1, 1)])]),
        ("it is a directory; name the file inside it", vec![unixfs(&[varint(1, 5)])]),
        ("it is a symbolic link", vec![unixfs(&[varint(1, 4)])]),
        ("its UnixFS type is not a file's", vec![unixfs(&[varint(3, 0)])]),
        ("its UnixFS type is not a file's", vec![unixfs(&[varint(1, 9)])]),
        ("it has block sizes but no links", vec![file(&[2], 2)]),
        ("its size is not that of its data", vec![unixfs(&[varint(1, 2), bytes(2, b"ab"), varint(3, 3)])]),
        (
            "its data is wrapped in a form that this program cannot rebuild, such as with a file mode",
            vec![unixfs(&[varint(1, 2), bytes(2, b"ab"), varint(3, 2), varint(7, 9)])],
        ),
        (
            "it has data beside its links",
            vec![link(b"ab"), unixfs(&[varint(1, 2), bytes(2, b"x"), varint(3, 3), varint(4, 2)])],
        ),
        ("it has not one size for each link", vec![link(b"ab"), file(&[2, 2], 4)]),
        ("it has not one size for each link", vec![link(b"ab"), link(b"c"), file(&[2], 2)]),
        ("it links to nothing but an empty block", vec![link(b""), file(&[0], 0)]),
        ("its size is not the sum of its parts", vec![link(b"ab"), file(&[2], 3)]),
        ("its dag-pb has two Data members", vec![file(&[], 0), file(&[], 0)]),
        ("a link of it is no CID", vec![bytes(2, &bytes(1, b"\x01\x55\x12\x20short")), file(&[2], 2)]),
        ("a link of it has no CID", vec![bytes(2, &varint(3, 1)), file(&[2], 2)]),
        ("a link of it is not dag-pb", vec![bytes(2, &varint(4, 1)), file(&[2], 2)]),
        ("it is not dag-pb", vec![varint(1, 1)]),
        ("it is not dag-pb", vec![bytes(3, b"")]),
        ("it is not protobuf", vec![vec![0x0b]]),
        ("it is not protobuf", vec![vec![0x00, 0x00]]),
        ("its protobuf is cut short", vec![vec![0x0a, 0x05, 0x00]]),
        ("its protobuf has a number over 64 bits", vec![[&[0x0a][..], &[0xff; 10]].concat()]),
        ("its protobuf has a number over 64 bits", vec![[&[0x0a][..], &[0xff; 9], &[2]].concat()]),
        ("its UnixFS message has a member of the wrong type", vec![unixfs(&[varint(1, 2), varint(2, 1)])]),
    ];
    for (expected, parts) in cases {
        assert_eq!(&reason(parts), expected, "{parts:02x?}");
    }
    let huge = [0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01].to_vec();
    let overflow = [link(b"ab"), link(b"c"), unixfs(&[varint(1, 2), huge, varint(4, 1)])];
    assert_eq!(reason(&overflow), "its sizes pass 64 bits");
}

#[test]
fn a_wrong_hash_and_unknown_hashes_are_told_apart() {
    let cid = raw_cid(sha256(b"right"));
    assert!(matches!(verify_block(&cid, b"wrong"), Err(UnixFsError::WrongHash(c)) if c == cid));
    // identity hash, sha2-512 (truncated text of the spec), and a codec that is no file's
    let identity = Cid::try_from(&b"\x01\x55\x00\x05right"[..]).unwrap();
    let json = Cid::new_v1(0x0200, *cid.hash());
    for cid in [identity, json] {
        assert!(matches!(verify_block(&cid, b"right"), Err(UnixFsError::Unsupported(_))), "{cid}");
    }
    let big = vec![0; osp_core::unixfs::MAX_BLOCK_BYTES + 1];
    let refused = verify_block(&raw_cid(sha256(&big)), &big).unwrap_err();
    assert!(refused.to_string().ends_with("it is over 2 MiB"), "{refused}");
}

/// Reads a file back from its blocks through `verify_block`.
fn walk(cid: &Cid, blocks: &HashMap<Cid, Vec<u8>>, out: &mut Vec<u8>) {
    let before = out.len() as u64;
    match verify_block(cid, &blocks[cid]).unwrap() {
        Node::Leaf { data, .. } => out.extend_from_slice(&blocks[cid][data]),
        Node::File { size, children } => {
            for (child, size) in children {
                let before = out.len() as u64;
                walk(&child, blocks, out);
                assert_eq!(out.len() as u64 - before, size);
            }
            assert_eq!(out.len() as u64 - before, size);
        }
    }
}

fn profiles() -> impl Strategy<Value = Profile> {
    prop::sample::select(&Profile::ALL[..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_layout_serves_every_block_of_the_file(
        profile in profiles(),
        size in prop_oneof![0_usize..5, 1_048_570_usize..1_048_580, 0_usize..3_000_000],
        cut in 1_usize..400_000,
    ) {
        let file: Vec<u8> = (0..size).map(|i| (i / 251) as u8 ^ i as u8).collect();
        let mut importer = Importer::new(profile);
        file.chunks(cut).for_each(|part| importer.update(part));
        let layout = importer.finish_layout();
        prop_assert_eq!(layout.size, size as u64);

        let mut blocks: HashMap<Cid, Vec<u8>> =
            layout.nodes.iter().map(|n| (n.cid, n.bytes.clone())).collect();
        for leaf in &layout.leaves {
            let data = &file[leaf.offset as usize..leaf.end() as usize];
            prop_assert!(leaf.holds(data));
            prop_assert_eq!(profile.leaf_block(data), leaf.kind.block(data));
            let cid = if profile == Profile::V0_2015 { cid_v0(leaf.digest) } else { leaf.cid() };
            blocks.insert(cid, leaf.kind.block(data));
        }
        let mut back = Vec::new();
        walk(&layout.root, &blocks, &mut back);
        prop_assert!(back == file);
        prop_assert!(Profile::candidates(&layout.root).contains(&profile) || size <= profile.chunk_size());

        for offset in [0, size / 2, size.saturating_sub(1)].map(|o| o as u64) {
            let at = layout.leaf_at(offset).map(|i| layout.leaves[i]);
            prop_assert_eq!(at.is_some(), offset < size as u64);
            prop_assert!(at.is_none_or(|l| (l.offset..l.end()).contains(&offset)));
        }
        prop_assert_eq!(layout.leaf_at(size as u64), None);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(block in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = verify_block(&dag_pb_cid(sha256(&block)), &block);
    }

    #[test]
    fn a_damaged_node_is_decoded_or_refused(at in 0_usize..400, value in any::<u8>(), cut in 0_usize..400) {
        let links = [link(b"ab"), link(b"c")].concat();
        let sizes = unixfs(&[varint(1, 2), varint(3, 3), varint(4, 2), varint(4, 1)]);
        let mut block = [links, sizes].concat();
        let len = block.len();
        block[at % len] = value;
        block.truncate(cut.max(1));
        let _ = verify_block(&dag_pb_cid(sha256(&block)), &block);
    }
}
