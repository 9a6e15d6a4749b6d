//! What a node keeps for the DHT, in an SQLite file of its own.
//!
//! ```text
//!  discovery.db  one connection behind a mutex; a transaction stays open until BATCH changes or the next maintenance
//!  reading       on the same connection, so that it sees what is not committed yet
//!  maintenance   commit, a batch of what has expired, a checkpoint on a second connection
//! ```
//!
//! The connection is held for tens of microseconds at a time (a few milliseconds for a batch), so that libp2p's task
//! may wait for it. Nothing here is waited for to be durable: a crash loses a second of other people's announcements,
//! which they repeat. A file that SQLite finds damaged is deleted and begun anew.
//!
//! Memory does not grow with the number of records: SQLite's page cache is bounded and nothing else is held.

mod announced;
mod encoding;
mod fairness;
mod file;
mod known;
mod provisions;

use super::fail::Failure;
use crate::{
    StoreError,
    providers::{Clock, DiscoveryCounts, LeaseClock, Limits, Maintained, SystemClock},
};
use file::File;
use rusqlite::{Connection, OptionalExtension as _};
use std::{
    hash::RandomState,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Changes after which a transaction is committed.
const BATCH: u32 = 256;

/// What SQLite calls a database that is no file.
const MEMORY: &str = ":memory:";

/// Expired records removed in one step of [`DiscoveryStore::maintain`].
const SWEEP: usize = 256;

/// Peers looked at in one step.
const SWEEP_PEERS: usize = 64;

/// The store. Cheap to clone; for one process at a time.
#[derive(Clone)]
pub struct DiscoveryStore {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    limits: Limits,
    state: Mutex<State>,
}

struct State {
    file: File,
    clock: Box<dyn Clock>,
    lease: LeaseClock,
    /// Lease time as it was last written.
    saved: u64,
    /// Records in all, the open transaction's included.
    records: u64,
    /// Changes in the open transaction.
    changes: u32,
    /// The holder after which the next sweep begins.
    swept: i64,
    /// Draws the order in which records of a full key give way.
    draw: RandomState,
    /// Answers given, so that each draws its own.
    answers: u64,
}

impl std::fmt::Debug for DiscoveryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DiscoveryStore").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl DiscoveryStore {
    /// Opens the file, making it if it is not there and anew if it is damaged or of another version.
    ///
    /// # Errors
    /// [`StoreError`] if the folder cannot be written.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, StoreError> {
        Self::open_with(path, limits, Box::new(SystemClock::default()))
    }

    /// [`Self::open`] with the time from elsewhere.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(path: &Path, limits: Limits, clock: Box<dyn Clock>) -> Result<Self, StoreError> {
        let mut file = File::open(path)?;
        let (saved, records) = match read_start(&file.db) {
            Err(failure) if file::damaged(&failure) => {
                file.renew(path)?;
                (None, 0)
            }
            found => found.map_err(|e| e.at(path))?,
        };
        let lease = LeaseClock::new(saved, clock.as_ref());
        let state = State {
            file,
            clock,
            lease,
            saved: saved.unwrap_or(0),
            records,
            changes: 0,
            swept: i64::MIN,
            draw: RandomState::new(),
            answers: 0,
        };
        let inner = Inner { path: path.to_owned(), limits, state: Mutex::new(state) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A store in memory, for a process beside the one that has the file.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn in_memory(limits: Limits) -> Result<Self, StoreError> {
        Self::open(Path::new(MEMORY), limits)
    }

    /// The bounds it was opened with.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.inner.limits
    }

    /// Commits what is pending, removes a batch of what has expired, and lets the file take up what was committed.
    /// To be called every second or so, on a thread that may block for some milliseconds; again at once while
    /// [`Maintained::more`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn maintain(&self) -> Result<Maintained, StoreError> {
        let done = self.change(|state, _| provisions::sweep(state))?;
        self.flush()?;
        self.checkpoint();
        Ok(done)
    }

    /// Commits what is pending.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn flush(&self) -> Result<(), StoreError> {
        self.guarded(|state, _| state.commit())
    }

    /// Counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn counts(&self) -> Result<DiscoveryCounts, StoreError> {
        self.guarded(|state, _| {
            let count = |table: &str| -> Result<u64, Failure> {
                let sql = format!("SELECT count(*) FROM {table}");
                Ok(state.file.db.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
            };
            Ok(DiscoveryCounts {
                records: state.records,
                peers: count("holders")?,
                known: count("known")?,
                announced: count("announced")?,
            })
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` within the open transaction, and commits when it has grown.
    fn change<T>(&self, work: impl Fn(&mut State, &Limits) -> Result<T, Failure>) -> Result<T, StoreError> {
        self.guarded(|state, limits| {
            state.begin()?;
            let value = work(state, limits)?;
            state.changes += 1;
            if state.changes >= BATCH {
                state.commit()?;
            }
            Ok(value)
        })
    }

    /// Runs `work`; what it had not finished is undone on an error, and it is tried once more on a new file if the
    /// old one turns out to be damaged.
    fn guarded<T>(&self, work: impl Fn(&mut State, &Limits) -> Result<T, Failure>) -> Result<T, StoreError> {
        let Inner { path, limits, .. } = &*self.inner;
        let mut state = self.lock();
        let failure = match work(&mut state, limits) {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        if file::damaged(&failure) {
            tracing::warn!("the store of provider records was damaged; it is begun anew");
            state.renew(path)?;
            return work(&mut state, limits).map_err(|e| e.at(path));
        }
        state.undo();
        Err(failure.at(path))
    }

    /// Moves committed pages into the file without holding the connection.
    fn checkpoint(&self) {
        if self.inner.path == Path::new(MEMORY) {
            return;
        }
        if let Ok(db) = Connection::open(&self.inner.path) {
            let _ = db.pragma_update(None, "cache_size", -256);
            let _ = db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }
}

impl State {
    fn now(&mut self) -> u64 {
        self.lease.now(self.clock.as_ref())
    }

    fn begin(&mut self) -> Result<(), Failure> {
        if self.file.db.is_autocommit() {
            self.changes = 0;
            self.file.db.execute_batch("BEGIN IMMEDIATE")?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Failure> {
        let now = self.now();
        if self.file.db.is_autocommit() {
            return Ok(());
        }
        if now >= self.saved.saturating_add(60) {
            self.file.db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('time', ?)", [now])?;
            self.saved = now;
        }
        self.file.db.execute_batch("COMMIT")?;
        self.changes = 0;
        Ok(())
    }

    /// Back to what was committed.
    fn undo(&mut self) {
        if !self.file.db.is_autocommit() {
            let _ = self.file.db.execute_batch("ROLLBACK");
        }
        self.changes = 0;
        if let Ok((_, records)) = read_start(&self.file.db) {
            self.records = records;
        }
    }

    fn renew(&mut self, path: &Path) -> Result<(), StoreError> {
        self.file.renew(path)?;
        (self.records, self.changes, self.saved) = (0, 0, 0);
        Ok(())
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = self.commit();
    }
}

/// The lease time saved, and the number of records.
fn read_start(db: &Connection) -> Result<(Option<u64>, u64), Failure> {
    let saved =
        db.query_row("SELECT value FROM meta WHERE name = 'time'", [], |row| row.get(0)).optional()?;
    let records = db.query_row("SELECT coalesce(sum(records), 0) FROM holders", [], |row| row.get(0))?;
    Ok((saved, records))
}
