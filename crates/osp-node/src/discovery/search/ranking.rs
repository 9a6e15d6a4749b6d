//! The order of results (spec section 13.7): artists near to the user first, and turns for everybody else.

use super::{FoundTrack, wanted::relevance};
use crate::Node;
use bytes::Bytes;
use osp_core::{
    content::sha256,
    record::{Record, TrackRecord},
};
use osp_discovery::trust::{Caps, Circle, Hit, Results};
use osp_p2p::PeerId;
use osp_store::{Query, TrustLevel, TrustRanks};
use std::collections::{BTreeSet, HashMap};

/// Results of one search, in order. Holds a bounded number: what would come last goes.
pub struct Ranking {
    circle: Circle,
    results: Results<PeerId>,
    json: HashMap<String, Bytes>,
}

/// One result.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The record's id.
    pub id: String,
    /// Its canonical bytes.
    pub json: Bytes,
    /// Who has it, as far as is known; nobody for what is here.
    pub peers: BTreeSet<PeerId>,
}

impl Ranking {
    /// Keeps about `most` results, and twice as many at most.
    #[must_use]
    pub fn new(node: &Node, ranks: &TrustRanks, most: usize) -> Self {
        Self::salted(ranks, most, salt(node))
    }

    fn salted(ranks: &TrustRanks, most: usize, salt: [u8; 32]) -> Self {
        let results = Results::new(most, Caps::default(), salt);
        Self { circle: circle(ranks), results, json: HashMap::new() }
    }

    /// Takes in a track of this node's catalogue.
    pub fn add_local(&mut self, track: &TrackRecord, json: Bytes, query: &Query) {
        self.insert(track, json, BTreeSet::new(), relevance(track, query));
    }

    /// Takes in a track from the network.
    pub fn add(&mut self, found: &FoundTrack) {
        if let Some(track) = found.record.as_track() {
            self.insert(track, found.json.clone(), BTreeSet::from([found.peer]), found.relevance);
        }
    }

    /// Takes in a result of another ranking.
    pub fn add_ranked(&mut self, one: Ranked, query: &Query) {
        if let Ok(Record::Track(track)) = Record::parse(&one.json) {
            self.insert(&track, one.json, one.peers, relevance(&track, query));
        }
    }

    fn insert(&mut self, track: &TrackRecord, json: Bytes, providers: BTreeSet<PeerId>, relevance: u32) {
        let id = track.id().as_str().to_owned();
        let hit = Hit { id: id.clone(), artist: track.artist().to_string(), providers, relevance };
        self.json.insert(id, json);
        self.results.insert(hit, &self.circle);
        if self.json.len() > self.results.len() {
            self.json.retain(|id, _| self.results.get(id).is_some());
        }
    }

    /// Somebody else has it too. `false` if it is no result, or is here.
    pub fn also(&mut self, id: &str, peer: PeerId) -> bool {
        let Some(known) = self.results.get(id).filter(|hit| !hit.providers.is_empty()) else { return false };
        let hit = Hit { providers: BTreeSet::from([peer]), ..known.clone() };
        self.results.insert(hit, &self.circle);
        true
    }

    /// It is superseded or withdrawn.
    pub fn remove(&mut self, id: &str) {
        self.results.remove(id);
        self.json.remove(id);
    }

    /// How many peers are known to have a result; `None` if it is none.
    #[must_use]
    pub fn peers(&self, id: &str) -> Option<usize> {
        self.results.get(id).map(|hit| hit.providers.len())
    }

    /// The first `count`.
    #[must_use]
    pub fn top(&self, count: usize) -> Vec<Ranked> {
        let ranked = self.results.top(count, &self.circle).into_iter();
        ranked
            .filter_map(|hit| {
                let json = self.json.get(&hit.id)?.clone();
                Some(Ranked { id: hit.id.clone(), json, peers: hit.providers.clone() })
            })
            .collect()
    }

    /// The result that comes after `id` among the first `count`.
    #[must_use]
    pub fn after(&self, id: &str, count: usize) -> Option<String> {
        let top = self.results.top(count, &self.circle);
        top.into_iter().skip_while(|hit| hit.id != id).nth(1).map(|hit| hit.id.clone())
    }
}

/// Own identities, the trust list and whom own identities follow are chosen; whom those follow are the second degree.
fn circle(ranks: &TrustRanks) -> Circle {
    let mut circle = Circle::new();
    for (did, level) in ranks.iter() {
        match level {
            TrustLevel::Own | TrustLevel::Followed => circle.choose(did.to_string()),
            TrustLevel::Beyond => circle.befriend(did.to_string()),
        }
    }
    circle
}

/// What decides between equals is this home's own and secret, so that nobody can make ids that come first; and the same
/// as long as the home exists, so that a list does not change by itself.
fn salt(node: &Node) -> [u8; 32] {
    let secret = node.home().api_token().map_or_else(
        |_| {
            let mut random = [0; 32];
            // Without it the order of equals is guessable, which is little.
            let _ = getrandom::fill(&mut random);
            random.to_vec()
        },
        String::into_bytes,
    );
    sha256(&[b"order of results\0", &secret[..]].concat())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::{content::raw_cid, key::ArtistKey, record::TrackDraft};

    fn key(n: u32) -> ArtistKey {
        ArtistKey::from_seed(&sha256(&n.to_be_bytes()))
    }

    fn peer(n: u8) -> PeerId {
        PeerId::from_bytes(&[&[0x12, 0x20][..], &[n; 32]].concat()).unwrap()
    }

    fn found(artist: u32, title: &str, peer: PeerId, relevance: u32) -> FoundTrack {
        let draft = TrackDraft {
            title: title.to_owned(),
            format: "audio/opus".to_owned(),
            cid: raw_cid(sha256(title.as_bytes())).to_string(),
            ..TrackDraft::default()
        };
        let record = draft.sign(&key(artist), None).unwrap();
        FoundTrack { json: record.to_bytes().into(), record, peer, trust: None, relevance }
    }

    fn ids(ranking: &Ranking, count: usize) -> Vec<String> {
        ranking.top(count).into_iter().map(|one| one.id).collect()
    }

    #[test]
    fn ten_thousand_spam_records_from_the_network_move_none_of_whom_the_user_is_near_to() {
        let mut ranks = TrustRanks::default();
        ranks.add(key(1).did(), TrustLevel::Followed);
        ranks.add(key(2).did(), TrustLevel::Beyond);
        let mut ranking = Ranking::salted(&ranks, 50, [7; 32]);
        for n in 0..10 {
            ranking.add(&found(1, &format!("Followed {n}"), peer(1), 1));
        }
        ranking.add(&found(2, "Beyond", peer(1), 1));
        let before = ids(&ranking, 11);
        for n in 0..10_000u32 {
            ranking.add(&found(1000 + n, &format!("Spam {n}"), peer(2 + (n % 20) as u8), u32::MAX));
            assert!(ranking.json.len() <= 100);
        }
        assert_eq!(ids(&ranking, 11), before);
        let last = Record::parse(&ranking.top(11)[10].json).unwrap();
        assert_eq!(last.as_track().unwrap().title(), "Beyond");
    }

    #[test]
    fn others_who_have_it_are_counted_and_what_is_here_needs_nobody() {
        let mut ranking = Ranking::salted(&TrustRanks::default(), 50, [7; 32]);
        let (one, two) = (found(1, "One", peer(1), 4), found(2, "Two", peer(1), 1));
        let id = |found: &FoundTrack| found.record.id().as_str().to_owned();
        ranking.add(&one);
        ranking.add(&two);
        assert_eq!(ranking.after(&id(&one), 10), Some(id(&two)));
        assert_eq!(ranking.after(&id(&two), 10), None);
        assert!(ranking.also(&id(&one), peer(2)) && ranking.also(&id(&one), peer(2)));
        assert_eq!(ranking.peers(&id(&one)), Some(2));
        ranking.add_local(two.record.as_track().unwrap(), two.json.clone(), &Query::default());
        assert!(!ranking.also(&id(&two), peer(3)) && !ranking.also("osp:track:unknown", peer(3)));
        assert_eq!(ranking.peers(&id(&two)), Some(0));
        ranking.remove(&id(&one));
        assert_eq!((ids(&ranking, 10), ranking.peers(&id(&one))), (vec![id(&two)], None));
    }
}
