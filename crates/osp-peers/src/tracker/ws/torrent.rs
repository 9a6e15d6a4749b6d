//! The torrents of one hub.

use super::{
    super::{Announced, Found, Progress, signal::Offer},
    Token,
};
use osp_swarm::{InfoHash, Time};
use osp_tracker::{Event, schedule::Schedule, ws::OfferId};
use std::{
    collections::{BTreeSet, HashMap},
    ops::{Deref, DerefMut},
    time::Duration,
};
use tokio::sync::mpsc;

/// The interval until the tracker names one.
const INTERVAL: Duration = Duration::from_secs(2 * 60);
/// The shortest time between two announces of one that wants peers.
const HURRY: Duration = Duration::from_secs(30);
/// How long an announce waits for its answer.
pub(super) const ANSWER: Duration = Duration::from_secs(60);

/// One torrent.
pub(super) struct Torrent {
    pub(super) announced: Announced,
    pub(super) found: mpsc::Sender<Found>,
    pub(super) schedule: Schedule,
    /// The announce that waits for its answer, and until when.
    pub(super) asked: Option<(Event, Time)>,
    /// Offers that wait for an answer, and until when.
    pub(super) offers: HashMap<OfferId, (Offer, Time)>,
}

impl Torrent {
    pub(super) fn new(announced: Announced, found: mpsc::Sender<Found>, first: Time) -> Self {
        let schedule = Schedule::new(first, INTERVAL, HURRY);
        Self { announced, found, schedule, asked: None, offers: HashMap::new() }
    }

    pub(super) fn progress(&self) -> Progress {
        (self.announced.progress)()
    }

    /// When something is to be done for it.
    fn wake(&self) -> Time {
        let announce = self.asked.map_or(self.schedule.due(), |(_, until)| until);
        self.offers.values().map(|(_, until)| *until).fold(announce, Time::min)
    }
}

/// All of them, with the times at which something is to be done, so that ten thousand which wait cost nothing.
#[derive(Default)]
pub(super) struct Torrents {
    all: HashMap<Token, Torrent>,
    by_hash: HashMap<InfoHash, Vec<Token>>,
    /// [`Torrent::wake`] of each.
    times: BTreeSet<(Time, Token)>,
}

/// A torrent that may be changed; its time is looked at again afterwards.
pub(super) struct Change<'a> {
    torrent: &'a mut Torrent,
    times: &'a mut BTreeSet<(Time, Token)>,
    token: Token,
    before: Time,
}

impl Deref for Change<'_> {
    type Target = Torrent;

    fn deref(&self) -> &Torrent {
        self.torrent
    }
}

impl DerefMut for Change<'_> {
    fn deref_mut(&mut self) -> &mut Torrent {
        self.torrent
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        let after = self.torrent.wake();
        if after != self.before {
            self.times.remove(&(self.before, self.token));
            self.times.insert((after, self.token));
        }
    }
}

impl Torrents {
    pub(super) fn add(&mut self, token: Token, torrent: Torrent) {
        self.by_hash.entry(torrent.announced.infohash).or_default().push(token);
        self.times.insert((torrent.wake(), token));
        self.all.insert(token, torrent);
    }

    pub(super) fn remove(&mut self, token: Token) -> Option<Torrent> {
        let torrent = self.all.remove(&token)?;
        self.times.remove(&(torrent.wake(), token));
        let hash = torrent.announced.infohash;
        if let Some(tokens) = self.by_hash.get_mut(&hash) {
            tokens.retain(|other| *other != token);
            if tokens.is_empty() {
                self.by_hash.remove(&hash);
            }
        }
        Some(torrent)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn get(&self, token: Token) -> Option<&Torrent> {
        self.all.get(&token)
    }

    pub(super) fn change(&mut self, token: Token) -> Option<Change<'_>> {
        let torrent = self.all.get_mut(&token)?;
        let before = torrent.wake();
        Some(Change { torrent, times: &mut self.times, token, before })
    }

    /// Changes every one of them.
    pub(super) fn change_all(&mut self, mut change: impl FnMut(&mut Torrent)) {
        self.times.clear();
        for (token, torrent) in &mut self.all {
            change(torrent);
            self.times.insert((torrent.wake(), *token));
        }
    }

    /// The first one with that infohash: several may be announced, by several users of this program's parts.
    pub(super) fn first(&self, infohash: InfoHash) -> Option<(Token, &Torrent)> {
        let token = *self.by_hash.get(&infohash)?.first()?;
        Some((token, self.all.get(&token)?))
    }

    /// All with that infohash.
    pub(super) fn tokens(&self, infohash: InfoHash) -> Vec<Token> {
        self.by_hash.get(&infohash).cloned().unwrap_or_default()
    }

    /// The first moment at which something is to be done for one.
    pub(super) fn wake(&self) -> Option<Time> {
        self.times.first().map(|(time, _)| *time)
    }

    /// Forgets offers that nobody answered. Gives those whose announce is due, or was not answered.
    pub(super) fn due(&mut self, now: Time) -> (Vec<Token>, Vec<Token>) {
        let (mut due, mut unanswered) = (Vec::new(), Vec::new());
        let tokens: Vec<Token> =
            self.times.iter().take_while(|(time, _)| *time <= now).map(|(_, token)| *token).collect();
        for token in tokens {
            let Some(mut torrent) = self.change(token) else { continue };
            torrent.offers.retain(|_, (_, until)| *until > now);
            match torrent.asked {
                Some((_, until)) if until <= now => unanswered.push(token),
                None if torrent.schedule.due() <= now => due.push(token),
                _ => {}
            }
        }
        (due, unanswered)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_swarm::PeerId;
    use std::sync::Arc;

    fn at(seconds: u64) -> Time {
        Time::from_origin(Duration::from_secs(seconds))
    }

    fn torrent(first: Time) -> Torrent {
        let announced = Announced {
            infohash: InfoHash([1; 20]),
            peer_id: PeerId([2; 20]),
            port: None,
            progress: Arc::new(Progress::default),
        };
        Torrent::new(announced, mpsc::channel(1).0, first)
    }

    #[test]
    fn whoever_is_due_is_found_and_comes_again_only_when_changed() {
        let mut all = Torrents::default();
        for n in 0..3 {
            all.add(Token(n), torrent(at(10 * (n + 1))));
        }
        assert_eq!(all.wake(), Some(at(10)));
        assert_eq!(all.due(at(9)), (vec![], vec![]));
        assert_eq!(all.due(at(20)), (vec![Token(0), Token(1)], vec![]));
        for token in [Token(0), Token(1)] {
            all.change(token).unwrap().asked = Some((Event::Started, at(80)));
        }
        assert_eq!(all.wake(), Some(at(30)), "who waits for an answer is not due");
        assert!(all.remove(Token(0)).is_some());
        assert_eq!(all.due(at(80)), (vec![Token(2)], vec![Token(1)]));
        all.change_all(|torrent| {
            torrent.asked = None;
            torrent.schedule.lost(at(200));
        });
        assert_eq!(all.wake(), Some(at(200)));
        assert!(all.remove(Token(1)).is_some() && all.remove(Token(2)).is_some());
        assert_eq!((all.wake(), all.is_empty()), (None, true));
    }
}
