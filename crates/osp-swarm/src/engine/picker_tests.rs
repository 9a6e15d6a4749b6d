#![allow(clippy::unwrap_used)]
use super::*;
use crate::{
    engine::{Playhead, pieces::Sources},
    ids::{ConnId, Geometry},
};
use std::time::Duration;

/// Ten pieces of four blocks each.
const PIECES: u32 = 10;

struct Bench {
    pieces: Pieces,
    window: Window,
    availability: Availability,
    rng: Rng,
    everything: bool,
    idle: bool,
}

impl Bench {
    fn new() -> Self {
        let geometry = Geometry::new(u64::from(PIECES) * 65_536, 65_536).unwrap();
        Self {
            pieces: Pieces::new(geometry),
            window: Window::default(),
            availability: Availability::default(),
            rng: Rng::new(1),
            everything: true,
            idle: true,
        }
    }

    /// A reader at this piece that plays one piece a second and needs three.
    fn reading(mut self, piece: u64) -> Self {
        let head =
            Playhead { position: piece * 65_536, rate: 65_536, buffered: Duration::ZERO, end: u64::MAX };
        self.window.set(&[head], Time::ZERO);
        let (geometry, have) = (self.pieces.geometry(), self.pieces.have().clone());
        self.window.rebuild(geometry, &have, Duration::from_secs(3));
        self
    }

    fn pick(&mut self, who: u64, has: &[u32], count: usize) -> Vec<(u32, u32)> {
        self.pick_unless(who, has, count, &|_, _| false)
    }

    fn pick_unless(
        &mut self,
        who: u64,
        has: &[u32],
        count: usize,
        leave: &dyn Fn(PieceIndex, Time) -> bool,
    ) -> Vec<(u32, u32)> {
        let mut bits = Bitfield::none(PIECES);
        for piece in has {
            bits.set(PieceIndex(*piece));
        }
        let who = Asked { origin: Origin::Peer(ConnId(who)), has: &bits, only: None, idle: self.idle, leave };
        let mut picker = Picker {
            pieces: &mut self.pieces,
            window: &self.window,
            availability: &self.availability,
            everything: self.everything,
            rng: &mut self.rng,
        };
        picker.pick(&who, count).blocks.iter().map(|id| (id.piece.0, id.index)).collect()
    }
}

const ALL: [u32; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

#[test]
fn inside_the_window_the_earliest_deadline_comes_first() {
    let mut bench = Bench::new().reading(4);
    let picked = bench.pick(1, &ALL, 10);
    let expected = [(4, 0), (4, 1), (4, 2), (4, 3), (5, 0), (5, 1), (5, 2), (5, 3), (6, 0), (6, 1)];
    assert_eq!(picked, expected);
    assert_eq!(bench.pick(2, &ALL, 2), [(6, 2), (6, 3)], "another goes on where the first one ended");
}

#[test]
fn a_slow_peer_leaves_what_it_would_be_late_with_to_others() {
    let mut bench = Bench::new().reading(4);
    bench.everything = false;
    let slow = |_, deadline: Time| deadline < Time::ZERO + Duration::from_secs(2);
    assert_eq!(bench.pick_unless(1, &ALL, 3, &slow), [(6, 0), (6, 1), (6, 2)]);
}

#[test]
fn outside_the_window_begun_pieces_come_before_new_ones() {
    let mut bench = Bench::new();
    let first = bench.pick(1, &[7], 2);
    assert_eq!(first, [(7, 0), (7, 1)]);
    assert_eq!(bench.pick(2, &ALL, 2), [(7, 2), (7, 3)]);
}

#[test]
fn of_new_pieces_the_rarest_comes_first() {
    let mut bench = Bench::new();
    let mut common = Bitfield::all(PIECES);
    bench.availability.add(&common);
    common.clear(PieceIndex(6));
    for _ in 0..3 {
        bench.availability.add(&common);
    }
    assert_eq!(bench.pick(1, &ALL, 1), [(6, 0)]);
}

#[test]
fn only_windows_means_only_windows() {
    let mut bench = Bench::new().reading(8);
    bench.everything = false;
    assert_eq!(bench.pick(1, &ALL, 100).len(), 8, "two pieces are left in front of the reader");
    assert!(bench.pick(2, &ALL, 100).is_empty());
}

#[test]
fn at_the_end_the_same_blocks_are_asked_of_others_but_not_twice_of_one() {
    let mut bench = Bench::new();
    assert_eq!(bench.pick(1, &ALL, 100).len(), 40);
    assert!(bench.pick(1, &ALL, 100).is_empty());
    assert_eq!(bench.pick(2, &ALL, 100), [(9, 3), (9, 2), (9, 1), (9, 0)], "from the end, a few at once");
    assert_eq!(bench.pick(3, &ALL, 2), [(9, 3), (9, 2)]);
    assert_eq!(bench.pick(4, &ALL, 3), [(9, 1), (9, 0), (8, 3)], "three sources of a block are enough");
    bench.idle = false;
    assert!(bench.pick(5, &ALL, 100).is_empty(), "who is busy does not ask for what others are sending");
}

#[test]
fn a_piece_for_one_source_alone_is_left_to_that_one() {
    let mut bench = Bench::new();
    bench.pieces.restrict(PieceIndex(2), None);
    assert_eq!(bench.pick(1, &[2], 1), [(2, 0)]);
    assert_eq!(bench.pieces.active(PieceIndex(2)).unwrap().sources, Sources::Only(Origin::Peer(ConnId(1))));
    assert!(bench.pick(2, &[2], 4).is_empty());
    assert_eq!(bench.pick(1, &[2], 9), [(2, 1), (2, 2), (2, 3)]);
}

#[test]
fn an_urgent_piece_takes_the_place_of_a_begun_one_when_there_are_too_many() {
    let geometry = Geometry::new(10 * (4 << 20), 4 << 20).unwrap();
    let mut bench = Bench::new();
    bench.pieces = Pieces::new(geometry);
    for piece in 0..8 {
        bench.pieces.begin(PieceIndex(piece)).unwrap();
    }
    assert!(!bench.pieces.has_room());
    let head = Playhead { position: 9 * (4 << 20), rate: 1 << 20, buffered: Duration::ZERO, end: u64::MAX };
    bench.window.set(&[head], Time::ZERO);
    bench.window.rebuild(geometry, &Bitfield::none(10), Duration::from_secs(1));
    assert_eq!(bench.pick(1, &ALL, 1), [(9, 0)]);
    assert_eq!(bench.pieces.active_count(), 8);
}
