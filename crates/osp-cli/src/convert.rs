//! From the libraries' errors to what the user meets: exit code, class, and a hint where the message has none.

mod release;
mod sales;

use crate::error::{CliError, Exit};
use osp_delivery::DeliveryError;
use osp_fetch::{DidWebError, FetchError};
use osp_media::{CoverError, MediaError};
use osp_node::{
    config::ConfigError,
    home::HomeError,
    identity::IdentityError,
    keep::KeepError,
    moderation::BlockError,
    node::OpenError,
    peering::PeeringError,
    publish::{PublishError, remote::SendError, retract::RetractError},
    resolve::ResolveError,
    sealed::{InspectError, SealFileError, UnsealError},
    server::ServeError,
    site::ExportError,
    social::{follow::FollowError, profile::ProfileError},
    verify::JudgeError,
};
use osp_store::StoreError;
use smsg::abr::AbrError;
use std::{
    io::{self, ErrorKind},
    path::Path,
};

impl From<OpenError> for CliError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Home(e) => e.into(),
            OpenError::Store(e) => e.into(),
            other => Self::advised(Exit::Local, "local", &other.to_string()),
        }
    }
}

impl From<HomeError> for CliError {
    fn from(error: HomeError) -> Self {
        let class = if matches!(error, HomeError::InUse(_)) { "home-in-use" } else { "io" };
        Self::advised(Exit::Local, class, &error.to_string())
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let (exit, class) = match &error {
            StoreError::Full { .. } => (Exit::Local, "disk-full"),
            StoreError::Corrupt { .. } => (Exit::Bad, "content"),
            StoreError::Newer { .. } => (Exit::Local, "newer-store"),
            _ => (Exit::Local, "store"),
        };
        let shown = Self::advised(exit, class, &error.to_string());
        match error {
            StoreError::Io { .. } => {
                shown.hint("check the permissions and the free space of the home folder")
            }
            _ => shown,
        }
    }
}

impl From<IdentityError> for CliError {
    fn from(error: IdentityError) -> Self {
        let (exit, class) = match &error {
            IdentityError::WrongPassphrase(_) => (Exit::Bad, "key"),
            IdentityError::NotAKeyFile(_) | IdentityError::TooMuchWork { .. } => (Exit::Bad, "key"),
            IdentityError::Damaged { .. } | IdentityError::WrongKey(_) => (Exit::Bad, "key"),
            IdentityError::NotFound(_) | IdentityError::NoDefault => (Exit::NotFound, "not-found"),
            IdentityError::InvalidName(_)
            | IdentityError::EmptyPassphrase
            | IdentityError::PassphraseNeeded(_)
            | IdentityError::NotWeb(_) => (Exit::Usage, "usage"),
            IdentityError::NameTaken(_) => (Exit::Local, "exists"),
            _ => (Exit::Local, "io"),
        };
        Self::advised(exit, class, &error.to_string())
    }
}

impl From<PublishError> for CliError {
    fn from(error: PublishError) -> Self {
        let (exit, class) = match error {
            PublishError::Store(e) => return e.into(),
            PublishError::Seal(e) => return e.into(),
            PublishError::Release(e) => return e.into(),
            PublishError::Custody(e) => return e.into(),
            PublishError::Offer(_) => (Exit::Usage, "usage"),
            PublishError::SealedAlready(_) => (Exit::Usage, "usage"),
            PublishError::Unreadable { path, source } => return Self::file(&path, &source),
            PublishError::Media(ref e) => match e {
                MediaError::NotFound { .. } => (Exit::NotFound, "not-found"),
                MediaError::Unreadable { .. } => (Exit::Local, "io"),
                MediaError::NotAFile { .. } | MediaError::NotAudio { .. } | MediaError::Unsupported { .. } => {
                    (Exit::Bad, "unsupported")
                }
                _ => (Exit::Bad, "malformed"),
            },
            PublishError::Cover(ref e) => match e {
                CoverError::Unreadable { source, .. } if source.kind() == ErrorKind::NotFound => {
                    (Exit::NotFound, "not-found")
                }
                CoverError::Unreadable { .. } => (Exit::Local, "io"),
                CoverError::TooLarge { .. } => (Exit::Bad, "limit"),
                _ => (Exit::Bad, "unsupported"),
            },
            PublishError::NothingPlayable(_) => (Exit::Bad, "unsupported"),
            PublishError::TooMany(_) => (Exit::Bad, "limit"),
            PublishError::OneFileOnly(..)
            | PublishError::Consent(_)
            | PublishError::Url { .. }
            // Tags are normalised before they get here, so it is a flag that the record cannot hold.
            | PublishError::Refused(_) => (Exit::Usage, "usage"),
            PublishError::Retracted(_) => (Exit::Bad, "retracted"),
            _ => (Exit::Local, "local"),
        };
        Self::advised(exit, class, &error.to_string())
    }
}

impl From<RetractError> for CliError {
    fn from(error: RetractError) -> Self {
        match error {
            RetractError::Store(e) => e.into(),
            RetractError::Unknown(_) => Self::advised(Exit::NotFound, "not-found", &error.to_string()),
            RetractError::NotYours { .. } => Self::advised(Exit::Usage, "usage", &error.to_string()),
            _ => Self::advised(Exit::Bad, "malformed", &error.to_string()),
        }
    }
}

impl From<ProfileError> for CliError {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Store(e) => e.into(),
            ProfileError::Picture(e) => PublishError::Cover(e).into(),
            ProfileError::Keep(e) => (*e).into(),
            // What the last profile said was sound, so it is a flag that no profile can hold.
            ProfileError::TooMany(_) | ProfileError::Refused(_) => {
                Self::advised(Exit::Usage, "usage", &error.to_string())
            }
            _ => Self::advised(Exit::Local, "local", &error.to_string()),
        }
    }
}

impl From<FollowError> for CliError {
    fn from(error: FollowError) -> Self {
        let (exit, class) = match error {
            FollowError::Store(e) => return e.into(),
            FollowError::Oneself(_) | FollowError::Refused(_) => (Exit::Usage, "usage"),
            FollowError::NotFollowed { .. } => (Exit::NotFound, "not-found"),
            FollowError::TooMany => (Exit::Bad, "limit"),
            _ => (Exit::Local, "local"),
        };
        Self::advised(exit, class, &error.to_string())
    }
}

impl From<SendError> for CliError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Store(e) => e.into(),
            SendError::Unreachable(e) => e.into(),
            SendError::NotHere(_) => Self::advised(Exit::NotFound, "not-found", &error.to_string()),
            SendError::Token { .. } => Self::advised(Exit::Local, "unauthorized", &error.to_string()),
            // Its own trouble, not a judgement of what was sent.
            SendError::Refused { status: 500.., .. } => {
                Self::advised(Exit::NotFound, "unreachable", &error.to_string())
            }
            _ => Self::advised(Exit::Bad, "refused", &error.to_string()),
        }
    }
}

impl From<ResolveError> for CliError {
    fn from(error: ResolveError) -> Self {
        let (exit, class) = match error {
            ResolveError::Store(e) => return e.into(),
            ResolveError::Keep(ref e) if is_full(e) => (Exit::Local, "disk-full"),
            // What each place said is joined by semicolons: no hint can be told from it.
            ResolveError::NotFound { ref tried, .. } if !tried.is_empty() => {
                return Self::new(Exit::NotFound, "not-found", error.to_string());
            }
            ResolveError::Lied { .. } => return Self::new(Exit::Bad, "unverified", error.to_string()),
            ResolveError::NotFound { .. } => (Exit::NotFound, "not-found"),
            ResolveError::Retracted { .. } | ResolveError::SaidRetracted { .. } => {
                (Exit::NotFound, "retracted")
            }
            ResolveError::Blocked(_) => (Exit::NotFound, "blocked"),
            ResolveError::Unsupported(_) => (Exit::Usage, "usage"),
            ResolveError::Unusable(_) => (Exit::Bad, "content"),
            ResolveError::Exists(_) => (Exit::Local, "exists"),
            _ => (Exit::Local, "io"),
        };
        Self::advised(exit, class, &error.to_string())
    }
}

/// Whether there was no room for what was fetched.
fn is_full(error: &DeliveryError) -> bool {
    let DeliveryError::Local(cause) = error else { return false };
    let disk = cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == ErrorKind::StorageFull);
    disk || matches!(cause.downcast_ref::<StoreError>(), Some(StoreError::Full { .. }))
}

impl From<FetchError> for CliError {
    fn from(error: FetchError) -> Self {
        let bad_url = matches!(error, FetchError::BadUrl { .. });
        let (exit, class) = if bad_url { (Exit::Usage, "usage") } else { (Exit::NotFound, "unreachable") };
        Self::advised(exit, class, &error.to_string())
    }
}

impl From<JudgeError> for CliError {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Content { path, source } => Self::file(&path, &source),
            JudgeError::Unreachable(e) => e.into(),
            other => Self::local("local", other.to_string()),
        }
    }
}

impl From<DidWebError> for CliError {
    fn from(error: DidWebError) -> Self {
        let (exit, class) = match &error {
            DidWebError::Unreachable { .. } => (Exit::NotFound, "unreachable"),
            _ => (Exit::Bad, "malformed"),
        };
        Self::advised(exit, class, &error.to_string())
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Unreadable { path, source } => Self::file(&path, &source),
            other => Self::advised(Exit::Usage, "usage", &other.to_string()),
        }
    }
}

impl From<ServeError> for CliError {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Home(e) => e.into(),
            other => Self::advised(Exit::Local, "listen", &other.to_string()),
        }
    }
}

impl From<PeeringError> for CliError {
    fn from(error: PeeringError) -> Self {
        Self::advised(Exit::Local, "listen", &error.to_string())
    }
}

impl From<KeepError> for CliError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Store(e) => e.into(),
            KeepError::Home(e) => e.into(),
            KeepError::NotEmpty(_) => Self::advised(Exit::Local, "exists", &error.to_string()),
            KeepError::NotABackup(_) => Self::advised(Exit::NotFound, "not-found", &error.to_string()),
            _ => Self::advised(Exit::Local, "io", &error.to_string()),
        }
    }
}

impl From<ExportError> for CliError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(e) => e.into(),
            ExportError::NotOurs(_) => Self::advised(Exit::Local, "exists", &error.to_string()),
            ExportError::Busy(_) => Self::advised(Exit::Local, "busy", &error.to_string()),
            ExportError::Nothing(_) => Self::advised(Exit::NotFound, "not-found", &error.to_string()),
            ExportError::Manifest { .. } => Self::advised(Exit::Bad, "malformed", &error.to_string()),
            ExportError::Io { path, source } => Self::unwritten(&path, &source),
            _ => Self::advised(Exit::Local, "io", &error.to_string()),
        }
    }
}

impl From<BlockError> for CliError {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::Store(e) => e.into(),
            other => Self::advised(Exit::Usage, "usage", &other.to_string()),
        }
    }
}

impl From<SealFileError> for CliError {
    fn from(error: SealFileError) -> Self {
        match error {
            SealFileError::Input { path, source } => Self::file(&path, &source),
            SealFileError::Output { path, source } => Self::unwritten(&path, &source),
            SealFileError::Exists(_) => Self::advised(Exit::Local, "exists", &error.to_string()),
            SealFileError::Stopped => Self::local("interrupted", error.to_string()),
            SealFileError::Seal(ref e) => {
                let exit = match e {
                    smsg::SealError::SourceLength { .. } | smsg::SealError::Compress(_) => Exit::Local,
                    smsg::SealError::OverLimit { .. } => Exit::Bad,
                    _ => Exit::Usage,
                };
                Self::advised(exit, e.class(), &e.to_string())
            }
            SealFileError::Draft(e) => Self::advised(Exit::Usage, "usage", &e.to_string()),
            SealFileError::Release(e) => release::sealing(&e),
            other => Self::local("local", other.to_string()),
        }
    }
}

impl From<UnsealError> for CliError {
    fn from(error: UnsealError) -> Self {
        match error {
            UnsealError::Input { path, source } => Self::file(&path, &source),
            UnsealError::Output { path, source } => Self::unwritten(&path, &source),
            UnsealError::Exists(_) => Self::advised(Exit::Local, "exists", &error.to_string()),
            UnsealError::Stopped => Self::local("interrupted", error.to_string()),
            UnsealError::Open(e) => e.into(),
            UnsealError::Release(e) => e.into(),
            other => Self::local("local", other.to_string()),
        }
    }
}

impl From<smsg::OpenError> for CliError {
    fn from(error: smsg::OpenError) -> Self {
        use smsg::OpenError as E;
        let exit = match error {
            E::Expired(_) | E::PeriodOver { .. } | E::PeriodNotBegun { .. } => Exit::Expired,
            E::PasswordRequired => Exit::Usage,
            E::Read(_) | E::Write(_) => Exit::Local,
            _ => Exit::Bad,
        };
        Self::advised(exit, error.class(), &error.to_string())
    }
}

impl From<InspectError> for CliError {
    fn from(error: InspectError) -> Self {
        match error {
            InspectError::Input { path, source } => Self::file(&path, &source),
            InspectError::Open(e) => e.into(),
            InspectError::Release(e) => e.into(),
            InspectError::Abr(ref e) => {
                let class =
                    if matches!(e, AbrError::UnsupportedVersion(_)) { "unsupported" } else { "malformed" };
                Self::advised(Exit::Bad, class, &error.to_string())
            }
            other => Self::local("local", other.to_string()),
        }
    }
}

impl CliError {
    /// A file that was to be written and cannot be.
    pub(crate) fn unwritten(path: &Path, error: &io::Error) -> Self {
        let path = path.display();
        match error.kind() {
            // The reader of `--out -` has enough.
            ErrorKind::BrokenPipe => Self::silent(Exit::ReaderGone),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Self::local("disk-full", format!("cannot write {path}: the disk is full"))
                    .hint("free some space, or choose another folder")
            }
            _ => Self::local("io", format!("cannot write {path}: {error}"))
                .hint("name a folder that is there and may be written"),
        }
    }
}
