//! The file: opened, checked, begun anew.

use crate::{
    StoreError,
    embedded::fail::{Failure, io_error},
};
use rusqlite::{Connection, ErrorCode};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// A file with another number is begun anew: there is nothing in it worth a migration.
const VERSION: u32 = 1;

/// KiB of pages in memory.
const CACHE: i64 = -8192;

/// Pages of the log after which a commit itself checkpoints, should maintenance not come: 32 MiB.
const LOG_PAGES: u32 = 8192;

/// An open database of the right version.
pub(super) struct File {
    pub(super) db: Connection,
}

impl File {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        match connect(path) {
            Ok(db) => Ok(Self { db }),
            Err(failure) if damaged(&failure) => Ok(Self { db: anew(path)? }),
            Err(failure) => Err(failure.at(path)),
        }
    }

    pub(super) fn renew(&mut self, path: &Path) -> Result<(), StoreError> {
        // Closes the old one first.
        self.db = Connection::open_in_memory().map_err(|e| Failure::from(e).at(path))?;
        self.db = anew(path)?;
        Ok(())
    }
}

/// Whether a new file would help.
pub(super) fn damaged(failure: &Failure) -> bool {
    let Failure::Sql(error) = failure else {
        return matches!(failure, Failure::Store(StoreError::Newer { .. }));
    };
    match error {
        // Values of other types than were written, tables that are not there.
        rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => true,
        error => matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown)
        ),
    }
}

fn anew(path: &Path) -> Result<Connection, StoreError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let part = PathBuf::from(name);
        match fs::remove_file(&part) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(io_error("cannot remove", &part)(e)),
            _ => {}
        }
    }
    connect(path).map_err(|e| e.at(path))
}

fn connect(path: &Path) -> Result<Connection, Failure> {
    let mut db = Connection::open(path)?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cache_size", CACHE)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    db.pragma_update(None, "journal_size_limit", 8 << 20)?;
    db.set_prepared_statement_cache_capacity(32);
    let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let empty: bool = db.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
    if found == 0 && empty {
        let tx = db.transaction()?;
        tx.execute_batch(include_str!("../sql/discovery.sql"))?;
        tx.pragma_update(None, "user_version", VERSION)?;
        tx.commit()?;
    } else if found != VERSION {
        return Err(StoreError::Newer { found, known: VERSION }.into());
    }
    Ok(db)
}
