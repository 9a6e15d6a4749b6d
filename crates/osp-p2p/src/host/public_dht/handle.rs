//! What the rest of the program asks of the public DHT.

use crate::bitswap::Key;
use libp2p::{Multiaddr, PeerId};
use osp_core::Cid;
use std::time::Duration;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

/// A search that has found nothing yet is given up after this long.
const PATIENCE: Duration = Duration::from_secs(20);
/// One that has found somebody goes on for this long.
const MORE: Duration = Duration::from_secs(2);

/// A peer that is said to have something, and where it is said to be. A stranger's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Who.
    pub peer: PeerId,
    /// Where, without the peer id. Never empty.
    pub addresses: Vec<Multiaddr>,
}

/// How the DHT stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Peers known.
    pub peers: usize,
    /// Roots that are kept announced.
    pub roots: usize,
    /// Announcements that somebody took, since the start.
    pub announced: u64,
    /// Whether others' questions are answered, which is so when an address is known at which this host is reached.
    pub server: bool,
}

#[derive(Debug)]
pub(super) enum Command {
    Announce(Vec<Key>),
    Find { key: Key, found: mpsc::Sender<Found> },
    Status(oneshot::Sender<Status>),
}

/// The public DHT of a running host. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PublicDht(pub(super) mpsc::Sender<Command>);

impl PublicDht {
    /// Announces these roots from now on, the first ones first, and takes back all others.
    pub async fn announce(&self, roots: Vec<Cid>) {
        let keys = roots.iter().map(|cid| *cid.hash()).collect();
        let _ = self.0.send(Command::Announce(keys)).await;
    }

    /// Peers that are said to have `cid`, at most so many. Ends 2 seconds after the first was found, after 20 if
    /// there is none.
    pub async fn providers(&self, cid: &Cid, at_most: usize) -> Vec<Found> {
        let (sender, mut receiver) = mpsc::channel(at_most.max(1));
        let mut all = Vec::new();
        if self.0.send(Command::Find { key: *cid.hash(), found: sender }).await.is_err() {
            return all;
        }
        let mut until = Instant::now() + PATIENCE;
        while all.len() < at_most
            && let Ok(Some(found)) = timeout_at(until, receiver.recv()).await
        {
            if all.is_empty() {
                until = Instant::now() + MORE;
            }
            all.push(found);
        }
        all
    }

    /// How it stands. Nothing of anything after a shutdown.
    pub async fn status(&self) -> Status {
        let (answer, answered) = oneshot::channel();
        let _ = self.0.send(Command::Status(answer)).await;
        answered.await.unwrap_or_default()
    }
}
