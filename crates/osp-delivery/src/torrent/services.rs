//! What all torrents of a process share: the way out, the caps, the memory for reading ahead.

use super::{
    encryption::{Encryption, Opening},
    hub::{
        bucket::Bucket,
        limits::{Limits, Permit},
    },
    setup::Patience,
};
use osp_peers::{PeerStream, mse, utp::Utp};
use osp_swarm::wire::Handshake;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};

/// Calls at once, over all torrents.
const MAX_CALLS: usize = 48;
/// Bytes that all connections together read ahead of what their peers asked for.
const READ_AHEAD_BYTES: usize = 16 * 1024 * 1024;
/// How long TCP has the wire for itself before uTP is tried beside it.
const UTP_AFTER: Duration = Duration::from_millis(700);
/// How long a call may take in all.
const CALL_TIMEOUT: Duration = Duration::from_secs(12);

/// Why a call led to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallError {
    /// There are too many connections; it is not the address's fault.
    Full,
    /// Nobody is there, as far as can be seen.
    Unanswered,
    /// Somebody is there and does not want MSE.
    Declined,
}

/// What a call led to: a connection, and the right to it.
pub(crate) type Call = Result<(PeerStream, Permit), CallError>;

/// What all torrents of a process share.
pub(crate) struct Services {
    /// Whether peers are called over TCP.
    pub(crate) tcp: bool,
    /// The socket for uTP, if it is used.
    pub(crate) utp: Option<Utp>,
    /// Whether private addresses that strangers name are called.
    pub(crate) allow_private: bool,
    /// How peers are called.
    pub(crate) encryption: Encryption,
    pub(crate) limits: Limits,
    pub(crate) upload: Bucket,
    pub(crate) read_ahead: Arc<Semaphore>,
    pub(crate) calls: Semaphore,
    pub(crate) patience: Patience,
}

impl Services {
    /// For a torrent on its own: TCP only, no caps.
    pub(crate) fn alone() -> Self {
        let limits = Limits::new(usize::MAX, usize::MAX, false);
        let encryption = Encryption::default();
        Self::new(true, None, false, encryption, limits, Bucket::new(None), Patience::default())
    }

    pub(crate) fn new(
        tcp: bool,
        utp: Option<Utp>,
        allow_private: bool,
        encryption: Encryption,
        limits: Limits,
        upload: Bucket,
        patience: Patience,
    ) -> Self {
        let read_ahead = Arc::new(Semaphore::new(READ_AHEAD_BYTES));
        let calls = Semaphore::new(MAX_CALLS);
        Self { tcp, utp, allow_private, encryption, limits, upload, read_ahead, calls, patience }
    }

    /// Calls a peer: over TCP, and when that takes long or fails over uTP. `greeting` is the handshake that the
    /// stream will be told to send first.
    pub(crate) async fn call(&self, address: SocketAddr, opening: Opening, greeting: Handshake) -> Call {
        let _turn = self.calls.acquire().await.map_err(|_| CallError::Unanswered)?;
        let permit = self.limits.take(Some(address)).ok_or(CallError::Full)?;
        let stream = timeout(CALL_TIMEOUT, self.reach(address)).await;
        let Ok(Ok(stream)) = stream else { return Err(CallError::Unanswered) };
        if opening == Opening::Plain {
            return Ok((stream, permit));
        }
        let first = greeting.encode().to_vec().into();
        let exchange = mse::call(stream, greeting.infohash, self.encryption.methods(), first);
        match timeout(self.patience.handshake, exchange).await {
            Ok(Ok(stream)) => Ok((stream, permit)),
            Ok(Err(_)) | Err(_) => Err(CallError::Declined),
        }
    }

    async fn reach(&self, address: SocketAddr) -> io::Result<PeerStream> {
        let Some(utp) = &self.utp else {
            return osp_peers::tcp::connect(address).await;
        };
        if !self.tcp {
            return utp.connect(address).await;
        }
        let mut tcp = std::pin::pin!(osp_peers::tcp::connect(address));
        tokio::select! {
            result = &mut tcp => match result {
                Ok(stream) => Ok(stream),
                Err(_) => utp.connect(address).await,
            },
            () = sleep(UTP_AFTER) => tokio::select! {
                Ok(stream) = &mut tcp => Ok(stream),
                Ok(stream) = utp.connect(address) => Ok(stream),
                else => Err(io::ErrorKind::ConnectionRefused.into()),
            },
        }
    }
}
