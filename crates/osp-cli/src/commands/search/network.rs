//! What the network has, printed as it is found. Of strangers a few tracks are printed at once ([`Turns`]); what is beyond
//! waits for the end, and follows in the order of results.

use super::{Provenance, line};
use crate::{args::Global, error::CliError};
use osp_node::{
    Node,
    discovery::{
        network::FindSummary,
        search::{Event, NetworkSearch, Ranking, Turns},
    },
};
use osp_store::Query;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

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
