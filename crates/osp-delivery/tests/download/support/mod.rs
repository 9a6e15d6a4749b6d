//! What the tests of downloads share: files, servers that give ranges of them, honest or not, and a store that remembers.
#![allow(dead_code, reason = "each test uses its part")]

use crate::{
    server::{Reply, Seen, Server, Then},
    sink::{File, RAW},
};
use async_trait::async_trait;
use osp_core::{
    torrent::{Magnet, PieceHasher, TorrentInfo, piece_length},
    unixfs::{Importer, Profile},
};
use osp_delivery::{
    HttpSource, Outcome, SinkError,
    download::{Download, DownloadRequest, Downloads, DownloadsConfig, Keep, Whole},
    torrent::{Content, Hub},
};
use osp_fetch::{Fetcher, Policy, Target};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;

pub(crate) const MIB: usize = 1 << 20;
/// How long tests wait before they fail.
const LONG: Duration = Duration::from_secs(60);

/// Remembers what was kept.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) Mutex<Vec<Vec<u8>>>);

#[async_trait]
impl Keep for Kept {
    async fn keep(&self, whole: &Whole) -> Result<Option<Arc<dyn Content>>, SinkError> {
        let bytes = whole.read(0..whole.size()).await?;
        self.0.lock().unwrap().push(bytes.to_vec());
        Ok(None)
    }
}

/// Downloads into a temporary folder.
pub(crate) struct Bench {
    pub(crate) downloads: Downloads,
    pub(crate) kept: Arc<Kept>,
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with_hub(None)
    }

    pub(crate) fn with_hub(hub: Option<Hub>) -> Self {
        Self::made(hub, false)
    }

    /// Soon gives up sources that say nothing, and peers that do not come: for tests in which nobody else is there.
    pub(crate) fn impatient(hub: Option<Hub>) -> Self {
        Self::made(hub, true)
    }

    fn made(hub: Option<Hub>, impatient: bool) -> Self {
        let (kept, folder) = (Arc::new(Kept::default()), tempfile::tempdir().unwrap());
        let fetcher = Fetcher::new(&Policy { allow_private: true, extra_ca: None }).unwrap();
        let mut config = DownloadsConfig::new(fetcher, folder.path().to_owned(), Arc::clone(&kept) as _);
        // Whoever is there is waited for, however slow the machine is.
        (config.patience.idle, config.patience.peers) = (LONG, LONG);
        if impatient {
            config.patience.idle = Duration::from_millis(400);
            config.patience.peers = Duration::from_millis(1500);
        }
        config.hub = hub;
        Self { downloads: Downloads::new(config), kept, folder }
    }

    pub(crate) fn kept(&self) -> Vec<Vec<u8>> {
        self.kept.0.lock().unwrap().clone()
    }

    /// Downloads what must come out whole.
    pub(crate) async fn delivers(&self, track: &Track, request: DownloadRequest) -> Download {
        let download = self.downloads.open(request);
        let read = read_all(&download).await.unwrap();
        assert!(read == track.file.bytes, "the reader saw other bytes");
        let finished = download.finished().await.unwrap();
        assert_eq!(finished.size, track.file.bytes.len() as u64);
        let counted: u64 = finished.bytes_by_source.iter().map(|c| c.bytes).sum();
        assert_eq!(counted, finished.size, "{:?}", finished.bytes_by_source);
        assert!(self.kept().last() == Some(&track.file.bytes));
        download
    }
}

pub(crate) async fn read_all(download: &Download) -> std::io::Result<Vec<u8>> {
    use tokio::io::AsyncReadExt as _;
    let mut out = Vec::new();
    download.reader().read_to_end(&mut out).await.map(|_| out)
}

/// A file with its DAG and its torrent.
#[derive(Clone)]
pub(crate) struct Track {
    pub(crate) file: File,
    pub(crate) info: TorrentInfo,
}

impl Track {
    pub(crate) fn new(profile: Profile, size: usize) -> Self {
        let file = File::varied(profile, size);
        let mut pieces = PieceHasher::new(piece_length(size as u64));
        pieces.update(&file.bytes);
        let mut importer = Importer::new(Profile::V1_2025);
        importer.update(&file.bytes);
        let info = TorrentInfo::new(size as u64, &importer.finish(), pieces.finish());
        Self { file, info }
    }

    pub(crate) fn magnet(&self) -> Magnet {
        self.info.magnet(&[], &[])
    }

    pub(crate) fn by_cid(&self, sources: &[HttpSource]) -> DownloadRequest {
        let mut request = DownloadRequest::of_cid(self.file.cid());
        request.http.extend_from_slice(sources);
        request
    }

    /// As a record names it.
    pub(crate) fn by_record(&self, sources: &[HttpSource]) -> DownloadRequest {
        self.by_cid(sources).with_magnet(self.magnet())
    }

    /// Answers as an honest node, or as a mirror with its torrent beside it.
    pub(crate) fn answer(&self, seen: &Seen) -> Reply {
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        if path.ends_with(".torrent") {
            let torrent = self.info.to_torrent_file(&[], &[]);
            return Reply::new(200, &[("content-type", "application/x-bittorrent")], &torrent);
        }
        if query.contains("format=") {
            return self.file.gateway(seen);
        }
        ranges(&self.file.bytes, seen)
    }
}

/// Answers with the part of `bytes` that is asked for.
pub(crate) fn ranges(bytes: &[u8], seen: &Seen) -> Reply {
    match range_of(seen) {
        Some((from, _)) if from >= bytes.len() => Reply::status(416),
        Some((from, to)) => {
            let to = to.min(bytes.len() - 1);
            let range = format!("bytes {from}-{to}/{}", bytes.len());
            Reply::new(206, &[("content-range", &range)], &bytes[from..=to])
        }
        None => Reply::ok(bytes),
    }
}

/// First and last byte of the range asked for.
pub(crate) fn range_of(seen: &Seen) -> Option<(usize, usize)> {
    let (from, to) = seen.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
    Some((from.parse().unwrap(), to.parse().unwrap_or(usize::MAX - 1)))
}

/// Whether it asks for the file itself.
pub(crate) fn is_file(seen: &Seen) -> bool {
    !seen.path.contains(".torrent") && !seen.path.contains("format=")
}

/// Whether it asks for a proof.
pub(crate) fn is_proof(seen: &Seen) -> bool {
    seen.path.contains(".torrent") || seen.path.contains("format=raw")
}

/// A server for a track, whose answers may be changed; `None` leaves the honest one.
pub(crate) async fn serving(
    track: &Track,
    change: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static,
) -> Server {
    let track = track.clone();
    Server::start(move |seen| change(seen).unwrap_or_else(|| track.answer(seen))).await
}

pub(crate) async fn honest(track: &Track) -> Server {
    serving(track, |_| None).await
}

/// Gives the file with one byte changed, and nothing else.
pub(crate) async fn lying(track: &Track, at: usize) -> Server {
    let mut bytes = track.file.bytes.clone();
    bytes[at] ^= 1;
    Server::start(move |seen| if is_file(seen) { ranges(&bytes, seen) } else { Reply::status(404) }).await
}

/// Gives the file alone.
pub(crate) async fn plain(track: &Track) -> Server {
    serving(track, |seen| (!is_file(seen)).then(|| Reply::status(404))).await
}

/// Says nothing when asked for the file.
pub(crate) async fn silent(track: &Track) -> Server {
    serving(track, |seen| is_file(seen).then(Reply::silence)).await
}

pub(crate) fn node(server: &Server) -> HttpSource {
    HttpSource::Node(Target::typed(&server.url("")).unwrap())
}

pub(crate) fn mirror(server: &Server) -> HttpSource {
    HttpSource::Mirror(Target::typed(&server.url("/track.opus")).unwrap())
}

/// What was said of a server.
pub(crate) fn said(download: &Download, server: &Server) -> Option<Outcome> {
    let attempts = download.attempts().into_iter();
    attempts.filter(|a| a.source.starts_with(&server.url(""))).map(|a| a.outcome).next()
}

/// Requests for the file itself that a server has seen.
pub(crate) fn asked(server: &Server) -> Vec<(usize, usize)> {
    server.seen().iter().filter(|seen| is_file(seen)).filter_map(range_of).collect()
}

/// A whole answer as a raw block.
pub(crate) fn raw(bytes: &[u8]) -> Reply {
    Reply::new(200, &[RAW], bytes)
}

/// The honest beginning of an answer whose end never comes.
pub(crate) fn cut(reply: Reply, missing: usize, then: Then) -> Reply {
    let end = reply.bytes.len().saturating_sub(missing);
    Reply { bytes: reply.bytes[..end].to_vec(), then }
}
