//! WebRTC data channels without a browser: ICE, DTLS and SCTP by `str0m`, sockets by tokio.

use crate::PeerStream;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// How long a handshake (ICE, DTLS, SCTP, data channel) may take once both descriptions are there.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long an offer stays good without an answer: trackers forget them by then.
pub const OFFER_TTL: Duration = Duration::from_secs(60);

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
    /// Whether candidates of private and loopback addresses are offered and called.
    pub allow_private: bool,
}

/// Makes and answers offers over one UDP socket. Cheap to clone.
#[derive(Clone)]
pub struct Agent {
    _todo: (),
}

/// An offer that waits for its answer. Dropping it gives it up.
pub struct Offer {
    _todo: (),
}

impl Agent {
    /// Binds the socket.
    ///
    /// # Errors
    /// What the system says.
    pub async fn new(config: AgentConfig) -> io::Result<Self> {
        let _ = config;
        todo!()
    }
    /// A new offer with one ordered data channel, its candidates inside (no trickle).
    ///
    /// # Errors
    /// No socket or no address.
    pub async fn offer(&self) -> io::Result<Offer> {
        todo!()
    }
    /// Answers somebody's offer: the answer's SDP, to be sent at once, and the stream when it stands.
    ///
    /// # Errors
    /// An SDP that cannot be read.
    pub async fn answer(&self, offer_sdp: &str) -> io::Result<(String, Pending)> {
        let _ = offer_sdp;
        todo!()
    }
}

impl Offer {
    /// Its SDP.
    #[must_use]
    pub fn sdp(&self) -> &str {
        todo!()
    }
    /// The answer came.
    ///
    /// # Errors
    /// An SDP that cannot be read.
    pub async fn accept(self, answer_sdp: &str) -> io::Result<Pending> {
        let _ = answer_sdp;
        todo!()
    }
}

/// A connection that is coming about. Dropping it gives it up.
pub struct Pending {
    _todo: (),
}

impl Pending {
    /// The open data channel as a byte stream.
    ///
    /// # Errors
    /// It did not come about within [`HANDSHAKE_TIMEOUT`].
    pub async fn stream(self) -> io::Result<PeerStream> {
        todo!()
    }
}
