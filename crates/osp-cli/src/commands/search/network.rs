//! What the network has, printed as it is found.
//!
//! Somebody who floods a genre shall not fill the terminal before others are heard. So of strangers a few tracks of each
//! artist and of each peer are printed at once; what is beyond waits for the end, and follows in the order of results.

use super::{Provenance, line};
use crate::{args::Global, error::CliError};
use osp_node::{
    Node,
    discovery::{
        network::FindSummary,
        search::{Event, FoundTrack, NetworkSearch, Ranking},
    },
};
use osp_store::Query;
use std::{collections::HashMap, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Tracks of a stranger, and strangers' tracks of one peer, that are printed at once.
const OF_ARTIST: usize = 3;
const OF_PEER: usize = 10;

/// What came of it.
pub(super) struct Printed {
    pub(super) tracks: usize,
    /// `None`: time was up before the end.
    pub(super) summary: Option<FindSummary>,
}

/// Prints at most `query.limit` tracks.
pub(super) async fn print(
    global: &Global,
    node: &Node,
    mut search: NetworkSearch,
    query: &Query,
    wait: Duration,
) -> Result<Printed, CliError> {
    let end = Instant::now() + wait;
    let ranks = query.trust.clone().unwrap_or_default();
    let mut turns = Turns::new(query.artist.is_some());
    let mut later = Ranking::new(node, &ranks, query.limit);
    let mut printed = Printed { tracks: 0, summary: None };
    while printed.tracks < query.limit {
        match timeout_at(end, search.next()).await {
            Ok(Some(Event::Track(found))) if turns.take(&found) => {
                let peer = Some(found.peer.to_string());
                line(global, &found.json, Some(&Provenance { local: false, peer }))?;
                printed.tracks += 1;
            }
            Ok(Some(Event::Track(found))) => later.add(&found),
            Ok(Some(Event::Also { id, peer })) => {
                later.also(&id, peer);
            }
            Ok(Some(Event::Gone { id })) => later.remove(&id),
            Ok(Some(Event::Done(summary))) => printed.summary = Some(summary),
            Ok(None) | Err(_) => break,
        }
    }
    for one in later.top(query.limit - printed.tracks) {
        let peer = one.peers.first().map(ToString::to_string);
        line(global, &one.json, Some(&Provenance { local: false, peer }))?;
        printed.tracks += 1;
    }
    Ok(printed)
}

/// Who had how many.
struct Turns {
    one_artist: bool,
    artists: HashMap<String, usize>,
    peers: HashMap<String, usize>,
}

impl Turns {
    fn new(one_artist: bool) -> Self {
        Self { one_artist, artists: HashMap::new(), peers: HashMap::new() }
    }

    /// Whether a track is printed at once.
    fn take(&mut self, found: &FoundTrack) -> bool {
        if self.one_artist || found.trust.is_some() {
            return true;
        }
        let artist = self.artists.entry(found.record.artist().to_string()).or_default();
        let peer = self.peers.entry(found.peer.to_string()).or_default();
        let room = *artist < OF_ARTIST && *peer < OF_PEER;
        if room {
            *artist += 1;
            *peer += 1;
        }
        room
    }
}
