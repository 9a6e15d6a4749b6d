//! The lookup itself.

use super::{
    Answer, Book, Config, Contact, Group, K, Region, Request, RequestId, Step, Summary, Target,
    config::limits::{
        CONTACTS_PER_ANSWER, CONTACTS_PER_SOURCE, GROUP_SHARE, IN_FLIGHT, LAYERS, PROVIDERS,
        PROVIDERS_AT_LEAST, PROVIDERS_PER_SOURCE,
    },
    entries::{Entries, Entry, Standing, budget, layer},
    probes::Probes,
};
use crate::{
    key::{DhtKey, Distance, Point, Prefix},
    rng::Rng,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

/// Nearest peers that have to have answered before the lookup has arrived at its target.
const ARRIVED: usize = 4;
/// The same for each further probe: they begin near their target.
const PROBED: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    Nearest,
    Providers,
    Region,
}

#[derive(Clone, Debug)]
struct Flight {
    id: RequestId,
    to: Distance,
    probe: usize,
    sent: Duration,
    slow: bool,
}

/// Whom a probe would ask next.
enum Window {
    Ask(Distance),
    Wait,
    Arrived,
}

/// One lookup. See the [module](super) for how to drive it.
#[derive(Clone, Debug)]
pub struct Lookup<P, A = ()> {
    goal: Goal,
    config: Config,
    region: Option<Region>,
    entries: Entries<P, A>,
    probes: Probes,
    flights: Vec<Flight>,
    groups: BTreeMap<Group, usize>,
    providers: BTreeSet<P>,
    out: VecDeque<Step<P, A>>,
    /// Decides in which order the members of a layer are asked; nobody else knows it.
    salt: Point,
    turn: usize,
    own: Option<Point>,
    next_id: u64,
    started: Option<Duration>,
    polled: Duration,
    arrived: bool,
    exhausted: bool,
    done: bool,
    summary: Summary,
}

impl<P: Ord + Clone, A: Clone> Lookup<P, A> {
    /// The [`K`] peers nearest to a target: to fill a routing table, to find a peer's addresses, to take a sample for
    /// the [`Density`](super::Density).
    #[must_use]
    pub fn nearest(target: Target, config: Config, seed: u64) -> Self {
        Self::new(Goal::Nearest, target, None, config, seed)
    }

    /// Who has records under a key. Without a region (when the density is not known yet) it takes for one what the
    /// nearest peers make it look like.
    #[must_use]
    pub fn providers(key: DhtKey, region: Option<Region>, config: Config, seed: u64) -> Self {
        Self::new(Goal::Providers, key.into(), region, config, seed)
    }

    /// All peers of a region, to announce to. It ends with a larger region when this one turns out to hold fewer than
    /// [`K`], so that the twenty peers nearest to any key of the region are always among them.
    #[must_use]
    pub fn region(region: Region, config: Config, seed: u64) -> Self {
        let target = DhtKey::within(region.prefix, seed).into();
        Self::new(Goal::Region, target, Some(region), config, seed)
    }

    fn new(goal: Goal, target: Target, region: Option<Region>, config: Config, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let salt = DhtKey::random(rng.next()).point();
        let part = region.map_or(Prefix::ALL, |region| region.prefix);
        Self {
            goal,
            config,
            region,
            entries: Entries::new(target.point()),
            probes: Probes::new(target, part, rng.next()),
            flights: Vec::new(),
            groups: BTreeMap::new(),
            providers: BTreeSet::new(),
            out: VecDeque::new(),
            salt,
            turn: 0,
            own: None,
            next_id: 0,
            started: None,
            polled: Duration::ZERO,
            arrived: false,
            exhausted: false,
            done: false,
            summary: Summary::default(),
        }
    }

    /// What it is about.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.probes.main().target
    }

    /// Never asks the peer that lies there: the node itself.
    pub fn exclude(&mut self, own: Point) {
        self.own = Some(own);
    }

    /// Contacts to begin with: the nearest of the routing table, or the bootstrap peers. Those that failed lately are
    /// passed over unless there would be nobody left.
    pub fn add(&mut self, contacts: impl IntoIterator<Item = Contact<P, A>>, book: &Book<P>, now: Duration) {
        let own = self.own;
        let (out, good): (Vec<_>, Vec<_>) = contacts
            .into_iter()
            .filter(|c| Some(c.point) != own)
            .partition(|contact| book.is_out(&contact.peer, now));
        let last_resort = good.is_empty() && self.entries.len() == 0;
        for contact in if last_resort { out } else { good } {
            self.entries.add(contact, self.region.as_ref());
        }
    }

    /// What is known of the peer that lies there: its addresses, when that is what was looked for.
    #[must_use]
    pub fn contact(&self, point: &Point) -> Option<&Contact<P, A>> {
        self.entries.get(&self.target().point().distance(point)).map(|entry| &entry.contact)
    }

    /// The next thing to do; `None` when it waits for answers or until [`Lookup::wake`], and after the end.
    pub fn poll(&mut self, now: Duration, book: &mut Book<P>) -> Option<Step<P, A>> {
        loop {
            if let Some(step) = self.out.pop_front() {
                return Some(step);
            }
            if self.done {
                return None;
            }
            let started = *self.started.get_or_insert(now);
            self.polled = now;
            self.expire(now, book);
            if now.saturating_sub(started) >= self.config.deadline {
                self.exhausted = true;
                self.finish(now);
                continue;
            }
            if let Some((to, probe)) = self.choose() {
                return self.ask(to, probe, now).map(Step::Ask);
            }
            let waits = |f: &Flight| !f.slow || now.saturating_sub(f.sent) < self.config.patience;
            if self.flights.iter().any(waits) {
                return None;
            }
            if !self.widen() {
                self.finish(now);
            }
        }
    }

    /// When to poll again although nothing has come; `None` after the end.
    #[must_use]
    pub fn wake(&self, book: &Book<P>) -> Option<Duration> {
        if self.done {
            return None;
        }
        let (started, polled) = (self.started?, self.polled);
        let hedge = book.hedge_after();
        let times =
            |f: &Flight| [hedge, self.config.patience, self.config.timeout].map(|after| f.sent + after);
        let flights = self.flights.iter().flat_map(times);
        flights.chain([started + self.config.deadline]).filter(|time| *time > polled).min()
    }

    /// What a peer answered. An answer to a request that was given up changes nothing.
    pub fn answered(&mut self, id: RequestId, answer: Answer<P, A>, now: Duration, book: &mut Book<P>) {
        let Some(flight) = self.land(id) else { return };
        self.summary.answered += 1;
        let Some(entry) = self.entries.get_mut(&flight.to) else { return };
        entry.standing = Standing::Good;
        entry.answered |= 1 << flight.probe;
        let from = entry.contact.clone();
        let (mut brought, mut named) = (entry.brought, entry.named);
        book.answered(&from.peer, now.saturating_sub(flight.sent));

        for provider in answer.providers {
            let full = self.providers.len() >= PROVIDERS && named >= PROVIDERS_AT_LEAST;
            if full || named == PROVIDERS_PER_SOURCE {
                break;
            }
            named += 1;
            if self.providers.insert(provider.peer.clone()) {
                self.out.push_back(Step::Provider { provider, named_by: from.peer.clone() });
            }
        }
        let Some(asked) = self.probes.get(flight.probe).map(|probe| probe.target.point()) else { return };
        for contact in nearest_of(answer.closer, &asked) {
            if brought == CONTACTS_PER_SOURCE {
                break;
            }
            if Some(contact.point) == self.own || book.is_out(&contact.peer, now) {
                continue;
            }
            brought += usize::from(self.entries.add(contact, self.region.as_ref()));
        }
        if let Some(entry) = self.entries.get_mut(&flight.to) {
            (entry.brought, entry.named) = (brought, named);
        }
        self.offer_member(&flight.to);
    }

    /// The peer could not be reached, or did not answer in time or sense.
    pub fn failed(&mut self, id: RequestId, now: Duration, book: &mut Book<P>) {
        let Some(flight) = self.land(id) else { return };
        self.summary.failed += 1;
        if let Some(entry) = self.entries.get_mut(&flight.to) {
            entry.standing = Standing::Failed;
            book.failed(&entry.contact.peer, now);
        }
    }

    /// Contacts and requests it holds: within bounds that [`limits`](super::limits) and [`Config`] set.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        (self.entries.len(), self.flights.len())
    }

    fn land(&mut self, id: RequestId) -> Option<Flight> {
        let at = self.flights.iter().position(|f| f.id == id)?;
        let flight = self.flights.swap_remove(at);
        let slow = self.flights.iter().any(|f| f.to == flight.to && f.slow);
        if let Some(entry) = self.entries.get_mut(&flight.to) {
            entry.slow = slow;
        }
        Some(flight)
    }

    fn expire(&mut self, now: Duration, book: &mut Book<P>) {
        let hedge = book.hedge_after();
        for flight in &mut self.flights {
            if !flight.slow && now.saturating_sub(flight.sent) >= hedge {
                flight.slow = true;
                if let Some(entry) = self.entries.get_mut(&flight.to) {
                    entry.slow = true;
                }
            }
        }
        let late = |f: &&Flight| now.saturating_sub(f.sent) >= self.config.timeout;
        let late: Vec<RequestId> = self.flights.iter().filter(late).map(|f| f.id).collect();
        for id in late {
            self.failed(id, now, book);
        }
    }

    fn ask(&mut self, to: Distance, probe: usize, now: Duration) -> Option<Request<P, A>> {
        let entry = self.entries.get_mut(&to)?;
        if entry.asked == 0
            && let Some(group) = entry.contact.group
        {
            *self.groups.entry(group).or_default() += 1;
        }
        entry.asked |= 1 << probe;
        let id = RequestId(self.next_id);
        self.next_id += 1;
        self.summary.asked += 1;
        self.flights.push(Flight { id, to, probe, sent: now, slow: false });
        let rpc = self.probes.rpc(probe, self.goal == Goal::Providers);
        Some(Request { id, to: entry.contact.clone(), rpc })
    }

    /// Whom to ask about what.
    fn choose(&mut self) -> Option<(Distance, usize)> {
        if self.flights.len() >= IN_FLIGHT {
            return None;
        }
        if self.summary.asked >= self.config.requests {
            self.exhausted = true;
            return None;
        }
        self.settle();
        let fast = self.flights.iter().filter(|f| !f.slow).count();
        if fast >= if self.arrived { self.config.wide } else { self.config.alpha } {
            return None;
        }
        for (n, probe) in self.probes.iter() {
            if !probe.done
                && let Window::Ask(to) = self.window(n, &probe.target.point())
            {
                return Some((to, n));
            }
        }
        (self.goal == Goal::Providers && self.arrived)
            .then(|| self.choose_member())
            .flatten()
            .map(|to| (to, 0))
    }

    /// Ends probes that have arrived; that may begin others.
    fn settle(&mut self) {
        let mut n = 0;
        while let Some(probe) = self.probes.get(n) {
            let arrived = !probe.done && matches!(self.window(n, &probe.target.point()), Window::Arrived);
            if arrived && self.goal == Goal::Nearest {
                self.probes.finish(n);
            } else if arrived {
                self.arrived = true;
                let region = self.region.unwrap_or_else(|| self.seen_region());
                self.region = Some(region);
                self.probes.converged(n, &self.entries, &region);
            }
            n += 1;
        }
    }

    /// What the nearest contacts make the region look like while the density is unknown.
    fn seen_region(&mut self) -> Region {
        let target = self.target().point();
        let mut usable = self.entries.iter().filter(|e| e.standing != Standing::Failed);
        let shared = usable.nth(K - 1).map_or(0, |e| e.distance.leading_zeros());
        let prefix = target.prefix(shared.min(200) as u8);
        self.probes.set_part(prefix);
        Region { prefix, expected: K as f64 }
    }

    fn window(&self, n: usize, target: &Point) -> Window {
        let width = match (self.goal, n) {
            (Goal::Nearest, _) => K,
            (_, 0) => ARRIVED,
            _ => PROBED,
        };
        let bit = 1 << n;
        // A slow one is neither waited for nor counted.
        let can = |e: &Entry<P, A>| {
            e.standing != Standing::Failed && !(e.slow && e.answered & bit == 0 && e.asked & bit != 0)
        };
        let mut window = self.entries.nearest(target, width, |e| can(e) && !self.parked(e));
        if window.len() < width {
            window = self.entries.nearest(target, width, can);
        }
        if let Some(next) = window.iter().find(|e| e.asked & bit == 0) {
            return Window::Ask(next.distance);
        }
        let all = window.iter().all(|e| e.answered & bit != 0);
        let waiting = self.flights.iter().any(|f| f.probe == n && !f.slow);
        if all && (!window.is_empty() || !waiting) { Window::Arrived } else { Window::Wait }
    }

    /// Whether others come first, since its group has had its share.
    fn parked(&self, entry: &Entry<P, A>) -> bool {
        let share = |group| self.groups.get(&group).is_some_and(|asked| *asked >= GROUP_SHARE);
        entry.asked == 0 && entry.contact.group.is_some_and(share)
    }

    /// The next peer to ask for providers: each layer in its turn; then as many nearest as it takes to have [`K`].
    fn choose_member(&mut self) -> Option<Distance> {
        let region = self.region?;
        for _ in 0..LAYERS {
            let now = self.turn % LAYERS;
            self.turn += 1;
            let members = || self.entries.iter().filter(|e| layer(&e.distance, Some(&region)) == Some(now));
            if members().filter(|e| e.asked & 1 != 0).count() >= budget(now, &region) {
                continue;
            }
            let open = members().filter(|e| e.asked & 1 == 0 && e.standing != Standing::Failed);
            let next = open.min_by_key(|e| (self.parked(e), e.contact.point.distance(&self.salt)));
            if let Some(next) = next {
                return Some(next.distance);
            }
        }
        let usable = |e: &&Entry<P, A>| e.standing != Standing::Failed;
        let counted = self.entries.iter().filter(usable).filter(|e| e.asked & 1 != 0 && !e.slow).count();
        let outside = |e: &&Entry<P, A>| e.asked & 1 == 0 && layer(&e.distance, Some(&region)).is_none();
        let next = self.entries.iter().filter(usable).find(outside);
        next.filter(|_| counted < K).map(|e| e.distance)
    }

    /// Doubles a region to announce to when it holds too few. Says whether there is more to do.
    fn widen(&mut self) -> bool {
        let Some(region) = self.region.filter(|_| self.goal == Goal::Region && !self.exhausted) else {
            return false;
        };
        let there =
            |e: &&Entry<P, A>| e.standing != Standing::Failed && region.prefix.contains(&e.contact.point);
        if self.entries.iter().filter(there).count() >= K {
            return false;
        }
        let Some(sibling) = region.prefix.sibling() else { return false };
        let prefix = region.prefix.shortened(region.prefix.length() - 1);
        // Fewer than were expected are here, so no more are expected there.
        self.region = Some(Region { prefix, expected: region.expected });
        self.probes.add(sibling);
        !self.probes.all_done()
    }

    fn offer_member(&mut self, at: &Distance) {
        let Some(region) = self.region.filter(|_| self.goal == Goal::Region) else { return };
        let Some(entry) = self.entries.get_mut(at) else { return };
        if !entry.given && region.prefix.contains(&entry.contact.point) {
            entry.given = true;
            self.summary.members += 1;
            self.out.push_back(Step::Member(entry.contact.clone()));
        }
    }

    fn finish(&mut self, now: Duration) {
        self.done = true;
        if self.goal == Goal::Region {
            self.offer_the_rest();
        }
        let good = self.entries.iter().filter(|e| e.standing == Standing::Good);
        self.summary.nearest = good.take(K).map(|e| e.distance).collect();
        self.summary.region = self.region.map(|region| region.prefix);
        self.summary.providers = self.providers.len();
        self.summary.complete = !self.exhausted && self.summary.answered > 0;
        self.summary.took = now.saturating_sub(self.started.unwrap_or(now));
        self.flights.clear();
        self.out.push_back(Step::Done(self.summary.clone()));
    }

    /// Members that nobody has asked: those that most others name first, as many as a layer's budget allows.
    fn offer_the_rest(&mut self) {
        let Some(region) = self.region else { return };
        let mut taken = [0; LAYERS];
        let mut rest = Vec::new();
        for entry in self.entries.iter() {
            let Some(layer) = layer(&entry.distance, Some(&region)) else { continue };
            match entry.standing {
                Standing::Good => taken[layer] += 1,
                Standing::Fresh => rest.push((std::cmp::Reverse(entry.known_by), entry.distance, layer)),
                Standing::Failed => {}
            }
        }
        rest.sort_unstable();
        let mut chosen: BTreeSet<Distance> =
            self.entries.iter().filter(|e| e.standing == Standing::Good).map(|e| e.distance).collect();
        for (_, distance, layer) in rest {
            if taken[layer] < budget(layer, &region) {
                taken[layer] += 1;
                chosen.insert(distance);
            }
        }
        for entry in self.entries.iter_mut() {
            let inside = region.prefix.contains(&entry.contact.point);
            if inside && !entry.given && chosen.contains(&entry.distance) {
                entry.given = true;
                self.summary.members += 1;
                self.out.push_back(Step::Member(entry.contact.clone()));
            }
        }
    }
}

/// The contacts of an answer that count: those nearest to what was asked.
fn nearest_of<P, A>(mut contacts: Vec<Contact<P, A>>, target: &Point) -> Vec<Contact<P, A>> {
    contacts.sort_by_key(|c| c.point.distance(target));
    contacts.dedup_by_key(|c| c.point);
    contacts.truncate(CONTACTS_PER_ANSWER);
    contacts
}
