//! `GET /api/v1/feed`: every record this node has, in the order it came to know them, for other nodes to follow.
//!
//! ```text
//!   GET /api/v1/feed?after=4711-9c1f00ab&limit=100&wait=25
//!   {"records":[record,…],"next":"4811-03b2e7d1","more":true}
//! ```
//!
//! Who asks keeps `next` and asks again with it. It names the last record passed, so that a store that was restored or
//! made anew, whose numbers mean other records, is noticed and read from its beginning: nothing is missed, and what is
//! known already costs its transfer only. With `wait` the answer to «nothing new» is held back for so many seconds, or
//! until there is something.
//!
//! Blocked records and tracks that are no longer current are left out; the retractions themselves are not.

use super::{
    ApiError, AppState,
    extract::QueryParams,
    tracks::{MAX_LIMIT, push_records},
};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use osp_core::record::{Record, RecordId};
use osp_store::{StoreError, StoredRecord};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use tokio::{
    sync::{Semaphore, watch},
    time::{Instant, timeout},
};

/// Records on a page when the client does not say.
const DEFAULT_LIMIT: usize = 100;
/// A page ends with the record that makes it larger than this.
const PAGE_BYTES: usize = 1024 * 1024;
/// Longest time an answer is held back, whatever the client says.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Clients whose answers are held back at once; others are answered immediately.
const MAX_WAITING: usize = 256;
/// How often the store is asked meanwhile whether anything has come.
const LOOK: Duration = Duration::from_millis(500);

/// Clients whose answers are held back, until the node stops.
pub(crate) struct Waiting {
    room: Semaphore,
    stopping: watch::Sender<bool>,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { room: Semaphore::new(MAX_WAITING), stopping: watch::Sender::new(false) }
    }
}

impl Waiting {
    /// Becomes true when the node stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Answers everybody now and holds nobody back any more.
    pub(crate) fn stop(&self) {
        self.room.close();
        self.stopping.send_replace(true);
    }
}

/// Parameters, all optional. An empty one counts as absent.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Params {
    after: Option<String>,
    limit: Option<String>,
    wait: Option<String>,
}

/// Up to where a client has read: the number of a record in this store, and which record that is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cursor {
    seq: u64,
    tag: String,
}

impl Cursor {
    fn at(seq: u64, id: &RecordId) -> Self {
        let digest = Sha256::digest(id.as_str());
        Self { seq, tag: data_encoding::HEXLOWER.encode(&digest[..4]) }
    }

    fn parse(text: &str) -> Option<Self> {
        let (seq, tag) = text.split_once('-')?;
        let known = tag.len() == 8 && tag.bytes().all(|b| b.is_ascii_hexdigit());
        let seq = seq.parse().ok().filter(|seq| i64::try_from(*seq).is_ok())?;
        known.then(|| Self { seq, tag: tag.to_owned() })
    }

    fn text(&self) -> String {
        if self.seq == 0 { String::new() } else { format!("{}-{}", self.seq, self.tag) }
    }
}

/// `GET /api/v1/feed`
///
/// # Errors
/// 400 for a parameter that cannot be read.
pub(super) async fn get(
    State(state): State<AppState>,
    QueryParams(params): QueryParams<Params>,
) -> Result<Response, ApiError> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let after = match given(params.after) {
        None => Cursor::default(),
        Some(text) => Cursor::parse(&text).ok_or_else(|| {
            ApiError::usage("after is not a cursor that this node gave")
                .hint("take «next» of the previous page, or leave after out to start again")
        })?,
    };
    let limit = match given(params.limit).map(|text| text.parse::<usize>()) {
        None => DEFAULT_LIMIT,
        Some(Ok(limit)) if limit > 0 => limit.min(MAX_LIMIT),
        Some(_) => return Err(ApiError::usage(format!("limit is no number from 1 to {MAX_LIMIT}"))),
    };
    let wait = match given(params.wait).map(|text| text.parse::<u64>()) {
        None => Duration::ZERO,
        Some(Ok(seconds)) => Duration::from_secs(seconds).min(MAX_WAIT),
        Some(Err(_)) => return Err(ApiError::usage("wait is no number of seconds")),
    };
    let from = known(&state, after).await?;
    let page = waited(&state, &from, limit, wait).await?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, page.to_json()).into_response())
}

/// The same place, or the beginning if the store has another record there.
async fn known(state: &AppState, after: Cursor) -> Result<Cursor, StoreError> {
    if after.seq == 0 {
        return Ok(after);
    }
    // It may have been replaced since: by a newer profile, say.
    let there = state.node.records().numbered(after.seq).await?;
    let same = there.is_some_and(|id| Cursor::at(after.seq, &id) == after);
    Ok(if same { after } else { Cursor::default() })
}

async fn waited(
    state: &AppState,
    from: &Cursor,
    limit: usize,
    wait: Duration,
) -> Result<FeedPage, StoreError> {
    let mut generation = state.node.records().generation().await?;
    let mut page = FeedPage::read(state, from, limit).await?;
    if page.next != *from || wait.is_zero() {
        return Ok(page);
    }
    let Ok(_turn) = state.feed_waiting.room.try_acquire() else { return Ok(page) };
    let mut stopping = state.feed_waiting.stopping();
    let end = Instant::now() + wait;
    while page.next == *from && Instant::now() < end {
        if timeout(LOOK, stopping.wait_for(|stop| *stop)).await.is_ok() {
            break;
        }
        let now = state.node.records().generation().await?;
        if now != generation {
            generation = now;
            page = FeedPage::read(state, from, limit).await?;
        }
    }
    Ok(page)
}

struct FeedPage {
    records: Vec<StoredRecord>,
    next: Cursor,
    more: bool,
}

impl FeedPage {
    async fn read(state: &AppState, from: &Cursor, limit: usize) -> Result<Self, StoreError> {
        let index = state.node.records();
        let rows = index.feed(from.seq, limit).await?;
        let mut page = Self { records: Vec::new(), next: from.clone(), more: rows.len() == limit };
        let mut bytes = 0;
        for (seq, stored) in rows {
            if bytes > PAGE_BYTES {
                page.more = true;
                break;
            }
            page.next = Cursor::at(seq, &stored.id);
            if stored.withdrawn.is_some() {
                continue;
            }
            // What was stored is well-formed: it was verified before.
            let Ok(record) = Record::parse(&stored.json) else { continue };
            if !index.is_blocked(&record).await? {
                bytes += stored.json.len();
                page.records.push(stored);
            }
        }
        Ok(page)
    }

    fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        out.extend_from_slice(b"{\"records\":[");
        push_records(&mut out, &self.records);
        let tail = format!("],\"next\":\"{}\",\"more\":{}}}", self.next.text(), self.more);
        out.extend_from_slice(tail.as_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_cursors_that_were_given_are_read() {
        assert_eq!(Cursor::parse("12-0a1b2c3d").unwrap().text(), "12-0a1b2c3d");
        for text in
            ["12", "-0a1b2c3d", "12-0a1b2c3", "12-0a1b2c3g", "-1-0a1b2c3d", "18446744073709551615-0a1b2c3d"]
        {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
        assert_eq!(Cursor::default().text(), "");
    }
}
