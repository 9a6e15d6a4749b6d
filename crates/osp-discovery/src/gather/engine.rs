//! The gathering itself.

use super::{
    BAD_ENOUGH, Limits, Reputation,
    current::Current,
    provider::{Origin, Provider, Turns},
};
use crate::{
    exchange::{Answer, MAX_ID_BYTES, Query, Request},
    key::{IndexKey, KeyKind, keys_of},
};
use osp_core::{
    content::{Digest, sha256},
    did::Did,
    key::PublicKey,
    record::{Record, RecordId, Verified},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

/// Records that wait for the keys of a did:web.
const UNDECIDED: usize = 64;
/// Pages without anything new after which a provider is not asked on.
const CURSOR_PAGES: usize = 64;

/// Names a request of one gathering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AskId(u64);

/// What the driver shall do, or has been waiting for.
#[derive(Clone, Debug)]
pub enum Step<P> {
    /// Send this request to this provider.
    Ask {
        /// To be given back with what came of it.
        id: AskId,
        /// Whom.
        provider: P,
        /// What.
        request: Request,
    },
    /// A record that is new and verified: to keep, and to show if it is current.
    Found {
        /// The record.
        record: Box<Verified<Record>>,
        /// Who sent it.
        provider: P,
        /// A track that is neither superseded nor withdrawn, as far as is known. Never set for other kinds: of those
        /// the store knows the newest.
        current: bool,
    },
    /// Another provider has it as well.
    Also {
        /// The record's id.
        id: String,
        /// Who has it.
        provider: P,
    },
    /// A track that was given as current is superseded or withdrawn.
    Gone(String),
    /// Records of this artist can be verified once its document is fetched: give [`Gather::keys`].
    KeysOf(Did),
    /// Nothing more will come.
    Done(Summary),
}

/// What a gathering did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Requests sent.
    pub asked: usize,
    /// Requests that failed.
    pub failed: usize,
    /// Providers that sent something usable.
    pub useful: usize,
    /// Records given.
    pub records: usize,
    /// Records that were refused.
    pub bad: usize,
}

#[derive(Clone, Debug)]
struct Flight<P> {
    id: AskId,
    provider: P,
    request: Request,
    sent: Duration,
}

/// One search in the network. See the [module](super).
#[derive(Clone, Debug)]
pub struct Gather<P> {
    key: IndexKey,
    limits: Limits,
    providers: BTreeMap<P, Provider<P>>,
    /// Whose providers have been asked how often.
    turns: Turns<P>,
    flights: Vec<Flight<P>>,
    /// Records given or held already.
    known: BTreeSet<String>,
    shown: BTreeSet<String>,
    artists: BTreeMap<String, usize>,
    current: Current,
    undecided: Vec<(Did, Record, P, Digest)>,
    useful: BTreeSet<P>,
    out: VecDeque<Step<P>>,
    next_id: u64,
    named: usize,
    whole_asked: usize,
    all_named: bool,
    done: bool,
    summary: Summary,
}

impl<P: Ord + Clone> Gather<P> {
    /// Gathers what is under a key.
    #[must_use]
    pub fn new(key: IndexKey, limits: Limits) -> Self {
        Self {
            key,
            limits,
            providers: BTreeMap::new(),
            turns: Turns::default(),
            flights: Vec::new(),
            known: BTreeSet::new(),
            shown: BTreeSet::new(),
            artists: BTreeMap::new(),
            current: Current::default(),
            undecided: Vec::new(),
            useful: BTreeSet::new(),
            out: VecDeque::new(),
            next_id: 0,
            named: 0,
            whole_asked: 0,
            all_named: false,
            done: false,
            summary: Summary::default(),
        }
    }

    /// A record under the key that the node holds already, so that it is not fetched and takes part in what is current.
    pub fn hold(&mut self, record: &Verified<Record>) {
        let id = record.id().to_string();
        self.current.add(record);
        if self.current.is_current(&id) {
            self.shown.insert(id.clone());
        }
        self.known.insert(id);
    }

    /// Somebody is said to have something. When there are as many as may be, those go that would be asked last: of bad
    /// repute, of a group with many, or of who names most.
    pub fn add_provider(&mut self, provider: P, origin: Origin<P>, reputation: &Reputation<P>) {
        if self.providers.contains_key(&provider) || reputation.is_shunned(&provider) {
            return;
        }
        if self.providers.len() >= self.limits.providers && !self.make_room(&provider, &origin, reputation) {
            return;
        }
        self.named += 1;
        self.providers.insert(provider.clone(), Provider::new(provider, origin, self.named));
    }

    /// Drops the least promising provider that has not been asked, if the new one promises more.
    fn make_room(&mut self, new: &P, origin: &Origin<P>, reputation: &Reputation<P>) -> bool {
        let mut crowd: Turns<P> = Turns::default();
        self.providers.values().for_each(|provider| crowd.count(&provider.origin));
        let idle = self.providers.values().filter(|p| p.is_new() && p.is_open());
        let (rank, last, _, peer) = match idle
            .map(|p| (reputation.rank(&p.peer), crowd.of(&p.origin), p.number, p.peer.clone()))
            .max()
        {
            Some(last) => last,
            None => return false,
        };
        crowd.count(origin);
        let better = (reputation.rank(new), crowd.of(origin)) < (rank, last);
        better && self.providers.remove(&peer).is_some()
    }

    /// The lookup is over: no more providers will be named.
    pub fn all_named(&mut self) {
        self.all_named = true;
    }

    /// The next thing to do; `None` while it waits for answers, for [`Gather::wake`], for providers or for keys, and
    /// after the end.
    pub fn poll(&mut self, now: Duration, reputation: &mut Reputation<P>) -> Option<Step<P>> {
        if let Some(step) = self.out.pop_front() {
            return Some(step);
        }
        if self.done {
            return None;
        }
        let late = |f: &&Flight<P>| now.saturating_sub(f.sent) >= self.limits.timeout;
        let late: Vec<AskId> = self.flights.iter().filter(late).map(|f| f.id).collect();
        for id in late {
            self.failed(id, reputation);
        }
        if let Some(step) = self.ask(now, reputation) {
            return Some(step);
        }
        if self.all_named && self.flights.is_empty() && self.undecided.is_empty() {
            self.done = true;
            self.summary.useful = self.useful.len();
            return Some(Step::Done(self.summary));
        }
        None
    }

    /// When to poll again although nothing has come.
    #[must_use]
    pub fn wake(&self, now: Duration) -> Option<Duration> {
        let times = [self.limits.slow, self.limits.timeout];
        self.flights.iter().flat_map(|f| times.map(|t| f.sent + t)).filter(|time| *time > now).min()
    }

    fn ask(&mut self, now: Duration, reputation: &Reputation<P>) -> Option<Step<P>> {
        let fast = |f: &&Flight<P>| now.saturating_sub(f.sent) < self.limits.slow;
        // Slow ones make room, but not without end.
        let full = self.flights.iter().filter(fast).count() >= self.limits.parallel
            || self.flights.len() >= 4 * self.limits.parallel;
        if full || self.summary.records >= self.limits.records {
            return None;
        }
        let mut open: Vec<_> = self
            .providers
            .values()
            .filter(|provider| provider.is_open())
            .map(|p| (reputation.rank(&p.peer), self.turns.of(&p.origin), p.number, p.peer.clone()))
            .collect();
        open.sort_unstable();
        let asked_for: BTreeSet<&str> = self
            .flights
            .iter()
            .filter(fast)
            .filter_map(|f| if let Query::Ids(ids) = &f.request.query { Some(ids) } else { None })
            .flatten()
            .map(String::as_str)
            .collect();
        // Whole records until somebody has sent some: nothing is known to be missing before.
        let whole = self.whole_asked < self.limits.whole || self.useful.is_empty();
        let (peer, request, new) = open.into_iter().find_map(|(.., peer)| {
            let provider = self.providers.get_mut(&peer)?;
            let new = provider.is_new();
            provider.prune(|id| self.known.contains(id) || reputation.sent_bad(&peer, id));
            let request = provider.request(&self.key, whole, &asked_for, &self.limits)?;
            provider.busy = true;
            if new {
                self.turns.count(&provider.origin);
            }
            Some((peer, request, new))
        })?;
        self.whole_asked += usize::from(new && !request.ids_only);
        let id = AskId(self.next_id);
        self.next_id += 1;
        self.summary.asked += 1;
        self.flights.push(Flight { id, provider: peer.clone(), request: request.clone(), sent: now });
        Some(Step::Ask { id, provider: peer, request })
    }

    fn land(&mut self, id: AskId) -> Option<Flight<P>> {
        let at = self.flights.iter().position(|f| f.id == id)?;
        let flight = self.flights.swap_remove(at);
        if let Some(provider) = self.providers.get_mut(&flight.provider) {
            provider.busy = false;
        }
        Some(flight)
    }

    /// The provider could not be reached, or its answer was none.
    pub fn failed(&mut self, id: AskId, reputation: &mut Reputation<P>) {
        let Some(flight) = self.land(id) else { return };
        self.summary.failed += 1;
        reputation.failed(&flight.provider);
        if let Some(provider) = self.providers.get_mut(&flight.provider) {
            provider.close();
        }
    }

    /// What the provider answered.
    pub fn answered(&mut self, id: AskId, answer: Answer, reputation: &mut Reputation<P>) {
        let Some(flight) = self.land(id) else { return };
        let peer = flight.provider.clone();
        if answer.refused.is_some() {
            if let Some(provider) = self.providers.get_mut(&peer) {
                provider.close();
            }
            return;
        }
        for bytes in answer.records.iter().take(flight.request.limit) {
            if self.take(bytes, &flight, reputation) {
                continue;
            }
            self.summary.bad += 1;
            reputation.bad(&peer);
            let Some(provider) = self.providers.get_mut(&peer) else { return };
            provider.bad += 1;
            if provider.bad >= BAD_ENOUGH {
                provider.close();
                return;
            }
        }
        let mut missing = Vec::new();
        for id in answer.ids.into_iter().take(flight.request.limit) {
            if self.known.contains(&id) {
                self.out.push_back(Step::Also { id, provider: peer.clone() });
            } else if id.len() <= MAX_ID_BYTES
                && RecordId::parse(&id).is_ok()
                && !reputation.sent_bad(&peer, &id)
            {
                missing.push(id);
            }
        }
        let Some(provider) = self.providers.get_mut(&peer) else { return };
        provider.pages += 1;
        let next = answer.next.filter(|next| {
            let on = provider.pages < CURSOR_PAGES && flight.request.after.as_ref() != Some(next);
            on && matches!(flight.request.query, Query::Key(_))
        });
        provider.offers(missing, next, &self.limits);
    }

    /// One record. Says whether the provider did right.
    fn take(&mut self, bytes: &[u8], flight: &Flight<P>, reputation: &mut Reputation<P>) -> bool {
        let digest = sha256(bytes);
        if reputation.is_known_bad(&digest) {
            return false;
        }
        let Ok(record) = Record::parse(bytes) else {
            reputation.remember_bad(&flight.provider, digest, None);
            return false;
        };
        let id = record.id().to_string();
        if self.known.contains(&id) {
            self.out.push_back(Step::Also { id, provider: flight.provider.clone() });
            return true;
        }
        if let Some(provider) = self.providers.get_mut(&flight.provider) {
            provider.taken += 1;
            if provider.taken > 2 * self.limits.per_provider {
                return true;
            }
        }
        if !self.was_asked_for(&record, &flight.request) {
            reputation.remember_bad(&flight.provider, digest, Some(&id));
            return false;
        }
        let artist = record.artist();
        if matches!(artist, Did::Web(_)) {
            if self.undecided.len() < UNDECIDED {
                if !self.undecided.iter().any(|(did, ..)| *did == artist) {
                    self.out.push_back(Step::KeysOf(artist.clone()));
                }
                self.undecided.push((artist, record, flight.provider.clone(), digest));
            }
            return true;
        }
        match record.verify() {
            Ok(record) => {
                self.give(record, flight.provider.clone(), reputation);
                true
            }
            Err(_) => {
                reputation.remember_bad(&flight.provider, digest, Some(&id));
                false
            }
        }
    }

    /// Keys of a did:web artist, as its document has them; none when there is no document. Its records are verified
    /// with them.
    pub fn keys(&mut self, did: &Did, keys: &[PublicKey], reputation: &mut Reputation<P>) {
        let (these, rest) = std::mem::take(&mut self.undecided).into_iter().partition(|(of, ..)| of == did);
        self.undecided = rest;
        let these: Vec<(Did, Record, P, Digest)> = these;
        for (_, record, provider, digest) in these {
            let id = record.id().to_string();
            if keys.is_empty() || self.known.contains(&id) {
                // Without a document nobody can tell, and the provider is not to blame.
                continue;
            }
            match record.verify_with_keys(keys) {
                Ok(record) => self.give(record, provider, reputation),
                Err(_) => {
                    self.summary.bad += 1;
                    reputation.bad(&provider);
                    reputation.remember_bad(&provider, digest, Some(&id));
                }
            }
        }
    }

    /// Whether the record is what the request named; a retraction or a successor stands in another's place.
    fn was_asked_for(&self, record: &Record, request: &Request) -> bool {
        let named = match &request.query {
            Query::Ids(ids) => ids.contains(&record.id().to_string()),
            // Which other CID the content has, only its holder knows; its bytes are verified when they are fetched.
            _ if self.key.kind() == KeyKind::Content => record.as_track().is_some(),
            _ => keys_of(record, None).contains(&self.key),
        };
        let stands_in = record.as_retraction().is_some()
            || record.as_track().is_some_and(|track| track.supersedes().is_some());
        named || stands_in
    }

    fn give(&mut self, record: Verified<Record>, provider: P, reputation: &mut Reputation<P>) {
        reputation.good(&provider);
        self.useful.insert(provider.clone());
        let artist = record.artist().to_string();
        let of_artist = self.artists.entry(artist).or_default();
        let asked_for = self.key.kind() == KeyKind::Artist;
        let full = self.summary.records >= self.limits.records
            || (*of_artist >= self.limits.per_artist && !asked_for);
        if full {
            return;
        }
        *of_artist += 1;
        self.summary.records += 1;
        let id = record.id().to_string();
        self.known.insert(id.clone());
        let touched = self.current.add(&record);
        let current = self.current.is_current(&id);
        if current {
            self.shown.insert(id.clone());
        }
        self.out.push_back(Step::Found { record: Box::new(record), provider, current });
        for other in touched {
            if other != id && !self.current.is_current(&other) && self.shown.remove(&other) {
                self.out.push_back(Step::Gone(other));
            }
        }
    }
}
