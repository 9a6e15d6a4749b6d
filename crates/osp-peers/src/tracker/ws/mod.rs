//! WebSocket trackers: one connection a tracker, however many torrents there are.
//!
//! ```text
//!  join ─▶ Handle ──commands──▶ hub  (one task a tracker)
//!                                ├─ session   one connection: announces that are due, offers and answers that come
//!                                │             └─ work: WebRTC handshakes, a budget of them at once
//!                                └─ pause      growing, when there is no connection
//! ```
//!
//! Offers are made only for torrents that want peers, [`MAX_OFFERS`](osp_tracker::schedule::MAX_OFFERS) for an
//! announce; an offer is forgotten after [`OFFER_TTL`](osp_tracker::schedule::OFFER_TTL). Offers of others are
//! answered for every torrent, within the budget.

mod hub;
mod session;
mod torrent;
mod work;

use super::{Announced, Found, MAX_KNOWN, Shared, lock};
use osp_fetch::Url;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::mpsc;

/// A torrent at this tracker. Numbers are never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Token(u64);

/// What the hub is told.
enum Command {
    Join(Token, Announced, mpsc::Sender<Found>),
    Leave(Token),
}

/// The way to a hub.
#[derive(Clone)]
pub(super) struct Handle(mpsc::UnboundedSender<Command>);

/// A torrent's place at a hub; dropping it leaves.
pub(super) struct Membership {
    hub: Handle,
    token: Token,
}

impl Drop for Membership {
    fn drop(&mut self) {
        // A hub that has ended has nobody to leave.
        let _ = self.hub.0.send(Command::Leave(self.token));
    }
}

/// Announces a torrent at a tracker. `None` when there are too many trackers already.
pub(super) fn join(
    shared: &Arc<Shared>,
    url: &Url,
    typed: bool,
    torrent: Announced,
    found: mpsc::Sender<Found>,
) -> Option<Membership> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let token = Token(NEXT.fetch_add(1, Ordering::Relaxed));
    let mut command = Command::Join(token, torrent, found);
    let key = (url.to_string(), typed);
    // A hub ends under this lock, so that what is sent here is taken.
    let mut hubs = lock(&shared.hubs);
    if let Some(hub) = hubs.get(&key) {
        match hub.0.send(command) {
            Ok(()) => return Some(Membership { hub: hub.clone(), token }),
            // Its task was ended with its runtime.
            Err(mpsc::error::SendError(unsent)) => command = unsent,
        }
    }
    if hubs.len() >= MAX_KNOWN {
        return None;
    }
    let (sender, commands) = mpsc::unbounded_channel();
    let hub = Handle(sender);
    hub.0.send(command).ok()?;
    tokio::spawn(hub::Hub::new(Arc::clone(shared), url.clone(), typed, commands).run());
    hubs.insert(key, hub.clone());
    Some(Membership { hub, token })
}
