//! The clock, the network and everybody on it.

use crate::{
    actor::{Node, Script},
    net::{Dice, Line, Port, pace, travel},
};
use bytes::Bytes;
use osp_swarm::{
    ConnId, Event, FetchFault, FetchId, Outgoing, PeerInfo, PeerKind, Time, Verdict, WebSeed, WebSeedId,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    net::SocketAddr,
    ops::Range,
    time::Duration,
};

/// Bytes of one connection that may wait for the sender's line.
const SEND_BUFFER: usize = 64 * 1024;
/// Bytes of a mirror's answer that travel together.
const MIRROR_CHUNK: u64 = 32 * 1024;
/// How long a driver takes to check a piece.
const CHECKING: Duration = Duration::from_millis(2);
/// How often players look at the clock.
const PLAYER_STEP: Duration = Duration::from_millis(100);

pub type Id = usize;

pub(super) enum Actor {
    Node(Box<Node>),
    Script(Box<dyn Script>),
}

pub(super) struct Host {
    pub(super) actor: Actor,
    port: Port,
    alive: bool,
    address: SocketAddr,
    wake: Option<Time>,
}

struct Conn {
    ends: [Id; 2],
    open: bool,
    /// Bytes waiting for the line of each end, and when the last of them arrives at the other.
    waiting: [usize; 2],
    last: [Time; 2],
    /// When congestion control lets the next bytes go.
    paced: [Time; 2],
}

/// What a mirror does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Honest,
    /// Every byte is wrong.
    Lies,
    /// Answers with nothing, for ever.
    Stalls,
}

pub(super) struct Mirror {
    port: Port,
    alive: bool,
    pub(super) manner: Manner,
    served: u64,
}

enum Step {
    Land { id: Id, bytes: usize, then: Box<Step> },
    Arrive { conn: usize, to: usize, bytes: Bytes },
    Room { conn: usize, end: usize, bytes: usize },
    Wake(Id),
    Tick(Id),
    Checked { node: Id, piece: osp_swarm::PieceIndex },
    Play(Id),
    Chunk { node: Id, mirror: u32, fetch: u64, left: Range<u64> },
    Do(Box<dyn FnOnce(&mut World)>),
}

pub struct World {
    pub now: Time,
    pub dice: Dice,
    pub(super) hosts: Vec<Host>,
    conns: Vec<Conn>,
    pub(super) mirrors: Vec<Mirror>,
    queue: BinaryHeap<Reverse<(Time, u64)>>,
    steps: BTreeMap<u64, Step>,
    next: u64,
    pub most_unverified: usize,
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            now: Time::ZERO,
            dice: Dice::new(seed),
            hosts: Vec::new(),
            conns: Vec::new(),
            mirrors: Vec::new(),
            queue: BinaryHeap::new(),
            steps: BTreeMap::new(),
            next: 0,
            most_unverified: 0,
        }
    }

    fn at(&mut self, time: Time, step: Step) {
        self.queue.push(Reverse((time, self.next)));
        self.steps.insert(self.next, step);
        self.next += 1;
    }

    /// Does something later.
    pub fn later(&mut self, after: Duration, what: impl FnOnce(&mut World) + 'static) {
        self.at(self.now + after, Step::Do(Box::new(what)));
    }

    pub fn node(&self, id: Id) -> &Node {
        match &self.hosts[id].actor {
            Actor::Node(node) => node,
            Actor::Script(_) => panic!("{id} is a script"),
        }
    }

    pub fn node_mut(&mut self, id: Id) -> &mut Node {
        match &mut self.hosts[id].actor {
            Actor::Node(node) => node,
            Actor::Script(_) => panic!("{id} is a script"),
        }
    }

    fn add_host(&mut self, actor: Actor, line: Line) -> Id {
        let id = self.hosts.len();
        let address = SocketAddr::from(([10, 0, (id >> 8) as u8, id as u8], 6881));
        self.hosts.push(Host { actor, port: Port::new(line), alive: true, address, wake: None });
        id
    }

    pub fn add_node(&mut self, node: Node, line: Line) -> Id {
        let plays = node.player.is_some();
        let id = self.add_host(Actor::Node(Box::new(node)), line);
        if plays {
            self.play(id);
            self.at(self.now + PLAYER_STEP, Step::Play(id));
        }
        id
    }

    pub fn add_script(&mut self, script: impl Script + 'static, line: Line) -> Id {
        let every = script.every();
        let id = self.add_host(Actor::Script(Box::new(script)), line);
        if let Some(every) = every {
            self.at(self.now + every, Step::Tick(id));
        }
        id
    }

    pub fn add_mirror(&mut self, line: Line, manner: Manner) -> u32 {
        self.mirrors.push(Mirror { port: Port::new(line), alive: true, manner, served: 0 });
        self.mirrors.len() as u32 - 1
    }

    /// Tells a node of a mirror.
    pub fn use_mirror(&mut self, id: Id, mirror: u32) {
        let now = self.now;
        let geometry = self.node(id).track.geometry;
        let engine = &mut self.node_mut(id).engine;
        engine.set_geometry(geometry, now);
        engine.add_web_seed(WebSeedId(mirror), WebSeed { align: 1, parallel: 2, free: false }, now);
        self.drive(id);
    }

    pub fn served(&self, mirror: u32) -> u64 {
        self.mirrors[mirror as usize].served
    }

    pub fn kill_mirror(&mut self, mirror: u32) {
        self.mirrors[mirror as usize].alive = false;
    }

    /// Vanishes without a word: others notice by its silence, or after a while by a reset.
    pub fn kill(&mut self, id: Id, noticed_after: Duration) {
        self.hosts[id].alive = false;
        let dead: Vec<usize> = (0..self.conns.len())
            .filter(|c| self.conns[*c].open && self.conns[*c].ends.contains(&id))
            .collect();
        self.later(noticed_after, move |world| {
            for conn in dead {
                world.close(conn);
            }
        });
    }

    /// How many take part.
    pub fn count(&self) -> usize {
        self.hosts.len()
    }

    /// `a` calls `b`. Gives the connection, or `None` when either refused.
    pub fn connect(&mut self, a: Id, b: Id) -> Option<ConnId> {
        if !self.hosts[a].alive || !self.hosts[b].alive {
            return None;
        }
        let conn = self.conns.len();
        let name = ConnId(conn as u64);
        let now = self.now;
        self.conns.push(Conn { ends: [a, b], open: true, waiting: [0; 2], last: [now; 2], paced: [now; 2] });
        for (me, other, outgoing) in [(a, b, true), (b, a, false)] {
            let address = Some(self.hosts[other].address);
            if let Actor::Node(node) = &mut self.hosts[me].actor
                && node
                    .engine
                    .add_peer(name, PeerInfo { kind: PeerKind::Tcp, outgoing, address }, None, now)
                    .is_err()
            {
                self.close(conn);
                return None;
            }
        }
        for end in [a, b] {
            match &mut self.hosts[end].actor {
                Actor::Node(_) => self.drive(end),
                Actor::Script(script) => {
                    let said = script.react(&[]);
                    self.transmit(conn, usize::from(end == b), said.into());
                }
            }
        }
        Some(name)
    }

    /// Who is at the other end.
    pub fn other(&self, conn: ConnId, me: Id) -> Id {
        let ends = self.conns[conn.0 as usize].ends;
        if ends[0] == me { ends[1] } else { ends[0] }
    }

    fn close(&mut self, conn: usize) {
        if !std::mem::replace(&mut self.conns[conn].open, false) {
            return;
        }
        let now = self.now;
        for end in self.conns[conn].ends {
            if let Actor::Node(node) = &mut self.hosts[end].actor {
                node.engine.closed(ConnId(conn as u64), now);
                if self.hosts[end].alive {
                    self.drive(end);
                }
            }
        }
    }

    fn transmit(&mut self, conn: usize, end: usize, bytes: Bytes) {
        if bytes.is_empty() || !self.conns[conn].open {
            return;
        }
        let (from, to) = (self.conns[conn].ends[end], self.conns[conn].ends[1 - end]);
        let len = bytes.len();
        self.conns[conn].waiting[end] += len;
        let left = self.hosts[from].port.send(len, self.now);
        let (a, b) = (self.hosts[from].port.line, self.hosts[to].port.line);
        let paced = self.conns[conn].paced[end].max(self.now) + pace(&a, &b, len);
        self.conns[conn].paced[end] = paced;
        let left = left.max(paced);
        let there = left + travel(&a, &b, len, &mut self.dice);
        let there = there.max(self.conns[conn].last[end]);
        self.conns[conn].last[end] = there;
        self.at(left, Step::Room { conn, end, bytes: len });
        self.land(there, to, len, Step::Arrive { conn, to: 1 - end, bytes });
    }

    /// Bytes come to somebody's line at `there`; only then is it known how long they wait for others before them.
    fn land(&mut self, there: Time, id: Id, bytes: usize, then: Step) {
        self.at(there, Step::Land { id, bytes, then: Box::new(then) });
    }

    /// Does what an engine wants done.
    pub fn drive(&mut self, id: Id) {
        if !self.hosts[id].alive {
            return;
        }
        let now = self.now;
        loop {
            let mut moved = false;
            while let Some(event) = self.node_mut(id).engine.poll_event() {
                moved = true;
                self.obey(id, event);
            }
            while let Some(conn) = self.node_mut(id).engine.sendable() {
                moved = true;
                self.flush(id, conn.0 as usize);
            }
            if !moved {
                break;
            }
        }
        self.look(id);
        if let Some(at) = self.node(id).engine.poll_timeout() {
            let at = at.max(now);
            if self.hosts[id].wake.is_none_or(|known| at < known) {
                self.hosts[id].wake = Some(at);
                self.at(at, Step::Wake(id));
            }
        }
    }

    fn flush(&mut self, id: Id, conn: usize) {
        let end = usize::from(self.conns[conn].ends[1] == id);
        let now = self.now;
        while self.conns[conn].open && self.conns[conn].waiting[end] < SEND_BUFFER {
            let node = self.node_mut(id);
            match node.engine.poll_send(ConnId(conn as u64), now) {
                Some(Outgoing::Bytes(bytes)) => self.transmit(conn, end, bytes),
                Some(Outgoing::Block(block)) => {
                    if let Some(data) = node.read(block) {
                        let mut out = osp_swarm::wire::message::piece_header(block).to_vec();
                        out.extend_from_slice(&data);
                        self.transmit(conn, end, out.into());
                    }
                }
                None => break,
            }
        }
    }

    fn obey(&mut self, id: Id, event: Event) {
        let now = self.now;
        let node = self.node_mut(id);
        match event {
            Event::Block { block, data, .. } => node.keep(block, &data),
            Event::Check(piece) => self.at(now + CHECKING, Step::Checked { node: id, piece }),
            Event::Discard(piece) => {
                node.blocks.remove(&piece);
            }
            Event::Info(info) => assert_eq!(info, node.track.info),
            Event::Fetch { seed, fetch, range } => {
                node.fetches.insert((seed.0, fetch.0));
                let mirror = &self.mirrors[seed.0 as usize];
                let there = (mirror.port.line.delay + self.hosts[id].port.line.delay) * 2;
                let step = Step::Chunk { node: id, mirror: seed.0, fetch: fetch.0, left: range };
                self.at(now + there, step);
            }
            Event::CancelFetch { seed, fetch } => {
                node.fetches.remove(&(seed.0, fetch.0));
            }
            Event::Close { conn, reason } => {
                node.closed.push((conn, reason));
                self.close(conn.0 as usize);
            }
            Event::DropWebSeed { seed, reason } => node.dropped.push((seed, reason)),
            Event::Addresses(addresses) => node.addresses += addresses.len(),
            Event::Complete => {
                assert!(node.is_complete(), "complete means verified");
                assert!(node.complete.replace(now).is_none(), "said once");
            }
            other => panic!("unexpected: {other:?}"),
        }
    }

    /// Runs until `until` says so or the time is up; says which.
    pub fn run(&mut self, limit: Duration, until: impl Fn(&World) -> bool) -> bool {
        let end = self.now + limit;
        while let Some(Reverse((time, key))) = self.queue.pop() {
            if time > end {
                self.queue.push(Reverse((time, key)));
                break;
            }
            self.now = time;
            let step = self.steps.remove(&key).unwrap();
            self.step(step);
            if until(self) {
                return true;
            }
        }
        until(self)
    }

    fn step(&mut self, step: Step) {
        let now = self.now;
        match step {
            Step::Arrive { conn, to, bytes } => {
                let id = self.conns[conn].ends[to];
                if !self.conns[conn].open || !self.hosts[id].alive {
                    return;
                }
                match &mut self.hosts[id].actor {
                    Actor::Node(node) => {
                        node.engine.received(ConnId(conn as u64), bytes, now);
                        self.drive(id);
                    }
                    Actor::Script(script) => {
                        let said = script.react(&bytes);
                        self.transmit(conn, to, said.into());
                    }
                }
            }
            Step::Land { id, bytes, then } => {
                let at = self.hosts[id].port.receive(bytes, now);
                self.at(at, *then);
            }
            Step::Room { conn, end, bytes } => {
                self.conns[conn].waiting[end] -= bytes;
                let id = self.conns[conn].ends[end];
                if self.conns[conn].open
                    && self.hosts[id].alive
                    && matches!(self.hosts[id].actor, Actor::Node(_))
                {
                    self.flush(id, conn);
                    self.drive(id);
                }
            }
            Step::Wake(id) => {
                if self.hosts[id].wake == Some(now) {
                    self.hosts[id].wake = None;
                    if self.hosts[id].alive {
                        self.node_mut(id).engine.handle_timeout(now);
                        self.drive(id);
                    }
                }
            }
            Step::Tick(id) => self.tick_script(id),
            Step::Checked { node: id, piece } => {
                if self.hosts[id].alive {
                    let node = self.node_mut(id);
                    let verdict = if node.check(piece) { Verdict::Good } else { Verdict::Bad };
                    node.engine.checked(piece, verdict, now);
                    self.play(id);
                    self.drive(id);
                }
            }
            Step::Play(id) => {
                self.play(id);
                if self.hosts[id].alive {
                    self.drive(id);
                    self.at(now + PLAYER_STEP, Step::Play(id));
                }
            }
            Step::Chunk { node, mirror, fetch, left } => self.chunk(node, mirror, fetch, left),
            Step::Do(what) => what(self),
        }
    }

    fn tick_script(&mut self, id: Id) {
        let open: Vec<(usize, usize)> = (0..self.conns.len())
            .filter(|conn| self.conns[*conn].open)
            .filter_map(|conn| Some((conn, self.conns[conn].ends.iter().position(|end| *end == id)?)))
            .collect();
        let Actor::Script(script) = &mut self.hosts[id].actor else { return };
        let every = script.every().unwrap();
        let said: Vec<Vec<u8>> = open.iter().map(|_| script.react(&[])).collect();
        for ((conn, end), bytes) in open.into_iter().zip(said) {
            self.transmit(conn, end, bytes.into());
        }
        self.at(self.now + every, Step::Tick(id));
    }

    fn play(&mut self, id: Id) {
        let now = self.now;
        let node = self.node_mut(id);
        let geometry = node.track.geometry;
        let Some(player) = &mut node.player else { return };
        player.step(&node.verified, geometry, now);
        let head = player.head(&node.verified, geometry);
        node.engine.set_playheads(head.as_slice(), now);
    }

    fn chunk(&mut self, id: Id, mirror: u32, fetch: u64, left: Range<u64>) {
        let now = self.now;
        if !self.hosts[id].alive || !self.node(id).fetches.contains(&(mirror, fetch)) {
            return;
        }
        let (seed, name) = (WebSeedId(mirror), FetchId(fetch));
        let source = &mut self.mirrors[mirror as usize];
        if !source.alive || left.is_empty() {
            let result = if left.is_empty() { Ok(()) } else { Err(FetchFault::Failed) };
            self.node_mut(id).fetches.remove(&(mirror, fetch));
            self.node_mut(id).engine.fetch_ended(seed, name, result, now);
            self.drive(id);
            return;
        }
        if source.manner == Manner::Stalls {
            return;
        }
        let end = (left.start + MIRROR_CHUNK).min(left.end);
        let sent = source.port.send((end - left.start) as usize, now);
        source.served += end - left.start;
        let lies = source.manner == Manner::Lies;
        let line = source.port.line;
        let other = self.hosts[id].port.line;
        let there = now
            + (travel(&line, &other, (end - left.start) as usize, &mut self.dice) - line.delay - other.delay);
        let len = (end - left.start) as usize;
        let mut bytes = self.node(id).track.bytes.slice(left.start as usize..end as usize);
        if lies {
            bytes = vec![0; bytes.len()].into();
        }
        let rest = end..left.end;
        self.land(
            there.max(sent).max(now + pace(&line, &other, len)),
            id,
            len,
            Step::Do(Box::new(move |world| {
                let now = world.now;
                if world.hosts[id].alive && world.node(id).fetches.contains(&(mirror, fetch)) {
                    world.node_mut(id).engine.fetched(seed, name, bytes, now);
                    world.drive(id);
                    world.chunk(id, mirror, fetch, rest);
                }
            })),
        );
    }
}
