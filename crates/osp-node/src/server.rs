//! `osp node`: listeners, ready line, graceful shutdown.
//!
//! No wait on a client is without end: for a request's head [`HEADER_TIMEOUT`], inside a body 30 s of silence, for
//! a response to be taken [`WRITE_TIMEOUT`] without progress. That also ends connections whose client has vanished.

mod patience;

use crate::peering::{self, PeeringError};
use crate::{
    Node,
    config::Config,
    crowd::Crowd,
    discovery,
    home::{HomeError, NodeLock},
    http::{
        self, AppState,
        announce::{Local, OwnPeer, Remote, TrackerSettings},
    },
    seeding::{self, SeedEvent, SeedEventKind, SeedSettings},
};
use hyper::service::{Service as _, service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use osp_delivery::torrent::{Hub, Seeding};
use patience::Patient;
use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

/// How long requests that are under way may take to finish after a shutdown was asked for.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
/// How long a client may take to send a request's head.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(20);
/// Connections that are open at once; further ones wait in the system's queue.
pub const MAX_CONNECTIONS: usize = 4096;
/// Connections that are open at once from one address (IPv6: one /64) other than this machine's; further ones are
/// closed.
pub const MAX_PER_ADDRESS: usize = 256;
/// How long a client may take nothing of a response before its connection is closed.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// Why a node could not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The home: locked by another node, or unusable.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// BitTorrent or WebRTC.
    #[error(transparent)]
    Peering(#[from] PeeringError),
    /// The address.
    #[error(
        "cannot listen on {address}: {source}; choose another with --http (port 0 takes any free one), \
         or stop what uses it"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What the ready line says (`spec/schemas/node-ready.json`): one JSON line on stdout once every listener answers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
    /// Base URL of the HTTP interface.
    pub http: String,
    /// WebSocket tracker; `null` when it is switched off.
    pub tracker: Option<String>,
    /// BitTorrent listener, `host:port`; `null` when it is switched off.
    pub bittorrent: Option<String>,
    /// Multiaddrs of the libp2p host, with its peer id; `null` when it is switched off.
    pub p2p: Option<Vec<String>>,
}

/// A node whose listeners are bound; connections are answered from [`Server::run`] on.
pub struct Server {
    listener: TcpListener,
    state: AppState,
    ready: Ready,
    hub: Hub,
    /// Whether the store is given to peers.
    seeds: bool,
    keeping: (SeedSettings, Option<NodeLock>),
    _lock: NodeLock,
}

impl Server {
    /// Takes the home's node lock and binds the listeners.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn bind(node: Arc<Node>, config: &Config) -> Result<Self, ServeError> {
        let lock = node.home().lock_node()?;
        node.set_neighbours(config.discovery.peers.clone());
        node.use_discovery(config.discovery.clone());
        let token = node.home().api_token()?;
        let listen = |source| ServeError::Listen { address: config.http, source };
        let listener = TcpListener::bind(config.http).await.map_err(listen)?;
        let http = format!("http://{}", listener.local_addr().map_err(listen)?);
        let public_url = config.public_url.clone().unwrap_or_else(|| http.clone());
        let state = AppState::new(node, &public_url, &token, config.max_blob).with_tracker(TrackerSettings {
            mode: config.tracker,
            proxies: config.trusted_proxies.clone(),
            allow_private: config.allow_private,
        });
        let tracker = state.tracker.web_address(&state.public_url);
        // To itself the node announces by the shortest way, and what browsers are told is the public one.
        let own = state.tracker.web_address(&http).into_iter().collect();
        let hub = peering::open(&state.node, &config.peers, own).await?;
        let bittorrent = hub.local_addr();
        if let Some(listening) = bittorrent.filter(|_| config.peers.seeding != Seeding::Off) {
            state.tracker.set_own(OwnPeer {
                peer_id: hub.peer_id(),
                port: listening.port(),
                only: Some(listening.ip()).filter(|ip| !ip.is_unspecified()),
                public: config.peers.public_addresses.clone(),
            });
        }
        if config.peers.seeding != Seeding::Off {
            state.tracker.set_resident(hub.clone());
        }
        state.node.join_swarms(hub.clone(), config.peers.seeding);
        peering::ipfs::listen(&state.node, &config.peers).await?;
        let p2p = state.node.ipfs().named_addresses().await;
        let bittorrent = bittorrent.map(|address| address.to_string());
        let ready = Ready { ready: true, http, tracker, bittorrent, p2p };
        let seeds = config.peers.seeding != Seeding::Off;
        let keeping = SeedSettings {
            quota: config.peers.quota,
            refresh: config.peers.refresh,
            own: vec![public_url, ready.http.clone()],
            once: false,
        };
        let keeping = (keeping, state.node.home().lock_seeding()?);
        Ok(Self { listener, state, ready, hub, seeds, keeping, _lock: lock })
    }

    /// What the ready line says.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Serves until `shutdown` resolves, then lets requests under way finish for [`SHUTDOWN_GRACE`].
    ///
    /// # Errors
    /// None today: a connection that cannot be accepted is logged and the next one is waited for.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
        let tracker = Arc::clone(&self.state.tracker);
        let feeds = Arc::clone(&self.state.feed_waiting);
        let seeding =
            (self.seeds).then(|| tokio::spawn(peering::seed(Arc::clone(&self.state.node), self.hub.clone())));
        let arrivals = tokio::spawn(peering::ipfs::arrivals(Arc::clone(&self.state.node)));
        let announcing = tokio::spawn(peering::ipfs::announce(Arc::clone(&self.state.node)));
        let node = Arc::clone(&self.state.node);
        let (settings, seed_lock) = self.keeping;
        let keeping = tokio::spawn(seeding::run(Arc::clone(&node), settings, seed_lock, log_seeding));
        let following = tokio::spawn(discovery::feeds::follow(Arc::clone(&node)));
        let reporting = node
            .network_joined()
            .cloned()
            .map(|network| tokio::spawn(discovery::network::report::keep(network, node.home().clone())));
        let resting = tokio::spawn(rest(Arc::clone(&node)));
        let app = http::router(self.state);
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
        let (stop, stopping) = watch::channel(());
        let crowd = Crowd::new(MAX_PER_ADDRESS);
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = async {
                let place = Arc::clone(&room).acquire_owned().await;
                (self.listener.accept().await, place)
            };
            let (stream, peer, place) = tokio::select! {
                (accepted, place) = accepted => match accepted {
                    Ok((stream, peer)) => (stream, peer, place),
                    Err(error) => {
                        // Out of file descriptors, most likely: wait for some to come free.
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
                () = &mut shutdown => break,
            };
            let Some(share) = crowd.admit(peer.ip()) else {
                tracing::debug!("an address has too many connections");
                continue;
            };
            // Small answers must not wait for more data to fill a packet.
            let _ = stream.set_nodelay(true);
            let local = stream.local_addr();
            let stream = TokioIo::new(Patient::new(stream, WRITE_TIMEOUT));
            let inner = TowerToHyperService::new(app.clone());
            let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(Remote(peer));
                if let Ok(local) = local {
                    request.extensions_mut().insert(Local(local));
                }
                inner.call(request)
            });
            let connection = http.serve_connection(stream, service).with_upgrades();
            let mut stopping = stopping.clone();
            tokio::spawn(async move {
                let mut connection = std::pin::pin!(connection);
                // An error here is the client going away or talking nonsense: nothing to act on.
                tokio::select! {
                    _ = connection.as_mut() => {}
                    _ = stopping.changed() => {
                        connection.as_mut().graceful_shutdown();
                        let _ = connection.await;
                    }
                }
                drop((place, share));
            });
        }
        tracing::info!("shutting down");
        drop(self.listener);
        keeping.abort();
        following.abort();
        resting.abort();
        if let Some(seeding) = seeding {
            seeding.abort();
        }
        seeding::settle(&node).await;
        arrivals.abort();
        announcing.abort();
        if let Some(reporting) = reporting {
            reporting.abort();
            let _ = std::fs::remove_file(node.home().network_file());
        }
        if let Some(network) = node.network_joined() {
            network.stop().await;
        }
        if let Some(host) = node.ipfs().serving() {
            host.shutdown().await;
        }
        self.hub.close().await;
        tracker.stop();
        feeds.stop();
        drop(stopping);
        stop.send_replace(());
        // Every connection holds a receiver for as long as it lives.
        if tokio::time::timeout(SHUTDOWN_GRACE, stop.closed()).await.is_err() {
            tracing::warn!("some requests did not finish in time and were cut");
        }
        Ok(())
    }
}

/// Lets the store give back what it has not needed for a while.
async fn rest(node: Arc<Node>) {
    /// How often it is asked.
    const NOW_AND_THEN: Duration = Duration::from_secs(15);
    loop {
        tokio::time::sleep(NOW_AND_THEN).await;
        let store = node.store().clone();
        let _ = tokio::task::spawn_blocking(move || store.rest()).await;
    }
}

/// What is kept for others, in the log.
fn log_seeding(event: &SeedEvent) {
    match event.event {
        SeedEventKind::Refused | SeedEventKind::Failed => tracing::warn!("{event}"),
        SeedEventKind::Seeding => tracing::debug!("{event}"),
        _ => tracing::info!("{event}"),
    }
}
