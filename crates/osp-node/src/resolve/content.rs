//! Makes sure that a track's audio is in the store.

use super::{BytesBySource, ResolveError, ResolveEvent, Target};
use crate::{Node, beside::Beside, peering::ipfs::is_multiaddr};
use osp_delivery::{
    DeliveryError, HttpSource, SourceKind,
    download::{BlockSource, DownloadRequest, Finished, WhenLeft},
};
use osp_store::{BlobMeta, StoreError};
use std::sync::Arc;

/// The blob, fetched where it was not here, and where its bytes came from.
pub(super) async fn ensure(
    node: &Node,
    target: &Target,
    progress: &(dyn Fn(ResolveEvent<'_>) + Send + Sync),
) -> Result<(Arc<BlobMeta>, BytesBySource), ResolveError> {
    if let Some(finished) = &target.fetched {
        return fetched(node, finished, progress).await;
    }
    if let Some(blob) = node.blobs().find(&target.cid).await? {
        // Read once from the disk: resolving is also how damage is found, and healed where somebody has the bytes.
        if node.blobs().scrub(&blob.cid).await?.damaged.is_empty() {
            let sources = BytesBySource { local: blob.size, ..BytesBySource::default() };
            return Ok((blob, sources));
        }
        tracing::warn!(cid = %blob.cid, "the stored copy is damaged and is fetched again");
        let request = node.with_network(request(node, target)).await;
        let places = !request.http.is_empty() || !request.blocks.is_empty();
        if !places && request.search.is_none() && node.hub().is_none() {
            return Err(StoreError::Corrupt { cid: blob.cid }.into());
        }
    }
    if node.records().is_content_blocked(&[target.cid]).await? {
        return Err(ResolveError::Blocked(target.cid.to_string()));
    }
    let track = target.record.as_ref().and_then(|r| r.as_track());
    let title = track.map_or_else(|| target.cid.to_string(), |t| t.title().to_owned());
    let request = node.with_network(request(node, target)).await;
    let searched = request.search.is_some();
    let finished = match fetch(node, request, &title, progress).await {
        Err(ResolveError::NotFound { what, mut tried }) if searched => {
            tried.push(super::nobody_in_the_network());
            return Err(ResolveError::NotFound { what, tried });
        }
        fetched => fetched?,
    };
    fetched(node, &finished, progress).await
}

/// What a download brought, and from where.
async fn fetched(
    node: &Node,
    finished: &Finished,
    progress: &(dyn Fn(ResolveEvent<'_>) + Send + Sync),
) -> Result<(Arc<BlobMeta>, BytesBySource), ResolveError> {
    for attempt in finished.attempts.iter().filter(|a| a.outcome.is_lie()) {
        progress(ResolveEvent::Lied { source: &attempt.source, what: attempt.outcome.reason() });
    }
    let mut by_source = BytesBySource::default();
    for part in &finished.bytes_by_source {
        *match part.kind {
            SourceKind::Http => &mut by_source.http,
            SourceKind::BitTorrent => &mut by_source.bittorrent,
            SourceKind::WebTorrent => &mut by_source.webtorrent,
            SourceKind::Ipfs => &mut by_source.ipfs,
            _ => &mut by_source.local,
        } += part.bytes;
    }
    let gone = || StoreError::Corrupt { cid: finished.cid };
    let blob = node.blobs().find(&finished.cid).await?.ok_or_else(gone)?;
    Ok((blob, by_source))
}

/// What to fetch: from the nodes that were named (typed), then the artist's mirrors and swarm (learned).
pub(super) fn request(node: &Node, target: &Target) -> DownloadRequest {
    let nodes = nodes(target);
    let mut request = match target.record.as_ref().and_then(|r| r.as_track()) {
        Some(track) => node.request_of(track, &nodes),
        None => {
            let mut request = DownloadRequest::of_cid(target.cid);
            request.http.extend(nodes);
            request
        }
    };
    request.http.extend(target.files.iter().cloned().map(HttpSource::Mirror));
    if let (None, Some(magnet)) = (&request.magnet, &target.magnet) {
        request = request.with_magnet(magnet.clone());
    }
    request.blocks = peers(node, target);
    request.when_left = WhenLeft::Stop;
    request
}

/// Addresses that cannot be used are passed over; nobody may be left.
fn nodes(target: &Target) -> Vec<HttpSource> {
    let typed = target.from.iter().filter_map(|url| osp_fetch::Target::typed(url).ok());
    typed.map(HttpSource::Node).collect()
}

/// IPFS peers that were named by their multiaddrs.
fn peers(node: &Node, target: &Target) -> Vec<Arc<dyn BlockSource>> {
    let typed = target.from.iter().filter(|place| is_multiaddr(place));
    typed.filter_map(|place| node.typed_peer(place).ok()).collect()
}

/// Downloads to the end.
pub(super) async fn fetch(
    node: &Node,
    request: DownloadRequest,
    title: &str,
    progress: &(dyn Fn(ResolveEvent<'_>) + Send + Sync),
) -> Result<Arc<Finished>, ResolveError> {
    let download = node.downloads().open(request);
    let mut ticks = download.ticks();
    loop {
        ticks.borrow_and_update();
        if let Some(ended) = download.ended() {
            return ended.map_err(|error| failed(title, error));
        }
        let (total, done) = download.bytes();
        if done > 0 {
            progress(ResolveEvent::Fetching { title, done, total });
        }
        // It ticks at its end, too.
        let _ = ticks.changed().await;
    }
}

/// Fetches cover, waveform and lyrics as well, so that this node's pages show them. A track without them is whole all the
/// same: what goes wrong here is only logged.
pub(super) async fn ensure_beside(node: &Node, target: &Target) {
    let Some(track) = target.record.as_ref().and_then(|r| r.as_track()) else { return };
    for beside in Beside::of(track) {
        ensure_one(node, target, &beside).await;
    }
}

async fn ensure_one(node: &Node, target: &Target, &Beside { cid, what, max_size }: &Beside) {
    let fetched: Result<(), ResolveError> = async {
        let known = node.blobs().find(&cid).await?.is_some();
        if known || target.from.is_empty() || node.records().is_content_blocked(&[cid]).await? {
            return Ok(());
        }
        let mut request = DownloadRequest::of_cid(cid);
        request.max_size = max_size;
        request.http.extend(nodes(target));
        request.blocks = peers(node, target);
        request.when_left = WhenLeft::Stop;
        fetch(node, request, what, &|_| {}).await.map(|_| ())
    }
    .await;
    if let Err(error) = fetched {
        tracing::info!(%cid, what, %error, "not fetched");
    }
}

fn failed(title: &str, error: Arc<DeliveryError>) -> ResolveError {
    let what = format!("the audio of «{title}»");
    match &*error {
        DeliveryError::NotFound { attempts, .. } | DeliveryError::NoMetadata { attempts, .. } => {
            ResolveError::NotFound { what, tried: attempts.clone() }
        }
        DeliveryError::Lied { attempts, .. } => ResolveError::Lied { what, tried: attempts.clone() },
        DeliveryError::Local(_) => ResolveError::Keep(error),
        other => ResolveError::Unusable(other.to_string()),
    }
}
