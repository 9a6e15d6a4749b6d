//! When which torrents are announced to the local network.
//!
//! BEP 14 asks for at most one announcement a minute, lest a network with many clients drown in them. One announcement
//! carries several torrents, those that waited longest first.

use super::message::MAX_HASHES;
use osp_swarm::InfoHash;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Between two announcements, at least.
pub(super) const BETWEEN: Duration = Duration::from_secs(60);
/// Between two announcements of one torrent.
const AGAIN: Duration = Duration::from_secs(5 * 60);
/// From a torrent's beginning to its announcement, so that the tracks of an album go together.
const GATHER: Duration = Duration::from_millis(500);

/// The torrents and their times.
#[derive(Default)]
pub(super) struct Schedule {
    /// How many hold each torrent, and when it is due.
    torrents: HashMap<InfoHash, (usize, Instant)>,
    last: Option<Instant>,
}

impl Schedule {
    /// One more holds this torrent.
    pub(super) fn add(&mut self, infohash: InfoHash, now: Instant) {
        self.torrents.entry(infohash).or_insert((0, now + GATHER)).0 += 1;
    }

    /// One less.
    pub(super) fn remove(&mut self, infohash: InfoHash) {
        if let Some((holders, _)) = self.torrents.get_mut(&infohash) {
            *holders -= 1;
            if *holders == 0 {
                self.torrents.remove(&infohash);
            }
        }
    }

    /// Whether it is held.
    pub(super) fn holds(&self, infohash: InfoHash) -> bool {
        self.torrents.contains_key(&infohash)
    }

    /// When there is something to announce.
    pub(super) fn next(&self) -> Option<Instant> {
        let due = self.torrents.values().map(|(_, due)| *due).min()?;
        Some(self.last.map_or(due, |last| due.max(last + BETWEEN)))
    }

    /// The torrents to announce now; they count as announced.
    pub(super) fn take(&mut self, now: Instant) -> Vec<InfoHash> {
        if self.next().is_none_or(|next| next > now) {
            return Vec::new();
        }
        self.last = Some(now);
        let mut due: Vec<(Instant, InfoHash)> = self
            .torrents
            .iter()
            .filter(|(_, (_, due))| *due <= now)
            .map(|(hash, (_, due))| (*due, *hash))
            .collect();
        due.sort();
        due.truncate(MAX_HASHES);
        for (_, infohash) in &due {
            if let Some((_, due)) = self.torrents.get_mut(infohash) {
                *due = now + AGAIN;
            }
        }
        due.into_iter().map(|(_, infohash)| infohash).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_album_goes_in_one_announcement_and_again_after_five_minutes() {
        let start = Instant::now();
        let mut schedule = Schedule::default();
        for track in 0..12 {
            schedule.add(InfoHash([track; 20]), start);
        }
        assert_eq!(schedule.take(start), []);
        let first = schedule.next().unwrap();
        assert_eq!(schedule.take(first).len(), 12);
        assert_eq!(schedule.next(), Some(first + AGAIN));
    }

    #[test]
    fn many_torrents_take_a_minute_for_each_datagram() {
        let start = Instant::now();
        let mut schedule = Schedule::default();
        for number in 0..50 {
            schedule.add(InfoHash([number; 20]), start);
        }
        let mut announced = Vec::new();
        let first = schedule.next().unwrap();
        for minute in 0..3 {
            assert_eq!(schedule.next().unwrap(), first + minute * BETWEEN);
            announced.extend(schedule.take(first + minute * BETWEEN));
        }
        announced.sort();
        announced.dedup();
        assert_eq!(announced.len(), 50);
    }

    #[test]
    fn a_torrent_is_held_until_its_last_holder_lets_go() {
        let start = Instant::now();
        let mut schedule = Schedule::default();
        let infohash = InfoHash([1; 20]);
        schedule.add(infohash, start);
        schedule.add(infohash, start);
        schedule.remove(infohash);
        assert!(schedule.holds(infohash));
        schedule.remove(infohash);
        assert!(!schedule.holds(infohash));
        assert_eq!(schedule.next(), None);
    }
}
