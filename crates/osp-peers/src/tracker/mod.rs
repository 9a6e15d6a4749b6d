//! Tracker clients: HTTP (BEP 3, 23, 7), UDP (BEP 15), WebSocket (WebTorrent).
//!
//! The messages and the schedule are [`osp_tracker`]'s; here is what carries them.
//!
//! ```text
//!  Trackers::announce(torrent, urls) ─┬─ http, https ─▶ polled   one small task a torrent and tracker, in turns
//!                                     ├─ udp ─────────▶ polled
//!                                     └─ ws, wss ─────▶ hub      one task and one connection a tracker
//! ```
//!
//! Who wants peers announces at once. Who only seeds waits for a turn, so that a seed of a thousand torrents does not
//! come in a burst, and offers nothing: it answers offers. Trackers are named in logs by scheme and host alone, peers
//! not at all.

mod address;
mod http;
mod polled;
mod signal;
mod udp;
mod ws;

use crate::PeerStream;
use osp_fetch::{Fetcher, Trust, Url};
use osp_swarm::{InfoHash, PeerId, Time};
use osp_tracker::{AnnounceKey, random::Random, schedule::Pace};
use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::Instant,
};

/// Most trackers that one torrent is announced to; a magnet may name any number.
pub const MAX_TRACKERS: usize = 16;
/// Most trackers at one time that state is kept of. Further ones are passed over.
const MAX_KNOWN: usize = 1024;
/// Time between two first announces of seeds to one tracker.
const GAP: Duration = Duration::from_millis(50);
/// Announces that wait for one tracker's answers at once, over HTTP and UDP.
const AT_ONCE: usize = 8;

/// Numbers of the torrent that an announce carries, asked for at each announce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes sent to peers.
    pub uploaded: u64,
    /// Bytes from peers.
    pub downloaded: u64,
    /// Bytes still to come.
    pub left: u64,
    /// Whether more peers are wanted.
    pub want_peers: bool,
}

/// What one torrent announces.
#[derive(Clone)]
pub struct Announced {
    /// The torrent.
    pub infohash: InfoHash,
    /// Us.
    pub peer_id: PeerId,
    /// Our TCP port; `None` when we take no TCP connections.
    pub port: Option<u16>,
    /// Its numbers.
    pub progress: Arc<dyn Fn() -> Progress + Send + Sync>,
}

/// What trackers lead to.
#[derive(Debug)]
pub enum Found {
    /// Addresses to call, already judged by the address policy; for loopback trackers the tracker's word is taken.
    Addresses(Vec<SocketAddr>),
    /// A WebRTC connection stands.
    Stream(PeerStream),
}

/// Announces torrents to trackers, one connection a WebSocket tracker however many torrents there are. Cheap to
/// clone.
#[derive(Clone)]
pub struct Trackers {
    shared: Arc<Shared>,
}

/// An announcement that goes on until it is dropped; then `stopped` is sent.
pub struct Announcement {
    /// Closed by being dropped, which every task of the announcement sees.
    _alive: watch::Sender<()>,
    /// Leaves the hubs when dropped.
    _memberships: Vec<ws::Membership>,
}

struct Shared {
    fetcher: Fetcher,
    agent: Option<signal::Agent>,
    /// By the tracker's address.
    hubs: Mutex<HashMap<(String, bool), ws::Handle>>,
    turns: Mutex<HashMap<String, Turns>>,
    random: Mutex<Random>,
    /// What this process says at every announce: who it is to trackers, and to nobody else.
    key: AnnounceKey,
    start: Instant,
}

/// What the announces to one HTTP or UDP tracker share.
#[derive(Clone)]
struct Turns {
    pace: Arc<Mutex<Pace>>,
    gate: Arc<Semaphore>,
}

impl Trackers {
    /// Through this HTTP client; WebRTC streams come from `agent`.
    #[must_use]
    pub fn new(fetcher: Fetcher, #[cfg(feature = "webrtc")] agent: Option<crate::webrtc::Agent>) -> Self {
        #[cfg(not(feature = "webrtc"))]
        let agent = None;
        let shared = Shared {
            fetcher,
            agent,
            hubs: Mutex::default(),
            turns: Mutex::default(),
            // Seeded by the system, through the keys of hash maps.
            random: Mutex::new(Random::new(RandomState::new().hash_one(0))),
            // 32 bits, as UDP has them; not zero, which says nothing.
            key: AnnounceKey(u64::from(RandomState::new().hash_one(1) as u32 | 1)),
            start: Instant::now(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Announces `torrent` to every tracker of `urls` (unknown schemes, and all beyond [`MAX_TRACKERS`], are passed
    /// over) until the result is dropped, or `found` is closed. `typed`: the user gave these addresses, so private
    /// ones are allowed. Must be called within a tokio runtime.
    #[must_use]
    pub fn announce(
        &self,
        urls: &[String],
        typed: bool,
        torrent: Announced,
        found: mpsc::Sender<Found>,
    ) -> Announcement {
        let (alive, ended) = watch::channel(());
        let mut memberships = Vec::new();
        let mut seen: Vec<Url> = Vec::new();
        for text in urls {
            let Some(url) = parse(text) else { continue };
            if seen.contains(&url) || seen.len() >= MAX_TRACKERS {
                continue;
            }
            let trust = if typed { Trust::Typed } else { Trust::Learned };
            match url.scheme() {
                "ws" | "wss" => {
                    let joined = ws::join(&self.shared, &url, typed, torrent.clone(), found.clone());
                    memberships.extend(joined);
                }
                "http" | "https" | "udp" => {
                    let job = polled::Job {
                        url: url.clone(),
                        trust,
                        torrent: torrent.clone(),
                        found: found.clone(),
                    };
                    if let Some(turns) = self.shared.turns(&url) {
                        tokio::spawn(polled::run(Arc::clone(&self.shared), turns, job, ended.clone()));
                    }
                }
                _ => continue,
            }
            seen.push(url);
        }
        Announcement { _alive: alive, _memberships: memberships }
    }

    /// Whether offers can be answered: there is an agent for WebRTC.
    #[must_use]
    pub fn can_answer(&self) -> bool {
        self.shared.agent.is_some()
    }

    /// Answers an offer that came by another way than these trackers, such as a tracker in this process: the answer's
    /// SDP, and the stream that it leads to.
    ///
    /// # Errors
    /// An SDP that cannot be read; [`io::ErrorKind::ResourceBusy`] at one of the agent's limits;
    /// [`io::ErrorKind::Unsupported`] without an agent.
    pub async fn answer(&self, offer_sdp: &str) -> io::Result<(String, Answered)> {
        let agent = self.shared.agent.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        let (sdp, pending) = agent.answer(offer_sdp).await?;
        Ok((sdp, Answered(pending)))
    }
}

/// A WebRTC connection that comes about once its answer has arrived. Dropping it gives it up.
pub struct Answered(signal::Pending);

impl Answered {
    /// The stream.
    ///
    /// # Errors
    /// It did not come about in time.
    pub async fn stream(self) -> io::Result<PeerStream> {
        self.0.stream().await
    }
}

/// A tracker's address, without a fragment.
fn parse(text: &str) -> Option<Url> {
    /// Longest address.
    const MAX: usize = 2048;
    let mut url = Url::parse(text).ok().filter(|_| text.len() <= MAX)?;
    url.set_fragment(None);
    url.host_str().is_some_and(|host| !host.is_empty()).then_some(url)
}

/// How a log names a tracker: paths and queries may hold a user's key.
fn shown(url: &Url) -> String {
    format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default())
}

impl Shared {
    fn now(&self) -> Time {
        Time::from_origin(self.start.elapsed())
    }

    fn instant(&self, time: Time) -> Instant {
        self.start + time.since_origin()
    }

    fn with_random<T>(&self, use_it: impl FnOnce(&mut Random) -> T) -> T {
        use_it(&mut lock(&self.random))
    }

    fn turns(&self, url: &Url) -> Option<Turns> {
        let mut turns = lock(&self.turns);
        let key = shown(url);
        if !turns.contains_key(&key) && turns.len() >= MAX_KNOWN {
            // Those that nobody uses any more.
            turns.retain(|_, t| Arc::strong_count(&t.gate) > 1);
            if turns.len() >= MAX_KNOWN {
                return None;
            }
        }
        let fresh =
            || Turns { pace: Arc::new(Mutex::new(Pace::new(GAP))), gate: Arc::new(Semaphore::new(AT_ONCE)) };
        Some(turns.entry(key).or_insert_with(fresh).clone())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
