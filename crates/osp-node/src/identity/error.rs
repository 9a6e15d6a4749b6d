//! What can go wrong with identities.

use std::io;
use std::path::{Path, PathBuf};

use osp_core::did::Did;

/// Why an identity could not be made, found, opened or moved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The disk, or a file on it.
    #[error("cannot {action} {}: {source}; check the permissions and free space of the home folder", .path.display())]
    Io {
        /// What was being done, as in "cannot write".
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gave no randomness for a new key.
    #[error("the system has no secure random numbers to make a key from: {0}")]
    Randomness(String),
    /// A name that cannot be shown on one line.
    #[error("this name cannot be used: {0}; choose another")]
    InvalidName(&'static str),
    /// Two identities of one home need two names.
    #[error("there is already an identity called «{0}»; choose another name")]
    NameTaken(String),
    /// No identity has this name or DID.
    #[error("there is no identity «{0}» in this home; «osp id list» shows those there are")]
    NotFound(String),
    /// Nothing to sign with yet.
    #[error("there is no identity in this home yet; make one with «osp id new --name NAME»")]
    NoDefault,
    /// The key file is encrypted.
    #[error(
        "the key of {0} is protected; give its passphrase (a prompt, OSP_PASSPHRASE or --passphrase-file)"
    )]
    PassphraseNeeded(String),
    /// The passphrase does not open the key file.
    #[error("this passphrase does not open the key of {0}; try again")]
    WrongPassphrase(String),
    /// A passphrase of no characters protects nothing.
    #[error("the passphrase is empty; give one, or say --no-passphrase to keep the key unencrypted")]
    EmptyPassphrase,
    /// Opening it would take more memory and time than any key file of ours.
    #[error(
        "this key file asks for too much work (scrypt 2^{log_n}, at most 2^{max} is accepted); it is not from osp"
    )]
    TooMuchWork {
        /// What the file asks for, as a power of two.
        log_n: u8,
        /// The limit.
        max: u8,
    },
    /// The bytes are not a key file.
    #[error("this is not an artist's key file: {0}; import a file that «osp id export» wrote")]
    NotAKeyFile(&'static str),
    /// A key file holds another identity's key.
    #[error("{} holds the key of another identity; put the right file back from a backup", .0.display())]
    WrongKey(PathBuf),
    /// A file in the identities folder cannot be understood.
    #[error("{} is damaged ({reason}); put it back from a backup or an export", .path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A key file is in the way that nothing refers to.
    #[error("{} is already there and is not overwritten; move it elsewhere and import again", .0.display())]
    KeyFileExists(PathBuf),
    /// Another identity signs as this.
    #[error("the identity «{name}» signs as {artist} already; one key at a time does")]
    Taken {
        /// The did:web.
        artist: Did,
        /// Of which identity.
        name: String,
    },
    /// Documents are written for did:web only.
    #[error("{0} is not a did:web, the kind of DID that has a document; write it as did:web:example.org")]
    NotWeb(Did),
}

impl IdentityError {
    /// An [`Io`](Self::Io), for `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
