//! The tracker that the node contains: `/announce` over WebSocket and HTTP, `/scrape` (messages and rules are
//! `osp_tracker`'s).
//!
//! ```text
//!  GET /announce  Upgrade: websocket ─▶ web     a task for each connection ─┐
//!  GET /announce?info_hash=…         ─▶ query   one answer                  ├─▶ Tracker ─▶ Registry
//!  GET /scrape?info_hash=…           ─▶ query                               ┘      │
//!         └─ remote: whose address it is, behind a proxy too            served: is the swarm for this node?
//!                                                                       resident: this node answers offers
//! ```
//!
//! The node does not announce its library to its own tracker: it is a resident of the swarms of what it has, named to
//! clients over HTTP by its address (`own`), and handed the offers of those who come over a WebSocket (`resident`).
//!
//! Which swarms are served says the operator (`tracker = "own"`, `"open"`, `"off"`); content that was blocked or
//! withdrawn is refused in any case, and its swarm is forgotten at its members' next word.

mod limits;
mod outbox;
mod own;
mod query;
mod remote;
mod resident;
mod served;
mod web;

pub use own::OwnPeer;
pub(super) use query::scrape;
pub use remote::{Local, Remote};

use super::{ApiError, AppState};
use crate::{
    config::tracker::{TrackerMode, TrustedProxies},
    crowd::Crowd,
};
use axum::{
    extract::{FromRequestParts as _, Request, State, ws::WebSocketUpgrade},
    http::{header, request::Parts},
    response::Response,
};
use limits::{MAX_SOCKETS, MAX_SOCKETS_PER_ADDRESS};
use osp_delivery::torrent::Hub;
use osp_swarm::{InfoHash, Time};
use osp_tracker::{
    Stats,
    registry::{Counts, Limits, Registry, WsConn},
};
use outbox::{Outbox, Outboxes};
use resident::Resident;
use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};

/// How often those who have gone silent are taken out.
const TIDY: Duration = Duration::from_secs(60);

/// What the operator decides.
#[derive(Clone, Debug, Default)]
pub struct TrackerSettings {
    /// Which swarms are served.
    pub mode: TrackerMode,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: TrustedProxies,
    /// Whether private addresses are told to everybody.
    pub allow_private: bool,
}

/// The tracker of one server.
pub(crate) struct Tracker {
    settings: TrackerSettings,
    registry: Mutex<Registry>,
    outboxes: Outboxes,
    crowd: Crowd,
    room: Arc<Semaphore>,
    next: AtomicU64,
    start: Instant,
    /// When it was tidied last, in seconds from the start.
    tidied: AtomicU64,
    announces: [AtomicU64; 2],
    /// Closed when the server stops.
    stopped: watch::Sender<bool>,
    /// This node's own listener, once it is open.
    own: OnceLock<OwnPeer>,
    /// This node, as one that answers offers.
    resident: OnceLock<Resident>,
}

/// `http` becomes `ws`, `https` `wss`.
fn web_address(public_url: &str) -> String {
    format!("{}/announce", public_url.replacen("http", "ws", 1))
}

/// By what an announce came.
#[derive(Clone, Copy)]
enum Carrier {
    Http,
    WebSocket,
}

/// Numbers for the metrics.
pub(super) struct Numbers {
    pub(super) counts: Counts,
    pub(super) http: u64,
    pub(super) websocket: u64,
}

impl Tracker {
    pub(super) fn new(settings: TrackerSettings) -> Self {
        let limits = Limits { allow_private: settings.allow_private, ..Limits::default() };
        let mut seed = [0; 8];
        // Without it the choice of peers is guessable, which harms nobody.
        let _ = getrandom::fill(&mut seed);
        Self {
            settings,
            registry: Mutex::new(Registry::new(limits, u64::from_le_bytes(seed))),
            outboxes: Outboxes::default(),
            crowd: Crowd::new(MAX_SOCKETS_PER_ADDRESS),
            room: Arc::new(Semaphore::new(MAX_SOCKETS)),
            next: AtomicU64::new(0),
            start: Instant::now(),
            tidied: AtomicU64::new(0),
            announces: Default::default(),
            stopped: watch::channel(false).0,
            own: OnceLock::new(),
            resident: OnceLock::new(),
        }
    }

    fn if_on(&self) -> Result<&Self, ApiError> {
        match self.settings.mode {
            TrackerMode::Off => Err(ApiError::not_found("this node has no tracker")),
            _ => Ok(self),
        }
    }

    /// The addresses at which it is announced to, of a node that is reached at `public_url`: for browsers, and for
    /// others. `known`: the node holds the content that is meant.
    pub(super) fn addresses(&self, public_url: &str, known: bool) -> Vec<String> {
        match self.settings.mode {
            TrackerMode::Off => Vec::new(),
            TrackerMode::Own if !known => Vec::new(),
            _ => vec![web_address(public_url), format!("{public_url}/announce")],
        }
    }

    /// The WebSocket address, if there is a tracker.
    pub(crate) fn web_address(&self, public_url: &str) -> Option<String> {
        self.if_on().is_ok().then(|| web_address(public_url))
    }

    /// From now on names this node's own listener as a peer of what it has.
    pub(crate) fn set_own(&self, own: OwnPeer) {
        // A second one cannot come: there is one hub a node.
        let _ = self.own.set(own);
    }

    /// From now on passes offers for what this node has on to `hub`, which need not announce it here.
    pub(crate) fn set_resident(&self, hub: Hub) {
        if hub.can_answer() {
            // A second one cannot come, either.
            let _ = self.resident.set(Resident::new(hub));
        }
    }

    /// How many are in a swarm; `here`: this node has its content.
    fn scrape(&self, infohash: InfoHash, here: bool) -> Stats {
        match self.resident.get().filter(|_| here) {
            Some(resident) => self.registry().scrape_beside(infohash, resident.peer_id()),
            None => self.registry().scrape(infohash),
        }
    }

    /// Ends every WebSocket.
    pub(crate) fn stop(&self) {
        self.stopped.send_replace(true);
    }

    pub(super) fn numbers(&self) -> Numbers {
        let [http, websocket] = &self.announces;
        let counts = self.registry().counts();
        Numbers { counts, http: http.load(Relaxed), websocket: websocket.load(Relaxed) }
    }

    fn count(&self, carrier: Carrier) {
        self.announces[carrier as usize].fetch_add(1, Relaxed);
    }

    fn now(&self) -> Time {
        Time::from_origin(self.start.elapsed())
    }

    /// Whose address a request comes from; `X-Forwarded-For` is believed of the proxies that are trusted.
    pub(crate) fn client(&self, parts: &Parts) -> IpAddr {
        remote::address(parts, &self.settings.proxies)
    }

    /// The registry, tidied now and then.
    fn registry(&self) -> MutexGuard<'_, Registry> {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, last) = (self.start.elapsed().as_secs(), self.tidied.load(Relaxed));
        if now >= last + TIDY.as_secs() {
            self.tidied.store(now, Relaxed);
            registry.expire(self.now());
        }
        registry
    }

    fn open(&self) -> (WsConn, Outbox) {
        let conn = WsConn(self.next.fetch_add(1, Relaxed));
        (conn, self.outboxes.open(conn))
    }
}

/// `GET /announce`: a WebSocket if one is asked for, else one announce over HTTP.
///
/// # Errors
/// 404 when the tracker is off, 503 when there is no room. What is wrong with an announce itself is said as trackers
/// say it: with status 200 and a failure reason.
pub(super) async fn announce(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let proxies = &state.tracker.if_on()?.settings.proxies;
    let (mut parts, _) = request.into_parts();
    let from = remote::address(&parts, proxies);
    // Other upgrades (h2c) are offers that may be passed over.
    let upgrade = parts.headers.get(header::UPGRADE).map(|value| value.as_bytes());
    if upgrade.is_some_and(|value| value.eq_ignore_ascii_case(b"websocket")) {
        let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &state).await.map_err(|e| {
            ApiError::usage(format!("no WebSocket can be made of this request: {}", e.body_text()))
        })?;
        return web::accept(state.clone(), upgrade, from);
    }
    Ok(query::announce(&state, from, &parts).await)
}
