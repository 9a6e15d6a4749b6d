//! Which swarms are served.

use super::super::{AppState, guard};
use crate::config::tracker::TrackerMode;
use osp_store::StoreError;
use osp_swarm::InfoHash;

/// Why a swarm is not served. The messages go to clients.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotServed {
    /// The tracker is for this node's own content.
    #[error("this tracker serves only what this node holds")]
    Unknown,
    /// The operator or the artist does not want it.
    #[error("the operator of this tracker does not serve it")]
    Refused,
    /// The store.
    #[error("the tracker cannot answer now")]
    Store(#[from] StoreError),
}

/// Whether the swarm of `infohash` is served, and if so, whether its content is here.
pub(super) async fn check(state: &AppState, infohash: InfoHash) -> Result<bool, NotServed> {
    let shared = &state.shared;
    let generation = state.node.records().generation().await?;
    if let Some(here) = shared.served_swarms.get(generation, &infohash.0) {
        return Ok(here);
    }
    let checked = look(state, infohash).await;
    match &checked {
        Ok(here) => shared.served_swarms.put(generation, infohash.0, *here),
        Err(NotServed::Refused) => state.tracker.registry().forget(infohash),
        Err(_) => {}
    }
    checked
}

async fn look(state: &AppState, infohash: InfoHash) -> Result<bool, NotServed> {
    match state.node.blobs().find_by_infohash(&infohash.0).await? {
        Some(blob) => match state.node.records().content_standing(&blob.roots).await? {
            standing if guard::is_open(standing) => Ok(true),
            _ => Err(NotServed::Refused),
        },
        None if state.tracker.settings.mode == TrackerMode::Open => Ok(false),
        None => Err(NotServed::Unknown),
    }
}
