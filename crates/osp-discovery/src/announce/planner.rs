//! Which keys, to which region, now.

use super::{
    INTERVAL, Tally,
    cost::Cost,
    schedule::{Clock, Config, pause},
};
use crate::{
    UnixTime,
    key::{DhtKey, Point, Prefix},
    lookup::Region,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A clock that goes back by more than this has jumped.
const JUMP: Duration = Duration::from_secs(600);

/// Names a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchId(u64);

/// Keys to announce to every peer of one region.
#[derive(Clone, Debug)]
pub struct Batch {
    /// To be given back.
    pub id: BatchId,
    /// To whom: for [`Lookup::region`](crate::lookup::Lookup::region).
    pub region: Region,
    /// What, in order of their points.
    pub keys: Vec<DhtKey>,
    /// How many of them were never announced before.
    pub fresh: usize,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// Peers that took it.
    pub stored: usize,
    /// Peers found in the region.
    pub members: usize,
    /// Requests that the enumeration took.
    pub requests: usize,
}

/// There is no room for more keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} keys are announced already, which is as many as are allowed; raise the limit or hold fewer records"
)]
pub struct TooMany(pub usize);

#[derive(Clone, Debug)]
struct Entry {
    key: DhtKey,
    /// Records that need it.
    holders: u32,
    last: Option<UnixTime>,
    due: UnixTime,
    /// Never announced, and somebody waits for it.
    fresh: bool,
    failures: u32,
    batch: Option<BatchId>,
}

/// The keys of a node and when each is announced. About 150 bytes a key.
#[derive(Clone, Debug)]
pub struct Planner {
    config: Config,
    clock: Clock,
    keys: BTreeMap<Point, Entry>,
    /// Keys that wait, by when they are due; fresh ones apart.
    fresh: BTreeSet<(UnixTime, Point)>,
    routine: BTreeSet<(UnixTime, Point)>,
    /// Batches under way: the region and the points of each.
    out: BTreeMap<BatchId, (Prefix, Vec<Point>)>,
    next_id: u64,
    /// Not before this time the next batch that nobody waits for.
    routine_from: UnixTime,
    seen: UnixTime,
    tally: Tally,
}

impl Planner {
    /// No keys yet. The seed should be another for each node and the same after a restart: a hash of its peer id.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            config,
            clock: Clock::new(seed),
            keys: BTreeMap::new(),
            fresh: BTreeSet::new(),
            routine: BTreeSet::new(),
            out: BTreeMap::new(),
            next_id: 0,
            routine_from: UnixTime::default(),
            seen: UnixTime::default(),
            tally: Tally::default(),
        }
    }

    /// A record that was just published or taken in needs this key. Call it once for each record and key. A key that is
    /// new is due at once; of one that is announced already the network knows that this node has records under it.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn publish(&mut self, key: DhtKey, now: UnixTime) -> Result<(), TooMany> {
        self.hold(key, None, true, now)
    }

    /// A record of before the restart needs this key, which was last announced at `last`. As for
    /// [`Planner::publish`], once for each record and key.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn restore(&mut self, key: DhtKey, last: Option<UnixTime>, now: UnixTime) -> Result<(), TooMany> {
        self.hold(key, last, false, now)
    }

    fn hold(
        &mut self,
        key: DhtKey,
        last: Option<UnixTime>,
        fresh: bool,
        now: UnixTime,
    ) -> Result<(), TooMany> {
        // A time is written here, so a clock that jumps back from it has to be noticed later.
        self.notice(now);
        let point = key.point();
        if let Some(entry) = self.keys.get_mut(&point) {
            entry.holders = entry.holders.saturating_add(1);
            return Ok(());
        }
        if self.keys.len() >= self.config.keys {
            return Err(TooMany(self.keys.len()));
        }
        // A time that is yet to come was written by a clock that was wrong.
        let last = last.filter(|last| *last <= now);
        let due = last.map_or(now, |last| self.clock.due(&point, last));
        let entry = Entry { key, holders: 1, last, due, fresh, failures: 0, batch: None };
        self.wait(&entry, point);
        self.keys.insert(point, entry);
        Ok(())
    }

    /// A record that needed this key is gone. With the last of them the key is: peers forget it as it expires. Says
    /// whether it was the last.
    pub fn release(&mut self, key: &DhtKey) -> bool {
        let point = key.point();
        let Some(entry) = self.keys.get_mut(&point) else { return false };
        entry.holders -= 1;
        if entry.holders > 0 {
            return false;
        }
        let at = (entry.due, point);
        self.fresh.remove(&at);
        self.routine.remove(&at);
        self.keys.remove(&point);
        true
    }

    /// When [`Planner::take`] may have something; `None` while it has nothing to wait for but batches under way.
    #[must_use]
    pub fn next_due(&self, now: UnixTime) -> Option<UnixTime> {
        if self.out.len() >= self.config.parallel {
            return None;
        }
        let fresh = self.fresh.first().map(|(due, _)| *due);
        let routine = self.routine.first().map(|(due, _)| (*due).max(self.routine_from));
        fresh.into_iter().chain(routine).min().map(|due| due.max(now))
    }

    /// The next batch, if one is due. `peers` is the size of the network as the
    /// [`Density`](crate::lookup::Density) estimates it; while it has no estimate, wait.
    pub fn take(&mut self, peers: f64, now: UnixTime) -> Option<Batch> {
        self.notice(now);
        if self.out.len() >= self.config.parallel {
            return None;
        }
        let is_due =
            |queue: &BTreeSet<(UnixTime, Point)>| queue.first().filter(|(due, _)| *due <= now).copied();
        let lead = match is_due(&self.fresh) {
            Some((_, point)) => point,
            None => {
                let (_, point) = is_due(&self.routine).filter(|_| now >= self.routine_from)?;
                self.routine_from = now + self.gap(peers, now);
                point
            }
        };
        let region = Region::in_network(&lead, peers);
        Some(self.collect(region, lead, now))
    }

    fn collect(&mut self, region: Region, lead: Point, now: UnixTime) -> Batch {
        let id = BatchId(self.next_id);
        self.next_id += 1;
        let soon = now + self.config.together;
        let due =
            |(point, entry): &(&Point, &Entry)| entry.batch.is_none() && entry.due <= soon && **point != lead;
        let inside = || self.keys.range(region.prefix.start()..=region.prefix.end()).filter(due);
        // New ones first, in case there are more than fit.
        let fresh = inside().filter(|(_, entry)| entry.fresh).map(|(point, _)| *point);
        let others = inside().filter(|(_, entry)| !entry.fresh).map(|(point, _)| *point);
        let chosen: BTreeSet<Point> =
            [lead].into_iter().chain(fresh).chain(others).take(self.config.keys_per_batch).collect();
        let mut batch = Batch { id, region, keys: Vec::with_capacity(chosen.len()), fresh: 0 };
        for point in &chosen {
            let Some(entry) = self.keys.get_mut(point) else { continue };
            entry.batch = Some(id);
            self.fresh.remove(&(entry.due, *point));
            self.routine.remove(&(entry.due, *point));
            batch.keys.push(entry.key);
            batch.fresh += usize::from(entry.last.is_none());
        }
        self.out.insert(id, (region.prefix, chosen.into_iter().collect()));
        batch
    }

    /// What became of a batch. Gives the keys that the network has now and did not have before; the time of all keys of
    /// a batch that is done is `now`, which the caller keeps for [`Planner::restore`]. `None` when it failed (too few
    /// peers took it) and will be tried again, or is not known.
    pub fn finished(&mut self, id: BatchId, outcome: Outcome, now: UnixTime) -> Option<Vec<DhtKey>> {
        let (region, points) = self.out.remove(&id)?;
        self.notice(now);
        let done =
            outcome.stored > 0 && outcome.stored >= self.config.quorum.min(outcome.members.div_ceil(2));
        self.tally.batch(points.len(), &outcome, done);
        let mut reached = Vec::new();
        for point in points {
            let Some(entry) = self.keys.get_mut(&point).filter(|entry| entry.batch == Some(id)) else {
                continue;
            };
            entry.batch = None;
            if done {
                if entry.last.is_none() {
                    reached.push(entry.key);
                }
                (entry.last, entry.fresh, entry.failures) = (Some(now), false, 0);
                // One time for the whole region, so that it stays together.
                entry.due = self.clock.due(&region.start(), now);
            } else {
                entry.failures = entry.failures.saturating_add(1);
                entry.due = now + pause(&self.config, entry.failures);
            }
            let entry = entry.clone();
            self.wait(&entry, point);
        }
        done.then_some(reached)
    }

    /// Everything is due again, at once: it went to few peers, and the network has more now. Batches under way are left.
    pub fn again(&mut self, now: UnixTime) {
        self.notice(now);
        self.routine_from = now;
        for queue in [&mut self.fresh, &mut self.routine] {
            queue.clear();
        }
        let mut keys = std::mem::take(&mut self.keys);
        for (point, entry) in keys.iter_mut().filter(|(_, entry)| entry.batch.is_none()) {
            (entry.due, entry.failures) = (entry.due.min(now), 0);
            self.wait(entry, *point);
        }
        self.keys = keys;
    }

    /// How long to the next batch that nobody waits for: so that what is overdue takes `catch_up`.
    fn gap(&self, peers: f64, now: UnixTime) -> Duration {
        let overdue = self.routine.range(..=(now, Prefix::ALL.end())).count();
        let length = Region::in_network(&Prefix::ALL.start(), peers).prefix.length();
        let regions = overdue.min(1usize << length.min(30)).max(1);
        (self.config.catch_up / u32::try_from(regions).unwrap_or(u32::MAX)).min(Duration::from_secs(60))
    }

    /// Sees whether the clock has jumped back, and forgets all times that are yet to come.
    fn notice(&mut self, now: UnixTime) {
        let jumped = now + JUMP < self.seen;
        self.seen = now;
        if !jumped {
            return;
        }
        self.routine_from = now;
        let latest = now + INTERVAL * 3 / 2;
        for queue in [&mut self.fresh, &mut self.routine] {
            queue.clear();
        }
        let mut keys = std::mem::take(&mut self.keys);
        for (point, entry) in &mut keys {
            entry.last = entry.last.map(|last| last.min(now));
            if entry.due > latest || (entry.fresh && entry.due > now) {
                entry.due = if entry.fresh { now } else { self.clock.due(point, now) };
            }
            if entry.batch.is_none() {
                self.wait(entry, *point);
            }
        }
        self.keys = keys;
    }

    fn wait(&mut self, entry: &Entry, point: Point) {
        if entry.fresh { &mut self.fresh } else { &mut self.routine }.insert((entry.due, point));
    }

    /// Keys it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Keys that somebody waits for: published, and not in the network yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.keys.values().filter(|entry| entry.fresh).count()
    }

    /// Keys that are due and wait for their batch.
    #[must_use]
    pub fn due(&self, now: UnixTime) -> usize {
        let until = (now, Prefix::ALL.end());
        self.fresh.range(..=until).count() + self.routine.range(..=until).count()
    }

    /// Keys that the network forgets soon, or has forgotten: announced longer ago than an interval and a half.
    #[must_use]
    pub fn late(&self, now: UnixTime) -> usize {
        let late = |last: UnixTime| now.since(last) > INTERVAL * 3 / 2;
        // One that is late is overdue.
        let overdue = self.routine.range(..=(now, Prefix::ALL.end()));
        let last = |point: &Point| self.keys.get(point).and_then(|entry| entry.last);
        overdue.filter(|(_, point)| last(point).is_some_and(late)).count()
    }

    /// Whether the network has this key from this node, as far as it knows: announced, and not expired since.
    #[must_use]
    pub fn is_announced(&self, key: &DhtKey, now: UnixTime) -> bool {
        let last = self.keys.get(&key.point()).and_then(|entry| entry.last);
        last.is_some_and(|last| now.since(last) < super::EXPIRY)
    }

    /// What was spent since the start.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What its keys cost in a network of so many peers.
    #[must_use]
    pub fn cost(&self, peers: f64) -> Cost {
        let length = Region::in_network(&Prefix::ALL.start(), peers).prefix.length();
        let mut regions = 0;
        let mut last = None;
        for point in self.keys.keys() {
            let region = point.prefix(length);
            if last != Some(region) {
                (regions, last) = (regions + 1, Some(region));
            }
        }
        Cost::new(self.keys.len(), regions, Region::in_network(&Prefix::ALL.start(), peers).expected)
    }
}
