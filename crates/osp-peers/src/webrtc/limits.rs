//! How much of WebRTC strangers can make us do.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Offers that wait for an answer at once. Each holds a socket.
pub const MAX_OFFERS: usize = 128;
/// Handshakes at once.
pub const MAX_HANDSHAKES: usize = 64;
/// Connections at once, those that are coming about included.
pub const MAX_CONNECTIONS: usize = 400;
/// Offers answered in a second, on average; four times as many in a burst.
pub const ANSWERS_PER_SECOND: u32 = 10;

/// The counters.
pub(super) struct Limits {
    offers: Arc<Semaphore>,
    handshakes: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    answers: Mutex<Answers>,
}

struct Answers {
    left: f64,
    at: Instant,
}

impl Limits {
    pub(super) fn new() -> Self {
        Self {
            offers: Arc::new(Semaphore::new(MAX_OFFERS)),
            handshakes: Arc::new(Semaphore::new(MAX_HANDSHAKES)),
            connections: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            answers: Mutex::new(Answers { left: BURST, at: Instant::now() }),
        }
    }

    pub(super) fn offer(&self) -> io::Result<OwnedSemaphorePermit> {
        take(&self.offers, "too many WebRTC offers wait for an answer")
    }

    /// For the handshake, and for the connection.
    pub(super) fn connection(&self) -> io::Result<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        Ok((
            take(&self.handshakes, "too many WebRTC handshakes at once")?,
            take(&self.connections, "too many WebRTC connections")?,
        ))
    }

    pub(super) fn answer(&self, now: Instant) -> io::Result<()> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now.saturating_duration_since(answers.at);
        answers.at = now;
        answers.left = (answers.left + gained(since)).min(BURST);
        if answers.left < 1.0 {
            return Err(busy("too many WebRTC offers a second"));
        }
        answers.left -= 1.0;
        Ok(())
    }
}

const BURST: f64 = 4.0 * ANSWERS_PER_SECOND as f64;

fn gained(since: Duration) -> f64 {
    since.as_secs_f64() * f64::from(ANSWERS_PER_SECOND)
}

fn take(semaphore: &Arc<Semaphore>, what: &'static str) -> io::Result<OwnedSemaphorePermit> {
    semaphore.clone().try_acquire_owned().map_err(|_| busy(what))
}

fn busy(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::ResourceBusy, what)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_burst_of_offers_is_cut_and_the_rate_comes_back() {
        let limits = Limits::new();
        let start = Instant::now();
        let answered = (0..1000).filter(|_| limits.answer(start).is_ok()).count();
        assert_eq!(answered, BURST as usize);
        let later = start + Duration::from_secs(1);
        let answered = (0..1000).filter(|_| limits.answer(later).is_ok()).count();
        assert!((ANSWERS_PER_SECOND as usize - 1..=ANSWERS_PER_SECOND as usize).contains(&answered));
    }

    #[test]
    fn places_are_freed_by_dropping() {
        let limits = Limits::new();
        let held: Vec<_> = (0..MAX_OFFERS).map(|_| limits.offer().unwrap()).collect();
        assert_eq!(limits.offer().unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        drop(held);
        drop(limits.offer().unwrap());
    }
}
