//! What is under one key: a lookup names providers, and those are asked for their records
//! ([`osp_discovery::gather`]).

use super::{
    driver::{Seen, Walk},
    state::{State, group},
};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use osp_core::{
    did::Did,
    key::PublicKey,
    record::{Record, Verified},
};
use osp_discovery::{
    IndexKey,
    exchange::Answer,
    gather::{AskId, Gather, Limits, Origin, Step, Summary},
    lookup::{self, Config},
};
use osp_fetch::DidWebResolver;
use osp_p2p::{Multiaddr, PeerId};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long a lookup for somebody who waits may take.
const LOOKUP_TIME: Duration = Duration::from_secs(10);
/// How long the document of a did:web artist is waited for.
const DOCUMENT_TIME: Duration = Duration::from_secs(5);
/// How long is waited at most before all is looked at again.
const TURN: Duration = Duration::from_millis(500);

/// What has come of it.
pub(super) enum Sought {
    /// See [`Step::Found`].
    Found { record: Box<Verified<Record>>, provider: PeerId, current: bool },
    /// See [`Step::Also`].
    Also { id: String, provider: PeerId },
    /// See [`Step::Gone`].
    Gone(String),
    /// It is over.
    Done { lookup: lookup::Summary, gathered: Summary },
}

type Asked = (AskId, Option<Answer>);
type Fetched = (Did, Option<Arc<[PublicKey]>>);

/// One search under way. Dropped, it ends.
pub(super) struct Seek {
    state: Arc<State>,
    did_web: DidWebResolver,
    walk: Option<Walk>,
    looked_up: lookup::Summary,
    gather: Gather<PeerId>,
    addresses: HashMap<PeerId, Vec<Multiaddr>>,
    asks: FuturesUnordered<BoxFuture<'static, Asked>>,
    documents: FuturesUnordered<BoxFuture<'static, Fetched>>,
    ended: bool,
}

impl Seek {
    /// Begins; `held` are the records under the key that are here already.
    pub(super) async fn new(
        state: &Arc<State>,
        did_web: &DidWebResolver,
        key: IndexKey,
        held: &[Verified<Record>],
    ) -> Self {
        let config = Config { deadline: LOOKUP_TIME, ..Config::default() };
        let walk = Walk::providers(state, key.dht_key(), config);
        let mut gather = Gather::new(key, Limits::default());
        held.iter().for_each(|record| gather.hold(record));
        // Neighbours on the local network may be no members of anything, and near.
        for peer in state.host.local_peers().await {
            gather.add_provider(peer, Origin { named_by: Some(peer), group: None }, &state.reputation());
        }
        Self {
            state: Arc::clone(state),
            did_web: did_web.clone(),
            walk: Some(walk),
            looked_up: lookup::Summary::default(),
            gather,
            addresses: HashMap::new(),
            asks: FuturesUnordered::new(),
            documents: FuturesUnordered::new(),
            ended: false,
        }
    }

    /// The next thing; `None` after [`Sought::Done`].
    pub(super) async fn next(&mut self) -> Option<Sought> {
        while !self.ended {
            while let Some(step) = self.step() {
                match step {
                    Step::Ask { id, provider, request } => {
                        let addresses = self.addresses.get(&provider).cloned().unwrap_or_default();
                        let ask = ask(Arc::clone(&self.state), provider, addresses, request.to_json().ok());
                        self.asks.push(ask.map(move |answer| (id, answer)).boxed());
                    }
                    Step::KeysOf(did) => {
                        let keys = document(self.did_web.clone(), did.clone());
                        self.documents.push(keys.map(move |keys| (did, keys)).boxed());
                    }
                    Step::Found { record, provider, current } => {
                        return Some(Sought::Found { record, provider, current });
                    }
                    Step::Also { id, provider } => return Some(Sought::Also { id, provider }),
                    Step::Gone(id) => return Some(Sought::Gone(id)),
                    Step::Done(gathered) => {
                        self.ended = true;
                        let lookup = std::mem::take(&mut self.looked_up);
                        return Some(Sought::Done { lookup, gathered });
                    }
                }
            }
            self.wait().await;
        }
        None
    }

    fn step(&mut self) -> Option<Step<PeerId>> {
        self.gather.poll(self.state.now(), &mut self.state.reputation())
    }

    async fn wait(&mut self) {
        let now = self.state.now();
        let turn = self.gather.wake(now).map_or(TURN, |wake| wake.saturating_sub(now).min(TURN));
        let walk = async {
            match &mut self.walk {
                Some(walk) => walk.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            seen = walk => self.seen(seen),
            Some((id, answer)) = self.asks.next() => {
                let mut reputation = self.state.reputation();
                match answer {
                    Some(answer) => self.gather.answered(id, answer, &mut reputation),
                    None => self.gather.failed(id, &mut reputation),
                }
            }
            Some((did, keys)) = self.documents.next() => {
                self.gather.keys(&did, keys.as_deref().unwrap_or_default(), &mut self.state.reputation());
            }
            () = tokio::time::sleep(turn) => {}
        }
    }

    fn named_all(&mut self) {
        self.walk = None;
        self.gather.all_named();
    }

    fn seen(&mut self, seen: Option<Seen>) {
        match seen {
            Some(Seen::Provider { provider, named_by }) => {
                if provider.peer != self.state.host.peer_id() {
                    let origin = Origin { named_by: Some(named_by), group: group(&provider.addresses) };
                    self.gather.add_provider(provider.peer, origin, &self.state.reputation());
                    // As many as the lookup names at most.
                    self.addresses.entry(provider.peer).or_insert(provider.addresses);
                }
            }
            Some(Seen::Member(_)) => {}
            Some(Seen::Done(summary)) => {
                self.looked_up = summary;
                self.named_all();
            }
            None => self.named_all(),
        }
    }
}

/// Puts one request for records.
async fn ask(
    state: Arc<State>,
    peer: PeerId,
    addresses: Vec<Multiaddr>,
    request: Option<Vec<u8>>,
) -> Option<Answer> {
    let answer = state.host.ask_records(peer, &addresses, &request?).await.ok()?;
    Answer::parse(&answer).ok()
}

/// The keys of a did:web artist.
async fn document(did_web: DidWebResolver, did: Did) -> Option<Arc<[PublicKey]>> {
    let Did::Web(artist) = &did else { return None };
    timeout(DOCUMENT_TIME, did_web.keys(artist)).await.ok()?.ok()
}
