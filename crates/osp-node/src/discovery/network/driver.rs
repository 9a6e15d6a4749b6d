//! A lookup ([`osp_discovery::lookup`]) over this host: it decides, the host asks.

use super::state::{State, contact, seed};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use osp_discovery::{
    DhtKey,
    lookup::{self, Answer, Config, Lookup, Region, Request, RequestId, Rpc, Step, Summary},
};
use osp_p2p::{Multiaddr, PeerId, RpcError};
use osp_store::providers::ProviderKey;
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// A member of the network, or a provider, and where it is said to be reached.
pub(super) type Contact = lookup::Contact<PeerId, Vec<Multiaddr>>;

/// Providers taken from this host's own store.
const OWN_PROVIDERS: usize = 64;

/// What a lookup has come upon.
#[derive(Debug)]
pub(super) enum Seen {
    /// Somebody has records under the key.
    Provider { provider: Contact, named_by: PeerId },
    /// A peer of the region.
    Member(Contact),
    /// It is over.
    Done(Summary),
}

type Landed = (RequestId, Result<Answer<PeerId, Vec<Multiaddr>>, RpcError>);

/// A lookup under way. Dropped, it ends.
pub(super) struct Walk {
    state: Arc<State>,
    lookup: Lookup<PeerId, Vec<Multiaddr>>,
    flights: FuturesUnordered<BoxFuture<'static, Landed>>,
    begun: bool,
    /// What is known without asking.
    known: VecDeque<Seen>,
}

impl Walk {
    /// Who has records under a key; those who told this host come first.
    pub(super) fn providers(state: &Arc<State>, key: DhtKey, config: Config) -> Self {
        let region = state.density().region(&key.point(), state.now());
        let mut walk = Self::new(state, Lookup::providers(key, region, config, seed()));
        let me = state.host.peer_id();
        let held = ProviderKey(*key.as_bytes().last_chunk().expect("34 bytes end with 32"));
        for provider in state.kad.store().providers(held, OWN_PROVIDERS).unwrap_or_default() {
            let Ok(peer) = PeerId::from_bytes(&provider.peer) else { continue };
            if provider.own || peer == me {
                continue;
            }
            let addresses =
                provider.addresses.into_iter().filter_map(|bytes| Multiaddr::try_from(bytes).ok());
            let provider = contact(osp_p2p::Contact { peer, addresses: addresses.collect() });
            walk.known.push_back(Seen::Provider { provider, named_by: me });
        }
        walk
    }

    /// The peers nearest to a point that nobody can foresee.
    pub(super) fn anywhere(state: &Arc<State>) -> Self {
        let target = DhtKey::random(seed()).into();
        Self::new(state, Lookup::nearest(target, Config::default(), seed()))
    }

    /// All peers of a region.
    pub(super) fn region(state: &Arc<State>, region: Region) -> Self {
        Self::new(state, Lookup::region(region, Config::default(), seed()))
    }

    fn new(state: &Arc<State>, mut lookup: Lookup<PeerId, Vec<Multiaddr>>) -> Self {
        lookup.exclude(state.own);
        Self {
            state: Arc::clone(state),
            lookup,
            flights: FuturesUnordered::new(),
            begun: false,
            known: VecDeque::new(),
        }
    }

    /// The next thing it comes upon; `None` after [`Seen::Done`]. May be dropped and called again.
    pub(super) async fn next(&mut self) -> Option<Seen> {
        if let Some(known) = self.known.pop_front() {
            return Some(known);
        }
        if !self.begun {
            let contacts = self.state.nearest_known(&self.lookup.target().point()).await;
            self.lookup.add(contacts, &self.state.book(), self.state.now());
            self.begun = true;
        }
        loop {
            while let Some(step) = self.step() {
                match step {
                    Step::Ask(request) => self.flights.push(ask(Arc::clone(&self.state), request).boxed()),
                    Step::Provider { provider, named_by } => {
                        return Some(Seen::Provider { provider, named_by });
                    }
                    Step::Member(contact) => return Some(Seen::Member(contact)),
                    Step::Done(summary) => {
                        self.flights.clear();
                        self.state.counters.lookup(&summary);
                        return Some(Seen::Done(summary));
                    }
                }
            }
            let wake = self.lookup.wake(&self.state.book())?;
            let wait = wake.saturating_sub(self.state.now()).max(Duration::from_millis(1));
            tokio::select! {
                Some((id, result)) = self.flights.next() => self.land(id, result),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    fn step(&mut self) -> Option<Step<PeerId, Vec<Multiaddr>>> {
        self.lookup.poll(self.state.now(), &mut self.state.book())
    }

    fn land(&mut self, id: RequestId, result: Result<Answer<PeerId, Vec<Multiaddr>>, RpcError>) {
        let (now, mut book) = (self.state.now(), self.state.book());
        match result {
            Ok(answer) => self.lookup.answered(id, answer, now, &mut book),
            Err(_) => self.lookup.failed(id, now, &mut book),
        }
    }
}

/// Puts one request.
async fn ask(state: Arc<State>, request: Request<PeerId, Vec<Multiaddr>>) -> Landed {
    let to = osp_p2p::Contact { peer: request.to.peer, addresses: request.to.addresses };
    let contacts = |list: Vec<osp_p2p::Contact>| list.into_iter().map(contact).collect();
    let answer = match &request.rpc {
        Rpc::FindNode(target) => {
            let found = state.kad.find_node(&to, target.key()).await;
            found.map(|closer| Answer { closer: contacts(closer), providers: Vec::new() })
        }
        Rpc::GetProviders(target) => {
            let found = state.kad.get_providers(&to, target.key()).await;
            found.map(|found| Answer { closer: contacts(found.closer), providers: contacts(found.providers) })
        }
    };
    (request.id, answer)
}
