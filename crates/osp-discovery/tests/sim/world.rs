//! The clock, the network, and the lookups under way.

use crate::node::{Id, Manner, Node, Peer};
use osp_discovery::{
    DhtKey, Point,
    lookup::{Answer, Config, Contact, Group, K, Lookup, Region, RequestId, Rpc, Step, Summary, Target},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    rc::Rc,
    time::Duration,
};

const ONE_WAY: Duration = Duration::from_millis(25);
/// What a lost packet costs: it is sent again.
const RESEND: Duration = Duration::from_millis(200);

pub struct Dice(u64);
impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = self.0 ^ (self.0 >> 33);
        x.wrapping_mul(0xff51_afd7_ed55_8ccd) >> 16
    }
    pub fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound as u64) as usize
    }
    pub fn chance(&mut self, of: f64) -> bool {
        (self.roll() % 1_000_000) < (of * 1e6) as u64
    }
}

pub type RunId = usize;

/// A lookup under way, and what came of it.
pub struct Run {
    pub node: Id,
    lookup: Option<Lookup<Id>>,
    pub started: Duration,
    pub providers: BTreeMap<Id, Duration>,
    pub members: Vec<Id>,
    /// Given to each member as it comes.
    announce: Option<Rc<[DhtKey]>>,
    pub announced: usize,
    pub summary: Option<Summary>,
    pub most_contacts: usize,
    wake: Option<Duration>,
}

enum Event {
    Request { run: RunId, id: RequestId, to: Id, rpc: Rpc },
    Answer { run: RunId, id: RequestId, from: Id, answer: Answer<Id, ()> },
    Provide { run: RunId, to: Id },
    Wake(RunId),
}

pub struct World {
    pub now: Duration,
    pub dice: Dice,
    pub nodes: Vec<Node>,
    pub runs: Vec<Run>,
    pub loss: f64,
    pub config: Config,
    queue: BinaryHeap<Reverse<(Duration, u64)>>,
    events: BTreeMap<u64, Event>,
    next: u64,
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            now: Duration::ZERO,
            dice: Dice(seed ^ 0x5851_f42d_4c95_7f2d),
            nodes: Vec::new(),
            runs: Vec::new(),
            loss: 0.0,
            config: Config::default(),
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            next: 0,
        }
    }

    /// A network whose nodes joined one after the other, and know their density.
    pub fn with_nodes(count: usize, seed: u64) -> Self {
        let mut world = Self::new(seed);
        for _ in 0..count {
            world.join();
        }
        world.everybody_refreshes();
        world
    }

    fn at(&mut self, time: Duration, event: Event) {
        self.queue.push(Reverse((time, self.next)));
        self.events.insert(self.next, event);
        self.next += 1;
    }

    pub fn contact(&self, id: Id) -> Peer {
        let node = &self.nodes[id as usize];
        Contact { peer: id, point: node.point, group: node.group, addresses: () }
    }

    pub fn add(&mut self, point: Point, manner: Manner, group: Option<Group>) -> Id {
        self.nodes.push(Node::new(point, manner, group));
        self.nodes.len() as Id - 1
    }

    /// A new honest node that knows one other.
    pub fn join(&mut self) -> Id {
        let number = self.nodes.len() as Id;
        let id = self.add(Point::of_peer(&number.to_be_bytes()), Manner::Honest, Some(Group(number.into())));
        if let Some(friend) = self.somebody_but(id) {
            let point = self.nodes[friend as usize].point;
            self.nodes[id as usize].met(friend, &point);
            self.refresh(id);
            self.run();
        }
        id
    }

    fn somebody_but(&mut self, id: Id) -> Option<Id> {
        let others: Vec<Id> = self.alive().into_iter().filter(|other| *other != id).collect();
        (!others.is_empty()).then(|| others[self.dice.below(others.len())])
    }

    pub fn alive(&self) -> Vec<Id> {
        let honest = |n: &Node| n.alive && matches!(n.manner, Manner::Honest);
        (0..self.nodes.len() as Id).filter(|id| honest(&self.nodes[*id as usize])).collect()
    }

    pub fn anybody(&mut self) -> Id {
        let alive = self.alive();
        alive[self.dice.below(alive.len())]
    }

    /// Looks at its own place, and into each bucket, as every node does now and then.
    pub fn refresh(&mut self, id: Id) {
        self.nearest(id, Target::peer(&id.to_be_bytes()));
        self.run();
        let node = &self.nodes[id as usize];
        let parts: Vec<_> =
            (1..=node.depth().min(20) as u8).filter_map(|n| node.point.prefix(n).sibling()).collect();
        for part in parts {
            let seed = self.dice.roll();
            self.nearest(id, DhtKey::within(part, seed).into());
        }
    }

    pub fn everybody_refreshes(&mut self) {
        for id in self.alive() {
            self.nearest(id, Target::peer(&id.to_be_bytes()));
            self.look_around(id);
        }
        self.run();
        self.runs.clear();
        self.hang_up();
    }

    /// Takes samples of the density.
    pub fn look_around(&mut self, id: Id) {
        for _ in 0..5 {
            let key = DhtKey::random(self.dice.roll());
            let run = self.nearest(id, key.into());
            self.run();
            let nearest = self.runs[run].summary.take().unwrap().nearest;
            self.nodes[id as usize].density.sample(&nearest, self.now);
        }
    }

    /// All connections have been idle and are closed.
    pub fn hang_up(&mut self) {
        self.nodes.iter_mut().for_each(|node| node.connected.clear());
    }

    pub fn region(&self, id: Id, point: &Point) -> Region {
        self.nodes[id as usize].density.region(point, self.now).unwrap()
    }

    pub fn nearest(&mut self, id: Id, target: Target) -> RunId {
        let seed = self.dice.roll();
        self.start(id, Lookup::nearest(target, self.config, seed), None)
    }

    pub fn search(&mut self, id: Id, key: DhtKey) -> RunId {
        let region = self.region(id, &key.point());
        self.search_in(id, key, Some(region))
    }

    pub fn search_in(&mut self, id: Id, key: DhtKey, region: Option<Region>) -> RunId {
        let seed = self.dice.roll();
        let run = self.start(id, Lookup::providers(key, region, self.config, seed), None);
        let own = self.nodes[id as usize].providers(key.as_bytes());
        self.runs[run].providers.extend(own.into_iter().map(|who| (who, Duration::ZERO)));
        run
    }

    pub fn announce(&mut self, id: Id, keys: &[DhtKey], region: Region) -> RunId {
        let seed = self.dice.roll();
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        let keys: Rc<[DhtKey]> = keys.into();
        self.nodes[id as usize].store.push((keys.clone(), id));
        self.start(id, Lookup::region(region, self.config, seed), Some(keys))
    }

    pub fn announce_one(&mut self, id: Id, key: DhtKey) -> RunId {
        let region = self.region(id, &key.point());
        self.announce(id, &[key], region)
    }

    pub fn start(&mut self, id: Id, mut lookup: Lookup<Id>, announce: Option<Rc<[DhtKey]>>) -> RunId {
        let target = lookup.target().point();
        let node = &self.nodes[id as usize];
        lookup.exclude(node.point);
        let near = self.near(id, &target, K);
        lookup.add(near, &node.book, self.now);
        self.runs.push(Run {
            node: id,
            lookup: Some(lookup),
            started: self.now,
            providers: BTreeMap::new(),
            members: Vec::new(),
            announce,
            announced: 0,
            summary: None,
            most_contacts: 0,
            wake: None,
        });
        let run = self.runs.len() - 1;
        self.drive(run);
        run
    }

    fn near(&self, id: Id, target: &Point, count: usize) -> Vec<Peer> {
        let at = |peer: Id| self.nodes[peer as usize].point.distance(target);
        let mut known: Vec<_> = self.nodes[id as usize].known().map(|peer| (at(peer), peer)).collect();
        if known.len() > count {
            known.select_nth_unstable(count);
            known.truncate(count);
        }
        known.sort_unstable();
        known.into_iter().map(|(_, peer)| self.contact(peer)).collect()
    }

    /// How long a message takes; the first to a peer waits for the handshake.
    fn travel(&mut self, from: Id, to: Id) -> Duration {
        let mut time = ONE_WAY;
        if self.nodes[from as usize].connected.insert(to) {
            self.nodes[to as usize].connected.insert(from);
            time += 2 * ONE_WAY;
        }
        while self.dice.chance(self.loss) {
            time += RESEND;
        }
        time
    }

    fn drive(&mut self, run: RunId) {
        let me = self.runs[run].node;
        if !self.nodes[me as usize].alive {
            self.runs[run].lookup = None;
            return;
        }
        while let Some(lookup) = &mut self.runs[run].lookup {
            let book = &mut self.nodes[me as usize].book;
            let Some(step) = lookup.poll(self.now, book) else { break };
            let (contacts, flights) = lookup.load();
            assert!(flights <= 32);
            let this = &mut self.runs[run];
            this.most_contacts = this.most_contacts.max(contacts);
            match step {
                Step::Ask(request) => {
                    let to = request.to.peer;
                    let exists = self.nodes.get(to as usize).is_some_and(|n| n.alive);
                    self.nodes[me as usize].requests += 1;
                    if exists {
                        let time = self.now + self.travel(me, to);
                        self.at(time, Event::Request { run, id: request.id, to, rpc: request.rpc });
                    }
                }
                Step::Provider { provider, .. } => {
                    let after = self.now - this.started;
                    this.providers.entry(provider.peer).or_insert(after);
                }
                Step::Member(member) => {
                    this.members.push(member.peer);
                    let to = member.peer;
                    if this.announce.is_some() && self.nodes.get(to as usize).is_some_and(|n| n.alive) {
                        let time = self.now + self.travel(me, to);
                        self.at(time, Event::Provide { run, to });
                    }
                }
                Step::Done(summary) => {
                    this.summary = Some(summary);
                    this.lookup = None;
                }
            }
        }
        let this = &mut self.runs[run];
        let wake = this.lookup.as_ref().and_then(|lookup| lookup.wake(&self.nodes[me as usize].book));
        if let Some(wake) = wake
            && this.wake.is_none_or(|set| set <= self.now || wake < set)
        {
            let wake = wake.max(self.now + Duration::from_millis(1));
            this.wake = Some(wake);
            self.at(wake, Event::Wake(run));
        }
    }

    /// Until nothing is under way.
    pub fn run(&mut self) {
        self.run_until(Duration::MAX);
    }

    pub fn run_until(&mut self, end: Duration) {
        while let Some(Reverse((time, number))) = self.queue.peek().copied() {
            if time > end {
                self.now = end;
                return;
            }
            self.queue.pop();
            let event = self.events.remove(&number).unwrap();
            // Wakes of what is over do not move the clock.
            if let Event::Wake(run) = event
                && self.runs.get(run).is_none_or(|r| r.lookup.is_none())
            {
                continue;
            }
            self.now = time;
            self.step(event);
        }
        if end != Duration::MAX {
            self.now = end;
        }
    }

    fn step(&mut self, event: Event) {
        match event {
            Event::Request { run, id, to, rpc } => {
                let from = self.runs[run].node;
                if !self.nodes[to as usize].alive {
                    return;
                }
                let answer = self.answer(to, from, &rpc);
                let time = self.now + self.travel(to, from);
                self.at(time, Event::Answer { run, id, from: to, answer });
            }
            Event::Answer { run, id, from, answer } => {
                let me = self.runs[run].node as usize;
                let point = self.nodes[from as usize].point;
                self.nodes[me].met(from, &point);
                if let Some(lookup) = &mut self.runs[run].lookup {
                    lookup.answered(id, answer, self.now, &mut self.nodes[me].book);
                }
                self.drive(run);
            }
            Event::Provide { run, to } => {
                let (from, keys) = (self.runs[run].node, self.runs[run].announce.clone().unwrap());
                let node = &mut self.nodes[to as usize];
                if node.alive && matches!(node.manner, Manner::Honest) {
                    node.store.push((keys, from));
                }
                self.runs[run].announced += 1;
            }
            Event::Wake(run) => {
                self.drive(run);
                self.forget_dead(run);
            }
        }
    }

    /// Takes from the table whom the lookups found dead.
    fn forget_dead(&mut self, run: RunId) {
        let me = self.runs[run].node as usize;
        let dead: Vec<Id> =
            self.nodes[me].known().filter(|peer| self.nodes[me].book.is_out(peer, self.now)).collect();
        for peer in dead {
            let point = self.nodes[peer as usize].point;
            self.nodes[me].missed(peer, &point);
        }
    }

    fn answer(&mut self, me: Id, from: Id, rpc: &Rpc) -> Answer<Id, ()> {
        let (target, providers) = match rpc {
            Rpc::FindNode(target) => (target, false),
            Rpc::GetProviders(target) => (target, true),
        };
        let closer = match self.nodes[me as usize].manner.clone() {
            Manner::Honest => {
                let point = self.nodes[from as usize].point;
                self.nodes[me as usize].met(from, &point);
                let mut near = self.near(me, &target.point(), K + 1);
                near.retain(|c| c.peer != from);
                near.truncate(K);
                near
            }
            Manner::Crowd(crowd) => crowd.to_vec(),
            Manner::Inventor(count) => self.invent(count, &target.point(), me),
        };
        let named = if providers { self.nodes[me as usize].providers(target.key()) } else { BTreeSet::new() };
        let providers = named.into_iter().map(|id| self.contact(id)).collect();
        Answer { closer, providers }
    }

    fn invent(&mut self, count: usize, near: &Point, by: Id) -> Vec<Peer> {
        let group = self.nodes[by as usize].group;
        let mut made_up = Vec::new();
        for _ in 0..count {
            let mut bytes = *near.as_bytes();
            let dice = self.dice.roll();
            bytes[3..9].copy_from_slice(&dice.to_be_bytes()[2..]);
            let peer = 1_000_000 + (dice % 1_000_000_000) as Id;
            made_up.push(Contact { peer, point: Point::from_bytes(bytes), group, addresses: () });
        }
        made_up
    }

    /// Some of the honest nodes die without a word.
    pub fn kill(&mut self, share: f64) {
        let mut alive = self.alive();
        let count = (alive.len() as f64 * share) as usize;
        for _ in 0..count {
            let victim = alive.swap_remove(self.dice.below(alive.len()));
            self.nodes[victim as usize].alive = false;
        }
    }
}
