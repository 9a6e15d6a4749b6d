//! Has anything changed? Asked on every request, so it must cost microseconds.
//!
//! `PRAGMA data_version` of a connection that never writes changes whenever any other connection, of this process
//! or another, has committed. Only then are the counters of the `generation` table read.

use super::{fail::Failure, pool::Pool};
use crate::StoreError;
use rusqlite::{Connection, Transaction};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How old an answer of [`Watch::recent`] may be.
const RECENT: Duration = Duration::from_millis(50);

/// The counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Generation {
    /// Records and the block list.
    pub(super) records: u64,
    /// Blobs.
    pub(super) blobs: u64,
}

pub(super) struct Watch {
    state: Mutex<State>,
}

struct State {
    db: Connection,
    data_version: i64,
    last: Generation,
    asked: Option<Instant>,
}

impl Watch {
    pub(super) fn new(pool: &Pool) -> Result<Self, StoreError> {
        let db = pool.connection()?;
        // This is asked on the threads of the runtime: a lock held elsewhere must not keep them.
        db.busy_timeout(Duration::from_millis(20)).map_err(|e| StoreError::Database(e.to_string()))?;
        let state = State { db, data_version: -1, last: Generation::default(), asked: None };
        Ok(Self { state: Mutex::new(state) })
    }

    /// The counters now.
    pub(super) fn now(&self) -> Result<Generation, StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.ask().map_err(|e| match e {
            Failure::Store(e) => e,
            Failure::Sql(e) => StoreError::Database(e.to_string()),
        })
    }

    /// The counters not longer than [`RECENT`] ago; without this process's own latest changes never.
    pub(super) fn recent(&self) -> Generation {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.asked.is_none_or(|at| at.elapsed() > RECENT) {
            // Busy: the next one asks again.
            let _ = state.ask();
        }
        state.last
    }

    /// To be called after every commit of this process.
    pub(super) fn changed(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).asked = None;
    }
}

impl State {
    fn ask(&mut self) -> Result<Generation, Failure> {
        let version: i64 = self.db.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if version != self.data_version {
            self.last = self
                .db
                .prepare_cached("SELECT records, blobs FROM generation")?
                .query_row([], |row| Ok(Generation { records: row.get(0)?, blobs: row.get(1)? }))?;
            self.data_version = version;
        }
        self.asked = Some(Instant::now());
        Ok(self.last)
    }
}

/// Raises the counter of records and the block list.
pub(super) fn records_changed(tx: &Transaction<'_>) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE generation SET records = records + 1")?.execute([])?;
    Ok(())
}

/// Raises the counter of blobs.
pub(super) fn blobs_changed(tx: &Transaction<'_>) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE generation SET blobs = blobs + 1")?.execute([])?;
    Ok(())
}
