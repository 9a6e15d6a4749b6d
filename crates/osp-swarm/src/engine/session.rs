//! The state of one connection.

use super::{
    Origin,
    api::{PeerInfo, PeerKind},
    blame::Sender,
    budget::{FIRST_DEPTH, MAX_DEPTH, MIN_DEPTH, NOISE_BURST, NOISE_RATE, UNSAID_DEPTH},
    exchange::PexState,
    limiter::Limiter,
    pieces::BlockId,
    rate::Rate,
};
use crate::{
    ids::{Bitfield, Block, ConnId, MAX_PIECES, PieceIndex},
    time::Time,
    wire::{Decoder, Handshake, Message},
};
use std::{collections::VecDeque, net::SocketAddr, time::Duration};

/// Which pieces a peer has.
#[derive(Clone, Debug)]
pub(crate) enum Has {
    /// Said before we know how many pieces there are.
    Early(Early),
    /// Counted in the availability, unless all.
    Known(Bitfield),
}

/// What a peer said it has, uninterpreted: at most a bit for each of [`MAX_PIECES`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Early {
    all: bool,
    bits: Vec<u8>,
    /// Bytes of its `bitfield` message, which must fit the torrent when that is known.
    said: Option<usize>,
}

impl Early {
    pub(crate) fn all() -> Self {
        Self { all: true, ..Self::default() }
    }

    pub(crate) fn bitfield(bits: &[u8]) -> Self {
        Self { all: false, bits: bits.to_vec(), said: Some(bits.len()) }
    }

    /// `false` for a piece that no torrent has.
    pub(crate) fn have(&mut self, piece: PieceIndex) -> bool {
        if piece.0 >= MAX_PIECES {
            return false;
        }
        let at = piece.0 as usize / 8;
        if self.bits.len() <= at {
            self.bits.resize(at + 1, 0);
        }
        self.bits[at] |= 0x80 >> (piece.0 % 8);
        true
    }

    /// What that means in a torrent with this many pieces; `None` when it cannot be.
    pub(crate) fn interpret(&self, pieces: u32) -> Option<Bitfield> {
        if self.all {
            return Some(Bitfield::all(pieces));
        }
        let bytes = pieces.div_ceil(8) as usize;
        if self.said.is_some_and(|said| said != bytes) || self.bits.len() > bytes {
            return None;
        }
        let mut bits = self.bits.clone();
        bits.resize(bytes, 0);
        Bitfield::parse(&bits, pieces)
    }
}

/// A request of ours that is not answered yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub(crate) id: BlockId,
    pub(crate) at: Time,
}

/// What we ask of a peer.
///
/// The depth (requests at once) follows the time that a request stands in the peer's queue: while that is short, each
/// block makes it deeper, which doubles it every round trip; when it is much longer, the queue is full and each block
/// makes it shallower. By Little's law that keeps about `rate * (delay + SLACK)` in flight.
///
/// A request stands in a queue only while the peer sends what was asked for before. So the longest silence of the wait
/// does not count: a peer may answer in turns (Transmission does, twice a second, when it runs dry), and a path may have
/// become longer than it was at its best. Who took either for a full queue would ask for less and less, and such a
/// peer would never again be asked for more than [`MIN_DEPTH`] a turn.
#[derive(Debug)]
pub(crate) struct Download {
    /// In the order of asking.
    pub(crate) pending: VecDeque<Pending>,
    pub(crate) depth: u32,
    /// Smoothed time from request to block.
    pub(crate) delay: Option<Duration>,
    shortest: Option<Duration>,
    /// The longest time without a block, of those that a block still owed may have waited through...
    silence: Duration,
    /// ...and when that ended.
    silent_until: Time,
    pub(crate) rate: Rate,
    pub(crate) last_block: Time,
    pub(crate) snubbed: bool,
    /// It refused a block although it does not choke us: it is not asked before.
    pub(crate) rest_until: Time,
    /// Verified bytes.
    pub(crate) verified: u64,
    /// Blocks that may still come although we don't wait for them any more.
    pub(crate) forgiven: u32,
    /// Blocks that came although we never asked.
    pub(crate) unasked: u32,
    /// Pieces it gives although it chokes us.
    pub(crate) allowed: Vec<PieceIndex>,
}

/// Delay that is allowed beyond twice the shortest one seen.
const SLACK: Duration = Duration::from_millis(100);
/// The delay of a peer that never sent a block.
const UNKNOWN_DELAY: Duration = Duration::from_millis(500);

impl Download {
    fn new(now: Time) -> Self {
        Self {
            pending: VecDeque::new(),
            depth: FIRST_DEPTH,
            delay: None,
            shortest: None,
            silence: Duration::ZERO,
            silent_until: Time::ZERO,
            rate: Rate::default(),
            last_block: now,
            snubbed: false,
            rest_until: Time::ZERO,
            verified: 0,
            forgiven: 0,
            unasked: 0,
            allowed: Vec::new(),
        }
    }

    /// When a block that is asked for now will probably be here.
    pub(crate) fn delay(&self) -> Duration {
        self.delay.unwrap_or(UNKNOWN_DELAY)
    }

    /// Removes a request; it mostly is the first.
    pub(crate) fn answered(&mut self, id: BlockId) -> Option<Pending> {
        let at = self.pending.iter().position(|pending| pending.id == id)?;
        self.pending.remove(at)
    }

    /// A block came that was asked for at this time.
    pub(crate) fn measured(&mut self, asked: Time, now: Time, limit: u32) {
        let delay = now.since(asked);
        let queued = delay.saturating_sub(self.silence_since(asked, now));
        self.last_block = now;
        let shortest = self.shortest.map_or(delay, |shortest| shortest.min(delay));
        self.shortest = Some(shortest);
        self.delay = Some(self.delay.map_or(delay, |old| (old * 7 + delay) / 8));
        let good = shortest * 2 + SLACK;
        if queued < good {
            self.depth = (self.depth + 1).min(limit);
        } else if queued > good * 2 {
            self.depth = self.depth.saturating_sub(1).max(MIN_DEPTH);
        }
    }

    /// How long the peer sent nothing, at a stretch, while it owed us a block that comes now.
    fn silence_since(&mut self, asked: Time, now: Time) -> Duration {
        let latest = now.since(self.last_block.max(asked));
        if latest >= self.silence || self.silent_until <= asked {
            (self.silence, self.silent_until) = (latest, now);
        }
        self.silence.min(self.silent_until.since(asked))
    }
}

/// What a peer asks of us.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    pub(crate) queue: VecDeque<Block>,
    pub(crate) rate: Rate,
    /// Bytes of blocks.
    pub(crate) sent: u64,
    /// The same when it was last unchoked.
    pub(crate) sent_at_unchoke: u64,
    pub(crate) unchoked_at: Time,
    /// Bytes it took while it was choked (BEP 6).
    pub(crate) fast_bytes: u64,
    /// Pieces it may take while it is choked.
    pub(crate) allowed: Vec<PieceIndex>,
    /// Under a cap it has had its block, and it is others' turn.
    pub(crate) had_its_block: bool,
}

/// What its extended handshake said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    pub(crate) ut_metadata: Option<u8>,
    pub(crate) ut_pex: Option<u8>,
    pub(crate) metadata_size: Option<u32>,
    pub(crate) reqq: Option<u32>,
    pub(crate) client: Option<String>,
}

/// One connection.
pub(crate) struct Session {
    pub(crate) kind: PeerKind,
    pub(crate) outgoing: bool,
    pub(crate) address: Option<SocketAddr>,
    /// The address that others can call it at: told in peer exchange.
    pub(crate) callable: Option<SocketAddr>,
    pub(crate) since: Time,
    /// The other side's handshake.
    pub(crate) handshake: Option<Handshake>,
    /// The first bytes of one.
    pub(crate) head: Vec<u8>,
    pub(crate) decoder: Decoder,
    /// Messages to send, blocks aside.
    pub(crate) out: Vec<u8>,
    /// Whether it waits in the list of connections with something to send.
    pub(crate) queued: bool,
    /// Whether it has sent an ordinary message.
    pub(crate) spoken: bool,
    /// How far it has read the log of pieces that came.
    pub(crate) haves_sent: usize,
    pub(crate) am_choking: bool,
    pub(crate) am_interested: bool,
    pub(crate) choking_us: bool,
    pub(crate) interested: bool,
    pub(crate) has: Has,
    /// Whether its pieces count in the availability; those of peers that had all from the start don't.
    pub(crate) counted: bool,
    pub(crate) extensions: Extensions,
    pub(crate) down: Download,
    pub(crate) up: Upload,
    pub(crate) pex: PexState,
    pub(crate) metadata_requests: VecDeque<u32>,
    pub(crate) metadata_served: u32,
    /// Times that it did not send metadata in time.
    pub(crate) metadata_late: u32,
    pub(crate) last_received: Time,
    pub(crate) last_sent: Time,
    pub(crate) noise: Limiter,
}

impl Session {
    pub(crate) fn new(peer: PeerInfo, now: Time) -> Self {
        Self {
            kind: peer.kind,
            outgoing: peer.outgoing,
            address: peer.address,
            callable: peer.address.filter(|_| peer.outgoing && peer.kind != PeerKind::WebRtc),
            since: now,
            handshake: None,
            head: Vec::new(),
            decoder: Decoder::new(),
            out: Vec::new(),
            queued: false,
            spoken: false,
            haves_sent: 0,
            am_choking: true,
            am_interested: false,
            choking_us: true,
            interested: false,
            has: Has::Early(Early::default()),
            counted: false,
            extensions: Extensions::default(),
            down: Download::new(now),
            up: Upload::default(),
            pex: PexState::default(),
            metadata_requests: VecDeque::new(),
            metadata_served: 0,
            metadata_late: 0,
            last_received: now,
            last_sent: now,
            noise: Limiter::counting(NOISE_RATE, NOISE_BURST, now),
        }
    }

    pub(crate) fn is_fast(&self) -> bool {
        self.handshake.is_some_and(|handshake| handshake.fast())
    }

    pub(crate) fn say(&mut self, message: &Message) {
        message.encode(&mut self.out);
    }

    /// Whether ordinary messages may be sent: see the module's text on the first words.
    pub(crate) fn may_speak(&self, now: Time) -> bool {
        let patient = self.kind != PeerKind::WebRtc && now.since(self.since) >= super::budget::SHYNESS;
        self.handshake.is_some() && (self.spoken || patient)
    }

    /// The pieces it has, once we know how many there are.
    pub(crate) fn pieces(&self) -> Option<&Bitfield> {
        match &self.has {
            Has::Known(has) => Some(has),
            Has::Early(_) => None,
        }
    }

    pub(crate) fn has(&self, piece: PieceIndex) -> bool {
        self.pieces().is_some_and(|has| has.has(piece))
    }

    pub(crate) fn is_seed(&self) -> bool {
        self.pieces().is_some_and(Bitfield::is_complete)
    }

    /// Most requests at once.
    pub(crate) fn depth_limit(&self) -> u32 {
        self.extensions.reqq.unwrap_or(UNSAID_DEPTH).clamp(MIN_DEPTH, MAX_DEPTH)
    }

    /// Requests that may be added.
    pub(crate) fn room(&self) -> u32 {
        let depth = if self.down.snubbed { 1 } else { self.down.depth.min(self.depth_limit()) };
        depth.saturating_sub(self.down.pending.len() as u32)
    }

    pub(crate) fn sender(&self, conn: ConnId) -> Sender {
        Sender {
            origin: Origin::Peer(conn),
            kind: Some(self.kind),
            peer_id: self.handshake.map(|handshake| handshake.peer_id),
            address: self.address,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_said_early_means_what_it_would_have_meant_later() {
        assert!(Early::all().interpret(9).unwrap().is_complete());
        let mut early = Early::bitfield(&[0x80, 0x00]);
        assert!(early.have(PieceIndex(8)));
        let has = early.interpret(9).unwrap();
        assert!(has.has(PieceIndex(0)) && has.has(PieceIndex(8)) && has.count() == 2);
        assert!(early.interpret(17).is_none(), "a bitfield of another length");
        assert!(early.interpret(8).is_none(), "a piece that is not there");
        assert!(!early.have(PieceIndex(u32::MAX)), "nobody makes us hold a gigabyte of bits");
        let mut single = Early::default();
        single.have(PieceIndex(2));
        assert_eq!(single.interpret(100).unwrap().count(), 1, "without a bitfield the length is not known");
    }

    fn at(millis: u64) -> Time {
        Time::from_origin(Duration::from_millis(millis))
    }

    /// Blocks one after another, `every` so many milliseconds, each `delay` after it was asked for.
    fn stream(down: &mut Download, start: u64, every: u64, delay: u64, blocks: u64) {
        for now in (1..=blocks).map(|block| start + block * every) {
            down.measured(at(now.saturating_sub(delay)), at(now), MAX_DEPTH);
        }
    }

    #[test]
    fn the_depth_doubles_each_round_trip_and_shrinks_when_the_queue_is_full() {
        let mut down = Download::new(Time::ZERO);
        stream(&mut down, 10_000, 1, 50, FIRST_DEPTH.into());
        assert_eq!(down.depth, 2 * FIRST_DEPTH);
        stream(&mut down, 10_004, 10, 300, 4);
        assert_eq!(down.depth, 2 * FIRST_DEPTH, "between the two it stays");
        stream(&mut down, 10_044, 10, 2000, 100);
        assert_eq!(down.depth, MIN_DEPTH);
    }

    #[test]
    fn what_a_silent_peer_lets_us_wait_for_is_no_queue() {
        let mut down = Download::new(Time::ZERO);
        stream(&mut down, 0, 1, 1, 1);
        // Twice a second it answers all that it was asked for, which was right after its last turn.
        let mut depth = down.depth;
        for turn in 1..=3 {
            let now = turn * 500;
            for block in 0..u64::from(depth) {
                down.measured(at(now - 499), at(now + block / 8), MAX_DEPTH);
            }
            assert_eq!(down.depth, 2 * depth, "in turn {turn}");
            depth = down.depth;
        }
        // Now it sends all the time, and what it is asked for waits behind the rest.
        stream(&mut down, 1502, 10, 900, 30);
        assert_eq!(down.depth, depth - 30);
    }
}
