//! Tree and geometry against models that are slow and plainly right.

use super::support::rng;
use crate::{
    crypto::Key,
    v3::{
        FileId, kdf,
        limits::CHUNK,
        ranges::Ranges,
        tree::{Keys, Place, Tree},
    },
};
use proptest::prelude::*;
use std::ops::Range;

/// The cover, by definition: a node is in it if all its leaves are wanted and not all of its parent's.
fn slow_cover(chunks: u32, ranges: &Ranges) -> Vec<Place> {
    fn visit(at: Place, depth: u32, wanted: &[Range<u32>], places: &mut Vec<Place>) {
        let width = 1 << (depth - at.level);
        let leaves = at.index * width..(at.index + 1) * width;
        if wanted.iter().any(|range| range.start <= leaves.start && leaves.end <= range.end) {
            places.push(at);
        } else if width > 1 {
            for bit in 0..2 {
                visit(Place { level: at.level + 1, index: 2 * at.index + bit }, depth, wanted, places);
            }
        }
    }
    let depth = (0..).find(|depth| 1u32 << depth >= chunks).unwrap();
    let mut wanted = ranges.as_slice().to_vec();
    if let Some(last) = wanted.last_mut().filter(|last| last.end == chunks) {
        last.end = 1 << depth;
    }
    let mut places = Vec::new();
    visit(Place { level: 0, index: 0 }, depth, &wanted, &mut places);
    places
}

/// A leaf, step by step from the root.
fn slow_leaf(root: &Key, depth: u32, leaf: u32) -> Key {
    (0..depth).rev().fold(root.clone(), |node, bit| {
        let mut message = b"smsg3 node".to_vec();
        message.push((leaf >> bit & 1) as u8);
        kdf::Keyed::new(&node).of(&message)
    })
}

/// Chunks of a file and a set of them.
fn some() -> impl Strategy<Value = (u32, Ranges)> {
    (1u32..400, proptest::collection::vec((0u32..400, 1u32..200), 1..6)).prop_map(|(chunks, pairs)| {
        let ranges = pairs.into_iter().map(|(from, length)| {
            let from = from % chunks;
            from..(from + length).min(chunks)
        });
        (chunks, Ranges::union(ranges).unwrap())
    })
}

proptest! {
    #[test]
    fn covers_are_the_slow_models((chunks, ranges) in some()) {
        prop_assert_eq!(Tree::new(chunks).cover(&ranges), slow_cover(chunks, &ranges));
    }

    #[test]
    fn a_grant_opens_its_chunks_and_no_other((chunks, ranges) in some(), seed in any::<u64>()) {
        let tree = Tree::new(chunks);
        let whole = Keys::generate(FileId([3; 32]), tree, &mut rng(seed));
        let nodes = whole.nodes(&ranges).unwrap();
        let part = Keys::from_nodes(FileId([3; 32]), tree, &ranges, &nodes).unwrap();
        let mut walk = part.walk();
        for chunk in (0..chunks).chain((0..chunks).rev().step_by(7)) {
            let leaf = walk.leaf(chunk).map(|leaf| *leaf.key().as_bytes());
            let expected = slow_leaf(whole.root().unwrap(), tree.depth(), chunk);
            prop_assert_eq!(leaf, ranges.contains(chunk).then_some(*expected.as_bytes()));
            prop_assert_eq!(part.opens(chunk), ranges.contains(chunk));
        }
        prop_assert!(walk.leaf(chunks).is_none() && !whole.opens(chunks));
        // What was granted can be granted on; nothing else.
        let inner = Ranges::new(vec![ranges.as_slice()[0].clone()]).unwrap();
        prop_assert_eq!(part.nodes(&inner), whole.nodes(&inner));
        let all = Ranges::all(chunks);
        prop_assert_eq!(part.nodes(&all).is_some(), ranges == all);
    }

    #[test]
    fn places_are_the_slow_models(
        parts in proptest::collection::vec(proptest::collection::vec(1u64..200_000, 1..5), 1..4)
    ) {
        let geometry =
            crate::v3::header::Geometry::new(parts.iter().map(Vec::as_slice)).unwrap();
        let (mut number, mut stored) = (0, 0);
        for (part, segments) in parts.iter().enumerate() {
            let (first, mut at) = (number, 0);
            for &segment in segments {
                let end = at + segment;
                while at < end {
                    let to = end.min(at + CHUNK as u64);
                    let place = geometry.chunk(number).unwrap();
                    prop_assert_eq!((place.part, place.plain), (part, at..to));
                    prop_assert_eq!(place.stored, stored..stored + (to - at) + 48);
                    for byte in [at, to - 1] {
                        prop_assert_eq!(geometry.chunk_at(part, byte), Some(number));
                    }
                    stored += to - at + 48;
                    at = to;
                    number += 1;
                }
            }
            prop_assert_eq!(geometry.part(part), Some(first..number));
            prop_assert_eq!(geometry.part_bytes(part), Some(at));
            prop_assert_eq!(geometry.chunk_at(part, at), None);
        }
        prop_assert_eq!((geometry.chunks(), geometry.stored()), (number, stored));
        prop_assert!(geometry.chunk(number).is_none() && geometry.part(parts.len()).is_none());
    }
}

/// What a file costs beyond its sound: 0.2 % of 30 MB is the promise.
#[test]
fn overhead_stays_small() {
    let length = 30_000_000;
    let geometry = crate::v3::header::Geometry::new([[length].as_slice()]).unwrap();
    let overhead = geometry.stored() - length + geometry.digests() + 2_000;
    assert!(overhead * 500 < length, "{overhead}");
}

/// Numbers that no file has.
#[test]
fn absurd_numbers() {
    let tree = Tree::new(u32::MAX);
    assert_eq!((tree.chunks(), tree.depth()), (1 << 18, 18));
    let keys = Keys::generate(FileId([3; 32]), tree, &mut rng(1));
    let mut chunk = vec![0; 100];
    for number in [1 << 18, u32::MAX] {
        let refused = crate::v3::chunk::Chunks::new(&keys).open(number, &mut chunk).unwrap_err();
        assert_eq!(refused.class(), "not_licensed");
    }
}

#[test]
fn covers_stay_small() {
    for chunks in [4u32, 5, 458, 1 << 18] {
        let tree = Tree::new(chunks);
        let everything = tree.cover(&Ranges::all(chunks));
        assert_eq!(everything, [Place { level: 0, index: 0 }], "{chunks}");
        let most = tree.cover(&Ranges::new(vec![1..chunks - 1]).unwrap());
        assert!(most.len() <= 2 * (tree.depth() as usize - 1), "{chunks}: {}", most.len());
    }
    assert_eq!(Tree::new(1).depth(), 0);
    assert_eq!(Tree::new(1 << 18).depth(), 18);
}

#[test]
fn sets_have_one_form() {
    let refused = |ranges: Vec<Range<u32>>| Ranges::new(ranges).is_err();
    #[allow(clippy::reversed_empty_ranges, reason = "that is the point")]
    let bad = vec![vec![], vec![1..1], vec![2..1], vec![0..2, 2..3], vec![0..2, 1..3], vec![4..5, 0..1]];
    assert!(bad.into_iter().all(refused));
    assert!(refused((0..65).map(|at| 2 * at..2 * at + 1).collect()));
    assert_eq!(Ranges::union([2..3, 0..2, 5..6]).unwrap().as_slice(), [0..3, 5..6]);
}
