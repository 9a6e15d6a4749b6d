//! Errors of selling.

use crate::error::{CliError, Exit};
use osp_node::{
    sales::{CustodyError, issue::IssueError, opens::OpensError, price::PriceError, rekey::RekeyError},
    sealed::release::about::BadSale,
};
use smsg::v3::SealError;

impl From<CustodyError> for CliError {
    fn from(error: CustodyError) -> Self {
        let (exit, class) = match &error {
            CustodyError::NotKept(_) => (Exit::NotFound, "not-found"),
            CustodyError::NotARelease { .. } => (Exit::Bad, "malformed"),
            CustodyError::Damaged { .. } => (Exit::Bad, "malformed"),
            CustodyError::WrongIdentity { .. } => (Exit::Usage, "usage"),
            CustodyError::Io { path, source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                return Self::file(path, source);
            }
            _ => (Exit::Local, "io"),
        };
        Self::advised(exit, class, &error.to_string())
    }
}

impl From<OpensError> for CliError {
    fn from(error: OpensError) -> Self {
        Self::advised(Exit::Usage, "usage", &error.to_string())
    }
}

impl From<PriceError> for CliError {
    fn from(error: PriceError) -> Self {
        Self::advised(Exit::Usage, "usage", &error.to_string())
    }
}

impl From<BadSale> for CliError {
    fn from(error: BadSale) -> Self {
        Self::advised(Exit::Usage, "usage", &error.to_string())
    }
}

impl From<IssueError> for CliError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Custody(e) => e.into(),
            IssueError::Opens(e) => e.into(),
            IssueError::Seal(ref e) => refused(e),
            IssueError::Backwards | IssueError::TooMany(_) | IssueError::Prefix(_) => {
                Self::advised(Exit::Usage, "usage", &error.to_string())
            }
            IssueError::Deliver { ref source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists => {
                Self::advised(Exit::Local, "exists", &error.to_string())
            }
            _ => Self::advised(Exit::Local, "io", &error.to_string()),
        }
    }
}

impl From<RekeyError> for CliError {
    fn from(error: RekeyError) -> Self {
        match error {
            RekeyError::Custody(e) => e.into(),
            RekeyError::Release(e) => Self::advised(Exit::Bad, e.class(), &e.to_string()),
            RekeyError::Opens(e) => e.into(),
            RekeyError::Seal(ref e) => refused(e),
            RekeyError::UnknownKey(_) => Self::advised(Exit::Bad, "no_valid_key", &error.to_string()),
            RekeyError::NoKeys | RekeyError::Prefix(_) => {
                Self::advised(Exit::Usage, "usage", &error.to_string())
            }
            RekeyError::Exists(_) => Self::advised(Exit::Local, "exists", &error.to_string()),
            RekeyError::Write { path, source } => Self::unwritten(&path, &source),
            _ => Self::advised(Exit::Local, "local", &error.to_string()),
        }
    }
}

fn refused(error: &SealError) -> CliError {
    let (exit, class) = match error {
        SealError::Refused(refused) => (Exit::Usage, refused.class()),
        SealError::Signing(_) => (Exit::Local, "local"),
        _ => (Exit::Usage, "usage"),
    };
    CliError::advised(exit, class, &error.to_string())
}
