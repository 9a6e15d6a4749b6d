//! Records from the HTTP API of nodes, verified before anyone sees them.
//!
//! A node can withhold a record, or say that its artist withdrew it; it cannot change one. Whatever does not
//! verify, has another id or is by another artist than asked for makes the node a liar, which is named and passed
//! over.

use crate::{Attempt, Fault, Outcome};
use bytes::Bytes;
use osp_core::{
    did::Did,
    json::{self, Json},
    record::{MAX_RECORD_BYTES, Record, RecordId, Verified},
};
use osp_fetch::{DidWebResolver, Fetcher, Limits, Request, Response, StatusCode, Target};
use std::collections::HashSet;

/// Most records of one artist that are taken from one node.
pub const MAX_LISTED: usize = 10_000;
/// Records asked for at once.
const PAGE: usize = 100;

/// Asks nodes for records. Cheap to clone.
#[derive(Clone)]
pub struct RecordClient {
    fetcher: Fetcher,
    dids: DidWebResolver,
}

/// What nodes have under a record's id.
#[derive(Clone, Debug)]
pub enum Found {
    /// The record.
    Record {
        /// It.
        record: Box<Verified<Record>>,
        /// The node it came from.
        node: String,
        /// Nodes that were asked before and did not have it, or lied.
        attempts: Vec<Attempt>,
    },
    /// A withdrawal, whose signature holds.
    Withdrawn {
        /// It.
        retraction: Box<Verified<Record>>,
        /// Whether a node sent the record and it is by the same artist. Without the record nobody can say whether
        /// the signer is the track's artist: it is what a node claims.
        proven: bool,
    },
}

/// Why a record could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// No node has it, or none can be reached (exit code 4).
    #[error("no node has {what}{}", crate::error::list(.attempts))]
    NotFound {
        /// What was looked for.
        what: String,
        /// Who was asked.
        attempts: Vec<Attempt>,
    },
    /// No node has it, and at least one sent something else in its place (exit code 3).
    #[error("no node sent {what} as it is{}", crate::error::list(.attempts))]
    Lied {
        /// What was looked for.
        what: String,
        /// Who was asked.
        attempts: Vec<Attempt>,
    },
}

impl RecordsError {
    /// Who was asked, and what came of it.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        match self {
            Self::NotFound { attempts, .. } | Self::Lied { attempts, .. } => attempts,
        }
    }
}

/// One node's answer for one id.
enum Answer {
    Record(Verified<Record>),
    Withdrawn(Verified<Record>),
}

impl RecordClient {
    /// A client; `did:web` artists' keys come from `dids`.
    #[must_use]
    pub fn new(fetcher: Fetcher, dids: DidWebResolver) -> Self {
        Self { fetcher, dids }
    }

    /// The record `id` from the first of `nodes` that has it.
    ///
    /// # Errors
    /// [`RecordsError`]
    pub async fn record(&self, nodes: &[Target], id: &RecordId) -> Result<Found, RecordsError> {
        let mut attempts = Vec::new();
        let mut withdrawals = Vec::new();
        for node in nodes {
            match self.ask(node, id).await {
                Ok(Answer::Record(record)) => {
                    let artist = record.artist();
                    let (real, forged): (Vec<_>, Vec<_>) = withdrawals
                        .into_iter()
                        .partition(|(_, w): &(Target, Verified<Record>)| w.artist() == artist);
                    for (node, withdrawal) in forged {
                        let by = withdrawal.artist();
                        let lie = format!("it shows a withdrawal by {by}, who is not the track's artist");
                        attempts.push(told(&node, Outcome::Lied(lie)));
                    }
                    return Ok(match real.into_iter().map(|(_, w)| w).next() {
                        Some(withdrawal) => {
                            Found::Withdrawn { retraction: Box::new(withdrawal), proven: true }
                        }
                        None => Found::Record { record: Box::new(record), node: node.to_string(), attempts },
                    });
                }
                Ok(Answer::Withdrawn(withdrawal)) => {
                    withdrawals.push((node.clone(), withdrawal));
                }
                Err(outcome) => attempts.push(told(node, outcome)),
            }
        }
        match withdrawals.into_iter().next() {
            Some((_, withdrawal)) => Ok(Found::Withdrawn { retraction: Box::new(withdrawal), proven: false }),
            None => Err(failure(id.as_str().to_owned(), attempts)),
        }
    }

    /// The tracks of `artist` that the first of `nodes` which has any lists, at most [`MAX_LISTED`].
    ///
    /// # Errors
    /// [`RecordsError`]
    pub async fn by_artist(
        &self,
        nodes: &[Target],
        artist: &Did,
    ) -> Result<Vec<Verified<Record>>, RecordsError> {
        let mut attempts = Vec::new();
        for node in nodes {
            match self.list(node, artist).await {
                Ok(records) if !records.is_empty() => return Ok(records),
                Ok(_) => {
                    let outcome = Outcome::Absent("it has no tracks of this artist".to_owned());
                    attempts.push(Attempt { source: node.to_string(), outcome });
                }
                Err(outcome) => attempts.push(told(node, outcome)),
            }
        }
        Err(failure(format!("tracks of {artist}"), attempts))
    }

    async fn ask(&self, node: &Target, id: &RecordId) -> Result<Answer, Outcome> {
        // The error around a withdrawal is not larger than a record either.
        let response = self.get(node.join(&format!("/api/v1/tracks/{id}")), 2 * MAX_RECORD_BYTES).await?;
        match response.status() {
            StatusCode::OK => {
                let record = self.verify(&body(response).await?).await?;
                if !record.id().same_record(id) {
                    return Err(Outcome::Lied(format!("it sent {} instead", record.id().as_str())));
                }
                Ok(Answer::Record(record))
            }
            StatusCode::GONE => {
                let body = body(response).await?;
                match self.withdrawal(&body, id).await? {
                    Some(withdrawal) => Ok(Answer::Withdrawn(withdrawal)),
                    None => Err(Outcome::Absent("it does not serve it (410)".to_owned())),
                }
            }
            status => Err(status_outcome(status)),
        }
    }

    /// The retraction in the body of a 410, if there is one.
    async fn withdrawal(&self, body: &[u8], id: &RecordId) -> Result<Option<Verified<Record>>, Outcome> {
        let Ok(Json::Object(members)) = json::parse_around(body, 1) else { return Ok(None) };
        let Some(retraction) = members.get("retraction") else { return Ok(None) };
        let record = self.verify(&json::canonical(retraction)).await?;
        match record.as_retraction().map(|r| r.track().same_record(id)) {
            Some(true) => Ok(Some(record)),
            _ => Err(Outcome::Lied("the withdrawal it shows is of something else".to_owned())),
        }
    }

    async fn list(&self, node: &Target, artist: &Did) -> Result<Vec<Verified<Record>>, Outcome> {
        let (did, limit) = (artist.to_string(), PAGE.to_string());
        let base = node.join("/api/v1/tracks").with_query(&[("artist", &did), ("limit", &limit)]);
        let mut records = Vec::new();
        let mut seen = HashSet::new();
        let mut cursor: Option<String> = None;
        loop {
            let url = cursor.as_ref().map_or_else(|| base.clone(), |c| base.with_query(&[("cursor", c)]));
            let response = self.get(url, PAGE * (MAX_RECORD_BYTES + 2) + 4096).await?;
            if response.status() != StatusCode::OK {
                return Err(status_outcome(response.status()));
            }
            let page = body(response).await?;
            let no_page =
                || Outcome::Failed("it answers with something else than a page of tracks".to_owned());
            let page = json::parse_around(&page, 2).map_err(|_| no_page())?;
            let page = page.as_object().ok_or_else(no_page)?;
            let tracks = page.get("tracks").and_then(Json::as_array).ok_or_else(no_page)?;
            let before = records.len();
            for track in tracks {
                let record = self.verify(&json::canonical(track)).await?;
                if record.as_track().is_none() || record.artist() != *artist {
                    return Err(Outcome::Lied(format!("it lists {} under {artist}", record.id().as_str())));
                }
                if seen.insert(record.id()) {
                    records.push(record);
                }
                if records.len() == MAX_LISTED {
                    return Ok(records);
                }
            }
            cursor = match page.get("next").and_then(Json::as_str) {
                // Cursors that lead to nothing new could be followed for ever.
                Some(next) if records.len() > before => Some(next.to_owned()),
                _ => return Ok(records),
            };
        }
    }

    async fn get(&self, target: Target, max: usize) -> Result<Response, Outcome> {
        self.send(Request::get(target, Limits::document(max as u64)).accept("application/json")).await
    }

    pub(crate) async fn send(&self, request: Request) -> Result<Response, Outcome> {
        Ok(self.fetcher.send(request).await?)
    }

    /// A record that is refused is the node's lie, one that cannot be judged now its misfortune.
    pub(crate) async fn verify(&self, bytes: &[u8]) -> Result<Verified<Record>, Outcome> {
        let refused = |refusal: osp_core::record::Refusal| {
            Outcome::Lied(format!("its record is refused ({}): {refusal}", refusal.class.as_str()))
        };
        let record = Record::parse(bytes).map_err(refused)?;
        let Did::Web(did) = record.artist() else { return record.verify().map_err(refused) };
        match self.dids.keys(&did).await {
            Ok(keys) => record.verify_with_keys(&keys).map_err(refused),
            // Not the node's fault.
            Err(e) => Err(Outcome::Failed(format!("its record cannot be checked: {e}"))),
        }
    }
}

async fn body(response: Response) -> Result<Bytes, Outcome> {
    Ok(response.bytes().await?)
}

pub(crate) fn status_outcome(status: StatusCode) -> Outcome {
    match Fault::status(status) {
        Fault::Source(outcome) => outcome,
        other => Outcome::Failed(other.to_string()),
    }
}

fn told(node: &Target, outcome: Outcome) -> Attempt {
    let attempt = Attempt { source: node.to_string(), outcome };
    if attempt.outcome.is_lie() {
        tracing::warn!("{attempt}; its record is not taken");
    } else {
        tracing::debug!("{attempt}");
    }
    attempt
}

fn failure(what: String, attempts: Vec<Attempt>) -> RecordsError {
    if attempts.iter().any(|a| a.outcome.is_lie()) {
        RecordsError::Lied { what, attempts }
    } else {
        RecordsError::NotFound { what, attempts }
    }
}
