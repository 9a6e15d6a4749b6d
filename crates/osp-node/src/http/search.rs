//! `GET /api/v1/tracks?…&scope=network`: what this node has at once, and what others have as it is found.
//!
//! ```text
//!  Accept: text/event-stream            else: one page, after `wait` seconds or when all have answered
//!
//!  event: local                         {"tracks":[record,…],"next":…,
//!  data: {"tracks":[…],"next":…}         "provenance":{"osp:track:…":{"local":false,"peers":["12D3Koo…"],"trusted":null}},
//!                                        "network":{"asked":31,…}}
//!  event: track
//!  data: {"record":{…},"provenance":{"peer":"12D3Koo…"},"trusted":"followed"}
//!
//!  event: also                          another peer has a track, one that was found or one that is here
//!  data: {"id":"osp:track:…","peer":"12D3Koo…"}
//!
//!  event: gone                          a track that was found is superseded or withdrawn
//!  data: {"id":"osp:track:…"}
//!
//!  : …                                  a comment now and then, so that nobody takes the connection for dead
//!
//!  event: done
//!  data: {"asked":31,"providers":3,"records":5,"refused":0,"complete":true}
//! ```
//!
//! Of strangers a few tracks of each artist and of each peer are told as they are found; what is beyond follows before `done`,
//! at most `limit` of them, in the order of results: whoever floods a genre does not fill a page before others are heard.
//! `done` says `null` when the network was not searched: this node knows nobody there, or nothing was asked for that is
//! announced. A search ends by itself, with the node, and with the client who asked. How many run at once is bounded:
//! `searches`.

use super::{
    ApiError, AppState,
    events::{self, Teller, Unheard},
    searches::{self, Turn},
    tracks::{local_page, page_json},
};
use crate::{
    discovery::{
        network::FindSummary,
        search::{Event, NetworkSearch, NotSearched, Ranking, Turns},
    },
    social::trust_ranks,
};
use axum::{
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use osp_core::record::Record;
use osp_p2p::PeerId;
use osp_store::{Page, Query, StoredRecord, TrustLevel};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// How long one page waits for the network when the client does not say, and at most.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(3);
pub(super) const MAX_WAIT: Duration = Duration::from_secs(10);
/// Peers that are named of one track, or of tracks that are here.
const MAX_PEERS: usize = 16;

/// How a search in the network ended, as it is told. `null` in its place: it was not searched.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Summary {
    asked: usize,
    providers: usize,
    records: usize,
    refused: usize,
    complete: bool,
}

impl From<FindSummary> for Summary {
    fn from(found: FindSummary) -> Self {
        let FindSummary { asked, providers, records, refused, complete, .. } = found;
        Self { asked, providers, records, refused, complete }
    }
}

/// The word for a level of trust.
pub(super) fn word(level: Option<TrustLevel>) -> Option<&'static str> {
    level.map(|level| match level {
        TrustLevel::Own => "own",
        TrustLevel::Followed => "followed",
        TrustLevel::Beyond => "beyond",
    })
}

/// Whether the client would rather have events than one page.
pub(super) fn takes_events(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.contains("text/event-stream"))
}

/// Starts the search, within the client's part of the room. `Ok(None)`: there is no network, or nothing to ask it for.
pub(crate) async fn begin(
    state: &AppState,
    parts: &Parts,
    query: &Query,
) -> Result<Option<(NetworkSearch, Turn)>, ApiError> {
    let client = state.tracker.client(parts);
    let turn = state.shared.searches.admit(client).ok_or_else(searches::busy)?;
    match NetworkSearch::begin(&state.node, query).await {
        Ok(search) => Ok(Some((search, turn))),
        Err(NotSearched::NoNetwork | NotSearched::NoKey) => Ok(None),
        Err(NotSearched::Store(error)) => Err(error.into()),
    }
}

/// The answer as events.
///
/// # Errors
/// As a search in the catalogue; 503 when too many run.
pub(super) async fn events(state: AppState, parts: &Parts, query: Query) -> Result<Response, ApiError> {
    let search = match query.cursor {
        Some(_) => None,
        None => begin(&state, parts, &query).await?,
    };
    let page = local_page(&state, &query).await?;
    let ranks = trust_ranks(&state.node).await?;
    Ok(events::answer(state.feed_waiting.stopping(), |teller| async move {
        teller.say("local", &page_json(&page)).await?;
        let summary = match search {
            Some((search, _turn)) => {
                let later = Ranking::new(&state.node, &ranks, query.limit);
                Some(tell(search, &query, later, &teller).await?)
            }
            None => None,
        };
        teller.say("done", &json(&summary)).await
    }))
}

/// Tells what is found. What has to wait is kept in `later`.
async fn tell(
    mut search: NetworkSearch,
    query: &Query,
    mut later: Ranking,
    teller: &Teller,
) -> Result<Summary, Unheard> {
    let mut turns = Turns::new(query.artist.is_some());
    let mut summary = Summary::default();
    while let Some(event) = search.next().await {
        match event {
            Event::Track(found) if turns.take(&found) => {
                teller.say("track", &track_json(&found.json, &found.peer, found.trust)).await?;
            }
            Event::Track(found) => later.add(&found),
            Event::Also { id, peer } if later.also(&id, peer) => {}
            Event::Also { id, peer } => teller.say("also", &also_json(&id, &peer)).await?,
            Event::Gone { id } if later.peers(&id).is_some() => later.remove(&id),
            Event::Gone { id } => teller.say("gone", &json(&serde_json::json!({"id": id}))).await?,
            Event::Done(done) => {
                summary = done.into();
                break;
            }
        }
    }
    for one in later.top(query.limit) {
        let mut peers = one.peers.iter();
        let Some(first) = peers.next() else { continue };
        // Only strangers' tracks wait.
        teller.say("track", &track_json(&one.json, first, None)).await?;
        for peer in peers {
            teller.say("also", &also_json(&one.id, peer)).await?;
        }
    }
    Ok(summary)
}

fn also_json(id: &str, peer: &PeerId) -> Vec<u8> {
    json(&serde_json::json!({"id": id, "peer": peer.to_string()}))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts, numbers and booleans are JSON")
}

/// Around the record's own canonical bytes: what was signed is what is sent.
fn track_json(record: &[u8], peer: &PeerId, trust: Option<TrustLevel>) -> Vec<u8> {
    let mut out = b"{\"record\":".to_vec();
    out.extend_from_slice(record);
    let trusted = serde_json::Value::from(word(trust));
    let tail = format!(",\"provenance\":{{\"peer\":\"{peer}\"}},\"trusted\":{trusted}}}");
    out.extend_from_slice(tail.as_bytes());
    out
}

/// Where a track of a merged page comes from.
#[derive(Serialize)]
struct Provenance {
    /// This node has it.
    local: bool,
    /// Others who have it, as far as they are known.
    peers: Vec<String>,
    trusted: Option<&'static str>,
}

/// The answer as one page: what this node has and what was found within `wait`, ranked together.
///
/// # Errors
/// As [`events()`].
pub(super) async fn page(
    state: &AppState,
    parts: &Parts,
    query: &Query,
    wait: Duration,
) -> Result<Response, ApiError> {
    let merged = merged(state, parts, query, wait).await?;
    let ranks = trust_ranks(&state.node).await?;
    let ranked = merged.ranking.top(usize::MAX);
    let mut provenance = BTreeMap::new();
    let mut records = Vec::with_capacity(ranked.len());
    for one in ranked {
        let Ok(record) = Record::parse(&one.json) else { continue };
        let local = one.peers.is_empty();
        let also = merged.also.get(&one.id).into_iter().flatten();
        let peers = one.peers.iter().chain(also).map(ToString::to_string).collect();
        let trusted = word(ranks.level(&record.artist()));
        provenance.insert(one.id, Provenance { local, peers, trusted });
        records.push(StoredRecord { id: record.id(), json: one.json, withdrawn: None });
    }
    let mut out = page_json(&Page { records, next: merged.next });
    out.pop();
    out.extend_from_slice(b",\"provenance\":");
    out.extend_from_slice(&json(&provenance));
    out.extend_from_slice(b",\"network\":");
    out.extend_from_slice(&json(&merged.summary));
    out.push(b'}');
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, out).into_response())
}

/// What is here and what was found in some time.
pub(crate) struct Merged {
    pub(crate) ranking: Ranking,
    pub(crate) next: Option<String>,
    /// Peers who have what is here, too.
    pub(crate) also: HashMap<String, HashSet<PeerId>>,
    /// `None`: the network was not searched.
    pub(super) summary: Option<Summary>,
}

/// Searches here and, for at most `wait`, in the network: at most `query.limit` tracks of either. A query with a cursor
/// goes on in the catalogue: what the network has came with the first page.
///
/// # Errors
/// As [`events()`].
pub(crate) async fn merged(
    state: &AppState,
    parts: &Parts,
    query: &Query,
    wait: Duration,
) -> Result<Merged, ApiError> {
    let end = Instant::now() + wait;
    let mut search = match query.cursor {
        Some(_) => None,
        None => begin(state, parts, query).await?,
    };
    let page = local_page(state, query).await?;
    let ranks = trust_ranks(&state.node).await?;
    let mut network = Ranking::new(&state.node, &ranks, query.limit);
    let mut also: HashMap<String, HashSet<PeerId>> = HashMap::new();
    let here: HashSet<&str> = page.records.iter().map(|stored| stored.id.as_str()).collect();
    let mut summary = search.as_ref().map(|_| Summary::default());
    while let Some((search, _)) = &mut search {
        match timeout_at(end, search.next()).await {
            Ok(Some(Event::Track(found))) => network.add(&found),
            Ok(Some(Event::Also { id, peer })) => {
                let known = network.also(&id, peer);
                if !known && here.contains(id.as_str()) {
                    let peers = also.entry(id).or_default();
                    if peers.len() < MAX_PEERS {
                        peers.insert(peer);
                    }
                }
            }
            Ok(Some(Event::Gone { id })) => network.remove(&id),
            Ok(Some(Event::Done(done))) => summary = Some(done.into()),
            Ok(None) | Err(_) => break,
        }
    }
    let found = network.top(query.limit);
    let mut ranking = Ranking::new(&state.node, &ranks, found.len() + page.records.len());
    for one in found {
        ranking.add_ranked(one, query);
    }
    for stored in &page.records {
        if let Ok(Record::Track(track)) = Record::parse(&stored.json) {
            ranking.add_local(&track, stored.json.clone(), query);
        }
    }
    Ok(Merged { ranking, next: page.next, also, summary })
}
