//! One search in the network.

use super::wanted::{keys, matches, relevance};
use crate::{
    Node,
    discovery::network::{FindSummary, Finding, Found},
    social::trust_ranks,
};
use bytes::Bytes;
use osp_core::record::{Record, Verified};
use osp_p2p::PeerId;
use osp_store::{Query, StoreError, TrustLevel, TrustRanks};
use std::{collections::HashSet, sync::Arc};

/// Why the network is not searched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotSearched {
    /// There is nobody to begin with.
    #[error(
        "this home knows nobody in the network; name a peer with --bootstrap MULTIADDR, as the ready line of a node \
         shows it"
    )]
    NoNetwork,
    /// The query names nothing that is announced.
    #[error("the network is searched by artist, title, genre or words; name one of them")]
    NoKey,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a search in the network comes upon.
#[derive(Debug)]
pub enum Event {
    /// A track that is not in this node's catalogue, each once.
    Track(Box<FoundTrack>),
    /// Somebody else has a track, one that was found before or one that is here.
    Also {
        /// The record's id.
        id: String,
        /// Who has it.
        peer: PeerId,
    },
    /// A track that was found is superseded or withdrawn.
    Gone {
        /// The record's id.
        id: String,
    },
    /// The end.
    Done(FindSummary),
}

/// A track from the network.
#[derive(Clone, Debug)]
pub struct FoundTrack {
    /// It, verified.
    pub record: Verified<Record>,
    /// Its canonical bytes.
    pub json: Bytes,
    /// Who sent it.
    pub peer: PeerId,
    /// How near its artist is to the user; `None` for a stranger.
    pub trust: Option<TrustLevel>,
    /// How well it fits.
    pub relevance: u32,
}

/// A search that is under way. It ends by itself, and when it is dropped.
pub struct NetworkSearch {
    node: Arc<Node>,
    query: Query,
    ranks: Arc<TrustRanks>,
    finding: Finding,
    /// What came and has not been looked at: [`NetworkSearch::next`] may be dropped half way.
    pending: Option<Found>,
    /// Bounded by what one gathering gives.
    shown: HashSet<String>,
}

impl NetworkSearch {
    /// Starts one.
    ///
    /// # Errors
    /// [`NotSearched`].
    pub async fn begin(node: &Arc<Node>, query: &Query) -> Result<Self, NotSearched> {
        let keys = keys(query);
        if keys.is_empty() {
            return Err(NotSearched::NoKey);
        }
        let network = node.network().await.ok_or(NotSearched::NoNetwork)?;
        let ranks = trust_ranks(node).await?;
        let finding = network.find(keys);
        let (node, query) = (Arc::clone(node), query.clone());
        Ok(Self { node, query, ranks, finding, pending: None, shown: HashSet::new() })
    }

    /// What is come upon next; `None` after the end. May be dropped while it waits: nothing is lost.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if self.pending.is_none() {
                self.pending = self.finding.next().await;
            }
            let event = self.look_at().await;
            if self.pending.take().is_none() || event.is_some() {
                return event;
            }
        }
    }

    /// What the pending find means to the user, if anything.
    async fn look_at(&mut self) -> Option<Event> {
        match self.pending.as_ref()? {
            Found::Record { record, provider, current: true } => {
                let (record, peer) = (Verified::clone(record), *provider);
                self.track(record, peer).await
            }
            Found::Record { .. } => None,
            Found::Also { id, provider } => Some(Event::Also { id: id.clone(), peer: *provider }),
            Found::Gone { id } => self.shown.remove(id).then(|| Event::Gone { id: id.clone() }),
            Found::Done(summary) => Some(Event::Done(*summary)),
        }
    }

    async fn track(&mut self, record: Verified<Record>, peer: PeerId) -> Option<Event> {
        let track = record.as_track().filter(|track| matches(track, &self.query))?;
        let (id, relevance) = (record.id().as_str().to_owned(), relevance(track, &self.query));
        match self.is_wanted(&record).await {
            Ok(Standing::Wanted) => {}
            Ok(Standing::Here) => return Some(Event::Also { id, peer }),
            Ok(Standing::Refused) => return None,
            Err(error) => {
                tracing::error!(%error, "what was found cannot be compared with the catalogue");
                return None;
            }
        }
        if !self.shown.insert(id.clone()) {
            // Found under another key as well.
            return Some(Event::Also { id, peer });
        }
        let trust = self.ranks.level(&record.artist());
        let json = Bytes::from(record.to_bytes());
        Some(Event::Track(Box::new(FoundTrack { record, json, peer, trust, relevance })))
    }

    async fn is_wanted(&self, record: &Record) -> Result<Standing, StoreError> {
        let records = self.node.records();
        if records.is_blocked(record).await? {
            return Ok(Standing::Refused);
        }
        Ok(match records.get(record.id().as_str()).await? {
            None => Standing::Wanted,
            Some(stored) if stored.withdrawn.is_none() => Standing::Here,
            Some(_) => Standing::Refused,
        })
    }
}

enum Standing {
    Wanted,
    /// In the catalogue.
    Here,
    /// Blocked, or known to be withdrawn.
    Refused,
}
