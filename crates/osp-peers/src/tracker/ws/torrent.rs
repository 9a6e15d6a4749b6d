//! The torrents of one hub.

use super::{
    super::{Announced, Found, Progress, signal::Offer},
    Token,
};
use osp_swarm::{InfoHash, Time};
use osp_tracker::{Event, schedule::Schedule, ws::OfferId};
use std::{
    collections::{BTreeMap, HashMap},
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

/// All of them.
#[derive(Default)]
pub(super) struct Torrents {
    all: BTreeMap<Token, Torrent>,
    by_hash: HashMap<InfoHash, Vec<Token>>,
}

impl Torrents {
    pub(super) fn add(&mut self, token: Token, torrent: Torrent) {
        self.by_hash.entry(torrent.announced.infohash).or_default().push(token);
        self.all.insert(token, torrent);
    }

    pub(super) fn remove(&mut self, token: Token) -> Option<Torrent> {
        let torrent = self.all.remove(&token)?;
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

    pub(super) fn get_mut(&mut self, token: Token) -> Option<&mut Torrent> {
        self.all.get_mut(&token)
    }

    /// The first one with that infohash: several may be announced, by several users of this program's parts.
    pub(super) fn first(&mut self, infohash: InfoHash) -> Option<(Token, &mut Torrent)> {
        let token = *self.by_hash.get(&infohash)?.first()?;
        Some((token, self.all.get_mut(&token)?))
    }

    /// All with that infohash.
    pub(super) fn tokens(&self, infohash: InfoHash) -> Vec<Token> {
        self.by_hash.get(&infohash).cloned().unwrap_or_default()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (Token, &mut Torrent)> {
        self.all.iter_mut().map(|(token, torrent)| (*token, torrent))
    }

    /// The first moment at which something is to be done for one.
    pub(super) fn wake(&self) -> Option<Time> {
        self.all.values().map(Torrent::wake).min()
    }

    /// Forgets offers that nobody answered. Gives those whose announce is due, or was not answered.
    pub(super) fn due(&mut self, now: Time) -> (Vec<Token>, Vec<Token>) {
        let (mut due, mut unanswered) = (Vec::new(), Vec::new());
        for (token, torrent) in &mut self.all {
            torrent.offers.retain(|_, (_, until)| *until > now);
            match torrent.asked {
                Some((_, until)) if until <= now => unanswered.push(*token),
                None if torrent.schedule.due() <= now => due.push(*token),
                _ => {}
            }
        }
        (due, unanswered)
    }
}
