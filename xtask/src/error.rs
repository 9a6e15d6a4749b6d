//! What a verb can end with. Every message says what to do next.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitStatus;

/// The result of every step.
pub(crate) type Result<T = ()> = std::result::Result<T, Error>;

/// Why a verb stopped.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line was not understood.
    Usage(String),
    /// Something has to be installed by the person first.
    Missing(Vec<String>),
    /// A program could not be started at all.
    NotStarted {
        /// The program as it was called.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program ran and ended badly; its own output above says why.
    Failed {
        /// The whole command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A file or folder could not be read or written.
    Io {
        /// What was being done to which path.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program said something else than its contract.
    Unexpected(String),
}

impl Error {
    /// For `map_err`: what was done to which path.
    pub(crate) fn io(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let what = format!("{doing} {}", path.display());
        move |source| Self::Io { what, source }
    }

    /// The exit code of the verb: 2 for usage, as in `osp` itself, else 1.
    pub(crate) fn exit_code(&self) -> u8 {
        if matches!(self, Self::Usage(_)) { 2 } else { 1 }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => write!(f, "{message}; `cargo xtask help` lists the verbs"),
            Self::Missing(items) => {
                write!(f, "something is not installed here:")?;
                items.iter().try_for_each(|item| write!(f, "\n  - {item}"))
            }
            Self::NotStarted { program, source } if source.kind() == io::ErrorKind::NotFound => {
                write!(f, "`{program}` is not installed or not in PATH; install it and run this again")
            }
            Self::NotStarted { program, source } => write!(f, "`{program}` did not start: {source}"),
            Self::Failed { command, status } => {
                write!(f, "`{command}` failed ({status}); its output above says why")
            }
            Self::Io { what, source } => write!(f, "cannot {what}: {source}"),
            Self::Unexpected(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl From<lexopt::Error> for Error {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}
