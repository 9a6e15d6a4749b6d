//! Asking nodes for records: what comes back is verified before anything is done with it.

use super::Search;
use crate::{resolve::ResolveError, verify::verify_record};
use bytes::Bytes;
use osp_core::{
    Cid,
    content::parse_cid,
    did::Did,
    record::{MAX_RECORD_BYTES, Record, RefusalClass, Verified},
    torrent::{Sha1Digest, info_of},
};
use osp_delivery::Outcome;
use osp_fetch::{Limits, StatusCode, Target};

/// Most pages of one artist's tracks that are taken from one node (200 records each).
const MAX_PAGES: usize = 500;
/// Largest page: 200 records and their wrapping.
const MAX_PAGE_BYTES: u64 = 201 * MAX_RECORD_BYTES as u64;
/// Largest `.torrent`: 4 MiB pieces of 16 GiB take 80 KiB, 64 KiB pieces never get there.
const MAX_TORRENT_BYTES: u64 = 4 * 1024 * 1024;

/// What a node answered.
enum Answer {
    Body(Bytes),
    /// 410: perhaps with the artist's retraction.
    Gone(Bytes),
}

impl Search<'_> {
    /// A record by whole id or CID part, from the first node that has it.
    pub(super) async fn ask_for_record(
        &mut self,
        id: &str,
    ) -> Result<Option<Verified<Record>>, ResolveError> {
        for base in self.from.clone() {
            match self.get(&base, &format!("/api/v1/tracks/{id}"), MAX_RECORD_BYTES as u64 + 4096).await {
                Ok(Answer::Body(bytes)) => {
                    if let Some(record) = self.judge(&base, &bytes, Some(id)).await {
                        return Ok(Some(record));
                    }
                }
                Ok(Answer::Gone(bytes)) => self.gone(&base, &bytes).await?,
                Err(outcome) => self.note(&base, outcome),
            }
        }
        Ok(None)
    }

    /// A record at an address of its own.
    pub(super) async fn ask_for_document(
        &mut self,
        address: &str,
    ) -> Result<Option<Verified<Record>>, ResolveError> {
        match self.get(address, "", MAX_RECORD_BYTES as u64).await {
            Ok(Answer::Body(bytes)) => Ok(self.judge(address, &bytes, None).await),
            Ok(Answer::Gone(_)) => {
                self.note(address, Outcome::Absent("it is gone (410)".to_owned()));
                Ok(None)
            }
            Err(outcome) => {
                self.note(address, outcome);
                Ok(None)
            }
        }
    }

    /// All tracks of an artist that the named nodes list; what does not verify is left out.
    pub(super) async fn ask_for_artist(&mut self, did: &Did) -> Result<Vec<Verified<Record>>, ResolveError> {
        let mut records = Vec::new();
        let artist = percent_encoding::utf8_percent_encode(&did.to_string(), percent_encoding::NON_ALPHANUMERIC)
            .to_string();
        for base in self.from.clone() {
            let mut cursor = String::new();
            for _ in 0..MAX_PAGES {
                let path = format!("/api/v1/tracks?artist={artist}&limit=200{cursor}");
                let page = match self.get(&base, &path, MAX_PAGE_BYTES).await {
                    Ok(Answer::Body(bytes)) => serde_json::from_slice::<Page>(&bytes),
                    Ok(Answer::Gone(_)) => break,
                    Err(outcome) => {
                        self.note(&base, outcome);
                        break;
                    }
                };
                let Ok(page) = page else {
                    self.note(&base, Outcome::Failed("its list of tracks cannot be read".to_owned()));
                    break;
                };
                for raw in &page.tracks {
                    if let Some(record) = self.judge(&base, raw.get().as_bytes(), None).await
                        && record.artist() == *did
                    {
                        records.push(record);
                    }
                }
                let Some(next) = page.next.filter(|_| !page.tracks.is_empty()) else { break };
                let next = percent_encoding::utf8_percent_encode(&next, percent_encoding::NON_ALPHANUMERIC);
                cursor = format!("&cursor={next}");
            }
        }
        Ok(records)
    }

    /// The CID of a torrent by our rule, from the first node that has it.
    pub(super) async fn ask_for_torrent(&mut self, infohash: &Sha1Digest) -> Option<Cid> {
        let hex = data_encoding::HEXLOWER.encode(infohash);
        for base in self.from.clone() {
            match self.get(&base, &format!("/torrents/{hex}.torrent"), MAX_TORRENT_BYTES).await {
                Ok(Answer::Body(bytes)) => match info_of(&bytes) {
                    Some(info) if info.infohash() == *infohash => {
                        if let Ok(cid) = parse_cid(&info.name) {
                            return Some(cid);
                        }
                        self.note(&base, Outcome::Failed("its torrent is not named by a CID".to_owned()));
                    }
                    _ => self.note(&base, Outcome::Lied("its torrent has another infohash".to_owned())),
                },
                Ok(Answer::Gone(_)) => self.note(&base, Outcome::Absent("it is gone (410)".to_owned())),
                Err(outcome) => self.note(&base, outcome),
            }
        }
        None
    }

    async fn get(&self, base: &str, path: &str, limit: u64) -> Result<Answer, Outcome> {
        let failed = |e: osp_fetch::FetchError| Outcome::Failed(e.to_string());
        let target = Target::typed(base).map_err(failed)?;
        let target = if path.is_empty() { target } else { target.join(path) };
        let response = self.node.fetcher().get(target, Limits::document(limit)).await.map_err(failed)?;
        match response.status() {
            StatusCode::OK => Ok(Answer::Body(response.bytes().await.map_err(failed)?)),
            StatusCode::GONE => Ok(Answer::Gone(response.bytes().await.map_err(failed)?)),
            StatusCode::NOT_FOUND => Err(Outcome::Absent("it does not have it (404)".to_owned())),
            other => Err(Outcome::Failed(format!("it answers {other}"))),
        }
    }

    /// The record, if it verifies and is the one that was asked for; otherwise the source is noted as a liar.
    async fn judge(&mut self, base: &str, bytes: &[u8], id: Option<&str>) -> Option<Verified<Record>> {
        let refusal = match verify_record(self.node, bytes).await {
            Ok(record) => {
                let right = id.is_none_or(|id| {
                    record.id().as_str() == id || record.id().cid_text() == id
                });
                // Stored and served in canonical form: one that outgrows the limit there could not be passed on.
                let passable = record.to_bytes().len() <= MAX_RECORD_BYTES;
                if right && passable {
                    return Some(record);
                }
                if right {
                    "its record is longer than 64 KiB in canonical form".to_owned()
                } else {
                    format!("it sent another record, {}", record.id().as_str())
                }
            }
            Err(refusal) => {
                let class = refusal.class.as_str();
                if refusal.class == RefusalClass::Malformed && id.is_none() {
                    self.note(base, Outcome::Failed(format!("what it sent is no record: {refusal}")));
                    return None;
                }
                format!("its record does not verify ({class}): {refusal}")
            }
        };
        self.note(base, Outcome::Lied(refusal));
        None
    }

    /// A node says the track is gone: with the artist's own retraction that is final, without it is the node's
    /// word alone.
    async fn gone(&mut self, base: &str, body: &[u8]) -> Result<(), ResolveError> {
        let retraction = serde_json::from_slice::<Gone>(body).ok().and_then(|g| g.retraction);
        if let Some(raw) = retraction
            && let Ok(record) = verify_record(self.node, raw.get().as_bytes()).await
            && let Record::Retraction(retraction) = &*record
        {
            super::keep(self.node, &record).await?;
            return Err(ResolveError::Retracted {
                id: retraction.track(),
                reason: retraction.reason().map(ToOwned::to_owned),
            });
        }
        self.note(base, Outcome::Absent("it no longer serves it (410)".to_owned()));
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Page {
    tracks: Vec<Box<serde_json::value::RawValue>>,
    next: Option<String>,
}

#[derive(serde::Deserialize)]
struct Gone {
    retraction: Option<Box<serde_json::value::RawValue>>,
}
