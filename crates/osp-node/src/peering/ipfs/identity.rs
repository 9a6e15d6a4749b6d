//! `<home>/p2p-key`, 0600: the 32 bytes of the Ed25519 key that peers know the node by, as 64 hex digits.

use crate::Home;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use std::{
    io::{self, Write as _},
    path::PathBuf,
};

/// Why the node's libp2p identity cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The file.
    #[error("cannot use {path}: {source}; mend its permissions, or delete it for a new libp2p identity")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What is in it.
    #[error(
        "{0} is not a libp2p key (64 hexadecimal digits); restore it from a backup, or delete it for a new identity"
    )]
    Damaged(PathBuf),
}

/// The key in the home; made on first use.
///
/// # Errors
/// [`IdentityError`].
pub(super) fn load(home: &Home) -> Result<[u8; 32], IdentityError> {
    let path = home.root().join("p2p-key");
    let io = |source| IdentityError::Io { path: path.clone(), source };
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let key = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
            return key.and_then(|key| key.try_into().ok()).ok_or(IdentityError::Damaged(path));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(io(error)),
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| io(io::Error::other(error)))?;
    // Written aside (tempfile makes files that only their owner can read) and moved: whole or not at all.
    let mut file = tempfile::NamedTempFile::new_in(home.root()).map_err(io)?;
    writeln!(file, "{}", HEXLOWER.encode(&key)).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist_noclobber(&path).map_err(|error| io(error.error))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn it_is_the_same_after_a_restart_and_nobody_elses_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        assert_eq!(load(&home).unwrap(), load(&home).unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(folder.path().join("p2p-key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        std::fs::write(folder.path().join("p2p-key"), "abc").unwrap();
        assert!(matches!(load(&home), Err(IdentityError::Damaged(_))));
    }
}
