//! Following the feeds of neighbours: nodes that the operator named with `--peer`.
//!
//! ```text
//!   GET {neighbour}/api/v1/feed?after={cursor}&limit=100&wait=25   again and again
//!        records ── verified ── not blocked here ── stored, then the cursor in feeds.json
//! ```
//!
//! So a record published there is here a second later, and goes on from here to those who follow this node. The cursor
//! is written after the records are: a crash in between asks for some of them again. Who sends records that do not
//! verify is asked less and less often; who sends more than [`RATE`] has to wait.

use crate::Node;
use osp_core::record::{Record, RecordId, Verified};
use osp_delivery::{
    FeedPage, Outcome,
    records::{Found, RecordClient},
};
use osp_fetch::Target;
use osp_store::{Put, StoreError};
use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, Write as _},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

/// How long a neighbour may hold its answer back while there is nothing new.
const WAIT: Duration = Duration::from_secs(25);
/// Shortest time between two questions, when there was nothing more at once.
const PAUSE: Duration = Duration::from_secs(1);
/// After a failure: this long, then twice as long each time, up to [`LONGEST`].
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(600);
/// After a page with records that do not verify, in the same way.
const PENALTY: Duration = Duration::from_secs(60);
/// New records that a neighbour may bring at once, and a second from then on.
const BURST: f64 = 50_000.0;
const RATE: f64 = 10.0;
/// Records of one neighbour that wait for their artist's document, and how often that is looked for.
const MAX_LATER: usize = 1000;
const LATER: Duration = Duration::from_secs(600);

/// Follows all neighbours for as long as it is polled.
pub(crate) async fn follow(node: Arc<Node>) {
    let cursors = Arc::new(Cursors::open(node.home().root().join("feeds.json")));
    let mut tasks = JoinSet::new();
    for neighbour in node.neighbours() {
        tasks.spawn(Feed::new(Arc::clone(&node), neighbour.clone(), Arc::clone(&cursors)).run());
    }
    while tasks.join_next().await.is_some() {}
}

/// One neighbour.
struct Feed {
    node: Arc<Node>,
    client: RecordClient,
    neighbour: Target,
    name: String,
    cursors: Arc<Cursors>,
    room: Room,
    later: VecDeque<RecordId>,
    looked: Instant,
}

impl Feed {
    fn new(node: Arc<Node>, neighbour: Target, cursors: Arc<Cursors>) -> Self {
        let client = RecordClient::new(node.fetcher().clone(), node.did_web().clone());
        let name = neighbour.url().to_string();
        let room = Room { left: BURST, at: Instant::now() };
        Self { node, client, neighbour, name, cursors, room, later: VecDeque::new(), looked: Instant::now() }
    }

    async fn run(mut self) {
        let (mut failed, mut lied) = (0, 0);
        loop {
            let cursor = self.cursors.get(&self.name);
            let pause = match self.client.feed(&self.neighbour, &cursor, WAIT).await {
                Ok(page) => {
                    failed = 0;
                    lied = if page.refused.is_empty() { 0 } else { lied + 1 };
                    for why in &page.refused {
                        tracing::warn!(peer = self.name, "{why}; the record is not taken");
                    }
                    let more = page.more && page.next != cursor;
                    match self.take(page).await {
                        Ok(wait) if lied > 0 => wait + doubled(PENALTY, lied),
                        Ok(wait) => wait + if more { Duration::ZERO } else { PAUSE },
                        Err(error) => {
                            tracing::error!(%error, "records of a followed node cannot be stored");
                            LONGEST
                        }
                    }
                }
                Err(outcome) => {
                    failed += 1;
                    // Once is enough: a neighbour may be away for days.
                    if failed == 1 {
                        tracing::info!(
                            peer = self.name,
                            "a followed node is not to be had: {}",
                            outcome.reason()
                        );
                    }
                    doubled(FIRST_RETRY, failed)
                }
            };
            sleep(pause).await;
            if self.looked.elapsed() > LATER {
                self.look_again().await;
            }
        }
    }

    /// Stores a page. Says how long its sender has to wait for having sent so much.
    async fn take(&mut self, page: FeedPage) -> Result<Duration, StoreError> {
        let new = self.store(page.records).await?;
        if new > 0 {
            tracing::info!(peer = self.name, records = new, "learned from a followed node");
        }
        self.later.extend(page.later);
        while self.later.len() > MAX_LATER {
            self.later.pop_front();
        }
        // A cursor that is lost costs a transfer, no record.
        if let Err(error) = self.cursors.set(&self.name, page.next) {
            tracing::warn!(%error, "cannot write feeds.json");
        }
        Ok(self.room.take(new))
    }

    async fn store(&self, records: Vec<Verified<Record>>) -> Result<usize, StoreError> {
        let index = self.node.records();
        let mut wanted = Vec::with_capacity(records.len());
        for record in records {
            // One that is known is not worth a transaction.
            if !index.is_blocked(&record).await? && index.get(record.id().as_str()).await?.is_none() {
                wanted.push(record);
            }
        }
        if wanted.is_empty() {
            return Ok(0);
        }
        Ok(index.put(&wanted).await?.into_iter().filter(|put| *put == Put::New).count())
    }

    /// Asks once more for records whose artist's document could not be had.
    async fn look_again(&mut self) {
        self.looked = Instant::now();
        for id in std::mem::take(&mut self.later) {
            match self.client.record(std::slice::from_ref(&self.neighbour), &id).await {
                Ok(Found::Record { record, .. }) => {
                    if let Err(error) = self.store(vec![*record]).await {
                        tracing::error!(%error, "records of a followed node cannot be stored");
                    }
                }
                Ok(Found::Withdrawn { .. }) => {}
                Err(error) => {
                    let outcomes = error.attempts().iter().map(|attempt| &attempt.outcome);
                    if outcomes.clone().all(|outcome| matches!(outcome, Outcome::Failed(_))) {
                        self.later.push_back(id);
                    }
                }
            }
        }
    }
}

fn doubled(first: Duration, times: u32) -> Duration {
    first.saturating_mul(1 << times.saturating_sub(1).min(16)).min(LONGEST)
}

/// How many new records a neighbour may still bring.
struct Room {
    left: f64,
    at: Instant,
}

impl Room {
    /// How long to wait until it is allowed what it has just brought.
    fn take(&mut self, records: usize) -> Duration {
        let now = Instant::now();
        self.left = (self.left + now.duration_since(self.at).as_secs_f64() * RATE).min(BURST);
        self.at = now;
        #[allow(clippy::cast_precision_loss)] // a page has hundreds
        let brought = records as f64;
        self.left -= brought;
        Duration::from_secs_f64((-self.left / RATE).max(0.0))
    }
}

/// How far each feed has been read, kept across starts.
struct Cursors {
    path: PathBuf,
    at: Mutex<BTreeMap<String, String>>,
}

impl Cursors {
    /// A file that is missing or damaged means that everything is asked for again.
    fn open(path: PathBuf) -> Self {
        let at = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { path, at: Mutex::new(at.unwrap_or_default()) }
    }

    fn get(&self, name: &str) -> String {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned().unwrap_or_default()
    }

    fn set(&self, name: &str, cursor: String) -> io::Result<()> {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if at.get(name) == Some(&cursor) {
            return Ok(());
        }
        at.insert(name.to_owned(), cursor);
        let folder = self.path.parent().ok_or(io::ErrorKind::NotFound)?;
        let mut temp = tempfile::NamedTempFile::new_in(folder)?;
        temp.write_all(&serde_json::to_vec(&*at)?)?;
        temp.persist(&self.path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cursors_outlive_a_start_and_damage_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.json");
        Cursors::open(path.clone()).set("https://a.example/", "5-00000000".into()).unwrap();
        assert_eq!(Cursors::open(path.clone()).get("https://a.example/"), "5-00000000");
        assert_eq!(Cursors::open(path.clone()).get("https://b.example/"), "");
        std::fs::write(&path, b"{\"https://a.example/\":").unwrap();
        assert_eq!(Cursors::open(path).get("https://a.example/"), "");
    }

    #[tokio::test(start_paused = true)]
    async fn who_brings_too_much_waits() {
        let mut room = Room { left: BURST, at: Instant::now() };
        assert_eq!(room.take(50_000), Duration::ZERO);
        assert_eq!(room.take(100).as_secs(), 10);
        sleep(Duration::from_secs(10)).await;
        assert_eq!(room.take(0), Duration::ZERO);
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        assert_eq!(doubled(FIRST_RETRY, 1).as_secs(), 2);
        assert_eq!(doubled(FIRST_RETRY, 4).as_secs(), 16);
        assert_eq!(doubled(FIRST_RETRY, 4_000_000), LONGEST);
    }
}
