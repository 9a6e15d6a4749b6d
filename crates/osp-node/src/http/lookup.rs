//! Finding the record or blob that a path names.

use super::{ApiError, AppState};
use crate::verify::verify_record;
use axum::http::StatusCode;
use osp_core::{
    Cid,
    content::{DAG_PB, Version, cid_v0, dag_pb_cid, digest_of, parse_cid},
    record::{Record, RecordId, TrackRecord},
};
use osp_store::{BlobMeta, StoredRecord, Withdrawn};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// How long somebody who opens a track waits for the network to have its record.
const NETWORK_WAIT: Duration = Duration::from_secs(8);

/// A record that may be shown, as stored and as read.
pub(super) struct Found {
    pub(super) stored: StoredRecord,
    pub(super) record: Record,
    /// A search found it in the network, or it was looked for there: it is not in the catalogue.
    pub(super) shelved: bool,
}

impl Found {
    /// The newer record that stands in its place, if there is one.
    pub(super) fn successor(&self) -> Option<&RecordId> {
        match &self.stored.withdrawn {
            Some(Withdrawn::Superseded(id)) => Some(id),
            _ => None,
        }
    }

    /// The record as a track.
    ///
    /// # Errors
    /// 404 for a retraction, which has no audio and no sources.
    pub(super) fn track(&self) -> Result<&TrackRecord, ApiError> {
        self.record
            .as_track()
            .ok_or_else(|| ApiError::not_found(format!("{} is no track", self.stored.id.as_str())))
    }
}

/// The record with this whole id or CID part.
///
/// # Errors
/// 400 for what is neither, 404 unknown, 410 blocked or retracted.
pub(super) async fn record(state: &AppState, id: &str) -> Result<Found, ApiError> {
    let readable = if id.contains(':') { RecordId::parse(id).is_ok() } else { parse_cid(id).is_ok() };
    if !readable {
        return Err(ApiError::usage("that is no id of a record")
            .hint("an id is osp:track:CID, or its CID part alone"));
    }
    let records = state.node.records();
    let (stored, shelved) = match records.get(id).await? {
        Some(stored) => (stored, false),
        None => (state.node.shelved(id).ok_or_else(unknown)?, true),
    };
    let record = Record::parse(&stored.json).map_err(|refusal| {
        tracing::error!(id = stored.id.as_str(), %refusal, "a stored record cannot be read");
        ApiError::internal()
    })?;
    if records.is_blocked(&record).await? {
        return Err(ApiError::blocked());
    }
    if let Some(Withdrawn::Retracted(retraction)) = stored.withdrawn {
        return Err(ApiError::retracted(retraction));
    }
    Ok(Found { stored, record, shelved })
}

fn unknown() -> ApiError {
    ApiError::not_found("this node does not know that record")
        .hint("search with /api/v1/tracks?q= and scope=network, or ask the node of the artist")
}

/// As [`record`]; one that is not here is looked for in the network, which costs the client one of its searches.
///
/// # Errors
/// As [`record`].
pub(super) async fn record_anywhere(state: &AppState, id: &str, client: IpAddr) -> Result<Found, ApiError> {
    match record(state, id).await {
        Err(error) if error.status() == StatusCode::NOT_FOUND => {}
        known => return known,
    }
    find(state, id, client).await;
    record(state, id).await
}

/// Looks for a track in the network: if it is there, a search has it on the shelf afterwards. Nothing happens when there is
/// no network, or when the client has too many searches.
pub(crate) async fn find(state: &AppState, id: &str, client: IpAddr) {
    let whole = if id.contains(':') { id.to_owned() } else { format!("osp:track:{id}") };
    let Ok(id) = RecordId::parse(&whole) else { return };
    let Some(_turn) = state.shared.searches.admit(client) else { return };
    if let Some(network) = state.node.network().await {
        let _ = tokio::time::timeout(NETWORK_WAIT, network.record(&id)).await;
    }
}

/// A record that somebody plays goes into the catalogue, if it is not there.
pub(super) async fn keep(state: &AppState, found: &Found) {
    if !found.shelved {
        return;
    }
    let kept = match verify_record(&state.node, &found.stored.json).await {
        Ok(record) => {
            state.node.records().put(&[record]).await.map(|_| ()).map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = kept {
        tracing::warn!(error, "a record that is played could not be kept");
    }
}

/// The blob with this root, in whichever version the CID is written: `Qm…` and its `bafybei…` form are one block.
pub(super) async fn blob(state: &AppState, root: &Cid) -> Result<Option<Arc<BlobMeta>>, ApiError> {
    let blobs = state.node.blobs();
    if let Some(blob) = blobs.find(root).await? {
        return Ok(Some(blob));
    }
    match other_version(root) {
        Some(twin) => Ok(blobs.find(&twin).await?),
        None => Ok(None),
    }
}

/// The same dag-pb block named by the other CID version; `None` where version 0 does not exist.
pub(super) fn other_version(cid: &Cid) -> Option<Cid> {
    let digest = digest_of(cid).filter(|_| cid.codec() == DAG_PB)?;
    Some(if cid.version() == Version::V0 { dag_pb_cid(digest) } else { cid_v0(digest) })
}
