//! The task of one download: asks, cuts, proves, and falls back.

use super::{
    BlockSource, DownloadRequest, DownloadsConfig, Finished, Registry,
    gate::Gate,
    leaves::Leaves,
    places::Place,
    prove::{Answer, Prover},
    shared::{Body, Shared},
    sources::{HttpRanges, Opening, Tracked},
    whole::{self, Whole},
};
use crate::{
    Contribution, DeliveryError, Outcome, SourceKind,
    torrent::{RangeSource as _, Torrent, TorrentStats},
};
use osp_core::{
    Cid,
    content::{RAW, parse_cid},
    torrent::TorrentInfo,
};
use osp_fetch::Trust;
use osp_swarm::Geometry;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep},
};

mod beside;
mod in_order;
mod peers;
mod torrent;

use beside::Beside;
use peers::{BlockPeer, Search};

/// How often sources are looked after when nothing else happens.
const LOOK: Duration = Duration::from_millis(100);
/// After this long without a verified byte the download goes on in order, whatever the sources say.
const STUCK: Duration = Duration::from_secs(60);

/// How long the engine may take to count the last piece.
const COUNTING: Duration = Duration::from_secs(1);

/// See the module's text.
pub(crate) struct Drive {
    config: DownloadsConfig,
    /// The other downloads.
    registry: Weak<Registry>,
    shared: Arc<Shared>,
    request: DownloadRequest,
    orders: mpsc::UnboundedReceiver<DownloadRequest>,
    prover: Prover,
    /// Questions whose answers are awaited.
    asked: JoinSet<Event>,
    places: Vec<Place>,
    /// Peers that give blocks.
    peers: Vec<BlockPeer>,
    /// Routers that were asked for such peers and have not answered.
    finding: usize,
    asked_publicly: bool,
    /// Whether the network was asked, or there is none.
    searched: bool,
    /// First answers of places, by their index.
    openings: BTreeMap<usize, Box<Opening>>,
    size: Option<u64>,
    proven: Arc<AtomicBool>,
    info: Option<Arc<TorrentInfo>>,
    leaves: Option<Arc<Leaves>>,
    run: Option<Run>,
    /// Verified bytes, and since when.
    progress: (u64, Instant),
}

/// An open torrent of this download.
struct Run {
    torrent: Torrent,
    gate: Arc<Gate>,
    sources: Vec<Tracked>,
    /// Culprits that were looked at.
    culprits: usize,
    /// Set when another download has this torrent open.
    beside: Option<Beside>,
}

/// What came of a question.
enum Event {
    Answer(Answer),
    Opened(usize, Result<Option<Box<Opening>>, Outcome>),
    /// Of a peer that gives blocks, by its index.
    PeerAnswer(usize, Answer),
    /// From a router.
    Found(Vec<Arc<dyn BlockSource>>),
    /// From the network, and where more may come from.
    FoundOne(Arc<dyn BlockSource>, Search),
    /// The network knows no more.
    NoMore,
}

/// How one way of fetching ended.
enum End {
    Complete,
    /// No source is left, or nobody proves pieces.
    Exhausted,
    NotAFile(String),
}

impl Drive {
    pub(crate) fn new(
        registry: &Arc<Registry>,
        shared: Arc<Shared>,
        request: DownloadRequest,
        orders: mpsc::UnboundedReceiver<DownloadRequest>,
    ) -> Self {
        let config = registry.config.clone();
        let registry = Arc::downgrade(registry);
        let prover = Prover {
            fetcher: config.fetcher.clone(),
            ledger: Arc::clone(&shared.ledger),
            max_size: request.max_size,
        };
        Self {
            config,
            registry,
            shared,
            orders,
            prover,
            asked: JoinSet::new(),
            places: Vec::new(),
            peers: Vec::new(),
            finding: 0,
            asked_publicly: false,
            searched: false,
            openings: BTreeMap::new(),
            // A stranger's number: what is beyond the limit says nothing.
            size: request.size.filter(|size| *size <= request.max_size),
            proven: Arc::default(),
            info: None,
            leaves: None,
            run: None,
            progress: (0, Instant::now()),
            request,
        }
    }

    /// Downloads to the end.
    pub(crate) async fn run(mut self) -> Result<Finished, DeliveryError> {
        let shared = Arc::clone(&self.shared);
        let stopped = async {
            loop {
                shared.stop.notified().await;
                if shared.leave() {
                    return;
                }
            }
        };
        let result = tokio::select! {
            result = self.fetch() => result,
            () = stopped => Err(DeliveryError::Stopped),
        };
        if result.is_err() {
            self.close_run().await;
        }
        result
    }

    async fn fetch(&mut self) -> Result<Finished, DeliveryError> {
        self.add_places(&self.request.http.clone());
        self.add_peers(self.request.blocks.clone());
        self.search();
        match self.by_pieces().await? {
            End::NotAFile(reason) => return Err(self.not_a_file(reason)),
            End::Exhausted => {}
            End::Complete => match self.judge().await? {
                Some(whole) => return self.finish(whole).await,
                None => tracing::warn!("what the torrent names is not the content of the CID"),
            },
        }
        self.close_run().await;
        self.in_order().await
    }

    /// Fetches pieces until all are there or nothing more can be hoped for.
    async fn by_pieces(&mut self) -> Result<End, DeliveryError> {
        if self.size == Some(0) {
            return Ok(End::Exhausted);
        }
        if self.size.is_some() || self.can_use_peers() {
            self.begin().await?;
        }
        if self.size.is_none() {
            self.open_everywhere();
        }
        let mut ticks = self.shared.tick.subscribe();
        loop {
            ticks.borrow_and_update();
            self.look_beside().await?;
            self.hear_from_peers().await?;
            if let Some(pieces) = self.pieces() {
                if let Some(error) = pieces.take_failure() {
                    return Err(local(error));
                }
                if pieces.is_complete() {
                    return Ok(End::Complete);
                }
            }
            if self.is_exhausted().await && !self.look_publicly() {
                return Ok(End::Exhausted);
            }
            tokio::select! {
                Some(event) = self.asked.join_next() => {
                    let Ok(event) = event else { continue };
                    if let Some(reason) = self.on(event).await? {
                        return Ok(End::NotAFile(reason));
                    }
                }
                Some(more) = self.orders.recv() => self.take_more(more),
                _ = ticks.changed() => {}
                () = sleep(LOOK) => {}
            }
        }
    }

    /// `Some` when the content is no file.
    async fn on(&mut self, event: Event) -> Result<Option<String>, DeliveryError> {
        match event {
            Event::Answer(answer) => return self.take_answer(answer).await,
            Event::PeerAnswer(peer, answer) => {
                self.answered(peer, &answer);
                return self.take_answer(answer).await;
            }
            Event::Found(peers) => {
                self.finding -= 1;
                self.add_peers(peers);
            }
            Event::FoundOne(peer, search) => {
                self.add_peers(vec![peer]);
                self.search_on(search);
            }
            Event::NoMore => self.finding -= 1,
            Event::Opened(place, Err(outcome)) => {
                if let Some(place) = self.places.get(place) {
                    self.shared.ledger.note(&place.name, outcome);
                }
            }
            // An empty file has no pieces: it is taken in order.
            Event::Opened(_, Ok(None)) => {}
            Event::Opened(place, Ok(Some(opening))) => {
                let size = opening.size;
                self.openings.insert(place, opening);
                if self.size.is_none() && size <= self.request.max_size {
                    self.resize(size).await?;
                }
            }
        }
        Ok(None)
    }

    /// `Some` when the content is no file.
    async fn take_answer(&mut self, answer: Answer) -> Result<Option<String>, DeliveryError> {
        match answer {
            Answer::Info(info, trackers) => {
                self.take_info(info).await?;
                self.take_trackers(trackers);
            }
            Answer::Leaves(leaves) => self.take_leaves(leaves).await?,
            Answer::NotAFile(reason) => return Ok(Some(reason)),
            Answer::Nothing => {}
        }
        Ok(None)
    }

    // Places and questions ---------------------------------------------------------------------------------------

    fn add_places(&mut self, sources: &[crate::HttpSource]) {
        for source in sources {
            let place = Place::new(source);
            if self.places.iter().any(|known| known.name == place.name) {
                continue;
            }
            self.ask_for_proofs(&place);
            self.places.push(place);
        }
    }

    /// Another request for the same content.
    fn take_more(&mut self, more: DownloadRequest) {
        let before = self.places.len();
        self.add_places(&more.http);
        for index in before..self.places.len() {
            self.add_source(index);
        }
        self.add_peers(more.blocks);
        if self.request.search.is_none() {
            self.request.search = more.search;
            self.search();
        }
        if let Some(run) = &mut self.run {
            for source in more.ranges {
                run.add(source, &self.shared);
            }
            for (address, trust) in more.peers {
                run.torrent.add_addresses(vec![address], trust);
            }
        }
    }

    fn ask_for_proofs(&mut self, place: &Place) {
        if let Some(infohash) = self.request.infohash() {
            for target in place.torrents(&infohash.0) {
                let question = self.prover.clone().info(place.clone(), target, infohash.0);
                self.asked.spawn(async move { Event::Answer(question.await) });
            }
        }
        let (Some(cid), Some(base)) = (self.request.cid, place.base.clone()) else { return };
        self.look_for_peers(&base, cid);
        if cid.codec() != RAW {
            let question = self.prover.clone().leaves(place.clone(), base, cid);
            self.asked.spawn(async move { Event::Answer(question.await) });
        }
    }

    /// Asks every place for the first bytes, which also tell the size.
    fn open_everywhere(&mut self) {
        for (index, place) in self.places.iter().enumerate() {
            let Some(url) = place.file(self.request.cid.as_ref()) else { continue };
            let (fetcher, idle) = (self.config.fetcher.clone(), self.config.patience.idle);
            let max_size = self.request.max_size;
            self.asked.spawn(async move {
                Event::Opened(
                    index,
                    HttpRanges::open(&fetcher, &url, max_size, idle).await.map(|o| o.map(Box::new)),
                )
            });
        }
    }

    // Proofs -----------------------------------------------------------------------------------------------------

    /// Places that have the file know who else asks for it.
    fn take_trackers(&mut self, trackers: Vec<(String, Trust)>) {
        let known = |url: &str| self.request.trackers.iter().any(|(known, _)| known == url);
        let new: Vec<_> = trackers.into_iter().filter(|(url, _)| !known(url)).collect();
        if new.is_empty() || !self.config.announce {
            return;
        }
        if let (Some(hub), Some(run)) = (&self.config.hub, &self.run) {
            hub.announce_also(&run.torrent, new.clone());
        }
        // For a torrent that is opened anew.
        self.request.trackers.extend(new);
    }

    /// An info dictionary of the right infohash.
    async fn take_info(&mut self, info: Arc<TorrentInfo>) -> Result<(), DeliveryError> {
        // One by another rule proves nothing here, and one of other content must not stand in the way of the CID.
        let by_rule = Geometry::of(&info).filter(|g| Some(*g) == Geometry::by_rule(info.length));
        let fits = self.leaves.as_ref().is_none_or(|leaves| leaves.size == info.length);
        if self.info.is_some() || by_rule.is_none() || !fits || info.length > self.request.max_size {
            return Ok(());
        }
        if self.request.cid.is_none() {
            let Ok(cid) = parse_cid(&info.name) else { return Ok(()) };
            self.request.cid = Some(cid);
            self.name_known().await;
        }
        self.info = Some(Arc::clone(&info));
        self.proven.store(true, Ordering::Relaxed);
        self.resize(info.length).await?;
        if let (Some(run), Some(pieces)) = (&self.run, self.pieces()) {
            run.torrent.set_info(TorrentInfo::clone(&info));
            pieces.prove_by_info(info).await;
        }
        Ok(())
    }

    /// The CID of a magnet has become known: nodes and folders can be asked now.
    async fn name_known(&mut self) {
        if let (Some(magnet), Some(cid)) = (&self.request.magnet, &self.request.cid) {
            let mirrors: Vec<_> = crate::HttpSource::mirrors(magnet, cid).filter_map(Result::ok).collect();
            for place in self.places.clone() {
                if place.is_node() {
                    self.ask_for_proofs(&place);
                }
            }
            self.add_places(&mirrors);
        }
        self.ask_peers();
        self.search();
        for index in 0..self.places.len() {
            self.add_source(index);
        }
    }

    /// The leaves of the CID: verified, so their size is the truth.
    async fn take_leaves(&mut self, leaves: Arc<Leaves>) -> Result<(), DeliveryError> {
        if self.leaves.is_some() {
            return Ok(());
        }
        if self.info.as_ref().is_some_and(|info| info.length != leaves.size) {
            self.info = None;
        }
        self.proven.store(true, Ordering::Relaxed);
        self.leaves = Some(Arc::clone(&leaves));
        self.resize(leaves.size).await?;
        if let Some(pieces) = self.pieces() {
            pieces.prove_by_leaves(leaves).await;
            self.shared.steer();
        }
        self.use_peers();
        Ok(())
    }

    /// Looks whether peers have sent the info dictionary.
    async fn hear_from_peers(&mut self) -> Result<(), DeliveryError> {
        let Some(run) = &self.run else { return Ok(()) };
        if let Some(info) = run.gate.info().filter(|_| self.info.is_none()) {
            if let Some(pieces) = run.gate.pieces()
                && self.size.is_none()
            {
                self.size = Some(info.length);
                self.shared.set_size(info.length);
                self.shared.set_body(Body::Pieces(pieces));
            }
            self.take_info(info).await?;
        }
        Ok(())
    }

    // How it goes ------------------------------------------------------------------------------------------------

    /// How long peers are waited for: where nobody named any, only the local network can bring some, and it answers
    /// at once or never.
    fn patience_for_peers(&self) -> Duration {
        let named = !self.request.trackers.is_empty() || !self.request.peers.is_empty();
        let patience = self.config.patience;
        if named { patience.peers } else { patience.peers.min(patience.neighbours) }
    }

    /// Remembers who was dropped for false bytes.
    fn look_at_culprits(&mut self) {
        let Some(run) = &mut self.run else { return };
        let culprits = run.torrent.culprits();
        for culprit in culprits.iter().skip(run.culprits) {
            self.shared.ledger.note(&culprit.name, Outcome::Lied(culprit.reason.clone()));
            for source in run.sources.iter().filter(|source| source.name() == culprit.name) {
                source.give_up();
            }
        }
        run.culprits = culprits.len();
    }

    /// Whether nothing more can be hoped for this way.
    async fn is_exhausted(&mut self) -> bool {
        self.look_at_culprits();
        let verified = self.shared.verified();
        if verified != self.progress.0 {
            self.progress = (verified, Instant::now());
        }
        let waited = self.progress.1.elapsed();
        let Some(run) = &self.run else { return self.asked.is_empty() };
        let peers = self.can_use_peers() && waited < self.patience_for_peers();
        if peers || (self.is_beside() && waited < STUCK) {
            return false;
        }
        if self.can_use_peers() && waited < STUCK && !run.torrent.stats().await.swarm.peers.is_empty() {
            return false;
        }
        let places = run.sources.iter().any(|source| !source.is_gone());
        let proof = run.gate.pieces().is_some_and(|pieces| pieces.has_proof());
        let open = !self.asked.is_empty();
        let hope = places || ((run.sources.is_empty() || self.awaits_peers()) && open);
        !hope || !(proof || open) || waited >= STUCK
    }

    async fn judge(&mut self) -> Result<Option<Whole>, DeliveryError> {
        let (Some(pieces), Some(cid)) = (self.pieces(), self.request.cid) else { return Ok(None) };
        let leaves = self.leaves.clone().or_else(|| pieces.known_leaves());
        let partial = pieces.partial().clone();
        whole::judge(partial, pieces.geometry().length(), cid, leaves).await.map_err(local)
    }

    /// Keeps what was downloaded; readers go on reading.
    async fn finish(&mut self, whole: Whole) -> Result<Finished, DeliveryError> {
        let kept = self.config.keep.keep(&whole).await.map_err(DeliveryError::Local)?;
        let mut bytes_by_source = self.shared.in_order();
        if let Some(run) = &self.run {
            // The pieces know a moment before the engine, which counts.
            let mut have = run.torrent.have();
            let counted = have.wait_for(|have| have.pieces() > 0 && have.is_complete());
            let _ = tokio::time::timeout(COUNTING, counted).await;
            bytes_by_source.extend(contributions(&run.torrent.stats().await));
        }
        if let Some(content) = kept {
            if let Some(run) = &self.run {
                run.gate.kept(Arc::clone(&content));
            }
            self.shared.set_size(whole.size());
            self.shared.set_body(Body::Kept(content));
        }
        Ok(Finished {
            cid: whole.layouts.first().map_or_else(Cid::default, |layout| layout.root),
            roots: whole.layouts.iter().map(|layout| layout.root).collect(),
            size: whole.size(),
            bytes_by_source,
            attempts: self.shared.ledger.attempts(),
        })
    }

    fn not_a_file(&self, reason: String) -> DeliveryError {
        DeliveryError::NotAFile { cid: self.request.cid.unwrap_or_default(), reason }
    }
}

/// Who gave what; peers of a kind together.
fn contributions(stats: &TorrentStats) -> Vec<Contribution> {
    let one = |source: &str, kind, bytes| Contribution { source: source.to_owned(), kind, bytes };
    let seeds = stats.web_seeds.iter().map(|seed| one(&seed.name, seed.kind, seed.bytes));
    seeds
        .chain([
            one("peers over TCP and uTP", SourceKind::BitTorrent, stats.swarm.from_bittorrent),
            one("peers over WebRTC", SourceKind::WebTorrent, stats.swarm.from_webtorrent),
        ])
        .filter(|contribution| contribution.bytes > 0)
        .collect()
}

fn local(error: std::io::Error) -> DeliveryError {
    DeliveryError::Local(Box::new(error))
}
