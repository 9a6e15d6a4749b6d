//! What readers are about to need: pieces with deadlines.

use super::{Playhead, budget::MAX_WINDOW_PIECES};
use crate::{
    ids::{Bitfield, Geometry, PieceIndex},
    time::Time,
};
use std::{collections::BTreeMap, time::Duration};

/// The pieces in front of all playheads, each with the moment at which its first needed byte is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    heads: Vec<(Playhead, Time)>,
    /// Earliest deadline first; pieces that are there are left out when this is made.
    list: Vec<(Time, PieceIndex)>,
    deadlines: BTreeMap<PieceIndex, Time>,
}

impl Window {
    /// Readers are here, now.
    pub(crate) fn set(&mut self, playheads: &[Playhead], now: Time) {
        self.heads = playheads.iter().map(|head| (*head, now)).collect();
    }

    /// Works the deadlines out anew.
    pub(crate) fn rebuild(&mut self, geometry: Geometry, have: &Bitfield, span: Duration) {
        self.deadlines.clear();
        for (head, said) in &self.heads {
            let rate = u64::from(head.rate.max(1));
            let end = head.end.min(geometry.length());
            let ahead = (rate as f64 * span.as_secs_f64()) as u64;
            let stop = head.position.saturating_add(ahead.max(1)).min(end);
            let Some(first) = geometry.piece_at(head.position) else { continue };
            for index in first.0..geometry.pieces() {
                let piece = PieceIndex(index);
                let start = geometry.range(piece).start.max(head.position);
                if start >= stop || self.deadlines.len() >= MAX_WINDOW_PIECES {
                    break;
                }
                if have.has(piece) {
                    continue;
                }
                let playing = Duration::from_secs_f64((start - head.position) as f64 / rate as f64);
                let deadline = *said + head.buffered + playing;
                let known = self.deadlines.entry(piece).or_insert(deadline);
                *known = deadline.min(*known);
            }
        }
        self.list = self.deadlines.iter().map(|(piece, deadline)| (*deadline, *piece)).collect();
        self.list.sort_unstable();
    }

    /// Nobody reads.
    pub(crate) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The pieces, earliest deadline first. Some may be there by now.
    pub(crate) fn list(&self) -> &[(Time, PieceIndex)] {
        &self.list
    }

    pub(crate) fn deadline(&self, piece: PieceIndex) -> Option<Time> {
        self.deadlines.get(&piece).copied()
    }

    pub(crate) fn contains(&self, piece: PieceIndex) -> bool {
        self.deadlines.contains_key(&piece)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn head(position: u64, rate: u32, buffered: u64) -> Playhead {
        Playhead { position, rate, buffered: Duration::from_secs(buffered), end: u64::MAX }
    }

    #[test]
    fn deadlines_follow_the_playing_rate_and_what_is_buffered() {
        let geometry = Geometry::new(1_000_000, 100_000).unwrap();
        let mut window = Window::default();
        window.set(&[head(150_000, 50_000, 2)], Time::ZERO);
        window.rebuild(geometry, &Bitfield::none(10), Duration::from_secs(6));
        let seconds: Vec<(u64, u32)> =
            window.list().iter().map(|(at, piece)| (at.since_origin().as_secs(), piece.0)).collect();
        assert_eq!(seconds, [(2, 1), (3, 2), (5, 3), (7, 4)]);
    }

    #[test]
    fn of_two_readers_the_earlier_deadline_counts_and_pieces_there_have_none() {
        let geometry = Geometry::new(1_000_000, 100_000).unwrap();
        let mut have = Bitfield::none(10);
        have.set(PieceIndex(1));
        let mut window = Window::default();
        window.set(&[head(0, 100_000, 9), head(200_000, 100_000, 0)], Time::ZERO);
        window.rebuild(geometry, &have, Duration::from_secs(3));
        let order: Vec<u32> = window.list().iter().map(|(_, piece)| piece.0).collect();
        assert_eq!(order, [2, 3, 4, 0]);
        assert_eq!(window.deadline(PieceIndex(2)), Some(Time::ZERO));
        assert!(!window.contains(PieceIndex(1)));
    }

    #[test]
    fn a_reader_at_the_end_or_without_a_rate_is_harmless() {
        let geometry = Geometry::new(1_000_000, 100_000).unwrap();
        let mut window = Window::default();
        window.set(&[head(u64::MAX, 1, 0), head(0, 0, 0)], Time::ZERO);
        window.rebuild(geometry, &Bitfield::none(10), Duration::from_secs(30));
        assert_eq!(window.list(), [(Time::ZERO, PieceIndex(0))]);
    }
}
