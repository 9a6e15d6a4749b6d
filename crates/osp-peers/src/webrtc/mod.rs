//! WebRTC data channels without a browser: ICE, DTLS and SCTP by `str0m`, sockets by tokio.
//!
//! ```text
//!  A: Agent::offer() -> SDP with all candidates inside --tracker--> B: Agent::answer(SDP)
//!  A: Offer::accept(SDP) <-----------------------------tracker---- the answer's SDP
//!          ICE checks, DTLS 1.2, SCTP, data channel opened in band by A (DCEP, RFC 8832)
//!  A: Pending::stream() -> PeerStream                              B: Pending::stream() -> PeerStream
//! ```
//!
//! As WebTorrent has it (npm `simple-peer`): no trickle, one ordered and reliable channel with a random label, binary
//! messages whose borders mean nothing.
//!
//! - [`Agent`] answers on one UDP port, which an operator can open; each offer has a port of its own (`demux` says why).
//! - Browsers hide their addresses in `.local` names: those are not resolved. The browser calls our address, and the
//!   pair forms from that.
//! - Addresses that a stranger's SDP names are called only if they are public, unless private ones are allowed.
//! - How much is in flight follows the path (`window`), and losses are mended below SCTP (`recovery`); how much a peer can make us hold is bounded (`connection`,
//!   `limits`).

mod brake;
mod candidates;
mod connection;
mod demux;
mod dtls;
mod limits;
mod pipe;
mod recovery;
mod sctp;
mod socket;
mod stun;
mod window;

pub use limits::{ANSWERS_PER_SECOND, MAX_CONNECTIONS, MAX_HANDSHAKES, MAX_OFFERS};

use crate::PeerStream;
use candidates::Answers;
use connection::Start;
use demux::{Hub, Inbound, Loop};
use dtls::SharedBelow;
use limits::Limits;
use socket::Socket;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use str0m::{
    Candidate, IceCreds, Rtc, RtcConfig,
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// How long a handshake (ICE, DTLS, SCTP, data channel) may take once both descriptions are there.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long an offer stays good without an answer: trackers forget them by then.
pub const OFFER_TTL: Duration = Duration::from_secs(60);

/// ICE checks of an idle connection come at this distance, at most; with [`CHECKS`] of them unanswered the peer counts
/// as gone, after about 16 seconds.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// Unanswered checks that end a connection.
const CHECKS: usize = 9;
/// Longest datagram that is sent, in bytes: what fits into the least packet that IPv6 allows (1280, of which 48 are
/// headers), as Chromium has it.
const MTU: usize = 1232;
/// How often the round trip that ICE measured is looked at.
const STATS_INTERVAL: Duration = Duration::from_secs(1);

/// Settings of an [`Agent`].
#[derive(Clone, Debug, Default)]
pub struct AgentConfig {
    /// The UDP address to bind; port 0 takes any free one. `None`: any port on all addresses.
    pub bind: Option<SocketAddr>,
    /// Addresses others can reach us at, beside those of this machine's interfaces.
    pub public: Vec<IpAddr>,
    /// STUN servers (`host:port`) that tell our address behind a NAT. None by default: a question to one shows our
    /// address to its operator.
    pub stun: Vec<String>,
    /// Whether loopback candidates are offered, and private ones of strangers called.
    pub allow_private: bool,
}

/// Makes and answers offers. Cheap to clone.
#[derive(Clone)]
pub struct Agent {
    inner: Arc<Inner>,
}

struct Inner {
    config: AgentConfig,
    hub: Arc<Hub>,
    receiving: Arc<Loop>,
    limits: Limits,
}

/// An offer that waits for its answer. Dropping it gives it up.
pub struct Offer {
    agent: Agent,
    rtc: Rtc,
    below: SharedBelow,
    pending: SdpPendingOffer,
    socket: Arc<Socket>,
    hosts: Vec<SocketAddr>,
    sdp: String,
    _place: OwnedSemaphorePermit,
}

/// A connection that is coming about. Dropping it gives it up.
pub struct Pending {
    opened: oneshot::Receiver<io::Result<PeerStream>>,
}

impl Agent {
    /// Binds the socket for answers.
    ///
    /// # Errors
    /// What the system says.
    pub async fn new(config: AgentConfig) -> io::Result<Self> {
        let socket = Arc::new(Socket::bind(config.bind)?);
        let (hub, receiving) = Hub::start(socket);
        Ok(Self { inner: Arc::new(Inner { config, hub, receiving, limits: Limits::new() }) })
    }

    /// Where answered connections arrive.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.inner.hub.socket().local_addr()
    }

    /// A new offer with one ordered data channel, its candidates inside (no trickle).
    ///
    /// # Errors
    /// No socket or no address; [`io::ErrorKind::ResourceBusy`] with [`MAX_OFFERS`] waiting.
    pub async fn offer(&self) -> io::Result<Offer> {
        let place = self.inner.limits.offer()?;
        let config = &self.inner.config;
        let bind = config.bind.map(|address| SocketAddr::new(address.ip(), 0));
        let socket = Arc::new(Socket::bind(bind)?);
        let hosts = candidates::local(&socket, config.allow_private)?;
        let transaction = random()?;
        let buffer = vec![0; if config.stun.is_empty() { 0 } else { 2048 }];
        let answers = Answers::Socket(&socket, buffer);
        let mapped = candidates::ask_stun(&socket, &config.stun, transaction, answers).await;
        let (mut rtc, below) = self.rtc(IceCreds::new(), &socket, &hosts, mapped);
        let mut api = rtc.sdp_api();
        // Browsers' libraries give their channels random names; a fixed one would tell our peers apart from theirs.
        let label: [u8; 20] = random()?;
        api.add_channel(label.iter().map(|byte| format!("{byte:02x}")).collect());
        let (offer, pending) =
            api.apply().ok_or_else(|| io::Error::other("the WebRTC library made no offer"))?;
        let sdp = offer.to_sdp_string();
        Ok(Offer { agent: self.clone(), rtc, below, pending, socket, hosts, sdp, _place: place })
    }

    /// Answers somebody's offer: the answer's SDP, to be sent at once, and the stream when it stands.
    ///
    /// # Errors
    /// An SDP that cannot be read; [`io::ErrorKind::ResourceBusy`] at one of the limits
    /// ([`MAX_HANDSHAKES`], [`MAX_CONNECTIONS`], [`ANSWERS_PER_SECOND`]).
    pub async fn answer(&self, offer_sdp: &str) -> io::Result<(String, Pending)> {
        let Inner { config, hub, receiving, limits } = &*self.inner;
        limits.answer(tokio::time::Instant::now().into_std())?;
        let permits = limits.connection()?;
        let (sdp, remote) = candidates::theirs(offer_sdp, config.allow_private)?;
        let offer = SdpOffer::from_sdp_string(&sdp).map_err(|_| unreadable("offer"))?;
        let hosts = candidates::local(hub.socket(), config.allow_private)?;
        let transaction = random()?;
        let answers = Answers::Sorted(hub.ask(transaction), transaction);
        let mapped = candidates::ask_stun(hub.socket(), &config.stun, transaction, answers).await;
        let credentials = IceCreds::new();
        let inbound = Inbound::Shared(hub.line(credentials.ufrag.clone(), receiving.clone()), Vec::new());
        let (mut rtc, below) = self.rtc(credentials, hub.socket(), &hosts, mapped);
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|_| unreadable("offer"))?;
        let pending = start((rtc, below), hub.socket().clone(), inbound, hosts, false, permits, remote);
        Ok((answer.to_sdp_string(), pending))
    }

    fn rtc(
        &self,
        credentials: IceCreds,
        socket: &Socket,
        hosts: &[SocketAddr],
        mapped: Vec<SocketAddr>,
    ) -> (Rtc, SharedBelow) {
        let mut config = RtcConfig::new()
            .clear_codecs()
            .set_local_ice_credentials(credentials)
            // Held by the window instead, which follows the path.
            .set_sctp_max_buffered_amount(window::HELD * window::CEILING)
            .set_mtu(MTU..=MTU)
            // The library makes its receive window as large as the longest message.
            .set_sctp_max_message_size(connection::INCOMING_ROOM as u32)
            .set_stats_interval(Some(STATS_INTERVAL));
        config.set_max_stun_rto(CHECK_INTERVAL);
        config.set_max_stun_retransmits(CHECKS);
        let (mut rtc, below) = dtls::build(config, tokio::time::Instant::now().into_std());
        let port = socket.local_addr().port();
        let public = self.inner.config.public.iter().map(|ip| SocketAddr::new(*ip, port));
        for candidate in candidates::ours(hosts, public.chain(mapped)) {
            rtc.add_local_candidate(candidate);
        }
        (rtc, below)
    }
}

impl Offer {
    /// Its SDP.
    #[must_use]
    pub fn sdp(&self) -> &str {
        &self.sdp
    }

    /// The answer came.
    ///
    /// # Errors
    /// An SDP that cannot be read; [`io::ErrorKind::ResourceBusy`] at one of the limits.
    pub async fn accept(self, answer_sdp: &str) -> io::Result<Pending> {
        let Self { agent, mut rtc, below, pending, socket, hosts, .. } = self;
        let permits = agent.inner.limits.connection()?;
        let (sdp, remote) = candidates::theirs(answer_sdp, agent.inner.config.allow_private)?;
        let answer = SdpAnswer::from_sdp_string(&sdp).map_err(|_| unreadable("answer"))?;
        rtc.sdp_api().accept_answer(pending, answer).map_err(|_| unreadable("answer"))?;
        let inbound = Inbound::own(socket.clone());
        Ok(start((rtc, below), socket, inbound, hosts, true, permits, remote))
    }
}

impl Pending {
    /// The open data channel as a byte stream.
    ///
    /// # Errors
    /// It did not come about within [`HANDSHAKE_TIMEOUT`].
    pub async fn stream(self) -> io::Result<PeerStream> {
        self.opened.await.unwrap_or_else(|_| Err(io::ErrorKind::ConnectionAborted.into()))
    }
}

fn start(
    (mut rtc, below): (Rtc, SharedBelow),
    socket: Arc<Socket>,
    inbound: Inbound,
    hosts: Vec<SocketAddr>,
    offered: bool,
    (handshake, connection): (OwnedSemaphorePermit, OwnedSemaphorePermit),
    remote: Vec<Candidate>,
) -> Pending {
    for candidate in remote {
        rtc.add_remote_candidate(candidate);
    }
    let (sender, opened) = oneshot::channel();
    tokio::spawn(connection::run(Start {
        rtc,
        below,
        socket,
        inbound,
        hosts,
        offered,
        opened: sender,
        handshake,
        connection,
    }));
    Pending { opened }
}

/// The library's own words may hold the peer's address, so they are not passed on.
fn unreadable(which: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the peer's WebRTC {which} cannot be read"))
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}
