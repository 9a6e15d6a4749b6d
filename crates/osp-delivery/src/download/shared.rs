//! What a running download, its handles and its readers have in common.

use super::{DownloadRequest, ledger::Ledger, partial::Partial, pieces::Pieces, prefix::Prefix};
use crate::{
    Attempt, Contribution, DeliveryError,
    torrent::{Content, Torrent},
};
use bytes::Bytes;
use osp_core::Cid;
use osp_swarm::Playhead;
use std::{
    collections::BTreeMap,
    io,
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Notify, mpsc, watch};

/// A guess at how fast music is played, in bytes a second: 320 kbit/s.
const PLAYING: u32 = 40_000;

/// How a download ended.
pub(crate) type Ended = Result<Arc<Finished>, Arc<DeliveryError>>;

/// A download that is complete, verified and kept.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The unixfs-v1-2025 CID.
    pub cid: Cid,
    /// Every root it is kept under, the primary one first.
    pub roots: Vec<Cid>,
    /// Bytes.
    pub size: u64,
    /// Who sent how many bytes of the file. Peers of one kind are counted together.
    pub bytes_by_source: Vec<Contribution>,
    /// Sources that were tried and failed or lied.
    pub attempts: Vec<Attempt>,
}

/// In place of the number of handles, once a download is being stopped.
const LEAVING: usize = usize::MAX / 2;

/// See the module's text.
pub(crate) struct Shared {
    pub(crate) ledger: Arc<Ledger>,
    /// Counts changes of anything that somebody waits for.
    pub(crate) tick: watch::Sender<u64>,
    /// Told when the last handle of a download that is to be stopped then is gone.
    pub(crate) stop: Notify,
    /// More sources for the running download.
    pub(crate) orders: mpsc::UnboundedSender<DownloadRequest>,
    handles: AtomicUsize,
    /// It is stopped, whatever handles there are.
    given_up: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    size: Option<u64>,
    duration: Option<Duration>,
    body: Body,
    torrent: Option<Torrent>,
    readers: BTreeMap<u64, Playhead>,
    next_reader: u64,
    /// Readers of other downloads that get their pieces from this one's torrent.
    guests: BTreeMap<u64, Vec<Playhead>>,
    /// Bytes of a download in order.
    in_order: Vec<Contribution>,
    ended: Option<Ended>,
}

/// Where bytes are read from.
#[derive(Clone, Default)]
pub(crate) enum Body {
    #[default]
    Nothing,
    Pieces(Arc<Pieces>),
    Prefix(Arc<Prefix>),
    Kept(Arc<dyn Content>),
}

/// Verified bytes that can be read now.
enum Ready {
    Partial(Partial, Range<u64>),
    Kept(Arc<dyn Content>, Range<u64>),
    /// The file is complete and has nothing there: it is shorter than a record said.
    End,
}

impl Shared {
    pub(crate) fn new(
        ledger: Arc<Ledger>,
        tick: watch::Sender<u64>,
        duration: Option<Duration>,
        orders: mpsc::UnboundedSender<DownloadRequest>,
    ) -> Self {
        let state = State { duration, ..State::default() };
        Self {
            ledger,
            tick,
            stop: Notify::new(),
            orders,
            handles: AtomicUsize::new(0),
            given_up: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    // What the running download tells ----------------------------------------------------------------------------

    pub(crate) fn set_size(&self, size: u64) {
        self.lock().size = Some(size);
        self.tell();
    }

    pub(crate) fn set_body(&self, body: Body) {
        self.lock().body = body;
        self.tell();
    }

    pub(crate) fn set_torrent(&self, torrent: Option<Torrent>) {
        self.lock().torrent = torrent;
        self.steer();
    }

    pub(crate) fn set_in_order(&self, contributions: Vec<Contribution>) {
        self.lock().in_order = contributions;
    }

    pub(crate) fn end(&self, ended: Ended) {
        self.lock().ended = Some(ended);
        self.tell();
    }

    pub(crate) fn tell(&self) {
        self.tick.send_modify(|n| *n += 1);
    }

    // What handles ask -------------------------------------------------------------------------------------------

    /// One more handle; `false` when the download is being stopped, because there was none.
    pub(crate) fn add_handle(&self) -> bool {
        let more = |handles| (handles < LEAVING).then_some(handles + 1);
        self.handles.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_ok()
    }

    /// Whether it was the last one.
    pub(crate) fn remove_handle(&self) -> bool {
        self.handles.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// Decides that the download is stopped, if it has no handle: from now on none can be added.
    pub(crate) fn leave(&self) -> bool {
        self.is_given_up()
            || self.handles.compare_exchange(0, LEAVING, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Stops it, whatever handles there are.
    pub(crate) fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
        self.stop.notify_one();
    }

    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    pub(crate) fn is_left(&self) -> bool {
        self.handles.load(Ordering::Acquire) == 0
    }

    pub(crate) fn size(&self) -> Option<u64> {
        let state = self.lock();
        match &state.body {
            Body::Prefix(prefix) => prefix.size().or(state.ended.as_ref().and_then(size_of)),
            _ => state.size,
        }
    }

    pub(crate) fn verified(&self) -> u64 {
        let state = self.lock();
        match &state.body {
            Body::Nothing => 0,
            Body::Pieces(pieces) => pieces.verified(),
            Body::Prefix(prefix) => prefix.verified(),
            Body::Kept(_) => state.size.unwrap_or(0),
        }
    }

    pub(crate) fn torrent(&self) -> Option<Torrent> {
        self.lock().torrent.clone()
    }

    pub(crate) fn in_order(&self) -> Vec<Contribution> {
        self.lock().in_order.clone()
    }

    pub(crate) fn ended(&self) -> Option<Ended> {
        self.lock().ended.clone()
    }

    /// Waits until `look` finds something.
    pub(crate) async fn wait<T>(&self, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        let mut ticks = self.tick.subscribe();
        loop {
            ticks.borrow_and_update();
            if let Some(found) = look(self) {
                return found;
            }
            if ticks.changed().await.is_err() {
                // The sender is ours: it cannot be gone.
                std::future::pending::<()>().await;
            }
        }
    }

    // Readers ----------------------------------------------------------------------------------------------------

    pub(crate) fn add_reader(&self) -> u64 {
        let mut state = self.lock();
        state.next_reader += 1;
        state.next_reader
    }

    pub(crate) fn remove_reader(&self, id: u64) {
        self.lock().readers.remove(&id);
        self.steer();
    }

    /// A reader is at `range.start` and reads on to `range.end`, with so much buffered.
    pub(crate) fn place_reader(&self, id: u64, range: Range<u64>, buffered: Duration) {
        let mut state = self.lock();
        let rate = match (state.size, state.duration) {
            (Some(size), Some(duration)) if duration.as_secs_f64() >= 1.0 => {
                (size as f64 / duration.as_secs_f64()).clamp(1000.0, 1e8) as u32
            }
            _ => PLAYING,
        };
        let playhead = Playhead { position: range.start, rate, buffered, end: range.end };
        state.readers.insert(id, playhead);
        drop(state);
        self.steer();
    }

    /// Where this download's own readers are.
    pub(crate) fn playheads(&self) -> Vec<Playhead> {
        self.lock().readers.values().copied().collect()
    }

    /// The readers of another download are here; none any more when there are none.
    pub(crate) fn place_guest(&self, id: u64, playheads: Vec<Playhead>) {
        let mut state = self.lock();
        let changed = if playheads.is_empty() {
            state.guests.remove(&id).is_some()
        } else {
            state.guests.insert(id, playheads);
            true
        };
        drop(state);
        if changed {
            self.steer();
        }
    }

    /// Tells the torrent where its readers are.
    pub(crate) fn steer(&self) {
        let state = self.lock();
        let Some(torrent) = &state.torrent else { return };
        let mut playheads = Vec::with_capacity(state.readers.len());
        for reader in state.readers.values().chain(state.guests.values().flatten()) {
            // Where only whole leaves are proven, all of the leaf is as urgent as the byte that is waited for.
            let leaf = match &state.body {
                Body::Pieces(pieces) => pieces.leaf_around(reader.position),
                _ => None,
            };
            match leaf {
                Some(leaf) => {
                    playheads.push(Playhead {
                        position: leaf.start,
                        rate: u32::MAX,
                        end: leaf.end,
                        ..*reader
                    });
                    playheads.push(Playhead { position: leaf.end, end: reader.end.max(leaf.end), ..*reader });
                }
                None => playheads.push(*reader),
            }
        }
        torrent.set_playheads(playheads);
    }

    /// Whether the byte at `from` can be read now.
    pub(crate) fn has(&self, from: u64) -> bool {
        self.ready(from..from + 1).is_some()
    }

    fn ready(&self, range: Range<u64>) -> Option<Ready> {
        let state = self.lock();
        match &state.body {
            Body::Nothing => None,
            Body::Pieces(pieces) => {
                let end = pieces.verified_from(range.start, range.end);
                (end > range.start).then(|| Ready::Partial(pieces.partial().clone(), range.start..end))
            }
            Body::Prefix(prefix) => {
                let (partial, end) = prefix.verified_from(range.start, range.end)?;
                Some(Ready::Partial(partial, range.start..end))
            }
            Body::Kept(content) => {
                let end = range.end.min(state.size.unwrap_or(0));
                (end > range.start).then(|| Ready::Kept(Arc::clone(content), range.start..end))
            }
        }
    }

    /// The bytes at the start of `range` as soon as any are there, and as many as are; none beyond the end.
    pub(crate) async fn read(&self, range: Range<u64>) -> Result<Bytes, ReadError> {
        let ready = self.wait(|shared| match (shared.ready(range.clone()), shared.ended()) {
            (Some(ready), _) => Some(Ok(ready)),
            (None, Some(Err(error))) => Some(Err(ReadError::Download(error))),
            (None, Some(Ok(_))) => Some(Ok(Ready::End)),
            (None, None) => None,
        });
        match ready.await? {
            Ready::Partial(partial, range) => Ok(partial.read(range).await?),
            Ready::Kept(content, range) => Ok(content.read(range).await?),
            Ready::End => Ok(Bytes::new()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size_of(ended: &Ended) -> Option<u64> {
    ended.as_ref().ok().map(|finished| finished.size)
}

/// Why bytes cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The download has failed: no source is left. It says who was tried.
    #[error(transparent)]
    Download(#[from] Arc<DeliveryError>),
    /// What was verified cannot be read back.
    #[error("cannot read what was downloaded: {0}")]
    Io(#[from] io::Error),
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => error,
            other => Self::other(other),
        }
    }
}
