//! Addresses of peers, and which of them to call next.

use crate::torrent::encryption::{Encryption, Opening};
use osp_fetch::{Trust, address};
use std::{collections::HashMap, net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// Most addresses that a torrent remembers: a tracker may name thousands.
const MAX_ADDRESSES: usize = 512;
/// Calls at once, for one torrent.
pub(super) const MAX_CALLS: usize = 8;
/// After so many failures in a row an address is called again only when somebody names it anew...
const MAX_FAILURES: u32 = 4;
/// ...and so many times the first pause has passed: a seed that was restarted comes back.
const REVIVAL: u32 = 60;

/// Addresses of peers. They are never logged.
pub(super) struct AddressBook {
    entries: HashMap<SocketAddr, Entry>,
    allow_private: bool,
    /// The pause after the first failure.
    redial: Duration,
    encryption: Encryption,
}

struct Entry {
    failures: u32,
    state: State,
    /// How it is called.
    opening: Opening,
    /// Whether that is the second way, after it hung up on the first.
    switched: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// May be called from then on.
    Waiting(Instant),
    /// Is being called, or connected.
    Busy,
    /// Not for now; since then.
    GivenUp(Instant),
    /// Not again.
    Never,
}

impl AddressBook {
    pub(super) fn new(allow_private: bool, redial: Duration, encryption: Encryption) -> Self {
        Self { entries: HashMap::new(), allow_private, redial, encryption }
    }

    /// Somebody named this address. One that is known stays as it is, unless it was given up long ago.
    pub(super) fn learn(&mut self, address: SocketAddr, trust: Trust, now: Instant) {
        let refused =
            trust == Trust::Learned && !self.allow_private && address::special(address.ip()).is_some();
        if refused || address.port() == 0 || address.ip().is_unspecified() {
            return;
        }
        if self.entries.len() >= MAX_ADDRESSES && !self.entries.contains_key(&address) {
            // Room is made by one that leads nowhere, else the new one is let go.
            let useless = |e: &Entry| e.state == State::Never || (e.failures > 0 && e.state != State::Busy);
            let Some(old) = self.entries.iter().find(|(_, e)| useless(e)).map(|(a, _)| *a) else { return };
            self.entries.remove(&old);
        }
        let rest = self.redial * REVIVAL;
        let entry = self.entries.entry(address).or_insert(Entry {
            failures: 0,
            state: State::Waiting(now),
            opening: self.encryption.first(),
            switched: false,
        });
        if matches!(entry.state, State::GivenUp(since) if now >= since + rest) {
            entry.state = State::Waiting(now);
        }
    }

    /// The address to call now, which is then busy, and how.
    pub(super) fn next(&mut self, now: Instant) -> Option<(SocketAddr, Opening)> {
        let due = |e: &Entry| matches!(e.state, State::Waiting(from) if from <= now);
        let (address, entry) =
            self.entries.iter_mut().filter(|(_, e)| due(e)).min_by_key(|(_, e)| e.failures)?;
        entry.state = State::Busy;
        Some((*address, entry.opening))
    }

    /// When [`AddressBook::next`] has something.
    pub(super) fn next_at(&self) -> Option<Instant> {
        let waiting = self.entries.values().filter_map(|e| match e.state {
            State::Waiting(from) => Some(from),
            State::Busy | State::GivenUp(_) | State::Never => None,
        });
        waiting.min()
    }

    /// It took the call, and hung up before it said anything: perhaps because of how the call was opened. If there is
    /// another way it is called that way, at once; after both it has failed.
    pub(super) fn declined(&mut self, address: SocketAddr, now: Instant) {
        let encryption = self.encryption;
        let Some(entry) = self.entries.get_mut(&address) else { return };
        let other = encryption.other(entry.opening);
        if let Some(other) = other {
            entry.opening = other;
            entry.switched = !entry.switched;
        }
        if entry.switched && entry.state != State::Never {
            entry.state = State::Waiting(now);
        } else {
            self.failed(address, now);
        }
    }

    /// It could not be called, or hung up before it said anything of use.
    pub(super) fn failed(&mut self, address: SocketAddr, now: Instant) {
        let redial = self.redial;
        if let Some(entry) = self.entries.get_mut(&address) {
            entry.failures = (entry.failures + 1).min(MAX_FAILURES);
            entry.state = match entry.state {
                State::Never => State::Never,
                _ if entry.failures == MAX_FAILURES => State::GivenUp(now),
                _ => State::Waiting(now + redial * 2u32.pow(entry.failures - 1)),
            };
        }
    }

    /// A connection to it that was of use has ended.
    pub(super) fn ended(&mut self, address: SocketAddr, now: Instant) {
        let redial = self.redial;
        if let Some(entry) = self.entries.get_mut(&address).filter(|e| e.state != State::Never) {
            entry.failures = 0;
            // The way that worked is the first one from now on.
            entry.switched = false;
            entry.state = State::Waiting(now + redial);
        }
    }

    /// It is us, or sent false bytes.
    pub(super) fn ban(&mut self, address: SocketAddr) {
        self.set(address, State::Never);
    }

    fn set(&mut self, address: SocketAddr, state: State) {
        if let Some(entry) = self.entries.get_mut(&address) {
            entry.state = state;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::net::Ipv4Addr;

    const PAUSE: Duration = Duration::from_secs(10);

    fn at(last: u8) -> SocketAddr {
        (Ipv4Addr::new(8, 8, 8, last), 6881).into()
    }

    fn due(book: &mut AddressBook, now: Instant) -> Option<SocketAddr> {
        book.next(now).map(|(address, _)| address)
    }

    #[tokio::test(start_paused = true)]
    async fn who_hangs_up_without_a_word_is_called_the_other_way_once() {
        use Opening::{Mse, Plain};
        for (encryption, first, second) in
            [(Encryption::Allowed, Plain, Mse), (Encryption::Preferred, Mse, Plain)]
        {
            let mut book = AddressBook::new(false, PAUSE, encryption);
            let now = Instant::now();
            book.learn(at(1), Trust::Learned, now);
            assert_eq!(book.next(now), Some((at(1), first)));
            book.declined(at(1), now);
            assert_eq!(book.next(now), Some((at(1), second)), "at once");
            book.declined(at(1), now);
            assert_eq!(book.next(now), None, "both ways were tried: that is one failure");
            assert_eq!(book.next_at(), Some(now + PAUSE));
            let now = now + PAUSE;
            assert_eq!(book.next(now), Some((at(1), first)));
            book.declined(at(1), now);
            assert_eq!(book.next(now), Some((at(1), second)));
            book.ended(at(1), now);
            let now = now + PAUSE;
            assert_eq!(book.next(now), Some((at(1), second)), "what worked is remembered");
            book.declined(at(1), now);
            assert_eq!(book.next(now), Some((at(1), first)), "but not for ever");
            book.ban(at(1));
            book.declined(at(1), now);
            assert_eq!(book.next(now + PAUSE * 100), None);
        }
        for (encryption, only) in [(Encryption::Off, Plain), (Encryption::Required, Mse)] {
            let mut book = AddressBook::new(false, PAUSE, encryption);
            let now = Instant::now();
            book.learn(at(1), Trust::Learned, now);
            assert_eq!(book.next(now), Some((at(1), only)));
            book.declined(at(1), now);
            assert_eq!(book.next(now), None);
            assert_eq!(book.next(now + PAUSE), Some((at(1), only)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_remembered_and_pauses_grow() {
        let mut book = AddressBook::new(false, PAUSE, Encryption::Allowed);
        let mut now = Instant::now();
        book.learn(at(1), Trust::Learned, now);
        for pause in [PAUSE, PAUSE * 2, PAUSE * 4] {
            assert_eq!(due(&mut book, now), Some(at(1)));
            assert_eq!(due(&mut book, now), None, "it is being called");
            book.failed(at(1), now);
            book.learn(at(1), Trust::Learned, now);
            assert_eq!(due(&mut book, now), None, "hearing of it again changes nothing");
            assert_eq!(book.next_at(), Some(now + pause));
            now += pause;
        }
        assert_eq!(due(&mut book, now), Some(at(1)));
        book.failed(at(1), now);
        assert_eq!(book.next_at(), None);
        // Given up: until it is named again, much later. Another failure gives it up again.
        book.learn(at(1), Trust::Learned, now + PAUSE);
        assert_eq!(due(&mut book, now + PAUSE), None);
        let later = now + PAUSE * REVIVAL;
        assert_eq!(due(&mut book, later), None);
        book.learn(at(1), Trust::Learned, later);
        assert_eq!(due(&mut book, later), Some(at(1)));
        book.failed(at(1), later);
        assert_eq!(book.next_at(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn fresh_addresses_go_first_and_banned_ones_never() {
        let mut book = AddressBook::new(false, PAUSE, Encryption::Allowed);
        let now = Instant::now();
        book.learn(at(1), Trust::Learned, now);
        assert_eq!(due(&mut book, now), Some(at(1)));
        book.failed(at(1), now);
        book.learn(at(2), Trust::Learned, now);
        assert_eq!(due(&mut book, now + PAUSE), Some(at(2)));
        assert_eq!(due(&mut book, now + PAUSE), Some(at(1)));
        book.ban(at(2));
        book.ended(at(2), now);
        book.ended(at(1), now);
        assert_eq!(due(&mut book, now + PAUSE), Some(at(1)));
        assert_eq!(due(&mut book, now + PAUSE * 100), None);
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_cannot_name_private_addresses() {
        let now = Instant::now();
        let private: SocketAddr = (Ipv4Addr::new(192, 168, 0, 1), 80).into();
        let mut book = AddressBook::new(false, PAUSE, Encryption::Allowed);
        book.learn(private, Trust::Learned, now);
        book.learn((Ipv4Addr::new(8, 8, 8, 8), 0).into(), Trust::Learned, now);
        assert_eq!(due(&mut book, now), None);
        book.learn(private, Trust::Typed, now);
        assert_eq!(due(&mut book, now), Some(private));
        let mut book = AddressBook::new(true, PAUSE, Encryption::Allowed);
        book.learn(private, Trust::Learned, now);
        assert_eq!(due(&mut book, now), Some(private));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_addresses_is_cut_off() {
        let mut book = AddressBook::new(false, PAUSE, Encryption::Allowed);
        let now = Instant::now();
        for i in 0..10_000u32 {
            let ip = Ipv4Addr::from(0x0800_0000 + i);
            book.learn((ip, 1).into(), Trust::Learned, now);
        }
        assert_eq!(book.entries.len(), MAX_ADDRESSES);
        let first = due(&mut book, now).unwrap();
        book.failed(first, now);
        book.learn(at(1), Trust::Learned, now);
        assert_eq!(book.entries.len(), MAX_ADDRESSES);
        assert!(book.entries.contains_key(&at(1)) && !book.entries.contains_key(&first));
    }
}
