//! What a torrent of a download sees as its content: the pieces, from when their geometry is known until they are kept.

use super::{partial::Partial, pieces::Pieces};
use crate::torrent::Content;
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::torrent::TorrentInfo;
use osp_swarm::{Geometry, PieceIndex, Verdict};
use std::{
    io,
    ops::Range,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::watch;

/// See the module's text.
pub(crate) struct Gate {
    folder: PathBuf,
    max_size: u64,
    tick: watch::Sender<u64>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pieces: Option<Arc<Pieces>>,
    /// The info dictionary, from a peer.
    info: Option<Arc<TorrentInfo>>,
    kept: Option<Arc<dyn Content>>,
}

impl Gate {
    pub(crate) fn new(
        folder: PathBuf,
        max_size: u64,
        tick: watch::Sender<u64>,
        pieces: Option<Arc<Pieces>>,
    ) -> Self {
        Self { folder, max_size, tick, state: Mutex::new(State { pieces, ..State::default() }) }
    }

    /// The pieces, once the geometry is known.
    pub(crate) fn pieces(&self) -> Option<Arc<Pieces>> {
        self.with(|state| state.pieces.clone())
    }

    /// The info dictionary, if a peer sent it.
    pub(crate) fn info(&self) -> Option<Arc<TorrentInfo>> {
        self.with(|state| state.info.clone())
    }

    /// From now on everything is read from where it was kept; the partial file can go.
    pub(crate) fn kept(&self, content: Arc<dyn Content>) {
        self.with(|state| *state = State { kept: Some(content), ..State::default() });
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Pieces by an info dictionary that was the first to say how the file is cut.
    fn by_info(&self, info: &TorrentInfo) -> Option<Arc<Pieces>> {
        let geometry = Geometry::of(info).filter(|_| info.length <= self.max_size)?;
        match Partial::new(&self.folder, Some(info.length)) {
            Ok(partial) => Some(Arc::new(Pieces::new(geometry, partial, self.tick.clone()))),
            Err(error) => {
                tracing::error!(%error, "there is no place for a download");
                None
            }
        }
    }
}

#[async_trait]
impl Content for Gate {
    async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        let (kept, pieces) = self.with(|state| (state.kept.clone(), state.pieces.clone()));
        match (kept, pieces) {
            (Some(kept), _) => kept.read(range).await,
            (None, Some(pieces)) => pieces.read(range).await,
            (None, None) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    async fn put(&self, piece: PieceIndex, blocks: Vec<Bytes>) -> Verdict {
        match self.pieces() {
            Some(pieces) => pieces.put(piece, blocks).await,
            None => Verdict::Lost,
        }
    }

    fn info(&self, info: &TorrentInfo) {
        let pieces = self.pieces().or_else(|| self.by_info(info));
        self.with(|state| {
            state.pieces = pieces;
            state.info = Some(Arc::new(info.clone()));
        });
        self.tick.send_modify(|n| *n += 1);
    }
}
