//! From what SQLite and the system say to [`StoreError`].

use crate::StoreError;
use rusqlite::ErrorCode;
use std::{io, path::Path};

/// Why a database operation failed, before the path of the database is known.
#[derive(Debug)]
pub(super) enum Failure {
    Sql(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    /// The error for the caller; `path` is the database's.
    pub(super) fn at(self, path: &Path) -> StoreError {
        let error = match self {
            Self::Store(error) => return error,
            Self::Sql(error) => error,
        };
        let say = |what: &str| StoreError::Database(format!("{}: {what} ({error})", path.display()));
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full { path: path.to_owned() },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                say("another osp command has been writing for too long; try again when it has finished")
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                say("it is damaged; restore a backup with «osp restore»")
            }
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                say("it cannot be opened for writing; check who owns the folder")
            }
            _ => say("the operation failed"),
        }
    }
}

/// What was being done with which file when the system refused.
pub(super) fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full { path },
        _ => StoreError::Io { action, path, source },
    }
}

/// Waits for work on a thread. It is never cancelled, except when the runtime ends.
pub(super) async fn joined<T>(task: tokio::task::JoinHandle<T>) -> Result<T, StoreError> {
    match task.await {
        Ok(value) => Ok(value),
        Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
        Err(_) => Err(StoreError::Database("the program is shutting down".into())),
    }
}
