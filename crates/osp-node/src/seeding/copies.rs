//! Other copies, looked for now: nodes and mirrors that answer, peers that have everything, trackers that know of some.
//!
//! What is asked for is the length alone (HEAD, or one byte), not the content: somebody who wants music to be lost could
//! lie here, but has to be a mirror that the artist named, a node that the operator named, or a peer.

use crate::Node;
use async_trait::async_trait;
use osp_core::{
    Cid,
    record::Record,
    torrent::{Magnet, piece_length},
};
use osp_delivery::HttpSource;
use osp_fetch::{Limits, Request, StatusCode, Target, Url, header};
use osp_store::{BlobMeta, Custody as _, Guest, StoreError};
use osp_swarm::InfoHash;
use osp_tracker::http::{MAX_REPLY_BYTES, ScrapeQuery, scrape_url, scraped};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a place may take to answer.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long an answer holds.
const RECENT: Duration = Duration::from_secs(60);
/// Answers that are remembered.
const MAX_REMEMBERED: usize = 4096;
/// Nodes and mirrors that are asked for one guest.
const MAX_PLACES: usize = 16;
/// Of the complete peers that a tracker counts, one is this node, and one may have left without a word.
const MAYBE_NOT: usize = 2;
/// Trackers that are asked for one guest.
const MAX_TRACKERS: usize = 4;

/// Looks for copies at the nodes of followed REFs, at the mirrors and trackers of records, and among connected peers.
pub struct SeenCopies {
    node: Arc<Node>,
    /// Nodes to ask beside those of followed REFs.
    also: Vec<String>,
    /// Origins at which this node itself answers: it is no other copy.
    own: HashSet<String>,
    recent: Mutex<HashMap<Cid, (Instant, usize)>>,
}

impl SeenCopies {
    /// Asks the nodes `also` as well; `own` are the addresses of this node itself.
    #[must_use]
    pub fn new(node: Arc<Node>, also: &[String], own: &[String]) -> Self {
        let own = own.iter().filter_map(|url| Some(origin(&Url::parse(url).ok()?))).collect();
        Self { node, also: also.to_vec(), own, recent: Mutex::default() }
    }

    async fn look(&self, guest: &Guest) -> Result<usize, StoreError> {
        let Some(blob) = self.node.blobs().find(&guest.cid).await? else { return Ok(0) };
        let (places, trackers) = self.places(&blob).await?;
        let places = places.iter().map(|place| self.answers(place, blob.size));
        let trackers = trackers.iter().map(|tracker| self.scraped(tracker, InfoHash(blob.infohash)));
        let (there, known, connected) = tokio::join!(
            futures_util::future::join_all(places),
            futures_util::future::join_all(trackers),
            self.complete_peers(&blob),
        );
        let there = there.into_iter().filter(|there| *there).count();
        // Trackers count the same peers, so the largest number is taken; one that is connected is among them.
        Ok(there + known.into_iter().max().unwrap_or(0).max(connected))
    }

    /// Where it may be, and who may know of peers.
    async fn places(&self, blob: &BlobMeta) -> Result<(Vec<Target>, Vec<Target>), StoreError> {
        let mut places = Vec::new();
        let mut trackers = Vec::new();
        let mut named = blob.cid;
        for stored in self.node.records().using_content(&blob.roots).await? {
            let Ok(record) = Record::parse(&stored.json) else { continue };
            let Some(track) = record.as_track() else { continue };
            if !blob.roots.contains(&track.content()) {
                continue;
            }
            named = track.content();
            let Some(magnet) = track.text("torrent").and_then(Magnet::parse) else { continue };
            places.extend(HttpSource::mirrors(&magnet, &named).filter_map(|source| match source {
                Ok(HttpSource::Mirror(url) | HttpSource::Node(url)) => Some(url),
                Err(_) => None,
            }));
            let scrapes = magnet.trackers.iter().filter_map(|tracker| scrape_url(&over_http(tracker)));
            trackers.extend(scrapes.filter_map(|url| Target::learned(&url).ok()));
        }
        let followed = self.node.store().followed().await?;
        let sources = followed.iter().flat_map(|followed| &followed.sources).chain(&self.also);
        let nodes = sources.filter_map(|base| Target::typed(base).ok());
        places.extend(nodes.map(|base| base.join(&format!("/ipfs/{named}"))));
        Ok((self.others(places, MAX_PLACES), self.others(trackers, MAX_TRACKERS)))
    }

    /// Each once, this node itself left out.
    fn others(&self, targets: Vec<Target>, most: usize) -> Vec<Target> {
        let mut seen = HashSet::new();
        let others = targets.into_iter().filter(|target| !self.own.contains(&origin(target.url())));
        others.filter(|target| seen.insert(target.url().as_str().to_owned())).take(most).collect()
    }

    /// Whether there is something of this size. Gateways are asked for what they have, not to fetch it from us.
    async fn answers(&self, place: &Target, size: u64) -> bool {
        let cached = header::HeaderValue::from_static("only-if-cached");
        let head = Request::head(place.clone()).header(header::CACHE_CONTROL, cached.clone());
        let asked = async {
            let response = self.node.fetcher().send(head).await.ok()?;
            match response.status() {
                StatusCode::OK => return Some(response.content_length() == Some(size)),
                StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::PRECONDITION_FAILED => return None,
                _ => {}
            }
            // Some servers know no HEAD.
            let byte = Request::get(place.clone(), Limits::document(1)).range(0, Some(0));
            let response = self.node.fetcher().send(byte.header(header::CACHE_CONTROL, cached)).await.ok()?;
            let total = response.header("content-range")?.rsplit_once('/')?.1.parse::<u64>().ok()?;
            Some(response.status() == StatusCode::PARTIAL_CONTENT && total == size)
        };
        matches!(tokio::time::timeout(PATIENCE, asked).await, Ok(Some(true)))
    }

    /// Complete peers that a tracker knows of, this node and one that may have gone left out.
    async fn scraped(&self, tracker: &Target, infohash: InfoHash) -> usize {
        let query = ScrapeQuery { infohashes: vec![infohash] }.to_query();
        let between = if tracker.url().query().is_some() { '&' } else { '?' };
        let url = format!("{}{between}{query}", tracker.url());
        let asked = async {
            let target = Target::parse(&url, tracker.trust()).ok()?;
            let response =
                self.node.fetcher().get(target, Limits::document(MAX_REPLY_BYTES as u64)).await.ok()?;
            let body = response.bytes().await.ok()?;
            let (_, stats) = scraped(&body).ok()?.into_iter().find(|(swarm, _)| *swarm == infohash)?;
            Some((stats.complete as usize).saturating_sub(MAYBE_NOT))
        };
        tokio::time::timeout(PATIENCE, asked).await.ok().flatten().unwrap_or(0)
    }

    /// Connected peers that have every piece.
    async fn complete_peers(&self, blob: &BlobMeta) -> usize {
        let torrent = self.node.hub().and_then(|hub| hub.find(InfoHash(blob.infohash)));
        let Some(torrent) = torrent else { return 0 };
        let pieces = blob.size.div_ceil(u64::from(piece_length(blob.size)).max(1));
        let stats = torrent.stats().await;
        stats.swarm.peers.iter().filter(|peer| u64::from(peer.has) >= pieces).count()
    }
}

#[async_trait]
impl super::Copies for SeenCopies {
    async fn elsewhere(&self, guest: &Guest) -> usize {
        let remembered = {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            recent.get(&guest.cid).filter(|(at, _)| at.elapsed() < RECENT).map(|(_, copies)| *copies)
        };
        // Only that there was none is remembered: before something is given up, its copies are seen.
        if remembered == Some(0) {
            return 0;
        }
        let copies = self.look(guest).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot look for other copies");
            0
        });
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= MAX_REMEMBERED {
            recent.clear();
        }
        recent.insert(guest.cid, (Instant::now(), copies));
        copies
    }
}

/// A node's tracker answers WebSockets and HTTP at one address.
fn over_http(tracker: &str) -> String {
    match tracker.strip_prefix("ws") {
        Some(rest) => format!("http{rest}"),
        None => tracker.to_owned(),
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
