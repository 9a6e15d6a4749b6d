//! DAGs whose blocks all verify and which are traps all the same.

use crate::server::{Reply, Server};
use crate::sink::{CAR, Memory, car_of};
use bytes::Bytes;
use osp_core::{
    Cid,
    content::{dag_pb_cid, raw_cid, sha256},
    unixfs::MAX_DEPTH,
};
use osp_delivery::{Assembly, Delivery, DeliveryError, Fault, HttpSource, Want};
use osp_fetch::{Fetcher, Policy, Target};

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// An interior node whose links say these sizes.
fn node(children: &[(Cid, u64)]) -> (Cid, Vec<u8>) {
    let mut block = Vec::new();
    let mut file = vec![0x08, 2, 0x18];
    varint(&mut file, children.iter().map(|c| c.1).sum());
    for (cid, size) in children {
        let hash = cid.to_bytes();
        block.extend([0x12, hash.len() as u8 + 2, 0x0a, hash.len() as u8]);
        block.extend(hash);
        file.push(0x20);
        varint(&mut file, *size);
    }
    block.push(0x0a);
    varint(&mut block, file.len() as u64);
    block.extend(file);
    (dag_pb_cid(sha256(&block)), block)
}

/// Feeds blocks from the root down; gives what the first refused one says.
fn refusal(blocks: &[Vec<u8>], root: Cid, max_size: u64) -> Option<String> {
    let mut assembly = Assembly::new(root, max_size);
    blocks.iter().find_map(|block| match assembly.accept(&Bytes::copy_from_slice(block)) {
        Ok(_) => None,
        Err(Fault::Content(reason)) => Some(reason),
        Err(other) => panic!("{other}"),
    })
}

#[test]
fn links_that_lie_about_sizes_are_found_out() {
    let leaf = raw_cid(sha256(b"four"));
    for claimed in [3, 5, 1 << 40] {
        let (root, block) = node(&[(leaf, claimed), (leaf, 4)]);
        let reason = refusal(&[block, b"four".to_vec()], root, u64::MAX).unwrap();
        assert!(reason.contains("sizes that their links say"), "{reason}");
    }
    let (inner, inner_block) = node(&[(leaf, 4), (leaf, 4)]);
    let (root, block) = node(&[(inner, 9)]);
    assert!(refusal(&[block, inner_block], root, u64::MAX).unwrap().contains("sizes that their links say"));
    let (root, block) = node(&[(leaf, 4), (leaf, 4)]);
    assert!(refusal(std::slice::from_ref(&block), root, 7).unwrap().contains("more than the 7"));
    assert_eq!(refusal(&[block, b"four".to_vec(), b"four".to_vec()], root, 8), None);
}

#[test]
fn nesting_ends_at_the_limit() {
    let chain = |depth: usize| {
        let mut blocks = vec![b"x".to_vec()];
        let mut cid = raw_cid(sha256(b"x"));
        for _ in 0..depth {
            let (parent, block) = node(&[(cid, 1)]);
            blocks.push(block);
            cid = parent;
        }
        blocks.reverse();
        refusal(&blocks, cid, 1)
    };
    assert_eq!(chain(MAX_DEPTH), None);
    assert!(chain(MAX_DEPTH + 1).unwrap().contains("nested too deep"));
}

/// Twenty-nine blocks, half a gibibyte of single bytes: no memory and no time is spent on it beyond the limit.
#[tokio::test]
async fn a_dag_of_repeats_within_repeats_is_refused() {
    let mut blocks = vec![(raw_cid(sha256(b"x")), b"x".to_vec())];
    for level in 0..28 {
        let child = blocks.last().unwrap().0;
        blocks.push(node(&[(child, 1 << level), (child, 1 << level)]));
    }
    blocks.reverse();
    let root = blocks[0].0;
    let car = car_of(&root, blocks);
    let raw = b"x";
    let server = Server::start(move |seen| {
        if seen.path.contains("format=raw") {
            Reply::new(200, &[crate::sink::RAW], raw)
        } else {
            // One more section after the last leaf, so that the repeats are walked through.
            let more = car_of(&root, [(raw_cid([9; 32]), b"more".to_vec())]);
            let header = car_of(&root, []).len();
            Reply::new(200, &[CAR], &[&car[..], &more[header..]].concat())
        }
    })
    .await;
    let delivery = Delivery::new(Fetcher::new(&Policy::default()).unwrap());
    let source = HttpSource::Node(Target::typed(&server.url("")).unwrap());
    let error = delivery.fetch(&Want::new(root), &[source], &mut Memory::default()).await.unwrap_err();
    assert!(matches!(error, DeliveryError::NotAFile { .. }), "{error}");
    assert!(error.to_string().contains("too many blocks"), "{error}");
    assert_eq!(server.seen().len(), 1);
}
