//! Errors of the host. None of them holds an address.

use libp2p::PeerId;

/// Why a host did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The 32 bytes are no private key.
    #[error(
        "the libp2p identity is no Ed25519 key; restore the file from a backup or delete it for a new one"
    )]
    Identity,
    /// Encryption could not be set up.
    #[error("the libp2p transport could not be set up: {0}")]
    Transport(String),
    /// A listen address could not be used.
    #[error("cannot listen on the libp2p address number {index} of the configuration: {reason}")]
    Listen {
        /// Its place in [`Config::listen`](super::Config::listen), from 0.
        index: usize,
        /// What the system said.
        reason: String,
    },
}

/// Why a peer was not reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// No transport for it: only TCP, QUIC and WebSocket are spoken.
    #[error("the address uses a transport this program does not speak (it knows TCP, QUIC v1 and WebSocket)")]
    Unsupported,
    /// A private or special address that a stranger named.
    #[error(
        "the peer's only addresses are private or special ones, which a stranger named; allow them with --allow-private"
    )]
    Private,
    /// Another peer answered.
    #[error("the peer at the address is {found}, not the one named")]
    WrongPeer {
        /// Who answered.
        found: PeerId,
    },
    /// It is this host.
    #[error("the address is this host's own")]
    Myself,
    /// Nobody answered, or it did not go well.
    #[error("the peer could not be reached; check that it runs and that the address is current")]
    Unreachable,
    /// The connection limit, or the peer is kept away for a fault.
    #[error("the connection was refused here: {0}")]
    Denied(String),
    /// The host was shut down.
    #[error("the libp2p host has been shut down")]
    Shutdown,
}
