//! CARs, read by a parser that shares nothing with the code that writes them.

use crate::support::{Answer, Server, noise};
use axum::http::StatusCode;
use osp_core::{
    Cid,
    content::{dag_pb_cid, digest_of, sha256},
    unixfs::{Node, Profile, verify_block},
};
use std::collections::HashMap;

struct Car {
    root: Cid,
    blocks: Vec<(Cid, Vec<u8>)>,
}

/// Reads CARv1 and verifies every block's hash.
fn parse(bytes: &[u8]) -> Car {
    fn varint(bytes: &mut &[u8]) -> usize {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }
    let mut rest = bytes;
    let len = varint(&mut rest);
    let (header, mut rest) = rest.split_at(len);
    // {"roots": [42(h'00' || CID)], "version": 1} in DAG-CBOR, the CID of 34 or 36 bytes.
    let tail = header.strip_prefix(b"\xa2\x65roots\x81\xd8\x2a\x58").unwrap();
    let (cid, tail) = tail[1..].split_at(usize::from(tail[0]));
    assert_eq!(tail, b"\x67version\x01");
    let root = Cid::try_from(cid.strip_prefix(b"\0").unwrap()).unwrap();
    let mut blocks = Vec::new();
    while !rest.is_empty() {
        let len = varint(&mut rest);
        let (section, more) = rest.split_at(len);
        let mut cursor = section;
        let cid = Cid::read_bytes(&mut cursor).unwrap();
        assert_eq!(digest_of(&cid).unwrap(), sha256(cursor), "{cid}");
        blocks.push((cid, cursor.to_vec()));
        rest = more;
    }
    Car { root, blocks }
}

/// The bytes `from..to` of the file below `root`, from the CAR's blocks alone.
fn assemble(car: &Car, from: u64, to: u64) -> Vec<u8> {
    fn walk(
        blocks: &HashMap<[u8; 32], &[u8]>,
        cid: &Cid,
        at: u64,
        (from, to): (u64, u64),
        out: &mut Vec<u8>,
    ) {
        let block = blocks.get(&digest_of(cid).unwrap()).unwrap_or_else(|| panic!("{cid} is not in the CAR"));
        match verify_block(cid, block).unwrap() {
            Node::Leaf { data, .. } => {
                let data = &block[data];
                let clip = |n: u64| n.saturating_sub(at).min(data.len() as u64) as usize;
                out.extend_from_slice(&data[clip(from)..clip(to)]);
            }
            Node::File { children, .. } => {
                let mut at = at;
                for (cid, size) in children {
                    if at < to && at + size > from {
                        walk(blocks, &cid, at, (from, to), out);
                    }
                    at += size;
                }
            }
        }
    }
    let blocks = car.blocks.iter().map(|(cid, bytes)| (digest_of(cid).unwrap(), bytes.as_slice())).collect();
    let mut out = Vec::new();
    walk(&blocks, &car.root, 0, (from, to), &mut out);
    out
}

async fn car(server: &Server, cid: &Cid, more: &str) -> Car {
    let answer: Answer = server.get(&format!("/ipfs/{cid}?format=car{more}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{more}");
    parse(&answer.body)
}

#[tokio::test]
async fn a_whole_file_comes_depth_first_under_the_root_as_asked() {
    let server = Server::new();
    let bytes = noise(5_000_000, 1);
    let roots = server.store(&bytes, &[Profile::V0_2015, Profile::V1Legacy]).await;
    let v0_as_v1 = dag_pb_cid(digest_of(&roots[1]).unwrap());
    for root in roots.iter().chain([&v0_as_v1]) {
        for scope in ["", "&dag-scope=all", "&dag-scope=entity", "&entity-bytes=0:*"] {
            let car = car(&server, root, scope).await;
            assert_eq!(car.root, *root);
            assert_eq!(car.blocks[0].0, *root, "the root comes first, named as asked");
            assert!(assemble(&car, 0, u64::MAX) == bytes, "{root} {scope}");
        }
    }
}

/// More than 174 leaves of 256 KiB: the v0 layout has a second level.
#[tokio::test]
async fn a_deep_file_is_ordered_depth_first_and_partial_cars_hold_just_what_proves_the_part() {
    let server = Server::new();
    let size = 175 * 262_144 + 100;
    let bytes = noise(size, 2);
    let root = server.store(&bytes, &[Profile::V0_2015]).await[1];
    let whole = car(&server, &root, "").await;
    // 176 leaves under two nodes under the root.
    assert_eq!(whole.blocks.len(), 176 + 2 + 1);
    let is_node =
        |i: usize| matches!(verify_block(&whole.blocks[i].0, &whole.blocks[i].1).unwrap(), Node::File { .. });
    let nodes: Vec<usize> = (0..whole.blocks.len()).filter(|i| is_node(*i)).collect();
    assert_eq!(nodes, [0, 1, 176]);
    assert!(assemble(&whole, 0, u64::MAX) == bytes);

    let end = size as u64;
    let cases = [
        ("0:0", 0, 1, 3),
        ("262143:262144", 262_143, 262_145, 4),
        ("-1:*", end - 1, end, 3),
        ("-100:-1", end - 100, end, 3),
        // The last leaf of the first node and the first of the second.
        ("45613055:45613056", 45_613_055, 45_613_057, 5),
        ("45000000:999999999999", 45_000_000, end, 8),
    ];
    for (range, from, to, blocks) in cases {
        for more in ["", "&dag-scope=entity", "&dag-scope=all"] {
            let car = car(&server, &root, &format!("&entity-bytes={range}{more}")).await;
            assert_eq!(car.blocks.len(), blocks, "{range}");
            assert!(assemble(&car, from, to) == bytes[from as usize..to as usize], "{range}");
        }
    }
    for empty in ["&entity-bytes=999999999999:*", "&dag-scope=block", "&dag-scope=block&entity-bytes=0:*"] {
        assert_eq!(car(&server, &root, empty).await.blocks.len(), 1, "{empty}");
    }
}

#[tokio::test]
async fn repeated_blocks_come_once_or_as_often_as_they_occur() {
    let server = Server::new();
    // Ten equal leaves of 256 KiB; under our own profile two equal ones and a shorter one.
    let bytes = vec![0x5a; 10 * 262_144];
    let roots = server.store(&bytes, &[Profile::V0_2015]).await;
    for (root, once, often) in [(roots[0], 3, 4), (roots[1], 2, 11)] {
        for (dups, blocks) in [("", once), ("&car-dups=n", once), ("&car-dups=y", often)] {
            let car = car(&server, &root, dups).await;
            assert_eq!(car.blocks.len(), blocks, "{root} {dups}");
            assert!(assemble(&car, 0, u64::MAX) == bytes);
        }
    }
}

#[tokio::test]
async fn small_files_single_blocks_and_the_probe() {
    let server = Server::new();
    for content in [&b""[..], b"a"] {
        let roots = server.store(content, &[Profile::V0_2015]).await;
        for root in roots {
            let car = car(&server, &root, "").await;
            assert_eq!((car.root, car.blocks.len()), (root, 1));
            assert_eq!(assemble(&car, 0, u64::MAX), content);
        }
    }
    let bytes = noise(1_500_000, 3);
    let root = server.store(&bytes, &[]).await[0];
    let leaf = server.node.blobs().layout(&root).await.unwrap().unwrap().leaves[1].cid();
    assert_eq!(car(&server, &leaf, "").await.blocks.len(), 1);
    let context =
        osp_core::content::parse_cid(osp_core::context::uri().strip_prefix("ipfs://").unwrap()).unwrap();
    assert_eq!(car(&server, &context, "").await.blocks, [(context, osp_core::context::DOCUMENT.to_vec())]);
    // The header alone: map, one root of 4 bytes, version 1.
    let probe = server.get("/ipfs/bafkqaaa?format=car").await;
    assert_eq!(probe.body, &b"\x19\xa2\x65roots\x81\xd8\x2a\x45\x00\x01\x55\x00\x00\x67version\x01"[..]);
}

#[tokio::test]
async fn car_headers_vary_with_scope_range_and_duplicates() {
    let server = Server::new();
    let cid = server.store(b"hello", &[]).await[0];
    let mut etags = std::collections::BTreeSet::new();
    let queries = ["", "&dag-scope=block", "&entity-bytes=0:1", "&entity-bytes=0:2", "&car-dups=y"];
    for query in queries {
        let path = format!("/ipfs/{cid}?format=car{query}");
        let answer = server.get(&path).await;
        let dups = if query.contains("dups") { "y" } else { "n" };
        let want = format!("application/vnd.ipld.car; version=1; order=dfs; dups={dups}");
        assert_eq!(answer.header("content-type"), want);
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{cid}.car\""));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let etag = answer.header("etag").to_owned();
        let again = server.get_with(&path, &[("if-none-match", &etag)]).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        let head = server.head(&path).await;
        assert_eq!((head.status, head.header("etag"), head.body.len()), (StatusCode::OK, &*etag, 0));
        etags.insert(etag);
    }
    assert_eq!(etags.len(), queries.len());
}
