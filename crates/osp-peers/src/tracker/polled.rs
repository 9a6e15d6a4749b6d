//! One torrent at one tracker that is asked now and then, over HTTP or UDP.

use super::{Announced, Found, Shared, Turns, address, http, lock, shown, udp};
use osp_fetch::{FetchError, Trust, Url};
use osp_tracker::{
    Event, Interval,
    http::{AnnounceQuery, ReplyError},
    schedule::Schedule,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until, timeout},
};

/// The interval of trackers that name none.
const INTERVAL: Duration = Duration::from_secs(30 * 60);
/// How often the progress of a download is looked at, to report completion at once.
const LOOK: Duration = Duration::from_secs(5);
/// How long leaving may take.
const LEAVE: Duration = Duration::from_secs(5);
/// Peers asked for.
const WANT: u32 = 50;

/// What is announced where.
pub(super) struct Job {
    pub(super) url: Url,
    pub(super) trust: Trust,
    pub(super) torrent: Announced,
    pub(super) found: mpsc::Sender<Found>,
}

/// What a tracker answered.
pub(super) struct Outcome {
    pub(super) interval: Interval,
    pub(super) addresses: Vec<SocketAddr>,
}

/// Why an announce failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnnounceError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("the socket failed: {0}")]
    Socket(#[from] std::io::Error),
    #[error("status {0}")]
    Status(u16),
    #[error(transparent)]
    Reply(#[from] ReplyError),
    #[error("the tracker refuses: {0}")]
    Refused(String),
    #[error("no answer")]
    Silent,
    #[error("the tracker answers something else than was asked")]
    Nonsense,
}

impl AnnounceError {
    /// For a log: fetch errors may name addresses.
    fn kind(&self) -> &'static str {
        match self {
            Self::Fetch(FetchError::Private { .. }) => "its address is private",
            Self::Fetch(FetchError::Timeout { .. }) | Self::Silent => "no answer",
            Self::Fetch(FetchError::Connect { .. }) | Self::Socket(_) => "no connection",
            Self::Fetch(_) | Self::Status(_) | Self::Reply(ReplyError::Malformed) | Self::Nonsense => {
                "no tracker's answer"
            }
            Self::Reply(_) | Self::Refused(_) => "refused",
        }
    }
}

/// Announces until `ended` closes or nobody wants to know, then leaves.
pub(super) async fn run(shared: Arc<Shared>, turns: Turns, job: Job, mut ended: watch::Receiver<()>) {
    let now = shared.now();
    let wants = (job.torrent.progress)().want_peers;
    let first = if wants { now } else { lock(&turns.pace).turn(now) };
    let mut schedule = Schedule::new(first, INTERVAL, INTERVAL);
    loop {
        tokio::select! {
            () = wait(&shared, &job, &mut schedule) => {}
            _ = ended.changed() => break,
            () = job.found.closed() => break,
        }
        let announced = async {
            let _place = turns.gate.acquire().await;
            // Boxed, so that the task is small while it waits.
            let event = schedule.event((job.torrent.progress)().left);
            (event, Box::pin(announce(&shared, &job, event)).await)
        };
        let (event, outcome) = tokio::select! {
            outcome = announced => outcome,
            _ = ended.changed() => break,
            () = job.found.closed() => break,
        };
        let now = shared.now();
        match outcome {
            Ok(outcome) => {
                shared.with_random(|random| schedule.answered(now, event, outcome.interval, random));
                let addresses = address::judged(&shared.fetcher, &job.url, job.trust, outcome.addresses);
                if (job.torrent.progress)().want_peers {
                    schedule.hurry(now);
                    // Whoever has not taken the last ones has enough to call.
                    if !addresses.is_empty() {
                        let _ = job.found.try_send(Found::Addresses(addresses));
                    }
                }
            }
            Err(error) => {
                tracing::debug!(tracker = shown(&job.url), error = error.kind(), "announce failed");
                shared.with_random(|random| schedule.failed(now, random));
            }
        }
    }
    if schedule.is_known() {
        let _ = timeout(LEAVE, Box::pin(announce(&shared, &job, Event::Stopped))).await;
    }
}

/// Waits until the next announce is due.
async fn wait(shared: &Shared, job: &Job, schedule: &mut Schedule) {
    loop {
        let due = shared.instant(schedule.due());
        if Instant::now() >= due {
            return;
        }
        if !schedule.may_complete() {
            return sleep_until(due).await;
        }
        sleep_until(due.min(Instant::now() + LOOK)).await;
        if (job.torrent.progress)().left == 0 {
            schedule.complete(shared.now());
        }
    }
}

async fn announce(shared: &Shared, job: &Job, event: Event) -> Result<Outcome, AnnounceError> {
    let progress = (job.torrent.progress)();
    let wants = progress.want_peers && event != Event::Stopped;
    let query = AnnounceQuery {
        infohash: job.torrent.infohash,
        peer_id: job.torrent.peer_id,
        // Who takes no connections says the port of the discard protocol: trackers want one.
        port: job.torrent.port.filter(|port| *port != 0).unwrap_or(9),
        uploaded: progress.uploaded,
        downloaded: progress.downloaded,
        left: Some(progress.left),
        event,
        want: Some(if wants { WANT } else { 0 }),
        compact: true,
        key: Some(shared.key),
    };
    match job.url.scheme() {
        "udp" => udp::announce(&shared.fetcher, job, &query, || shared.with_random(|r| r.bits())).await,
        _ => http::announce(&shared.fetcher, job, &query).await,
    }
}
