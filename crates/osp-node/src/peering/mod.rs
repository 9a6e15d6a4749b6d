//! This home among peers: the hub of its process, and what it seeds.
//!
//! ```text
//!  osp node      listens, announces everything it may serve, seeds the whole store
//!  osp play      calls peers, and seeds what it plays while it runs
//! ```
//!
//! Peers find a node by its own tracker (`/announce`), by the trackers of its settings, on the local network, and
//! by the records' magnets.

pub mod ipfs;
mod library;

pub use library::StoreLibrary;

use crate::{Node, config::peers::Peers};
use osp_delivery::torrent::{Hub, HubConfig, Seeding};
use osp_peers::{
    local::LocalConfig,
    mainline::{Mainline, MainlineConfig},
    tracker::Trackers,
    webrtc::{Agent, AgentConfig},
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

/// Why a process cannot take part in swarms.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeeringError {
    /// The BitTorrent address.
    #[error(
        "cannot listen for BitTorrent on {address}: {source}; choose another with --bittorrent (port 0 takes any \
         free one, off none)"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The socket of WebRTC.
    #[error("cannot open a socket for WebRTC: {0}; `webrtc = false` in [peers] does without")]
    WebRtc(io::Error),
    /// The socket of the mainline DHT.
    #[error("cannot open a socket for the BitTorrent DHT: {0}; `mainline = false` in [peers] does without")]
    Mainline(io::Error),
    /// libp2p.
    #[error("{0}; choose other addresses with --p2p (port 0 takes any free one, off none)")]
    P2p(#[from] osp_p2p::StartError),
    /// The file of what is kept for the network of nodes.
    #[error(transparent)]
    Store(#[from] osp_store::StoreError),
    /// The key that libp2p peers know this node by.
    #[error(transparent)]
    Identity(#[from] ipfs::IdentityError),
}

/// Opens the hub by `settings`. `own` are this node's own trackers, which need no permission to be private.
///
/// # Errors
/// [`PeeringError`].
pub async fn open(node: &Node, settings: &Peers, own: Vec<String>) -> Result<Hub, PeeringError> {
    // Who listens on loopback only wants to be reached by nobody else, in whatever way.
    let loopback = settings.bittorrent.map(|address| address.ip()).filter(IpAddr::is_loopback);
    let agent = match settings.webrtc {
        false => None,
        true => {
            let config = AgentConfig {
                // The same port as BitTorrent has would be uTP's.
                bind: loopback.map(|ip| SocketAddr::new(ip, 0)),
                public: settings.public_addresses.clone(),
                stun: settings.stun.clone(),
                allow_private: node.allows_private(),
            };
            Some(Agent::new(config).await.map_err(PeeringError::WebRtc)?)
        }
    };
    let mainline = match settings.mainline {
        // On a machine without the internet there is nobody but the nodes that were named.
        true if loopback.is_none() || !settings.mainline_bootstrap.is_empty() => {
            let config = MainlineConfig {
                bootstrap: Some(settings.mainline_bootstrap.clone()).filter(|nodes| !nodes.is_empty()),
                allow_private: node.allows_private(),
                ..MainlineConfig::default()
            };
            Some(Mainline::start(&config).map_err(PeeringError::Mainline)?)
        }
        _ => None,
    };
    let mut config = HubConfig {
        listen: settings.bittorrent,
        trackers: Some(Trackers::new(node.fetcher().clone(), agent)),
        announce: settings.trackers.clone(),
        own_trackers: own,
        mainline,
        allow_private: node.allows_private(),
        encryption: settings.encryption,
        upload_limit: settings.upload_limit,
        local: (settings.local_discovery && loopback.is_none()).then(|| LocalConfig::new(0)),
        ..HubConfig::default()
    };
    config.engine.upload = settings.seeding != Seeding::Off;
    let Some(address) = settings.bittorrent else {
        return Hub::open(config).await.map_err(|source| PeeringError::Listen { address: NOWHERE, source });
    };
    // Nobody asked for this address, so both families will do, where the machine has both, and any other port: another
    // node of this machine may have it.
    let mut addresses = vec![address];
    if !settings.bittorrent_exact {
        if address.ip() == IpAddr::V4(Ipv4Addr::UNSPECIFIED) && has_ipv6() {
            addresses.insert(0, SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), address.port()));
        }
        addresses.extend(addresses.clone().into_iter().map(|at| SocketAddr::new(at.ip(), 0)));
    }
    let mut opened = Err(io::ErrorKind::AddrNotAvailable.into());
    for address in addresses {
        config.listen = Some(address);
        opened = Hub::open(config.clone()).await;
        if opened.is_ok() {
            break;
        }
    }
    opened.map_err(|source| PeeringError::Listen { address, source })
}

/// Whether this machine speaks IPv6, be it with itself.
fn has_ipv6() -> bool {
    UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

/// Seeds the whole store through `hub`, for as long as it is polled: what was published by whatever process is
/// announced within [`LOOK`], and what was blocked is no longer given.
pub async fn seed(node: Arc<Node>, hub: Hub) {
    hub.seed_library(Arc::new(StoreLibrary::new(&node)));
    let mut seen = node.records().generation().await.ok();
    loop {
        tokio::time::sleep(LOOK).await;
        let generation = node.records().generation().await.ok();
        if generation == seen {
            continue;
        }
        seen = generation;
        hub.refresh_library();
        for torrent in hub.torrents() {
            let found = node.blobs().find_by_infohash(&torrent.infohash().0).await;
            let Ok(Some(blob)) = found else { continue };
            if node.records().is_content_blocked(&blob.roots).await.unwrap_or(false) {
                torrent.shut();
            }
        }
    }
}

/// How often the store is asked whether anything has changed.
const LOOK: Duration = Duration::from_millis(500);
/// What an error names when no address was given.
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
