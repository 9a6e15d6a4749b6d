//! What one client, and all of them, may take of the tracker.

use std::time::Duration;

/// WebSockets that are open at once.
pub(super) const MAX_SOCKETS: usize = 4096;
/// WebSockets that are open at once from one address (IPv6: one /64) other than this machine's.
pub(super) const MAX_SOCKETS_PER_ADDRESS: usize = 64;
/// Messages for one connection that wait to be sent. Further offers and answers for it are dropped: the peers find
/// others.
pub(super) const MAX_WAITING: usize = 32;
/// Bytes that wait to be sent, for all connections.
pub(super) const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;
/// Messages that a connection may send at once.
pub(super) const BURST: u32 = 256;
/// The time for each further message. Who sends faster is read slower.
pub(super) const PER_MESSAGE: Duration = Duration::from_millis(20);
/// Messages in a row that are none, before the connection is closed.
pub(super) const MAX_NONSENSE: u32 = 8;
/// After so long a silence a ping is sent, after two the connection is closed.
pub(super) const SILENCE: Duration = Duration::from_secs(60);
/// How long a connection may be without having announced anything.
pub(super) const IDLE: Duration = Duration::from_secs(30);
