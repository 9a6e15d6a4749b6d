//! Errors of SMSG 3.0.

use crate::error::{CliError, Exit};
use osp_fetch::DidWebError;
use osp_node::sealed::release::ReleaseError;
use smsg::v3::{Refused, SealError};

impl From<ReleaseError> for CliError {
    fn from(error: ReleaseError) -> Self {
        let exit = match &error {
            ReleaseError::Read(_) | ReleaseError::Refused(Refused::OutOfMemory(_)) => Exit::Local,
            ReleaseError::KeyRequired => Exit::Usage,
            ReleaseError::NotYet(_) | ReleaseError::Over(_) => Exit::Expired,
            ReleaseError::Artist(DidWebError::Unreachable { .. }) => Exit::NotFound,
            _ => Exit::Bad,
        };
        let shown = Self::advised(exit, error.class(), &error.to_string());
        match error {
            ReleaseError::KeyRequired => shown.hint(crate::licence::WAYS),
            ReleaseError::Over(_) => shown.hint(
                "ask the artist for a new one, or open it all the same with --ignore-expiry: the date is the artist's \
                 request, written in the licence, not a lock",
            ),
            ReleaseError::NotYet(_) => {
                shown.hint("wait until then, or open it all the same with --ignore-expiry: the date is the artist's request")
            }
            _ => shown,
        }
    }
}

/// A release that cannot be sealed so.
pub(super) fn sealing(error: &SealError) -> CliError {
    let (exit, class) = match error {
        SealError::Refused(refused) => (Exit::Usage, refused.class()),
        SealError::SourceLength(_) => (Exit::Local, "source_length"),
        SealError::Signing(_) | SealError::Read { .. } | SealError::Write(_) => (Exit::Local, "local"),
        _ => (Exit::Usage, "usage"),
    };
    CliError::advised(exit, class, &error.to_string())
}
