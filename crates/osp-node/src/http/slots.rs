//! What is being fetched because somebody wants to hear it, and who has to make room for others.
//!
//! A fetch that came nearer to its end by less than music plays at is no use to anybody who listens: where there is no
//! room it is stopped. First of those that nobody listens to any more, then of the client with the most fetches. No
//! client has more than its part of the room.

use osp_core::Cid;
use osp_delivery::download::DownloadWatch;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Fetches of one client, other than this machine itself (behind a proxy that is not trusted, that is everybody).
const A_CLIENT: usize = 8;
/// Over how long progress is measured. Where only whole leaves are proven it comes by the mebibyte.
const WINDOW: Duration = Duration::from_secs(60);
/// Bytes a second: half of what speech at its poorest takes.
const SLOWEST: u64 = 2048;

/// A fetch, as far as it is watched here.
pub(super) trait Fetching: Send + Sync {
    /// Verified bytes.
    fn verified(&self) -> u64;
    fn is_over(&self) -> bool;
    /// Whether nobody listens.
    fn is_left(&self) -> bool;
    fn stop(&self);
}

impl Fetching for DownloadWatch {
    fn verified(&self) -> u64 {
        Self::verified(self)
    }
    fn is_over(&self) -> bool {
        Self::is_over(self)
    }
    fn is_left(&self) -> bool {
        Self::is_left(self)
    }
    fn stop(&self) {
        Self::stop(self);
    }
}

/// See the module's text.
#[derive(Default)]
pub(super) struct Slots(Mutex<Vec<Slot>>);

struct Slot {
    content: Cid,
    client: IpAddr,
    fetching: Box<dyn Fetching>,
    /// Verified bytes at two moments at least [`WINDOW`] ago and apart.
    before: (Instant, u64),
    between: (Instant, u64),
}

impl Slot {
    fn measure(&mut self, now: Instant) {
        if now - self.between.0 >= WINDOW {
            self.before = std::mem::replace(&mut self.between, (now, self.fetching.verified()));
        }
    }

    /// Bytes a second, once it has been watched for long enough.
    fn rate(&self, now: Instant) -> Option<u64> {
        let since = now - self.before.0;
        let bytes = self.fetching.verified().saturating_sub(self.before.1);
        (since >= WINDOW).then(|| bytes / since.as_secs().max(1))
    }
}

impl Slots {
    /// Whether `client` may have `content` fetched. `full`: there is no room unless another fetch is stopped.
    pub(super) fn admit(&self, content: &Cid, client: IpAddr, full: bool, now: Instant) -> bool {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|slot| !slot.fetching.is_over());
        slots.iter_mut().for_each(|slot| slot.measure(now));
        if slots.iter().any(|slot| slot.content == *content) {
            return true;
        }
        let mut clients: HashMap<IpAddr, usize> = HashMap::new();
        slots.iter().for_each(|slot| *clients.entry(slot.client).or_default() += 1);
        let greedy = !client.is_loopback() && clients.get(&client).is_some_and(|count| *count >= A_CLIENT);
        if !greedy && !full {
            return true;
        }
        let slow = slots.iter().enumerate().filter(|(_, slot)| !greedy || slot.client == client);
        let slow = slow.filter_map(|(at, slot)| Some((at, slot, slot.rate(now)?)));
        let slow = slow.filter(|(_, _, rate)| *rate < SLOWEST);
        let order = |slot: &Slot, rate| (!slot.fetching.is_left(), usize::MAX - clients[&slot.client], rate);
        let Some((at, ..)) = slow.min_by_key(|(_, slot, rate)| order(slot, *rate)) else { return false };
        slots.swap_remove(at).fetching.stop();
        true
    }

    /// It is being fetched now; by whom it was asked for first.
    pub(super) fn enter(
        &self,
        content: &Cid,
        client: IpAddr,
        fetching: impl Fetching + 'static,
        now: Instant,
    ) {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.iter().any(|slot| slot.content == *content && !slot.fetching.is_over()) {
            return;
        }
        let start = (now, fetching.verified());
        let fetching = Box::new(fetching);
        slots.push(Slot { content: *content, client, fetching, before: start, between: start });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::content::raw_cid;
    use std::sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    };

    #[derive(Clone, Default)]
    struct Fake(Arc<(AtomicU64, AtomicBool, AtomicBool)>);

    impl Fetching for Fake {
        fn verified(&self) -> u64 {
            self.0.0.load(Ordering::Relaxed)
        }
        fn is_over(&self) -> bool {
            self.0.1.load(Ordering::Relaxed)
        }
        fn is_left(&self) -> bool {
            self.0.2.load(Ordering::Relaxed)
        }
        fn stop(&self) {
            self.0.1.store(true, Ordering::Relaxed);
        }
    }

    fn cid(n: u8) -> Cid {
        raw_cid([n; 32])
    }

    fn client(n: u8) -> IpAddr {
        IpAddr::from([198, 51, 100, n])
    }

    fn filled(from: impl Fn(u8) -> IpAddr, start: Instant) -> (Slots, Vec<Fake>) {
        let (slots, fakes) = (Slots::default(), (0..32).map(|_| Fake::default()).collect::<Vec<_>>());
        for (n, fake) in (0..).zip(&fakes) {
            slots.enter(&cid(n), from(n), fake.clone(), start);
        }
        (slots, fakes)
    }

    #[test]
    fn what_only_drips_makes_room_and_what_plays_stays() {
        let start = Instant::now();
        let (slots, fakes) = filled(|n| client(n / 4), start);
        let mut now = start;
        assert!(!slots.admit(&cid(99), client(99), true, now), "too early to tell");
        for second in 1..=200u64 {
            now = start + Duration::from_secs(second);
            for (n, fake) in fakes.iter().enumerate() {
                // One in two plays, the others get a leaf's worth now and then, or nothing.
                fake.0.0.fetch_add(if n % 2 == 0 { 6000 } else { 100 }, Ordering::Relaxed);
            }
            slots.admit(&cid(0), client(0), false, now);
        }
        for n in 0..16 {
            assert!(slots.admit(&cid(100 + n), client(99), true, now), "{n}");
        }
        assert!(!slots.admit(&cid(200), client(99), true, now), "the others are heard");
        for (n, fake) in fakes.iter().enumerate() {
            assert_eq!(fake.is_over(), n % 2 == 1, "{n}");
        }
    }

    #[test]
    fn those_that_nobody_listens_to_go_first_then_those_of_the_greediest() {
        let start = Instant::now();
        let (slots, fakes) = filled(|n| client(if n < 6 { 1 } else { n }), start);
        fakes[20].0.2.store(true, Ordering::Relaxed);
        let now = start + WINDOW;
        assert!(slots.admit(&cid(99), client(99), true, now));
        assert!(fakes[20].is_over());
        assert!(slots.admit(&cid(99), client(99), true, now));
        assert_eq!(fakes[..6].iter().filter(|fake| fake.is_over()).count(), 1);
    }

    #[test]
    fn nobody_has_more_than_a_part_of_the_room_and_joining_costs_nothing() {
        let (start, slots) = (Instant::now(), Slots::default());
        for n in 0..A_CLIENT as u8 {
            assert!(slots.admit(&cid(n), client(1), false, start));
            slots.enter(&cid(n), client(1), Fake::default(), start);
        }
        assert!(!slots.admit(&cid(99), client(1), false, start));
        assert!(slots.admit(&cid(99), client(2), false, start));
        assert!(slots.admit(&cid(3), client(1), true, start), "it is being fetched already");
        // His own ones that drip make room for him.
        assert!(slots.admit(&cid(99), client(1), false, start + WINDOW));
    }
}
