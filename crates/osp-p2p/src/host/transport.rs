//! The transports: TCP and WebSocket with Noise and yamux, QUIC with its own.
//!
//! ```text
//!   /tcp            dns ▶ guard ▶ TCP             ▶ Noise ▶ yamux ┐
//!   /tcp/…/ws       WebSocket ▶ dns ▶ guard ▶ TCP ▶ Noise ▶ yamux ├▶ streams
//!   /udp/…/quic-v1  dns ▶ guard ▶ QUIC                            ┘
//! ```

use super::{
    error::StartError,
    guard::{Guard, Guarded},
};
use libp2p::{
    PeerId, Transport as _,
    core::{muxing::StreamMuxerBox, transport::Boxed, upgrade::Version},
    dns,
    identity::Keypair,
    noise, quic, tcp, websocket, yamux,
};

/// Everything a host can listen on and dial.
pub(super) fn build(keypair: &Keypair, guard: &Guard) -> Result<Boxed<(PeerId, StreamMuxerBox)>, StartError> {
    let noise = noise::Config::new(keypair).map_err(|error| StartError::Transport(error.to_string()))?;
    let tcp = || {
        let config = tcp::Config::default().nodelay(true);
        resolving(Guarded::new(tcp::tokio::Transport::new(config), guard.clone()))
    };
    let plain = tcp()?
        .upgrade(Version::V1Lazy)
        .authenticate(noise.clone())
        .multiplex(yamux_config())
        .map(|(p, m), _| (p, StreamMuxerBox::new(m)));
    let web = websocket::Config::new(tcp()?)
        .upgrade(Version::V1Lazy)
        .authenticate(noise)
        .multiplex(yamux_config())
        .map(|(p, m), _| (p, StreamMuxerBox::new(m)));
    let quic = quic::tokio::Transport::new(quic::Config::new(keypair));
    let quic = resolving(Guarded::new(quic, guard.clone()))?.map(|(p, m), _| (p, StreamMuxerBox::new(m)));
    Ok(web
        .or_transport(plain)
        .map(|either, _| either.into_inner())
        .or_transport(quic)
        .map(|either, _| either.into_inner())
        .boxed())
}

/// Resolves names before `inner` dials.
///
/// # Errors
/// [`StartError::Transport`] when the system's resolver configuration cannot be read.
fn resolving<T>(inner: T) -> Result<dns::tokio::Transport<T>, StartError> {
    dns::tokio::Transport::system(inner).map_err(|error| StartError::Transport(error.to_string()))
}

/// rust-yamux closes a connection on which a frame over 1 MiB arrives, and js-libp2p writes frames as large as the
/// window it was given. So many streams allowed leave each of them the first window of 256 KiB for good.
fn yamux_config() -> yamux::Config {
    let mut config = yamux::Config::default();
    config.set_max_num_streams(4096);
    config
}
