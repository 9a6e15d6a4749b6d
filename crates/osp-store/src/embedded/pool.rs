//! Connections: one that writes, a few that read, all used on blocking threads.
//!
//! WAL lets readers go on while one process writes; `synchronous = FULL` makes a commit durable before it is
//! acknowledged. Writers of several processes take turns through SQLite's lock, writers of this process through
//! a semaphore before it, so that they do not poll each other.

use super::fail::{Failure, joined};
use crate::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// Pages that a connection which reads keeps, KiB (SQLite's negative form). The system's own cache of the file lies beneath
/// it, so that a page which is not here costs a copy, about a microsecond; and what was once used stays with the process,
/// because the C library rarely gives memory back: with 8 MiB each, a node at rest had 24 MB of it.
const READER_CACHE: i64 = -1024;
/// Pages that the connection which writes keeps, KiB. Changed pages beyond it go to the log before the commit.
const WRITER_CACHE: i64 = -2048;
/// Connections that read at the same time.
const READERS: usize = 4;
/// A connection that nobody needed for so long gives its memory back.
const REST: Duration = Duration::from_secs(30);
/// How long a writer waits for those of other processes.
const BUSY: Duration = Duration::from_secs(20);

/// The connections of one store.
pub(super) struct Pool {
    path: PathBuf,
    /// With the time when each was last of use; the last one is taken first.
    idle: Mutex<Vec<(Connection, Instant)>>,
    readers: Arc<Semaphore>,
    writer: Mutex<Writer>,
    writers: Arc<Semaphore>,
}

struct Writer {
    db: Connection,
    /// When it last wrote, until its memory was given back.
    used: Option<Instant>,
}

impl Pool {
    /// Opens the database, making it when it is not there, and migrates it.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let writer = (|| {
            let mut db = connect(path)?;
            use_wal(&db)?;
            db.pragma_update(None, "cache_size", WRITER_CACHE)?;
            db.pragma_update(None, "synchronous", "FULL")?;
            super::schema::migrate(&mut db)?;
            Ok(db)
        })()
        .map_err(|e: Failure| e.at(path))?;
        Ok(Self {
            path: path.to_owned(),
            idle: Mutex::default(),
            readers: Arc::new(Semaphore::new(READERS)),
            writer: Mutex::new(Writer { db: writer, used: Some(Instant::now()) }),
            writers: Arc::new(Semaphore::new(1)),
        })
    }

    /// One more connection, for a purpose of its own.
    pub(super) fn connection(&self) -> Result<Connection, StoreError> {
        connect(&self.path).map_err(|e| Failure::from(e).at(&self.path))
    }

    /// Runs `work` on one snapshot of the database.
    pub(super) async fn read<T, F>(self: &Arc<Self>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        // Closed never: an error here cannot happen, and going on without a permit would be harmless.
        let permit = Arc::clone(&self.readers).acquire_owned().await.ok();
        let pool = Arc::clone(self);
        joined(tokio::task::spawn_blocking(move || {
            let _permit = permit;
            pool.read_here(work)
        }))
        .await?
    }

    /// [`Self::read`] on the calling thread.
    pub(super) fn read_here<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some((db, _)) => db,
            None => self.connection()?,
        };
        let result = (|| {
            let snapshot = db.unchecked_transaction()?;
            let value = work(&snapshot)?;
            snapshot.finish()?;
            Ok(value)
        })()
        .map_err(|e: Failure| e.at(&self.path));
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((db, Instant::now()));
        result
    }

    /// To be called now and then: connections that have not been needed for a while are closed, and the writer's cache is
    /// emptied.
    pub(super) fn rest(&self) {
        let rested = |at: &Instant| at.elapsed() > REST;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let keep = idle.iter().position(|(_, at)| !rested(at)).unwrap_or(idle.len());
        let closing: Vec<_> = idle.drain(..keep).collect();
        drop(idle);
        drop(closing);
        if let Ok(mut writer) = self.writer.try_lock()
            && writer.used.as_ref().is_some_and(rested)
        {
            writer.used = None;
            let _ = writer.db.execute_batch("PRAGMA shrink_memory");
        }
    }

    /// Runs `work` in a write transaction; what it did is durable when this returns `Ok`, and undone on `Err`.
    pub(super) async fn write<T, F>(self: &Arc<Self>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let permit = Arc::clone(&self.writers).acquire_owned().await.ok();
        let pool = Arc::clone(self);
        joined(tokio::task::spawn_blocking(move || {
            let _permit = permit;
            pool.write_here(work)
        }))
        .await?
    }

    /// [`Self::write`] on the calling thread.
    pub(super) fn write_here<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.used = Some(Instant::now());
        (|| {
            let tx = writer.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&tx)?;
            tx.commit()?;
            Ok(value)
        })()
        .map_err(|e: Failure| e.at(&self.path))
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.busy_timeout(BUSY)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "cache_size", READER_CACHE)?;
    db.pragma_update(None, "journal_size_limit", 64 << 20)?;
    db.set_prepared_statement_cache_capacity(96);
    Ok(db)
}

/// Switching a new database to WAL needs it alone, and SQLite does not wait for that by itself.
fn use_wal(db: &Connection) -> rusqlite::Result<()> {
    let started = Instant::now();
    loop {
        match db.pragma_update(None, "journal_mode", "WAL") {
            Err(e)
                if e.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && started.elapsed() < BUSY =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}
