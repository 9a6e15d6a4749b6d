//! The tracks that are played, and how each is opened.

use super::{
    Keys, PlayError, Wanted,
    arriving::{Arriving, Stop},
    release::{self, Known, Opening},
    sealed::{self, Part},
};
use crate::{
    Node,
    resolve::{BytesBySource, ResolveError, ResolveEvent, ResolveRequest, Target, find, record_json},
    sealed::{
        release::open::is_release,
        web::{WebFile, is_address},
    },
};
use bytes::Bytes;
use osp_core::{Cid, reference::Reference};
use osp_delivery::{
    DeliveryError,
    download::{Download, Position, ReadError, WhenLeft},
};
use osp_player::{Media, ReadSeek, player::Playlist};
use std::{
    fs::File,
    io::{self, Read as _, Seek as _},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::runtime::Handle;

/// How long the last bytes of a finished download may take to be kept.
const SETTLE: Duration = Duration::from_secs(10);

/// The tracks to play, in order. A sealed release becomes its pieces when it is opened.
pub struct Tracks {
    node: Option<Arc<Node>>,
    runtime: Handle,
    keys: Keys,
    entries: Mutex<Vec<Arc<Entry>>>,
    stop: Stop,
}

struct Entry {
    title: String,
    whose: Whose,
    what: What,
    live: Arc<Live>,
}

enum What {
    File(PathBuf),
    /// A sealed file at an address.
    Web(String),
    Content(Box<Target>),
    Part(Part),
}

/// What a track is.
#[derive(Clone, Debug, Default)]
pub struct Whose {
    /// Its record, as it is stored; of a file or bare content there is none.
    pub record: Option<Bytes>,
    /// The content that was read; of a file that nobody published it is not known.
    pub cid: Option<Cid>,
}

/// What is known of a track while it plays.
#[derive(Clone, Debug, Default)]
pub struct TrackState {
    /// Its title, or the name that was typed.
    pub title: String,
    /// What it is.
    pub whose: Whose,
    /// Where its bytes came from so far.
    pub sources: BytesBySource,
    /// Peers that are connected for it.
    pub peers: usize,
    /// Whether the player waits for bytes of it.
    pub waiting: bool,
}

/// What changes while a track is read; the pieces of one release share it.
#[derive(Default)]
struct Live {
    waiting: Arc<AtomicBool>,
    local: AtomicU64,
    download: Mutex<Option<Download>>,
    /// What an opened release says, until it is told.
    opening: Mutex<Option<Opening>>,
}

impl Live {
    fn download(&self) -> Option<Download> {
        self.download.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Tracks {
    /// The tracks that `wanted` names, of `album` only if one is named. REFs need a `node`.
    ///
    /// # Errors
    /// [`PlayError::Resolve`], [`PlayError::NoSuchAlbum`].
    pub async fn gather(
        node: Option<Arc<Node>>,
        wanted: Vec<Wanted>,
        from: &[String],
        album: Option<&str>,
        keys: Keys,
        progress: &(dyn Fn(ResolveEvent<'_>) + Send + Sync),
    ) -> Result<Self, PlayError> {
        let mut entries = Vec::new();
        for wanted in wanted {
            match (wanted, &node) {
                (Wanted::File(path), _) => entries.push(Arc::new(of_file(path))),
                (Wanted::Reference(Reference::Url(url)), Some(_)) if is_address(&url) => {
                    entries.push(Arc::new(of_address(url)));
                }
                (Wanted::Reference(reference), Some(node)) => {
                    let request =
                        ResolveRequest { reference, from: from.to_vec(), output: None, force: false };
                    let mut targets = find(node, &request, progress).await?;
                    targets.retain(|target| album.is_none_or(|album| is_on(target, album)));
                    // An album in its order; what else an artist has keeps the order it came in.
                    targets.sort_by_key(place_on_album);
                    entries.extend(targets.into_iter().map(of_target).map(Arc::new));
                }
                (Wanted::Reference(_), None) => {
                    return Err(ResolveError::Unsupported("a home is needed to find music".to_owned()).into());
                }
            }
        }
        if let (true, Some(album)) = (entries.is_empty(), album) {
            return Err(PlayError::NoSuchAlbum(album.to_owned()));
        }
        Ok(Self { node, runtime: Handle::current(), keys, entries: Mutex::new(entries), stop: Stop::new() })
    }

    /// How many there are, as far as is known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends whatever waits for bytes, now and later.
    pub fn stop(&self) {
        self.stop.now();
    }

    /// What is known of a track.
    pub async fn state(&self, index: usize) -> TrackState {
        let Some(entry) = self.entry(index) else { return TrackState::default() };
        let local = entry.live.local.load(Ordering::Relaxed);
        let mut state = TrackState {
            title: entry.title.clone(),
            whose: entry.whose.clone(),
            sources: BytesBySource { local, ..BytesBySource::default() },
            peers: 0,
            waiting: entry.live.waiting.load(Ordering::Relaxed),
        };
        if let Some(download) = entry.live.download() {
            let progress = download.progress().await;
            state.sources.http = progress.http;
            state.sources.bittorrent = progress.bittorrent;
            state.sources.webtorrent = progress.webtorrent;
            state.sources.ipfs = progress.ipfs;
            state.peers = progress.peers;
        }
        state
    }

    /// What a listener should know of a release that was opened for this track. Told once.
    #[must_use]
    pub fn opening(&self, index: usize) -> Option<Opening> {
        self.entry(index)?.live.opening.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits a moment for downloads that have all their bytes to be kept.
    pub async fn settle(&self) {
        let entries = self.entries().clone();
        for download in entries.iter().filter_map(|entry| entry.live.download()) {
            let (size, verified) = download.bytes();
            if size == Some(verified) {
                let _ = tokio::time::timeout(SETTLE, download.finished()).await;
            }
        }
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry(&self, index: usize) -> Option<Arc<Entry>> {
        self.entries().get(index).cloned()
    }

    fn open_entry(&self, index: usize, entry: &Entry) -> Result<Media, PlayError> {
        let (mut reader, len): (Box<dyn ReadSeek>, u64) = match &entry.what {
            What::Part(part) => return Ok(part.media()),
            What::File(path) => {
                let fail = |source| PlayError::File { path: path.clone(), source };
                let file = File::open(path).map_err(fail)?;
                let len = file.metadata().map_err(fail)?.len();
                entry.live.local.store(len, Ordering::Relaxed);
                (Box::new(file), len)
            }
            What::Web(url) => {
                let node = self
                    .node
                    .as_ref()
                    .ok_or_else(|| ResolveError::Unsupported("a home is needed".to_owned()))?;
                let file = WebFile::open(node.fetcher().clone(), url, self.runtime.clone());
                let file = file.map_err(|e| PlayError::Web { url: url.clone(), source: e })?;
                let len = file.length();
                (Box::new(file), len)
            }
            What::Content(target) => {
                let reader = self.content(entry, target)?;
                let len = reader.size();
                (Box::new(reader), len)
            }
        };
        let mut head = Vec::new();
        let begun = reader.by_ref().take(8).read_to_end(&mut head).and_then(|_| reader.rewind());
        begun.map_err(|e| self.failed(entry, e))?;
        if !sealed::is_sealed(&head) {
            return Ok(Media::new(reader, len));
        }
        let parts = if is_release(&head) {
            let known = self.known(entry, len);
            let (parts, opening) = release::parts(reader, known, &self.keys, &self.runtime, &entry.title)?;
            *entry.live.opening.lock().unwrap_or_else(PoisonError::into_inner) = Some(opening);
            parts
        } else {
            sealed::parts(reader, len, &self.keys, &entry.title)?
        };
        self.expand(index, entry, parts).ok_or_else(|| PlayError::NoMusic(entry.title.clone()))
    }

    fn known(&self, entry: &Entry, length: u64) -> Known {
        let (beside, artist) = match &entry.what {
            What::File(path) => (Some(path.clone()), None),
            What::Content(target) => (None, target.record.as_ref().map(|record| record.artist())),
            What::Part(_) | What::Web(_) => (None, None),
        };
        let address = match &entry.what {
            What::Web(url) => self.node.as_ref().map(|node| (node.fetcher().clone(), url.clone())),
            _ => None,
        };
        Known { length, beside, address, artist, dids: self.node.as_ref().map(|node| node.did_web().clone()) }
    }

    /// Puts the pieces of a release in its place, and opens the first.
    fn expand(&self, index: usize, release: &Entry, parts: Vec<Part>) -> Option<Media> {
        let first = parts.first()?.media();
        let several = parts.len() > 1;
        let pieces = parts.into_iter().map(|part| {
            let title = if several { part.name.clone() } else { release.title.clone() };
            let (whose, live) = (release.whose.clone(), Arc::clone(&release.live));
            Arc::new(Entry { title, whose, what: What::Part(part), live })
        });
        self.entries().splice(index..=index, pieces);
        Some(first)
    }

    fn content(&self, entry: &Entry, target: &Target) -> Result<Arriving, PlayError> {
        let node =
            self.node.as_ref().ok_or_else(|| ResolveError::Unsupported("a home is needed".to_owned()))?;
        let place = self.runtime.block_on(self.stop.or(self.place(node, entry, target)));
        let place = place.ok_or(PlayError::Stopped)??;
        let waiting = Arc::clone(&entry.live.waiting);
        let opened = Arriving::new(place, self.runtime.clone(), self.stop.clone(), waiting);
        opened.map_err(|e| match e {
            ReadError::Download(source) => PlayError::Fetch { title: entry.title.clone(), source },
            other => self.failed(entry, other.into()),
        })
    }

    /// From the store, else while it comes.
    async fn place(&self, node: &Node, entry: &Entry, target: &Target) -> Result<Position, PlayError> {
        if let Some(blob) = node.blobs().find(&target.cid).await.map_err(ResolveError::from)? {
            entry.live.local.store(blob.size, Ordering::Relaxed);
            return Ok(node.stored_position(&blob));
        }
        if node.records().is_content_blocked(&[target.cid]).await.map_err(ResolveError::from)? {
            return Err(ResolveError::Blocked(target.cid.to_string()).into());
        }
        let mut request = node.with_network(target.request(node)).await;
        // Who plays keeps, and who keeps can seed.
        request.when_left = WhenLeft::Finish;
        let download = node.downloads().open(request);
        let place = download.position();
        *entry.live.download.lock().unwrap_or_else(PoisonError::into_inner) = Some(download);
        Ok(place)
    }

    fn failed(&self, entry: &Entry, source: io::Error) -> PlayError {
        let source = match source.downcast::<ReadError>() {
            Ok(ReadError::Download(source)) => {
                return PlayError::Fetch { title: entry.title.clone(), source };
            }
            Ok(other) => other.into(),
            Err(source) => source,
        };
        match &entry.what {
            What::File(path) => PlayError::File { path: path.clone(), source },
            What::Web(url) => PlayError::Web { url: url.clone(), source },
            _ => {
                let source = Arc::new(DeliveryError::Local(Box::new(source)));
                PlayError::Fetch { title: entry.title.clone(), source }
            }
        }
    }
}

impl Playlist for Tracks {
    type Error = PlayError;

    fn open(&self, index: usize) -> Option<Result<Media, PlayError>> {
        let entry = self.entry(index)?;
        Some(self.open_entry(index, &entry))
    }
}

fn of_file(path: PathBuf) -> Entry {
    let title = path
        .file_stem()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    Entry { title, whose: Whose::default(), what: What::File(path), live: Arc::default() }
}

fn of_address(url: String) -> Entry {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = name.get(..name.len().saturating_sub(5)).unwrap_or_default();
    let title = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
    Entry { title, whose: Whose::default(), what: What::Web(url), live: Arc::default() }
}

fn of_target(target: Target) -> Entry {
    let record = target.record.as_ref();
    let track = record.and_then(|record| record.as_track());
    let title = track.map_or_else(|| target.cid.to_string(), |track| track.title().to_owned());
    let whose = Whose { record: record.map(|record| record_json(record)), cid: Some(target.cid) };
    Entry { title, whose, what: What::Content(Box::new(target)), live: Arc::default() }
}

fn is_on(target: &Target, album: &str) -> bool {
    let track = target.record.as_ref().and_then(|record| record.as_track());
    track
        .and_then(|track| track.text("album"))
        .is_some_and(|name| name.to_lowercase() == album.to_lowercase())
}

/// Album, disc and number; tracks of no album stay behind, in their order.
fn place_on_album(target: &Target) -> (bool, Option<String>, u64, u64) {
    let track = target.record.as_ref().and_then(|record| record.as_track());
    let album = track.and_then(|track| track.text("album")).map(ToOwned::to_owned);
    let number =
        |member| crate::downloads::whole_number(track.and_then(|track| track.number(member))).unwrap_or(0);
    (album.is_none(), album, number("discNumber"), number("trackNumber"))
}
