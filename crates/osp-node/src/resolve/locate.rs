//! From a REF to the records, or the content, that it names.

use super::{ResolveError, ResolveEvent, ResolveRequest, Target, keep};
use crate::{Node, pages::addresses::audio_file, publish::tracks_of, verify::verify_record};
use osp_core::{
    Cid,
    content::same_block,
    did::Did,
    record::{MAX_RECORD_BYTES, Record, RecordId, Verified},
    reference::Reference,
    torrent::Magnet,
};
use osp_delivery::{
    Attempt, Outcome,
    download::{DownloadRequest, Finished, WhenLeft},
};
use osp_store::{StoredRecord, Withdrawn};
use std::sync::Arc;

mod ask;
mod network;
mod url;

pub(super) use url::understand;

/// What a REF turned out to name.
pub(super) struct Located {
    pub(super) targets: Vec<Target>,
    /// Whether the REF can name several tracks, so that an output is a folder.
    pub(super) several: bool,
}

/// Who is asked, and what came of it.
pub(super) struct Search<'a> {
    node: &'a Node,
    from: Vec<String>,
    /// Whether the caller named anybody.
    named: bool,
    progress: &'a (dyn Fn(ResolveEvent<'_>) + Send + Sync),
    tried: Vec<Attempt>,
}

pub(super) async fn locate(
    node: &Node,
    request: &ResolveRequest,
    progress: &(dyn Fn(ResolveEvent<'_>) + Send + Sync),
) -> Result<Located, ResolveError> {
    let mut from = request.from.clone();
    from.extend(node.neighbours().iter().map(|neighbour| neighbour.url().to_string()));
    let mut search = Search { node, from, named: !request.from.is_empty(), progress, tried: Vec::new() };
    let mut reference = request.reference.clone();
    if let Reference::Url(address) = &reference {
        match url::understand(address) {
            Some((base, inner)) => {
                // The address itself says whom to ask first.
                search.from.insert(0, base);
                search.named = true;
                reference = inner;
            }
            None => {
                return match url::exported(address) {
                    Some(page) => search.exported(page).await,
                    None => search.document(address).await.map(one),
                };
            }
        }
    }
    match reference {
        Reference::Record(id) => search.record(&id).await.map(one),
        Reference::Cid(cid) => search.cid(cid).await.map(one),
        Reference::Magnet(magnet) => search.magnet(magnet).await.map(one),
        Reference::Did(did) => {
            let targets = search.artist(&did).await?;
            Ok(Located { targets, several: true })
        }
        other => Err(ResolveError::Unsupported(format!("{other:?} cannot be resolved"))),
    }
}

fn one(target: Target) -> Located {
    Located { targets: vec![target], several: false }
}

impl Search<'_> {
    /// A track by its id: here, else from the first node that sends the real one, else from the network.
    async fn record(&mut self, id: &RecordId) -> Result<Target, ResolveError> {
        if let Some(stored) = self.node.records().get(id.as_str()).await? {
            return self.stored(stored).await;
        }
        let record = match self.ask_for_record(id).await? {
            None => self.find_record(id).await,
            sent => sent,
        };
        match record {
            Some(record) => self.take(record).await,
            None => Err(self.failed(id.as_str().to_owned())),
        }
    }

    /// A bare CID: content that is here, the id of a record, or content elsewhere.
    async fn cid(&mut self, cid: Cid) -> Result<Target, ResolveError> {
        let roots = match self.node.blobs().find(&cid).await? {
            Some(blob) => blob.roots.clone(),
            None => vec![cid],
        };
        for stored in self.node.records().using_content(&roots).await? {
            let record = self.verified(&stored).await?;
            let content = record.as_track().map(osp_core::record::TrackRecord::content);
            if content.is_some_and(|c| roots.iter().any(|root| same_block(root, &c))) {
                return Ok(self.target(record));
            }
        }
        if let Some(stored) = self.node.records().get(&cid.to_string()).await? {
            return self.stored(stored).await;
        }
        if self.node.blobs().find(&cid).await?.is_none()
            && let Ok(id) = RecordId::parse(&format!("osp:track:{cid}"))
            && let Some(record) = self.ask_for_record(&id).await?
        {
            return self.take(record).await;
        }
        if self.node.records().is_content_blocked(&[cid]).await? {
            return Err(ResolveError::Blocked(cid.to_string()));
        }
        if self.node.blobs().find(&cid).await?.is_none()
            && let Some(record) = self.find_by_cid(&cid).await
        {
            return self.take(record).await;
        }
        Ok(Target {
            record: None,
            cid,
            magnet: None,
            from: self.from.clone(),
            files: Vec::new(),
            fetched: None,
        })
    }

    /// A magnet: its torrent, by our rule, carries the CID as its name.
    async fn magnet(&mut self, magnet: Magnet) -> Result<Target, ResolveError> {
        let mut fetched = None;
        let cid = match self.node.blobs().find_by_infohash(&magnet.infohash).await? {
            Some(blob) => blob.cid,
            None => match self.ask_for_torrent(&magnet.infohash).await {
                Some(cid) => cid,
                None => {
                    let finished = self.ask_the_swarm(&magnet).await?;
                    let cid = finished.cid;
                    fetched = Some(finished);
                    cid
                }
            },
        };
        let mut target = self.cid(cid).await?;
        target.magnet = target.magnet.or(Some(magnet));
        target.fetched = fetched;
        Ok(target)
    }

    /// Content that nobody named knows under this infohash: peers know its info dictionary, and so its CID.
    async fn ask_the_swarm(&mut self, magnet: &Magnet) -> Result<Arc<Finished>, ResolveError> {
        let mut request = DownloadRequest::of_magnet(magnet.clone());
        request.when_left = WhenLeft::Stop;
        if self.node.hub().is_none() && request.http.is_empty() {
            return Err(self.failed(magnet.to_string()));
        }
        let title = magnet.infohash_hex();
        super::content::fetch(self.node, request, &title, self.progress).await
    }

    /// Every current track of an artist, from here, from all nodes that were named, and from the network.
    async fn artist(&mut self, did: &Did) -> Result<Vec<Target>, ResolveError> {
        if self.node.records().is_artist_blocked(did).await? {
            return Err(ResolveError::Blocked(did.to_string()));
        }
        for record in self.ask_for_artist(did).await {
            keep(self.node, &record).await?;
        }
        for record in self.find_artist(did).await? {
            if !self.node.records().is_blocked(&record).await? {
                keep(self.node, &record).await?;
            }
        }
        let mut targets = Vec::new();
        for json in tracks_of(self.node, did).await? {
            let record = verify_record(self.node, &json).await;
            let record = record.map_err(|e| ResolveError::Unusable(e.to_string()))?;
            targets.push(self.target(record));
        }
        if targets.is_empty() { Err(self.failed(format!("music by {did}"))) } else { Ok(targets) }
    }

    /// An address that is not one of a node's: it may hold a record as a plain file.
    async fn document(&mut self, address: &str) -> Result<Target, ResolveError> {
        match self.ask_for_document(address).await {
            Some(record) => self.take(record).await,
            None => Err(self.failed(address.to_owned())),
        }
    }

    /// A page of «osp site export»: the records beside it, and the audio in the same folder.
    async fn exported(&mut self, page: url::Exported) -> Result<Located, ResolveError> {
        let records = match &page.id {
            Some(_) => self.ask_for_document(&page.document).await.into_iter().collect(),
            None => self.ask_for_list(&page.document).await,
        };
        let mut targets = Vec::new();
        for record in records {
            if page.id.as_ref().is_some_and(|id| *id != record.id()) {
                self.note(&page.document, Outcome::Lied("it sent the record of another track".to_owned()));
                continue;
            }
            let mut target = self.take(record).await?;
            if let Some(track) = target.record.as_ref().and_then(|record| record.as_track()) {
                let file = audio_file(track.text("cid").unwrap_or_default(), track.format());
                target.files.extend(osp_fetch::Target::typed(&format!("{}/{file}", page.base)).ok());
            }
            targets.push(target);
        }
        if targets.is_empty() {
            return Err(self.failed(page.document));
        }
        Ok(Located { targets, several: page.id.is_none() })
    }

    /// A record that is here already.
    async fn stored(&self, stored: StoredRecord) -> Result<Target, ResolveError> {
        if let Some(Withdrawn::Retracted(json)) = &stored.withdrawn {
            let reason = match Record::parse(json) {
                Ok(Record::Retraction(r)) => r.reason().map(ToOwned::to_owned),
                _ => None,
            };
            return Err(ResolveError::Retracted { id: stored.id, reason });
        }
        let record = self.verified(&stored).await?;
        self.usable(&record).await?;
        Ok(self.target(record))
    }

    /// A record that was fetched: kept, unless it is blocked.
    async fn take(&self, record: Verified<Record>) -> Result<Target, ResolveError> {
        self.usable(&record).await?;
        if record.to_bytes().len() > MAX_RECORD_BYTES {
            let text =
                format!("{} outgrows 64 KiB in canonical form, so it cannot be kept", record.id().as_str());
            return Err(ResolveError::Unusable(text));
        }
        keep(self.node, &record).await?;
        // Its retraction may have been here before it.
        match self.node.records().get(record.id().as_str()).await? {
            Some(stored) if matches!(stored.withdrawn, Some(Withdrawn::Retracted(_))) => {
                self.stored(stored).await
            }
            _ => Ok(self.target(record)),
        }
    }

    async fn usable(&self, record: &Record) -> Result<(), ResolveError> {
        if !matches!(record, Record::Track(_)) {
            let text = format!("{} is no track; name the track itself", record.id().as_str());
            return Err(ResolveError::Unsupported(text));
        }
        if self.node.records().is_blocked(record).await? {
            return Err(ResolveError::Blocked(record.id().as_str().to_owned()));
        }
        Ok(())
    }

    /// Stored records were verified before they were stored; doing it again costs 50 µs and trusts no disk.
    async fn verified(&self, stored: &StoredRecord) -> Result<Verified<Record>, ResolveError> {
        verify_record(self.node, &stored.json).await.map_err(|e| ResolveError::Unusable(e.to_string()))
    }

    fn target(&self, record: Verified<Record>) -> Target {
        let track = record.as_track();
        let magnet = track.and_then(|t| t.text("torrent")).and_then(Magnet::parse);
        let cid = track.map(osp_core::record::TrackRecord::content).unwrap_or_default();
        Target {
            record: Some(record),
            cid,
            magnet,
            from: self.from.clone(),
            files: Vec::new(),
            fetched: None,
        }
    }

    fn failed(&mut self, what: String) -> ResolveError {
        let tried = std::mem::take(&mut self.tried);
        if tried.iter().any(|a| a.outcome.is_lie()) {
            ResolveError::Lied { what, tried }
        } else {
            ResolveError::NotFound { what, tried }
        }
    }

    /// Remembers that a source did not deliver, and tells of liars at once.
    fn note(&mut self, source: &str, outcome: Outcome) {
        if outcome.is_lie() {
            (self.progress)(ResolveEvent::Lied { source, what: outcome.reason() });
            tracing::warn!(source, reason = outcome.reason(), "a source sent what does not verify");
        }
        self.tried.push(Attempt { source: source.to_owned(), outcome });
    }
}
