//! Two downloads of one torrent: the same bytes recorded under two CIDs, or under a CID and a bare magnet.
//!
//! ```text
//!   first   joined the torrent: its peers, its announcements -----+ verified pieces
//!   second  a torrent of its own, without peers <-----------------+ proven again, by what proves the second
//!           asks its own sources only for what its readers are waiting for
//! ```
//!
//! A process has each torrent open once, and the first must not pay for the second. The second tells the first where
//! its readers are and which sources it knows. It takes the torrent over when the first is gone; it closes it only
//! when that has nothing to give: bytes that cannot be read back, or that are not what the infohash says.

use super::{Answer, Drive, Event, LOOK, Run};
use crate::{
    DeliveryError,
    download::{pieces::Pieces, shared::Shared},
    torrent::{Content as _, Torrent},
};
use osp_swarm::{Bitfield, PieceIndex, Playhead, Verdict, ids::BLOCK_BYTES};
use std::sync::Arc;
use tokio::{task::JoinHandle, time::sleep};

/// The torrent that another download has joined, and what is copied of it.
pub(super) struct Beside {
    other: Torrent,
    copying: JoinHandle<Left>,
    host: Option<Host>,
}

/// The other download, while it runs.
struct Host {
    shared: Arc<Shared>,
    /// Our place among its readers.
    guest: u64,
    told: Vec<Playhead>,
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.copying.abort();
        if let Some(host) = &self.host {
            host.shared.place_guest(host.guest, Vec::new());
        }
    }
}

/// Why nothing more is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// All is here.
    Nothing,
    /// The torrent was closed.
    Closed,
    /// It is whole, and of no use to us or anybody.
    Useless,
}

impl Drive {
    /// Goes along with the download that has joined our torrent.
    pub(super) fn go_beside(&mut self, other: Torrent, run: &mut Run) {
        let infos = other.clone();
        self.asked.spawn(async move { Event::Answer(info_of(infos).await) });
        let copying = tokio::spawn(copy(other.clone(), run.gate.pieces(), run.torrent.clone()));
        run.beside = Some(Beside { other, copying, host: None });
    }

    /// Whether another download still brings pieces.
    pub(super) fn is_beside(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.beside.is_some())
    }

    /// Passes on where our readers are; takes the torrent over when the other one is gone.
    pub(super) async fn look_beside(&mut self) -> Result<(), DeliveryError> {
        let Some(run) = &mut self.run else { return Ok(()) };
        let Some(beside) = &mut run.beside else { return Ok(()) };
        if !beside.copying.is_finished() {
            if beside.host.is_none()
                && let Some(shared) =
                    self.registry.upgrade().and_then(|registry| registry.find(&beside.other))
            {
                let _ = shared.orders.send(self.request.clone());
                beside.host = Some(Host { guest: shared.add_reader(), told: Vec::new(), shared });
            }
            if let Some(host) = &mut beside.host {
                let heads = self.shared.playheads();
                if heads != host.told {
                    host.shared.place_guest(host.guest, heads.clone());
                    host.told = heads;
                }
            }
            return Ok(());
        }
        let left = (&mut beside.copying).await.unwrap_or(Left::Useless);
        let other = beside.other.clone();
        run.beside = None;
        match left {
            Left::Nothing => return Ok(()),
            Left::Closed => {}
            Left::Useless => other.close().await,
        }
        self.look_at_culprits();
        let Some(run) = self.run.take() else { return Ok(()) };
        self.shared.set_torrent(None);
        if let Some(pieces) = run.gate.pieces() {
            // Those that wait for a proof come again; what is verified stays.
            pieces.let_go();
        }
        run.torrent.close().await;
        self.enter(run.gate).await;
        Ok(())
    }
}

/// Waits for the info dictionary of a torrent, which proves the same pieces to us.
async fn info_of(other: Torrent) -> Answer {
    let (mut info, mut have) = (other.info(), other.have());
    let known = async {
        let info = info.wait_for(Option::is_some).await.ok()?.clone()?;
        Some(Answer::Info(info, Vec::new()))
    };
    let whole = have.wait_for(|have| have.pieces() > 0 && have.is_complete());
    tokio::select! {
        biased;
        known = known => known.unwrap_or(Answer::Nothing),
        _ = whole => Answer::Nothing,
        () = other.closed() => Answer::Nothing,
    }
}

/// Copies verified pieces as they come, once our own can be proven by the info dictionary.
async fn copy(other: Torrent, pieces: Option<Arc<Pieces>>, ours: Torrent) -> Left {
    let mut have = other.have();
    loop {
        let theirs = Arc::clone(&have.borrow_and_update());
        let whole = theirs.pieces() > 0 && theirs.is_complete();
        if whole && other.info().borrow().is_none() {
            return Left::Useless;
        }
        if let Some(pieces) = pieces.as_ref().filter(|pieces| pieces.known_info().is_some()) {
            match copy_new(&other, &theirs, pieces, &ours).await {
                Some(left) => return left,
                None if pieces.is_complete() => return Left::Nothing,
                None => {}
            }
        }
        if other.is_closed() {
            return Left::Closed;
        }
        tokio::select! {
            changed = have.changed() => if changed.is_err() { return Left::Closed },
            () = other.closed() => return Left::Closed,
            // What our own torrent was checking at that moment, and proofs that have come.
            () = sleep(LOOK) => {}
        }
    }
}

/// `Some` when there is no use in going on.
async fn copy_new(other: &Torrent, theirs: &Bitfield, pieces: &Pieces, ours: &Torrent) -> Option<Left> {
    let geometry = pieces.geometry();
    if theirs.pieces() != geometry.pieces() {
        return None;
    }
    for piece in (0..geometry.pieces()).map(PieceIndex) {
        let range = geometry.range(piece);
        if !theirs.has(piece) || pieces.verified_from(range.start, range.end) == range.end {
            continue;
        }
        let Ok(mut bytes) = other.read(range).await else {
            return Some(if other.is_closed() { Left::Closed } else { Left::Useless });
        };
        let mut blocks = Vec::new();
        while !bytes.is_empty() {
            blocks.push(bytes.split_to(bytes.len().min(BLOCK_BYTES as usize)));
        }
        match pieces.put(piece, blocks).await {
            Verdict::Good => {
                let mut one = Bitfield::none(geometry.pieces());
                one.set(piece);
                ours.add_pieces(one);
            }
            Verdict::Bad | Verdict::BadAmong { .. } => return Some(Left::Useless),
            Verdict::Lost => {}
        }
    }
    None
}
