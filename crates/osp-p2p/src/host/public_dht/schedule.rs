//! When which root is announced. No I/O and no clock.

use super::{CONCURRENT, GAP, REPUBLISH};
use crate::bitswap::Key;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::{Duration, Instant},
};

/// After this long an announcement that nobody took is tried again.
const RETRY: Duration = Duration::from_secs(10 * 60);

/// So many new roots are announced at once; more are spread out.
const AT_ONCE: usize = CONCURRENT;

/// Where a root stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting(Instant),
    UnderWay,
}

/// The roots to be announced.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    roots: HashMap<Key, State>,
    waiting: BTreeSet<(Instant, Key)>,
    under_way: usize,
    /// Announcements that were taken by someone, since the start.
    announced: u64,
}

impl Schedule {
    /// These are to be announced from now on, in this order, and no others. Gives those that were taken back.
    pub(super) fn set(&mut self, wanted: &[Key], now: Instant) -> Vec<Key> {
        let keep: HashSet<&Key> = wanted.iter().collect();
        let gone: Vec<Key> = self.roots.keys().filter(|key| !keep.contains(key)).copied().collect();
        for key in &gone {
            match self.roots.remove(key) {
                Some(State::Waiting(at)) => drop(self.waiting.remove(&(at, *key))),
                Some(State::UnderWay) => self.under_way -= 1,
                None => {}
            }
        }
        let rooms = u32::try_from(wanted.len().max(1)).unwrap_or(u32::MAX);
        let gap = GAP.min(REPUBLISH / rooms);
        let mut later = 0;
        for key in wanted {
            if self.roots.contains_key(key) {
                continue;
            }
            let at = now + gap * u32::try_from(later / AT_ONCE * AT_ONCE).unwrap_or(u32::MAX);
            later += 1;
            self.wait(*key, at);
        }
        gone
    }

    fn wait(&mut self, key: Key, at: Instant) {
        self.roots.insert(key, State::Waiting(at));
        self.waiting.insert((at, key));
    }

    /// The root to announce now, if one is due and not too many are under way. [`Schedule::done`] must follow.
    pub(super) fn next(&mut self, now: Instant) -> Option<Key> {
        let (at, key) = *self.waiting.first().filter(|(at, _)| *at <= now)?;
        if self.under_way == CONCURRENT {
            return None;
        }
        self.waiting.remove(&(at, key));
        self.roots.insert(key, State::UnderWay);
        self.under_way += 1;
        Some(key)
    }

    /// An announcement has ended; `taken` if anybody heard it.
    pub(super) fn done(&mut self, key: Key, taken: bool, now: Instant) {
        // One that was taken back meanwhile was counted off then.
        if self.roots.get(&key) != Some(&State::UnderWay) {
            return;
        }
        self.under_way -= 1;
        self.announced += u64::from(taken);
        self.wait(key, now + if taken { REPUBLISH } else { RETRY });
    }

    /// When the next one is due, unless too many are under way already.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.first().filter(|_| self.under_way < CONCURRENT).map(|(at, _)| *at)
    }

    pub(super) fn roots(&self) -> usize {
        self.roots.len()
    }

    pub(super) fn announced(&self) -> u64 {
        self.announced
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use osp_core::content::{raw_cid, sha256};

    fn key(n: usize) -> Key {
        *raw_cid(sha256(&n.to_be_bytes())).hash()
    }

    fn keys(n: usize) -> Vec<Key> {
        (0..n).map(key).collect()
    }

    #[test]
    fn a_few_go_at_once_and_again_after_the_interval() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        assert!(schedule.set(&keys(2), now).is_empty());
        for _ in 0..2 {
            let key = schedule.next(now);
            assert!(key.is_some());
            key.into_iter().for_each(|key| schedule.done(key, true, now));
        }
        assert_eq!(schedule.next(now), None);
        assert_eq!(schedule.next(now + REPUBLISH - Duration::from_secs(1)), None);
        assert!(schedule.next(now + REPUBLISH).is_some());
        assert_eq!(schedule.announced(), 2);
    }

    #[test]
    fn what_nobody_took_is_tried_again_soon() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        schedule.set(&keys(1), now);
        assert_eq!(schedule.next(now), Some(key(0)));
        schedule.done(key(0), false, now);
        assert_eq!(schedule.due(), Some(now + RETRY));
        assert_eq!(schedule.announced(), 0);
    }

    #[test]
    fn many_are_spread_out_and_bounded() {
        let (mut schedule, start) = (Schedule::default(), Instant::now());
        schedule.set(&keys(100), start);
        let (mut now, mut longest, mut all) = (start, 0, 0);
        while let Some(due) = schedule.due() {
            now = now.max(due);
            let begun: Vec<Key> = std::iter::from_fn(|| schedule.next(now)).collect();
            assert!(!begun.is_empty() && begun.len() <= CONCURRENT);
            longest = longest.max(begun.len());
            all += begun.len();
            begun.into_iter().for_each(|key| schedule.done(key, true, now));
            if all == 100 {
                break;
            }
        }
        assert_eq!(longest, CONCURRENT);
        // Four at a time, four gaps apart.
        assert_eq!(now - start, GAP * 96);
    }

    #[test]
    fn no_more_than_the_bound_is_under_way_however_many_are_due() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        schedule.set(&keys(50), now);
        let much_later = now + REPUBLISH;
        assert_eq!(std::iter::from_fn(|| schedule.next(much_later)).count(), CONCURRENT);
        assert_eq!(schedule.due(), None);
    }

    #[test]
    fn more_than_an_interval_holds_are_squeezed_into_it() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        schedule.set(&keys(20_000), now);
        let last = schedule.waiting.last().map(|(at, _)| *at);
        assert!(last.is_some_and(|last| last <= now + REPUBLISH), "{last:?}");
    }

    #[test]
    fn what_is_taken_back_is_never_announced_again() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        schedule.set(&keys(3), now);
        let under_way = schedule.next(now);
        assert_eq!(schedule.set(&[], now).len(), 3);
        under_way.into_iter().for_each(|key| schedule.done(key, true, now));
        assert_eq!((schedule.roots(), schedule.due(), schedule.under_way), (0, None, 0));
        assert_eq!(schedule.next(now + REPUBLISH), None);
    }

    #[test]
    fn what_stays_keeps_its_time() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        schedule.set(&keys(1), now);
        assert_eq!(schedule.next(now), Some(key(0)));
        schedule.done(key(0), true, now);
        let later = now + Duration::from_secs(60);
        assert!(schedule.set(&keys(2), later).is_empty());
        assert_eq!(schedule.next(later), Some(key(1)));
        assert_eq!(schedule.due(), Some(now + REPUBLISH));
    }
}
