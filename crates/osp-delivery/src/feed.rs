//! One page of another node's feed (`GET /api/v1/feed`), each record verified.

use crate::{Outcome, records::RecordClient};
use futures_util::stream::{self, StreamExt as _};
use osp_core::{
    json::{self, Json},
    record::{MAX_RECORD_BYTES, Record, RecordId, Verified},
};
use osp_fetch::{Limits, Request, StatusCode, Target};
use std::time::Duration;
use tokio::time::timeout;

/// Records asked for at once.
const PAGE: usize = 100;
/// A node ends a page with the record that passes 1 MiB.
const PAGE_BYTES: usize = 1024 * 1024 + 2 * MAX_RECORD_BYTES;
/// Records that are judged at once: `did:web` artists' documents have to be fetched.
const AT_ONCE: usize = 16;
/// Longest time to judge one.
const DOCUMENT: Duration = Duration::from_secs(5);
/// Longest cursor that is kept, in bytes.
const MAX_CURSOR: usize = 128;

/// What a node has learned since.
#[derive(Debug, Default)]
pub struct FeedPage {
    /// Records that hold.
    pub records: Vec<Verified<Record>>,
    /// Why others are refused: what the node sent does not verify.
    pub refused: Vec<String>,
    /// Records whose artist's `did:web` document cannot be had now: to be asked for again.
    pub later: Vec<RecordId>,
    /// What to ask with the next time.
    pub next: String,
    /// Whether there is more at once.
    pub more: bool,
}

impl RecordClient {
    /// The records that `node` came to know after `cursor` (empty: all). If there are none it may take up to `wait` to say
    /// so.
    ///
    /// # Errors
    /// Why there is no page.
    pub async fn feed(&self, node: &Target, cursor: &str, wait: Duration) -> Result<FeedPage, Outcome> {
        let (limit, seconds) = (PAGE.to_string(), wait.as_secs().to_string());
        let url = node.join("/api/v1/feed");
        let url = url.with_query(&[("after", cursor), ("limit", &limit), ("wait", &seconds)]);
        let document = Limits::document(PAGE_BYTES as u64);
        let limits = Limits { idle: document.idle + wait, total: document.total + wait, ..document };
        let response = self.send(Request::get(url, limits).accept("application/json")).await?;
        if response.status() != StatusCode::OK {
            return Err(crate::records::status_outcome(response.status()));
        }
        self.page(&response.bytes().await?).await
    }

    async fn page(&self, bytes: &[u8]) -> Result<FeedPage, Outcome> {
        let no_page = || Outcome::Failed("it answers with something else than a page of records".to_owned());
        let page = json::parse_around(bytes, 2).map_err(|_| no_page())?;
        let page = page.as_object().ok_or_else(no_page)?;
        let next = page.get("next").and_then(Json::as_str).ok_or_else(no_page)?;
        if next.len() > MAX_CURSOR {
            return Err(no_page());
        }
        let more = matches!(page.get("more"), Some(Json::Bool(true)));
        let mut read = FeedPage { next: next.to_owned(), more, ..FeedPage::default() };
        let records = page.get("records").and_then(Json::as_array).ok_or_else(no_page)?;
        // In order, so that what supersedes comes after what it supersedes.
        let mut judged = stream::iter(records.iter().map(json::canonical).collect::<Vec<_>>())
            .map(|bytes| async move {
                // One artist's slow server does not hold up the others.
                let verdict = timeout(DOCUMENT, self.verify(&bytes)).await;
                (
                    verdict.unwrap_or_else(|_| Err(Outcome::Failed("the artist's document is slow".into()))),
                    bytes,
                )
            })
            .buffered(AT_ONCE);
        while let Some((verdict, bytes)) = judged.next().await {
            match verdict {
                Ok(record) => read.records.push(record),
                Err(Outcome::Lied(why)) => read.refused.push(why),
                Err(_) => read.later.extend(Record::parse(&bytes).ok().map(|record| record.id())),
            }
        }
        drop(judged);
        Ok(read)
    }
}
