//! [`Hub`]: one a process; listeners, trackers and caps, and the torrents that are open.
//!
//! A torrent is open because somebody *joined* it (a download, and what its seeding policy leaves of it), or
//! because a peer *called* for one that the [`Library`] has: such a one is closed again when its callers are gone,
//! so that a thousand torrents which nobody asks for cost no more than their announcements.

mod announce;
pub(crate) mod bucket;
mod config;
pub(crate) mod ledger;
mod library;
pub(crate) mod limits;
mod listen;
#[cfg(feature = "mainline")]
mod mainline;
mod names;
mod nearby;

pub use bucket::Bucket;
pub use config::{HubConfig, JoinError, Reach};
pub use ledger::Account;

use super::{Library, Torrent, TorrentSetup, services::Services};
use crate::torrent::{Held, Seeding};
use ledger::Ledger;
use limits::Limits;
use names::Names;
use osp_fetch::Trust;
use osp_peers::{
    PeerStream,
    local::LocalDiscovery,
    mse::SkeyHash,
    tcp,
    tracker::{Found, Trackers},
    utp::Utp,
};
use osp_swarm::{Config, Demand, Geometry, InfoHash, PeerId, wire::Handshake};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
};

/// What our peer ids start with: OpenSound 0.1. (OS is another program.)
const PEER_ID_PREFIX: &[u8; 8] = b"-ON0100-";
/// How often another port is tried when UDP is taken at the one that TCP got.
const BIND_ATTEMPTS: usize = 10;

/// Listeners, trackers, caps and open torrents of a process. Cheap to clone; everything ends when the last clone is
/// dropped or after [`Hub::close`].
#[derive(Clone)]
pub struct Hub(Arc<Running>);

/// What ends with the last clone.
struct Running {
    inner: Arc<Inner>,
    tasks: Mutex<JoinSet<()>>,
}

/// What the hub's tasks use.
struct Inner {
    config: HubConfig,
    services: Arc<Services>,
    peer_id: PeerId,
    local: Option<SocketAddr>,
    ledger: Ledger,
    half_open: Arc<Semaphore>,
    local_discovery: Option<LocalDiscovery>,
    /// Told when the library should be asked again at once.
    library_changed: Arc<Notify>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    torrents: HashMap<InfoHash, Open>,
    library: Option<Arc<dyn Library>>,
    /// What the library announces; empty when MSE is not spoken.
    names: Names,
    closed: bool,
}

/// A torrent that is open.
struct Open {
    torrent: Torrent,
    /// What callers with MSE name it by.
    name: SkeyHash,
    /// Whether somebody joined it, rather than called for it.
    joined: bool,
}

impl Open {
    fn new(torrent: &Torrent, joined: bool) -> Self {
        Self { torrent: torrent.clone(), name: SkeyHash::of(torrent.infohash()), joined }
    }
}

impl Hub {
    /// Opens the listeners.
    ///
    /// # Errors
    /// What the system says about the address.
    pub async fn open(config: HubConfig) -> io::Result<Self> {
        let (tcp, utp, local) = bind(&config).await?;
        let limits = Limits::new(config.max_connections, config.per_address, config.allow_private);
        let upload = Bucket::new(config.upload_limit);
        let services = Services::new(
            config.tcp,
            utp.clone(),
            config.allow_private,
            config.encryption,
            limits,
            upload,
            config.patience,
        );
        let (local_discovery, near) = nearby::start(&config, local);
        let inner = Arc::new(Inner {
            services: Arc::new(services),
            peer_id: config.peer_id.unwrap_or_else(make_peer_id),
            local,
            ledger: Ledger::default(),
            half_open: Arc::new(Semaphore::new(config.half_open)),
            local_discovery,
            library_changed: Arc::default(),
            state: Mutex::default(),
            config,
        });
        let mut tasks = JoinSet::new();
        if let Some(near) = near {
            tasks.spawn(nearby::call(near, Arc::downgrade(&inner)));
        }
        if let Some(listener) = tcp {
            tasks.spawn(listen::accept_tcp(listener, Arc::downgrade(&inner)));
        }
        if let Some(utp) = utp.filter(|_| inner.config.listen.is_some()) {
            tasks.spawn(listen::accept_utp(utp, Arc::downgrade(&inner)));
        }
        Ok(Self(Arc::new(Running { inner, tasks: Mutex::new(tasks) })))
    }

    /// Where peers can call, over TCP and uTP.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.0.inner.local
    }

    /// Who we are to peers.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        self.0.inner.peer_id
    }

    /// The engine's settings, as a torrent of this hub gets them.
    #[must_use]
    pub fn engine_config(&self) -> Config {
        self.0.inner.engine_config()
    }

    /// Opens a torrent, to download it and to seed it by `setup.seeding`. One that is open because peers called for
    /// it is replaced.
    ///
    /// # Errors
    /// [`JoinError::AlreadyOpen`]
    pub fn join(&self, setup: TorrentSetup, reach: Reach) -> Result<Torrent, JoinError> {
        let inner = &self.0.inner;
        let infohash = setup.infohash;
        let torrent = {
            let mut state = inner.state();
            match state.torrents.get(&infohash) {
                Some(open) if open.joined && !open.torrent.is_closed() => {
                    return Err(JoinError::AlreadyOpen(open.torrent.clone()));
                }
                Some(open) => open.torrent.shut(),
                None => {}
            }
            let torrent = inner.start(setup, true);
            if state.closed {
                torrent.shut();
            } else {
                state.torrents.insert(infohash, Open::new(&torrent, true));
            }
            torrent
        };
        reach.sources.iter().for_each(|source| torrent.add_source(Arc::clone(source)));
        for trust in [Trust::Typed, Trust::Learned] {
            let named = reach.peers.iter().filter(|(_, t)| *t == trust).map(|(address, _)| *address);
            torrent.add_addresses(named.collect(), trust);
        }
        if reach.announce {
            tokio::spawn(announce::joined(Arc::downgrade(inner), torrent.clone(), reach.trackers));
        }
        Ok(torrent)
    }

    /// Announces a torrent that was joined to further trackers, until it is closed.
    pub fn announce_also(&self, torrent: &Torrent, trackers: Vec<(String, Trust)>) {
        let hub = Arc::downgrade(&self.0.inner);
        tokio::spawn(announce::further(hub, torrent.clone(), trackers));
    }

    /// A torrent that is open, for whatever reason.
    #[must_use]
    pub fn find(&self, infohash: InfoHash) -> Option<Torrent> {
        self.0.inner.state().torrents.get(&infohash).map(|open| open.torrent.clone())
    }

    /// The torrents that are open.
    #[must_use]
    pub fn torrents(&self) -> Vec<Torrent> {
        self.0.inner.state().torrents.values().map(|open| open.torrent.clone()).collect()
    }

    /// From now on seeds what the library has, to whoever asks, and announces it. Replaces one given before.
    pub fn seed_library(&self, library: Arc<dyn Library>) {
        self.0.inner.state().library = Some(Arc::clone(&library));
        let mut tasks = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(feature = "mainline")]
        tasks.spawn(mainline::announce_library(Arc::downgrade(&self.0.inner), Arc::clone(&library)));
        tasks.spawn(library::announce(Arc::downgrade(&self.0.inner), library));
    }

    /// Asks the library again, now rather than after [`HubConfig::library_refresh`]: it has changed.
    pub fn refresh_library(&self) {
        self.0.inner.library_changed.notify_one();
    }

    /// Hands over a connection that came about elsewhere, at which nothing has been read: to the torrent that its
    /// handshake names.
    pub fn accept(&self, stream: PeerStream) {
        listen::received(&self.0.inner, stream);
    }

    /// Whether [`Hub::answer`] can lead to anything.
    #[must_use]
    pub fn can_answer(&self) -> bool {
        self.0.inner.config.trackers.as_ref().is_some_and(Trackers::can_answer)
    }

    /// Answers somebody's offer of a WebRTC connection for a torrent of the library, or one that is open. The answer's
    /// SDP is to be sent at once; the peer is served when the connection stands. The caller has seen to it that the
    /// torrent may be given.
    ///
    /// # Errors
    /// As of [`Trackers::answer`].
    pub async fn answer(&self, infohash: InfoHash, offer_sdp: &str) -> io::Result<String> {
        let inner = &self.0.inner;
        let trackers = inner.config.trackers.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        let (sdp, answered) = trackers.answer(offer_sdp).await?;
        let hub = Arc::downgrade(inner);
        tokio::spawn(async move {
            match answered.stream().await {
                Ok(stream) => {
                    if let Some(inner) = hub.upgrade()
                        && let Some(torrent) = inner.torrent_for(infohash).await
                    {
                        inner.use_finding(&torrent, Found::Stream(stream));
                    }
                }
                Err(error) => tracing::debug!(error = %error.kind(), "no WebRTC connection came about"),
            }
        });
        Ok(sdp)
    }

    /// Bytes given and taken of a torrent since the program's start; `None` for one that was never open.
    #[must_use]
    pub fn account(&self, infohash: InfoHash) -> Option<Arc<Account>> {
        self.0.inner.ledger.find(infohash)
    }

    /// Bytes sent to and received from others, over all torrents.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        self.0.inner.ledger.totals()
    }

    /// Bytes sent to others, by torrent, since the program's start; those that sent none are left out.
    #[must_use]
    pub fn uploads(&self) -> Vec<(InfoHash, u64)> {
        self.0.inner.ledger.uploads()
    }

    /// Waits until so many bytes may be sent over another protocol: the upload cap is one for all.
    pub async fn take_upload(&self, bytes: usize) {
        self.0.inner.services.upload.take(bytes).await;
    }

    /// Counts bytes of a torrent's content that were sent over another protocol, as if they had been sent over this one.
    pub fn count_upload(&self, infohash: InfoHash, bytes: u64) {
        self.0.inner.ledger.account(infohash).sent(bytes);
    }

    /// Connections that are open, over all torrents.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.0.inner.services.limits.open()
    }

    /// Stops listening and announcing, and closes all torrents.
    pub async fn close(&self) {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        let open: Vec<Torrent> = {
            let mut state = self.0.inner.state();
            state.closed = true;
            state.torrents.values().map(|open| open.torrent.clone()).collect()
        };
        open.iter().for_each(Torrent::shut);
        for torrent in open {
            torrent.close().await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.inner.state().torrents.drain().for_each(|(_, open)| open.torrent.shut());
    }
}

impl Inner {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn engine_config(&self) -> Config {
        Config {
            listen_port: self.local.map(|local| local.port()),
            exchange_private: self.config.allow_private,
            ..self.config.engine.clone()
        }
    }

    fn start(self: &Arc<Self>, setup: TorrentSetup, joined: bool) -> Torrent {
        let infohash = setup.infohash;
        let idle = (!joined).then_some(self.config.patience.idle);
        let hub = Arc::downgrade(self);
        let account = self.ledger.account(infohash);
        let ended = move || {
            if let Some(inner) = Weak::upgrade(&hub) {
                inner.forget(infohash, joined);
            }
        };
        Torrent::start(setup, Arc::clone(&self.services), account, idle, ended)
    }

    /// A torrent has closed: unless another has taken its place, its entry goes. (One that was called for is only
    /// ever replaced by one that was joined, and a joined one only once it is closed.)
    fn forget(&self, infohash: InfoHash, joined: bool) {
        let mut state = self.state();
        if state.torrents.get(&infohash).is_some_and(|open| open.joined == joined) {
            state.torrents.remove(&infohash);
        }
    }

    /// The torrent that a caller with MSE means, of those that are open and those that are announced.
    fn named(&self, name: SkeyHash) -> Option<InfoHash> {
        let state = self.state();
        let open = state.torrents.iter().find(|(_, open)| open.name == name);
        open.map(|(infohash, _)| *infohash).or_else(|| state.names.find(name))
    }

    /// The open torrent, or one from the library, opened for the caller.
    async fn torrent_for(self: &Arc<Self>, infohash: InfoHash) -> Option<Torrent> {
        let library = {
            let state = self.state();
            match state.torrents.get(&infohash) {
                Some(open) if !open.torrent.is_closed() => return Some(open.torrent.clone()),
                _ => state.library.clone()?,
            }
        };
        let (info, content) = match library.find(infohash).await {
            Ok(found) => found?,
            Err(error) => {
                tracing::warn!("cannot look up what a peer asked for: {error}");
                return None;
            }
        };
        let setup = TorrentSetup {
            infohash,
            geometry: Geometry::of(&info),
            info: Some(info),
            held: Held::All,
            content,
            config: self.engine_config(),
            demand: Demand::Nothing,
            peer_id: self.peer_id,
            seed: random(),
            seeding: Seeding::Always,
        };
        let mut state = self.state();
        if state.closed {
            return None;
        }
        // Two callers may have come at once.
        if let Some(open) = state.torrents.get(&infohash).filter(|open| !open.torrent.is_closed()) {
            return Some(open.torrent.clone());
        }
        let torrent = self.start(setup, false);
        state.torrents.insert(infohash, Open::new(&torrent, false));
        Some(torrent)
    }

    /// Gives a torrent a connection, if the caps allow one more.
    fn hand_over(&self, torrent: &Torrent, stream: PeerStream, handshake: Option<Handshake>) {
        if let Some(permit) = self.services.limits.take(stream.remote) {
            torrent.add_counted(stream, handshake, permit);
        }
    }
}

/// Opens TCP and uTP at the same port.
async fn bind(config: &HubConfig) -> io::Result<(Option<tcp::Listener>, Option<Utp>, Option<SocketAddr>)> {
    let Some(listen) = config.listen else {
        // uTP needs a socket even to call.
        let any = SocketAddr::from(([0, 0, 0, 0], 0));
        let utp = if config.utp { Some(Utp::bind(any).await?) } else { None };
        return Ok((None, utp, None));
    };
    let mut failed = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..BIND_ATTEMPTS {
        let tcp = if config.tcp { Some(tcp::Listener::bind(listen).await?) } else { None };
        let at = tcp.as_ref().map_or(listen, tcp::Listener::local_addr);
        if !config.utp {
            return Ok((tcp, None, Some(at)));
        }
        match Utp::bind(at).await {
            Ok(utp) => {
                let local = utp.local_addr();
                return Ok((tcp, Some(utp), Some(local)));
            }
            Err(error) if listen.port() == 0 => failed = error,
            Err(error) => return Err(error),
        }
    }
    Err(failed)
}

/// Not a secret: it only has to differ from others'.
fn make_peer_id() -> PeerId {
    let mut id = [0; 20];
    let (prefix, rest) = id.split_at_mut(PEER_ID_PREFIX.len());
    prefix.copy_from_slice(PEER_ID_PREFIX);
    for (byte, random) in
        rest.iter_mut().zip(random().to_le_bytes().into_iter().chain(random().to_le_bytes()))
    {
        *byte = random;
    }
    PeerId(id)
}

/// For peer ids and for what engines leave to chance: from the system's randomness, by way of a hasher's keys.
fn random() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0)
}
