//! Finds and mends losses below SCTP, which is not told of them.
//!
//! SCTP as it is written (RFC 9260, section 7.2) halves its window at every loss and adds one packet a round trip: at
//! 100 ms and 1 % loss that makes 0.1 MB/s, whatever the path could carry. Losses of a radio link or of a full socket
//! buffer say nothing about the path. So they are handled here, the way QUIC does (RFC 9002), and how much is in flight
//! is the [window](super::window)'s to say, which follows the delivered rate and gives way when many packets are lost:
//!
//! ```text
//!  SCTP --- data ----------> [copy kept] --------------------------> DTLS
//!       <-- cumulative ack - [gap blocks read, and taken out] <----- DTLS
//!                            [three later packets have arrived: sent again] -> DTLS
//! ```
//!
//! Packets count in the order in which they were sent, again or for the first time, so that a second loss of the same
//! data is found like the first. When nothing at all is heard, the oldest packet is sent again after
//! [a while](Recovery::timeout), and after twice that. SCTP's own timeout, a second at least, is still there behind.
//!
//! What is kept is what SCTP has in flight, which the window bounds.

use super::sctp::{self, Tsn};
use bytes::Bytes;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Packets sent later that must have arrived for one to count as lost (RFC 9002, section 6.1.1).
const REORDERING: u64 = 3;
/// How long a receiver may keep an acknowledgement back (RFC 9260, section 6.2).
const ACK_DELAY: Duration = Duration::from_millis(200);
/// Until a round trip was measured.
const ASSUMED_RTT: Duration = Duration::from_millis(300);
/// Longest wait for a sign of life before another try.
const MAX_WAIT: Duration = Duration::from_secs(4);
/// Packets that may be sent again at once, at most.
const MAX_CREDIT: usize = 16;

/// What was sent and not yet acknowledged, of one association. Pure: packets and times in, packets out.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    /// By number, without holes, from `first` on.
    flight: VecDeque<Sent>,
    first: Option<Tsn>,
    /// How many packets were sent.
    order: u64,
    /// The latest sent packet of which it is known that it arrived.
    reached: u64,
    /// Entries that are [`State::Lost`].
    waiting: usize,
    /// Bytes of entries that are [`State::Arrived`].
    ahead: usize,
    /// Packets that may be sent again: as many as have arrived, so that a burst of losses does not make another.
    credit: usize,
    smoothed: Option<Duration>,
    least: Option<Duration>,
    /// When something was last acknowledged, or the flight began.
    progress: Option<Instant>,
    /// Timeouts since then.
    tries: u32,
    traffic: Traffic,
    measured: Option<Duration>,
}

/// Counts since the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traffic {
    /// Packets of data that have arrived.
    pub(super) arrived: u64,
    /// Packets that were found to be lost, each time.
    pub(super) lost: u64,
}

#[derive(Debug)]
struct Sent {
    packet: Bytes,
    /// Of the application's data.
    bytes: usize,
    order: u64,
    at: Instant,
    /// More than once.
    again: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Flying,
    /// To be sent again.
    Lost,
    /// By a gap block; the cumulative number has not reached it.
    Arrived,
}

impl Recovery {
    /// SCTP sends a packet. `false`: the other side has all of it, so it need not go out.
    pub(super) fn on_sent(&mut self, now: Instant, packet: &[u8]) -> bool {
        let mut kept = None;
        let (mut any, mut needed) = (false, false);
        for (tsn, bytes) in sctp::data(packet) {
            any = true;
            if self.flight.is_empty() {
                self.first = Some(tsn);
                self.progress = Some(now);
                self.tries = 0;
            }
            let Some(index) = self.first.and_then(|first| first.until(tsn)) else { continue };
            let (order, next) = (self.order, self.flight.len());
            match self.flight.get_mut(index as usize) {
                Some(sent) if sent.state == State::Arrived => {}
                Some(sent) => {
                    self.waiting -= usize::from(sent.state == State::Lost);
                    (sent.order, sent.at, sent.again, sent.state) = (order, now, true, State::Flying);
                    needed = true;
                }
                None if index as usize == next => {
                    let packet = kept.get_or_insert_with(|| Bytes::copy_from_slice(packet)).clone();
                    let state = State::Flying;
                    self.flight.push_back(Sent { packet, bytes, order, at: now, again: false, state });
                    needed = true;
                }
                // SCTP numbers without holes; were it otherwise, it would have to look after itself.
                None => needed = true,
            }
        }
        if any && needed {
            self.order += 1;
        }
        !any || needed
    }

    /// A packet came. What it says about gaps is taken out of it.
    pub(super) fn on_received(&mut self, now: Instant, packet: &mut [u8]) {
        let Some(sack) = sctp::take_gaps(packet) else { return };
        let Some(first) = self.first else { return };
        let mut arrived = 0;
        for _ in 0..first.until(sack.cumulative.plus(1)).unwrap_or(0) {
            let Some(sent) = self.flight.pop_front() else { break };
            self.first = self.first.map(|first| first.plus(1));
            if sent.state == State::Arrived {
                self.ahead -= sent.bytes;
                continue;
            }
            self.waiting -= usize::from(sent.state == State::Lost);
            self.heard(now, sent.order, sent.at, sent.again);
            arrived += 1;
        }
        // Each block begins after the one before, so the work is bounded by the flight.
        let mut from = 0;
        for (start, end) in sack.gaps {
            let (Some(start), Some(end)) = (self.index(start), self.index(end)) else { continue };
            for index in start.max(from)..(end + 1).min(self.flight.len()) {
                let sent = &mut self.flight[index];
                if sent.state == State::Arrived {
                    continue;
                }
                self.waiting -= usize::from(sent.state == State::Lost);
                sent.state = State::Arrived;
                sent.packet = Bytes::new();
                self.ahead += sent.bytes;
                let (order, at, again) = (sent.order, sent.at, sent.again);
                self.heard(now, order, at, again);
                arrived += 1;
            }
            from = from.max(end + 1);
        }
        if arrived > 0 {
            self.traffic.arrived += arrived as u64;
            self.progress = Some(now);
            self.tries = 0;
            self.credit = (self.credit + arrived + 1).min(MAX_CREDIT);
            self.find_lost(from);
        }
    }

    /// The next packet to send again, if one is lost and may go.
    pub(super) fn next(&mut self, now: Instant) -> Option<Bytes> {
        if self.waiting == 0 || self.credit == 0 {
            return None;
        }
        let index = self.flight.iter().position(|sent| sent.state == State::Lost)?;
        let packet = self.flight[index].packet.clone();
        // What travels in the same packet goes with it.
        for sent in
            self.flight.iter_mut().skip(index).take_while(|sent| sent.packet.as_ptr() == packet.as_ptr())
        {
            self.waiting -= usize::from(sent.state == State::Lost);
            if sent.state != State::Arrived {
                (sent.order, sent.at, sent.again, sent.state) = (self.order, now, true, State::Flying);
            }
        }
        self.order += 1;
        self.credit -= 1;
        Some(packet)
    }

    /// When to call [`Recovery::on_timeout`].
    pub(super) fn timeout(&self) -> Option<Instant> {
        let since = self.progress.filter(|_| !self.flight.is_empty())?;
        let usual = 2 * self.smoothed.unwrap_or(ASSUMED_RTT) + ACK_DELAY;
        Some(since + usual.saturating_mul(1 << self.tries.min(8)).min(MAX_WAIT))
    }

    /// Nothing was heard for long: the oldest counts as lost.
    pub(super) fn on_timeout(&mut self, now: Instant) {
        if self.timeout().is_none_or(|at| at > now) {
            return;
        }
        self.tries += 1;
        self.progress = Some(now);
        self.credit = self.credit.max(1);
        if let Some(oldest) = self.flight.iter_mut().find(|sent| sent.state != State::Arrived)
            && oldest.state == State::Flying
        {
            oldest.state = State::Lost;
            self.waiting += 1;
            self.traffic.lost += 1;
        }
    }

    /// Bytes that have arrived and that SCTP still counts as under way.
    pub(super) fn ahead(&self) -> usize {
        self.ahead
    }

    /// Counts of packets.
    pub(super) fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// The least round trip since this was last asked.
    pub(super) fn take_round_trip(&mut self) -> Option<Duration> {
        self.measured.take()
    }

    fn index(&self, tsn: Tsn) -> Option<usize> {
        self.first?.until(tsn).map(|index| index as usize)
    }

    /// A packet arrived that was sent as the `order`th.
    fn heard(&mut self, now: Instant, order: u64, at: Instant, again: bool) {
        let took = now.saturating_duration_since(at);
        // Too soon after it was sent again: it was the first one that arrived.
        if again && self.least.is_none_or(|least| took < least) {
            return;
        }
        self.reached = self.reached.max(order);
        if !again {
            self.least = Some(self.least.map_or(took, |least| least.min(took)));
            self.smoothed = Some(self.smoothed.map_or(took, |before| (7 * before + took) / 8));
            self.measured = Some(self.measured.map_or(took, |least| least.min(took)));
        }
    }

    /// Looks through the first `count`, beyond which nothing has arrived.
    fn find_lost(&mut self, count: usize) {
        for sent in self.flight.iter_mut().take(count) {
            if sent.state == State::Flying && sent.order + REORDERING <= self.reached {
                sent.state = State::Lost;
                self.waiting += 1;
                self.traffic.lost += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{
        super::sctp::{
            data,
            tests::{data_packet, sack_packet},
        },
        *,
    };

    const MS: Duration = Duration::from_millis(1);

    /// `count` packets of 1000 bytes from `first` on.
    fn sent(first: u32, count: u32, now: Instant) -> Recovery {
        let mut recovery = Recovery::default();
        for number in 0..count {
            assert!(recovery.on_sent(now, &data_packet(first.wrapping_add(number), 1000)));
        }
        recovery
    }

    fn acknowledged(recovery: &mut Recovery, now: Instant, cumulative: u32, gaps: &[(u16, u16)]) {
        recovery.on_received(now, &mut sack_packet(cumulative, gaps, &[]));
    }

    /// The numbers of what goes out again.
    fn again(recovery: &mut Recovery, now: Instant) -> Vec<u32> {
        let packets = std::iter::from_fn(|| recovery.next(now));
        packets.flat_map(|packet| data(&packet).map(|(tsn, _)| tsn.0).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn a_packet_is_sent_again_when_three_later_ones_have_arrived() {
        let start = Instant::now();
        let mut recovery = sent(10, 10, start);
        acknowledged(&mut recovery, start + 50 * MS, 10, &[(2, 3)]);
        assert_eq!(again(&mut recovery, start + 50 * MS), [] as [u32; 0], "two may have come out of order");
        acknowledged(&mut recovery, start + 51 * MS, 10, &[(2, 4)]);
        assert_eq!(again(&mut recovery, start + 51 * MS), [11]);
        assert_eq!(recovery.ahead(), 3000);
        acknowledged(&mut recovery, start + 52 * MS, 10, &[(2, 9)]);
        assert_eq!(again(&mut recovery, start + 52 * MS), [] as [u32; 0], "it is on its way");
        acknowledged(&mut recovery, start + 101 * MS, 19, &[]);
        assert_eq!((recovery.ahead(), recovery.timeout()), (0, None));
        assert_eq!(recovery.traffic(), Traffic { arrived: 10, lost: 1 });
    }

    #[test]
    fn a_second_loss_of_the_same_data_is_found_like_the_first() {
        let start = Instant::now();
        let mut recovery = sent(u32::MAX - 2, 4, start);
        acknowledged(&mut recovery, start + 50 * MS, u32::MAX - 3, &[(2, 4)]);
        assert_eq!(again(&mut recovery, start + 50 * MS), [u32::MAX - 2]);
        for number in 2..6 {
            recovery.on_sent(start + 51 * MS, &data_packet(number - 1, 1000));
        }
        acknowledged(&mut recovery, start + 101 * MS, u32::MAX - 3, &[(2, 8)]);
        assert_eq!(again(&mut recovery, start + 101 * MS), [u32::MAX - 2]);
        acknowledged(&mut recovery, start + 151 * MS, 4, &[]);
        assert_eq!(recovery.timeout(), None);
    }

    #[test]
    fn silence_brings_the_oldest_again_and_then_more_seldom() {
        let start = Instant::now();
        let mut recovery = sent(1, 3, start);
        acknowledged(&mut recovery, start + 50 * MS, 1, &[]);
        let first = recovery.timeout().unwrap();
        assert_eq!(first, start + 50 * MS + 2 * (50 * MS) + ACK_DELAY);
        recovery.on_timeout(first - MS);
        assert_eq!(again(&mut recovery, first - MS), [] as [u32; 0]);
        recovery.on_timeout(first);
        assert_eq!(again(&mut recovery, first), [2]);
        let second = recovery.timeout().unwrap();
        assert_eq!(second - first, 2 * (first - (start + 50 * MS)));
        for _ in 0..20 {
            let at = recovery.timeout().unwrap();
            recovery.on_timeout(at);
            assert!(again(&mut recovery, at).len() <= 1);
            assert!(recovery.timeout().unwrap() - at <= MAX_WAIT);
        }
    }

    #[test]
    fn many_losses_go_out_as_fast_as_others_arrive() {
        let start = Instant::now();
        let mut recovery = sent(1, 500, start);
        acknowledged(&mut recovery, start + 50 * MS, 1, &[(300, 304)]);
        assert_eq!(again(&mut recovery, start + 50 * MS).len(), 7);
        acknowledged(&mut recovery, start + 51 * MS, 1, &[(300, 305)]);
        assert_eq!(again(&mut recovery, start + 51 * MS), [9, 10]);
    }

    #[test]
    fn what_has_arrived_is_not_sent_again_by_sctp_either() {
        let start = Instant::now();
        let mut recovery = sent(1, 6, start);
        acknowledged(&mut recovery, start + 50 * MS, 1, &[(2, 5)]);
        assert!(!recovery.on_sent(start + 1000 * MS, &data_packet(4, 1000)));
        assert!(recovery.on_sent(start + 1000 * MS, &data_packet(2, 1000)));
        assert_eq!(again(&mut recovery, start + 1000 * MS), [] as [u32; 0], "SCTP has just done it");
    }

    #[test]
    fn an_early_answer_is_to_the_first_sending() {
        let start = Instant::now();
        let mut recovery = sent(1, 5, start);
        acknowledged(&mut recovery, start + 50 * MS, 0, &[(2, 5)]);
        assert_eq!(again(&mut recovery, start + 50 * MS), [1]);
        assert_eq!(recovery.take_round_trip(), Some(50 * MS));
        let reached = recovery.reached;
        acknowledged(&mut recovery, start + 51 * MS, 5, &[]);
        assert_eq!(recovery.reached, reached);
        assert_eq!(recovery.take_round_trip(), None);
    }

    #[test]
    fn absurd_acknowledgements_do_nothing() {
        let start = Instant::now();
        let mut recovery = sent(100, 5, start);
        acknowledged(&mut recovery, start + MS, 50, &[(1, 40)]);
        assert_eq!(recovery.flight.len(), 5);
        acknowledged(&mut recovery, start + MS, 99, &[(1, u16::MAX), (1, u16::MAX), (3, 2)]);
        assert_eq!(recovery.ahead(), 5000);
        acknowledged(&mut recovery, start + MS, 1_000_000, &[]);
        assert!(recovery.flight.is_empty());
        assert_eq!(recovery.ahead(), 0);
        assert!(recovery.on_sent(start + 2 * MS, &data_packet(105, 10)));
        assert_eq!(recovery.first, Some(Tsn(105)));
    }
}
