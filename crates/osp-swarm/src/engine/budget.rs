//! The written bounds: how much of anything a remote can make us hold or do.

use crate::wire::extension::MAX_METADATA_BYTES;
use std::time::Duration;

/// Requests of one peer that wait for their turn; more are refused. We say so in the extended handshake (`reqq`).
pub(crate) const MAX_QUEUED_UPLOADS: usize = 512;
/// Requests to one peer at once, whatever it says it takes.
pub(crate) const MAX_DEPTH: u32 = 500;
/// Requests to a peer that does not say how many it takes (`reqq`).
pub(crate) const UNSAID_DEPTH: u32 = 250;
/// Requests to one peer at once, at least.
pub(crate) const MIN_DEPTH: u32 = 2;
/// Requests to a peer of which nothing is known yet.
pub(crate) const FIRST_DEPTH: u32 = 4;
/// Sources that are asked for the same block at once, one of them a web seed.
pub(crate) const MAX_ASKED: usize = 4;
/// Bytes in pieces that are begun and not verified; with large pieces at least [`MIN_ACTIVE_PIECES`] of them.
pub(crate) const MAX_ACTIVE_BYTES: u64 = 32 * 1024 * 1024;
/// Pieces that may be begun however large they are.
pub(crate) const MIN_ACTIVE_PIECES: usize = 8;
/// Pieces with a deadline.
pub(crate) const MAX_WINDOW_PIECES: usize = 1024;
/// Pieces that are looked at to find a rare one.
pub(crate) const MAX_LOOKED_AT: u32 = 1024;
/// Blocks left when the endgame begins: from then on the same block is asked of several peers.
pub(crate) const ENDGAME_BLOCKS: u32 = 64;
/// Such blocks that one peer gets at once.
pub(crate) const ENDGAME_AT_ONCE: usize = 4;
/// Bytes of messages that wait for a connection to take them, blocks aside. More piles up only at a peer that talks
/// and does not listen.
pub(crate) const MAX_CONTROL_BYTES: usize = 256 * 1024;
/// Messages that say nothing new (keep-alives, repetitions, refused requests, unknown ones), a second, for long.
pub(crate) const NOISE_RATE: u32 = 100;
/// The same, at once: more than twice what a choke makes of a full queue of requests.
pub(crate) const NOISE_BURST: u32 = 2048;
/// Blocks nobody asked for, after which a connection ends.
pub(crate) const MAX_UNASKED_BLOCKS: u32 = 64;
/// Pieces a peer may name that it gives although it chokes us (BEP 6).
pub(crate) const MAX_ALLOWED_FAST: usize = 64;
/// Bytes that a peer may take although it is choked (BEP 6), in its life.
pub(crate) const MAX_FAST_BYTES: u64 = 4 * 1024 * 1024;
/// Lengths of the metadata that are believed at once, each by another group of peers.
pub(crate) const MAX_METADATA_SIZES: usize = 3;
/// Bytes of metadata that are held, with what is remembered of those who sent wrong parts.
pub(crate) const MAX_METADATA_HELD: usize = MAX_METADATA_SIZES * (MAX_METADATA_BYTES as usize + 64 * 1024);
/// Times that one peer gets all the metadata.
pub(crate) const MAX_METADATA_SERVED: u32 = 3;
/// Addresses in one peer exchange message of ours (BEP 11).
pub(crate) const MAX_PEX_TOLD: usize = 50;
/// Banned peers that are remembered, by id and by address each; the oldest are forgotten.
pub(crate) const MAX_BANS: usize = 1024;
/// Bad pieces whose senders are being told apart.
pub(crate) const MAX_CASES: usize = 256;
/// Times that a piece's senders are compared.
pub(crate) const MAX_ATTEMPTS: usize = 4;
/// Times that a piece comes out bad, after which a source that is to send it alone is not helped out any more.
pub(crate) const MAX_HELPED: usize = 3;

/// A handshake that has not come by then will not.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);
/// Silence after which a peer is gone.
pub(crate) const SILENCE: Duration = Duration::from_secs(120);
/// Our own silence, after which we say that we are still there.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(55);
/// How long ordinary messages wait for a peer that has not said any, unless it is a browser.
pub(crate) const SHYNESS: Duration = Duration::from_secs(2);
/// A peer that owes blocks and sends none for this long, at least, is snubbed.
pub(crate) const SNUB_AFTER: Duration = Duration::from_secs(4);
/// The same, at most.
pub(crate) const SNUB_AT_LAST: Duration = Duration::from_secs(20);
/// A late block is asked of somebody else when its deadline is nearer than this.
pub(crate) const LATE_SLACK: Duration = Duration::from_secs(3);
/// How often the uploads are handed out anew.
pub(crate) const RECHOKE: Duration = Duration::from_secs(10);
/// How long the optimistic one keeps its turn.
pub(crate) const OPTIMISTIC: Duration = Duration::from_secs(30);
/// Between two peer exchange messages (BEP 11). Others close when two come within a minute, and networks jitter.
pub(crate) const PEX_INTERVAL: Duration = Duration::from_secs(65);
/// A part of the metadata that has not come by then is asked of somebody else.
pub(crate) const METADATA_TIMEOUT: Duration = Duration::from_secs(5);
/// How long web seeds carry only what is near, for peers to come.
pub(crate) const PEERS_GRACE: Duration = Duration::from_secs(10);
/// A fetch without a byte for this long is given up.
pub(crate) const FETCH_STALL: Duration = Duration::from_secs(15);
/// The same, of a fetch whose bytes a reader waits for; it doubles with each failure.
pub(crate) const URGENT_STALL: Duration = Duration::from_secs(4);
/// The pause of a web seed after its first failure; each one after it doubles it.
pub(crate) const FIRST_BACKOFF: Duration = Duration::from_secs(1);
/// The longest pause of a web seed.
pub(crate) const LAST_BACKOFF: Duration = Duration::from_secs(300);
/// The longest range of a web seed whose rate is not known.
pub(crate) const FIRST_RANGE_BYTES: u64 = 512 * 1024;
/// The longest range of one fetch.
pub(crate) const MAX_RANGE_BYTES: u64 = 4 * 1024 * 1024;
/// The pause of all fetching after a piece could not be kept; it doubles, up to a minute.
pub(crate) const LOST_PAUSE: Duration = Duration::from_secs(1);
