//! Asking the named nodes: records through `osp-delivery`, which verifies them; torrents and plain documents here.

use super::Search;
use crate::{
    pages::feeds::MAX_TRACKS,
    peering::ipfs::is_multiaddr,
    resolve::ResolveError,
    verify::{VerifyError, verify_record},
};
use osp_core::{
    Cid,
    content::parse_cid,
    did::Did,
    record::{MAX_RECORD_BYTES, Record, RecordId, Verified},
    torrent::{Sha1Digest, info_of},
};
use osp_delivery::{
    Attempt, Outcome,
    records::{Found, RecordClient, RecordsError},
};
use osp_fetch::{FetchError, Limits, StatusCode, Target};

/// Largest `.torrent`: 4 MiB pieces of 16 GiB take 80 KiB.
const MAX_TORRENT_BYTES: u64 = 4 * 1024 * 1024;

/// Largest list of records: as many as one has, each as long as it may be.
const MAX_LIST_BYTES: u64 = (MAX_TRACKS * MAX_RECORD_BYTES) as u64;

impl Search<'_> {
    /// A record from the first node that has it. A retraction that comes instead is the node's claim, unless the
    /// record itself shows that its signer is the artist.
    pub(super) async fn ask_for_record(
        &mut self,
        id: &RecordId,
    ) -> Result<Option<Verified<Record>>, ResolveError> {
        let found = self.client().record(&self.nodes(), id).await;
        match found {
            Ok(Found::Record { record, attempts, .. }) => {
                self.note_all(attempts);
                Ok(Some(*record))
            }
            Ok(Found::Withdrawn { retraction, proven }) => {
                // Kept: it takes effect here as soon as a record shows the same artist.
                super::keep(self.node, &retraction).await?;
                let id = id.clone();
                if !proven {
                    return Err(ResolveError::SaidRetracted { id, by: retraction.artist().to_string() });
                }
                let reason = retraction.as_retraction().and_then(|r| r.reason()).map(ToOwned::to_owned);
                Err(ResolveError::Retracted { id, reason })
            }
            Err(error) => {
                self.note_error(error);
                Ok(None)
            }
        }
    }

    /// All tracks of an artist that any of the nodes lists.
    pub(super) async fn ask_for_artist(&mut self, did: &Did) -> Vec<Verified<Record>> {
        let mut records = Vec::new();
        for node in self.nodes() {
            match self.client().by_artist(&[node], did).await {
                Ok(found) => records.extend(found),
                Err(error) => self.note_error(error),
            }
        }
        records
    }

    /// A record at an address of its own.
    pub(super) async fn ask_for_document(&mut self, address: &str) -> Option<Verified<Record>> {
        let bytes = match self.get(address, "", MAX_RECORD_BYTES as u64).await {
            Ok(bytes) => bytes,
            Err(outcome) => {
                self.note(address, outcome);
                return None;
            }
        };
        match verify_record(self.node, &bytes).await {
            Ok(record) => Some(record),
            Err(VerifyError::Refused(refusal)) => {
                let reason = format!("what it sent does not verify ({}): {refusal}", refusal.class.as_str());
                self.note(address, Outcome::Lied(reason));
                None
            }
            Err(other) => {
                self.note(address, Outcome::Failed(other.to_string()));
                None
            }
        }
    }

    /// The records of a list (`tracks.json` of our pages); those that do not verify are told of and passed over.
    pub(super) async fn ask_for_list(&mut self, address: &str) -> Vec<Verified<Record>> {
        #[derive(serde::Deserialize)]
        struct List {
            tracks: Vec<Entry>,
        }
        #[derive(serde::Deserialize)]
        struct Entry {
            record: Box<serde_json::value::RawValue>,
        }
        let sent = self.get(address, "", MAX_LIST_BYTES).await.and_then(|bytes| {
            serde_json::from_slice::<List>(&bytes)
                .map_err(|e| Outcome::Failed(format!("it sent no list: {e}")))
        });
        let list = match sent {
            Ok(list) => list,
            Err(outcome) => {
                self.note(address, outcome);
                return Vec::new();
            }
        };
        let mut records = Vec::new();
        for entry in list.tracks.into_iter().take(MAX_TRACKS) {
            match verify_record(self.node, entry.record.get().as_bytes()).await {
                Ok(record) => records.push(record),
                Err(error) => self.note(address, Outcome::Lied(format!("a record of it: {error}"))),
            }
        }
        records
    }

    /// The CID of a torrent by our rule, from the first node that has it.
    pub(super) async fn ask_for_torrent(&mut self, infohash: &Sha1Digest) -> Option<Cid> {
        let path = format!("/torrents/{}.torrent", data_encoding::HEXLOWER.encode(infohash));
        for base in self.urls() {
            let outcome = match self.get(&base, &path, MAX_TORRENT_BYTES).await {
                Ok(bytes) => match info_of(&bytes).filter(|info| info.infohash() == *infohash) {
                    Some(info) => match parse_cid(&info.name) {
                        Ok(cid) => return Some(cid),
                        Err(_) => Outcome::Failed("its torrent is not named by a CID".to_owned()),
                    },
                    None => Outcome::Lied("its torrent has another infohash".to_owned()),
                },
                Err(outcome) => outcome,
            };
            self.note(&base, outcome);
        }
        None
    }

    fn client(&self) -> RecordClient {
        RecordClient::new(self.node.fetcher().clone(), self.node.did_web().clone())
    }

    /// The named nodes whose addresses can be used.
    fn nodes(&mut self) -> Vec<Target> {
        let mut nodes = Vec::new();
        for base in self.urls() {
            match Target::typed(&base) {
                Ok(node) => nodes.push(node),
                Err(e) => self.note(&base, Outcome::Failed(e.to_string())),
            }
        }
        nodes
    }

    /// The named places that speak HTTP: IPFS peers know nothing of records.
    fn urls(&self) -> Vec<String> {
        self.from.iter().filter(|place| !is_multiaddr(place)).cloned().collect()
    }

    async fn get(&self, base: &str, path: &str, limit: u64) -> Result<bytes::Bytes, Outcome> {
        let failed = |e: FetchError| Outcome::Failed(e.to_string());
        let target = Target::typed(base).map_err(failed)?;
        let target = if path.is_empty() { target } else { target.join(path) };
        let response = self.node.fetcher().get(target, Limits::document(limit)).await.map_err(failed)?;
        match response.status() {
            StatusCode::OK => response.bytes().await.map_err(failed),
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                Err(Outcome::Absent(format!("it does not have it ({})", response.status().as_u16())))
            }
            other => Err(Outcome::Failed(format!("it answers {other}"))),
        }
    }

    fn note_error(&mut self, error: RecordsError) {
        match error {
            RecordsError::NotFound { attempts, .. } | RecordsError::Lied { attempts, .. } => {
                self.note_all(attempts);
            }
            other => tracing::warn!(error = %other, "asking for records failed"),
        }
    }

    fn note_all(&mut self, attempts: Vec<Attempt>) {
        for attempt in attempts {
            self.note(&attempt.source, attempt.outcome);
        }
    }
}
