//! From a followed REF to the tracks that it names now.

use crate::{
    Node,
    beside::Beside,
    discovery::network::Found as InNetwork,
    publish::tracks_of,
    resolve::{self, ResolveError, ResolveRequest},
};
use osp_core::{
    Cid,
    did::Did,
    record::{Record, RecordId, TrackRecord, Verified},
    reference::Reference,
};
use osp_delivery::{
    Attempt, HttpSource, Outcome,
    download::{DownloadRequest, WhenLeft},
    records::{Found, RecordClient, RecordsError},
};
use osp_discovery::IndexKey;
use osp_fetch::Target;
use osp_store::{Followed, Put, StoreError};
use std::collections::HashSet;

/// Tracks of an artist that the sources no longer list, and that are asked for one by one at a time: they may have been
/// retracted.
const MAX_ASKED: usize = 100;

/// Content that is to be kept.
pub(super) struct Wanted {
    /// The followed REF that led to it.
    pub(super) reference: String,
    /// Since when that is followed, in seconds since 1970.
    pub(super) since: u64,
    /// Never to be given up.
    pub(super) pinned: bool,
    /// The content.
    pub(super) cid: Cid,
    /// The track's id.
    pub(super) id: Option<String>,
    /// The track's title.
    pub(super) title: Option<String>,
    /// What to fetch it with.
    pub(super) request: DownloadRequest,
    /// What is kept beside it.
    pub(super) beside: Vec<Beside>,
    /// Whether its record was not known here before.
    pub(super) new: bool,
    /// Most bytes that are taken where its size is not known.
    pub(super) max_size: u64,
}

/// The tracks, asked of the sources and, of an artist, the network now, and otherwise as they are known here.
pub(super) async fn expand(node: &Node, followed: &Followed) -> Result<Vec<Wanted>, ResolveError> {
    let reference = Reference::parse(&followed.reference);
    let reference = reference.map_err(|e| ResolveError::Unsupported(e.to_string()))?;
    let mut new = HashSet::new();
    match &reference {
        Reference::Did(did) => {
            let tried = refresh_artist(node, did, followed, &mut new).await?;
            gather_artist(node, did, &mut new).await?;
            let tracks = tracks_of(node, did).await?;
            let records: Vec<Record> = tracks.iter().filter_map(|json| Record::parse(json).ok()).collect();
            if records.is_empty() {
                return Err(ResolveError::NotFound { what: format!("music by {did}"), tried });
            }
            return Ok(records.iter().filter_map(|record| wanted(node, followed, record, &new)).collect());
        }
        // A record that is here is taken as it is, so a retraction has to be asked for.
        Reference::Record(id) => refresh_record(node, id, followed).await?,
        _ => {}
    }
    let request = ResolveRequest { reference, from: followed.sources.clone(), output: None, force: false };
    let targets = resolve::find(node, &request, &|_| {}).await?;
    let known = |target: &resolve::Target| match target.record.as_deref() {
        Some(record) => wanted(node, followed, record, &new),
        None => Some(Wanted {
            request: target.request(node),
            ..bare(followed, target.cid, DownloadRequest::of_cid(target.cid))
        }),
    };
    Ok(targets.iter().filter_map(known).collect())
}

/// The nodes to ask for a followed REF.
pub(super) fn nodes(followed: &Followed) -> Vec<Target> {
    followed.sources.iter().filter_map(|url| Target::typed(url).ok()).collect()
}

fn wanted(node: &Node, followed: &Followed, record: &Record, new: &HashSet<RecordId>) -> Option<Wanted> {
    let track: &TrackRecord = record.as_track()?;
    let sources: Vec<HttpSource> = nodes(followed).into_iter().map(HttpSource::Node).collect();
    Some(Wanted {
        id: Some(record.id().as_str().to_owned()),
        title: Some(track.title().to_owned()),
        beside: Beside::of(track),
        new: new.contains(&record.id()),
        ..bare(followed, track.content(), node.request_of(track, &sources))
    })
}

/// What a track names beside its audio: from the nodes alone, since no record says where else it is.
pub(super) fn beside(track: &Wanted) -> Vec<Wanted> {
    track.beside.iter().filter_map(|beside| wanted_beside(track, beside)).collect()
}

fn wanted_beside(track: &Wanted, &Beside { cid, what, max_size }: &Beside) -> Option<Wanted> {
    let mut request = DownloadRequest::of_cid(cid);
    let nodes = track.request.http.iter().filter(|source| matches!(source, HttpSource::Node(_)));
    request.http = nodes.cloned().collect();
    let fetchable = !request.http.is_empty();
    request.when_left = WhenLeft::Stop;
    fetchable.then(|| Wanted {
        reference: track.reference.clone(),
        id: track.id.clone(),
        title: track.title.as_ref().map(|title| format!("{title} ({what})")),
        beside: Vec::new(),
        cid,
        request,
        max_size,
        ..*track
    })
}

fn bare(followed: &Followed, cid: Cid, mut request: DownloadRequest) -> Wanted {
    request.when_left = WhenLeft::Stop;
    Wanted {
        reference: followed.reference.clone(),
        since: followed.since,
        pinned: followed.pinned,
        cid,
        id: None,
        title: None,
        max_size: request.max_size,
        request,
        beside: Vec::new(),
        new: false,
    }
}

/// Asks the sources for an artist's tracks, and for those that they list no more.
async fn refresh_artist(
    node: &Node,
    did: &Did,
    followed: &Followed,
    new: &mut HashSet<RecordId>,
) -> Result<Vec<Attempt>, ResolveError> {
    let client = client(node);
    let nodes = nodes(followed);
    let mut tried = Vec::new();
    let mut listed = HashSet::new();
    let mut answering = Vec::new();
    for source in &nodes {
        match client.by_artist(std::slice::from_ref(source), did).await {
            Ok(records) => {
                answering.push(source.clone());
                listed.extend(records.iter().map(|record| record.id()));
                let put = node.records().put(&records).await?;
                let fresh = records.iter().zip(put).filter(|(_, put)| *put == Put::New);
                new.extend(fresh.map(|(record, _)| record.id()));
            }
            Err(RecordsError::NotFound { attempts, .. } | RecordsError::Lied { attempts, .. }) => {
                // One without any track answers all the same: all may have been retracted.
                if attempts.iter().any(|a| matches!(a.outcome, Outcome::Absent(_))) {
                    answering.push(source.clone());
                }
                tried.extend(attempts);
            }
            Err(other) => tracing::warn!(error = %other, "asking for an artist's tracks failed"),
        }
    }
    if answering.is_empty() {
        return Ok(tried);
    }
    let here = tracks_of(node, did).await?;
    let ids = here.iter().filter_map(|json| Some(Record::parse(json).ok()?.id()));
    let unlisted: Vec<RecordId> = ids.filter(|id| !listed.contains(id)).take(MAX_ASKED).collect();
    for id in unlisted {
        ask_if_withdrawn(node, &client, &answering, &id).await?;
    }
    Ok(tried)
}

/// Takes what the network has of an artist: tracks, and what replaces and withdraws them.
async fn gather_artist(node: &Node, did: &Did, new: &mut HashSet<RecordId>) -> Result<(), StoreError> {
    let (Some(network), Ok(key)) = (node.network().await, IndexKey::artist(did)) else { return Ok(()) };
    let mut finding = network.find(vec![key]);
    while let Some(event) = finding.next().await {
        let InNetwork::Record { record, .. } = event else { continue };
        let index = node.records();
        if record.artist() != *did || index.is_blocked(&record).await? {
            continue;
        }
        if index.put(std::slice::from_ref(&*record)).await?.first() == Some(&Put::New) {
            new.insert(record.id());
        }
    }
    Ok(())
}

async fn refresh_record(node: &Node, id: &RecordId, followed: &Followed) -> Result<(), ResolveError> {
    ask_if_withdrawn(node, &client(node), &nodes(followed), id).await
}

/// A retraction counts when it is by the record's artist, which the index judges.
async fn ask_if_withdrawn(
    node: &Node,
    client: &RecordClient,
    nodes: &[Target],
    id: &RecordId,
) -> Result<(), ResolveError> {
    let found: Box<Verified<Record>> = match client.record(nodes, id).await {
        Ok(Found::Record { record, .. }) => record,
        Ok(Found::Withdrawn { retraction, .. }) => retraction,
        Err(_) => return Ok(()),
    };
    if !node.records().is_blocked(&found).await? {
        node.records().put(&[*found]).await?;
    }
    Ok(())
}

fn client(node: &Node) -> RecordClient {
    RecordClient::new(node.fetcher().clone(), node.did_web().clone())
}
