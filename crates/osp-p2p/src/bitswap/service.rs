//! The task that joins connections, serving and asking.

use super::{
    Blocks, Key, Uploads,
    client::{Action, Answer, Engine, Fetched, SessionCommand, SessionId},
    limits::MAX_WANTS,
    link::{Events, Link, LinkEvent, LinkId, SendError, behaviour::Behaviour},
    server::{Found, Lookup, Server},
    wire::{Entry, Message, WantType},
};
use futures_util::FutureExt as _;
use libp2p::PeerId;
use osp_core::Cid;
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Instant,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::sleep_until,
};

/// Traffic events that wait for the service. Each may hold a message, whose memory its connection accounts for.
const TRAFFIC: usize = 64;

/// What the rest of the program asks of the service.
#[derive(Debug)]
pub(crate) enum Command {
    Session(SessionCommand),
    /// Blocks that have come into the store.
    Arrived(Vec<Cid>),
}

impl From<SessionCommand> for Command {
    fn from(command: SessionCommand) -> Self {
        Self::Session(command)
    }
}

/// A peer with its connections. Everything is written on the first, the oldest.
#[derive(Default)]
struct Connected {
    links: Vec<Link>,
    /// Messages handed to the first connection that it has not reported written.
    in_flight: VecDeque<Kind>,
    /// Wants and cancels that wait their turn.
    entries: VecDeque<Entry>,
}

/// Whose message it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Wants,
    Answers,
}

/// The state of the task.
pub(crate) struct Service {
    life: mpsc::UnboundedReceiver<LinkEvent>,
    traffic: mpsc::Receiver<LinkEvent>,
    commands: mpsc::UnboundedReceiver<Command>,
    /// Peers to be dropped by the swarm.
    close: mpsc::UnboundedSender<PeerId>,
    blocks: Arc<dyn Blocks>,
    lookups: JoinSet<(Lookup, Found)>,
    peers: HashMap<PeerId, Connected>,
    server: Server,
    client: Engine,
    waiters: HashMap<(SessionId, Key), Vec<oneshot::Sender<Answer>>>,
    /// Peers that may have something to be written.
    touched: BTreeSet<PeerId>,
}

impl Service {
    /// The service and the behaviour it works with.
    pub(crate) fn new(
        blocks: Arc<dyn Blocks>,
        uploads: Arc<dyn Uploads>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> (Self, Behaviour) {
        let (life_in, life) = mpsc::unbounded_channel();
        let (traffic_in, traffic) = mpsc::channel(TRAFFIC);
        let (close, to_close) = mpsc::unbounded_channel();
        let behaviour = Behaviour::new(Events { life: life_in, traffic: traffic_in }, uploads, to_close);
        let service = Self {
            life,
            traffic,
            commands,
            close,
            blocks,
            lookups: JoinSet::new(),
            peers: HashMap::new(),
            server: Server::default(),
            client: Engine::default(),
            waiters: HashMap::new(),
            touched: BTreeSet::new(),
        };
        (service, behaviour)
    }

    /// Works until the swarm is gone.
    pub(crate) async fn run(mut self) {
        loop {
            let tick = self.client.next_tick();
            let wait = async {
                match tick {
                    Some(at) => sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // What a connection says of its end must not be overtaken by wishes to use it.
                biased;
                event = self.life.recv() => match event {
                    Some(event) => self.event(event),
                    None => return,
                },
                Some(command) = self.commands.recv() => self.command(command),
                Some(found) = self.lookups.join_next() => {
                    if let Ok((lookup, found)) = found {
                        self.touched.insert(lookup.peer);
                        self.server.found(&lookup, found);
                    }
                }
                Some(event) = self.traffic.recv() => self.event(event),
                () = wait => self.client.tick(Instant::now()),
            }
            self.act();
            self.look_up();
            self.write();
        }
    }

    fn event(&mut self, event: LinkEvent) {
        let now = Instant::now();
        match event {
            LinkEvent::Opened { peer, link } => {
                link.shared.set_needed(self.client.needs(&peer));
                self.peers.entry(peer).or_default().links.push(link);
                self.client.connected(peer, now);
            }
            LinkEvent::Closed { peer, link } => self.closed(peer, link, now),
            LinkEvent::Received { peer, message, .. } if self.peers.contains_key(&peer) => {
                let Message { entries, full, blocks, presences, .. } = message;
                if full || !entries.is_empty() {
                    self.server.receive(peer, entries, full);
                }
                self.client.received(peer, blocks, presences, now);
            }
            LinkEvent::Received { .. } => {}
            LinkEvent::Sent { peer, link, result } => self.sent(peer, link, result, now),
            LinkEvent::Fault { peer, reason } => self.drop_peer(peer, &reason),
        }
    }

    fn closed(&mut self, peer: PeerId, link: LinkId, now: Instant) {
        let Some(connected) = self.peers.get_mut(&peer) else { return };
        let first = connected.links.first().is_some_and(|first| first.id == link);
        connected.links.retain(|other| other.id != link);
        if connected.links.is_empty() {
            self.peers.remove(&peer);
            self.server.gone(&peer);
            self.client.disconnected(&peer, now);
        } else if first {
            // What was under way may be lost: free its memory, and ask again on the next connection.
            connected.entries.clear();
            for kind in std::mem::take(&mut connected.in_flight) {
                if kind == Kind::Answers {
                    self.server.sent(&peer);
                }
            }
            self.client.disconnected(&peer, now);
            self.client.connected(peer, now);
            self.touched.insert(peer);
        }
    }

    fn sent(&mut self, peer: PeerId, link: LinkId, result: Result<(), SendError>, now: Instant) {
        let Some(connected) = self.peers.get_mut(&peer) else { return };
        if connected.links.first().is_none_or(|first| first.id != link) {
            return;
        }
        if connected.in_flight.pop_front() == Some(Kind::Answers) {
            self.server.sent(&peer);
        }
        if result.is_err() {
            // It does not speak Bitswap, or does not read. What it wanted is forgotten, and it is not asked until
            // it comes back.
            connected.entries.clear();
            self.server.gone(&peer);
            self.client.disconnected(&peer, now);
        }
        self.touched.insert(peer);
    }

    fn drop_peer(&mut self, peer: PeerId, reason: &str) {
        tracing::warn!(%peer, reason, "dropping a Bitswap peer");
        self.peers.remove(&peer);
        self.server.gone(&peer);
        self.client.disconnected(&peer, Instant::now());
        let _ = self.close.send(peer);
    }

    fn command(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Arrived(cids) => self.server.arrived(&cids),
            Command::Session(SessionCommand::Open { session, peers }) => {
                self.client.open(session, peers);
                self.mark_needed();
            }
            Command::Session(SessionCommand::AddPeer { session, peer }) => {
                self.client.add_peer(session, peer, now);
                self.mark_needed();
            }
            Command::Session(SessionCommand::Want { session, cid, answer }) => {
                let waiters = self.waiters.entry((session, *cid.hash())).or_default();
                waiters.push(answer);
                if waiters.len() == 1 {
                    self.client.want(session, cid, now);
                }
            }
            Command::Session(SessionCommand::Unwant { session, cid }) => {
                let key = (session, *cid.hash());
                let Some(waiters) = self.waiters.get_mut(&key) else { return };
                waiters.retain(|waiter| !waiter.is_closed());
                if waiters.is_empty() {
                    self.waiters.remove(&key);
                    self.client.cancel(session, &cid, now);
                }
            }
            Command::Session(SessionCommand::Close { session }) => {
                self.client.close(session, now);
                self.waiters.retain(|(other, _), _| *other != session);
                self.mark_needed();
            }
        }
    }

    fn mark_needed(&self) {
        for (peer, connected) in &self.peers {
            let needed = self.client.needs(peer);
            connected.links.iter().for_each(|link| link.shared.set_needed(needed));
        }
    }

    /// Does what the client's engine decided.
    fn act(&mut self) {
        while let Some(action) = self.client.next_action() {
            match action {
                Action::Send(peer, entry) => {
                    if let Some(connected) = self.peers.get_mut(&peer) {
                        connected.entries.push_back(entry);
                        self.touched.insert(peer);
                    }
                }
                Action::Done(session, cid, result) => {
                    let result = result.map(|(data, from)| Fetched { data, from });
                    for waiter in self.waiters.remove(&(session, *cid.hash())).unwrap_or_default() {
                        let _ = waiter.send(result.clone());
                    }
                }
                Action::Drop(peer, reason) => self.drop_peer(peer, &reason),
            }
        }
    }

    /// Starts as many lookups as the server allows.
    fn look_up(&mut self) {
        while let Some(lookup) = self.server.next_lookup() {
            let blocks = self.blocks.clone();
            self.lookups.spawn(async move {
                let answer = async {
                    match lookup.want {
                        WantType::Block => blocks.get(&lookup.cid).await.map(Found::Block),
                        WantType::Have => blocks.has(&lookup.cid).await.map(|_| Found::Here),
                    }
                };
                // A panic in the store must not cost a lookup for good.
                let found = AssertUnwindSafe(answer).catch_unwind().await.ok().flatten();
                (lookup, found.unwrap_or(Found::Nothing))
            });
        }
    }

    /// Hands messages to the connections that have room.
    fn write(&mut self) {
        for peer in std::mem::take(&mut self.touched) {
            let Some(connected) = self.peers.get_mut(&peer) else { continue };
            let Some(link) = connected.links.first() else { continue };
            while let Ok(room) = link.outgoing.try_reserve() {
                let (kind, message) = if connected.entries.is_empty() {
                    let Some(message) = self.server.next_message(&peer) else { break };
                    (Kind::Answers, message)
                } else {
                    link.shared.set_asked();
                    let now = connected.entries.len().min(MAX_WANTS);
                    let entries = connected.entries.drain(..now).collect();
                    (Kind::Wants, Message { entries, ..Message::default() })
                };
                connected.in_flight.push_back(kind);
                room.send(message);
            }
        }
    }
}
