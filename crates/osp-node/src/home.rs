//! The folder of one node.
//!
//! ```text
//!  <home>/
//!    config.toml          settings (optional)
//!    api-token            0600, the bearer token of the HTTP interface
//!    node.lock            held while a node runs
//!    feeds.json           how far the neighbours' feeds have been read
//!    seed.lock            held by whoever keeps what is followed: a node, else osp seed
//!    discovery.db         what the node keeps for the network: provider records, members, own announcements; disposable
//!    discovery-client.db  members of the network that commands met; discovery.lock is held by who writes it
//!    network.json         how the network stands for the running node
//!    identities/          key files
//!    releases/            keys and sales of sealed files ([`crate::sales`])
//!    store/               index database and blobs (osp-store)
//! ```

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// A file that is in a folder while `osp backup` or `osp restore` fills it.
pub(crate) const UNFINISHED: &str = "unfinished";

/// Paths of a home and the few files that belong to no other crate.
#[derive(Clone, Debug)]
pub struct Home {
    root: PathBuf,
}

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// The folder or a file in it.
    #[error("cannot {action} {path}: {source}; choose another folder with --home, or mend its permissions")]
    Io {
        /// What was being done.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another node holds the lock.
    #[error(
        "another osp node already runs on {0}; stop it first, or start this one with a --home of its own \
         (other commands work beside a running node)"
    )]
    InUse(PathBuf),
    /// A backup or restore was interrupted here.
    #[error("{0} holds a backup or restore that did not finish; remove that folder and do it again")]
    Unfinished(PathBuf),
}

/// Held by a running node, or by who keeps what is followed; the system releases it when the process ends, however it
/// ends.
#[derive(Debug)]
pub struct NodeLock {
    _file: File,
}

impl Home {
    /// Uses `root`, making the folder if needed (0700: keys live below it).
    ///
    /// # Errors
    /// [`HomeError::Io`]; [`HomeError::Unfinished`] for a folder that `osp restore` did not finish.
    pub fn open(root: &Path) -> Result<Self, HomeError> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(root).map_err(|source| HomeError::Io {
            action: "make the folder",
            path: root.into(),
            source,
        })?;
        if root.join(UNFINISHED).exists() {
            return Err(HomeError::Unfinished(root.into()));
        }
        Ok(Self { root: root.into() })
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where settings are read from unless `--config` names another file.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// Where the HTTP interface's token is kept.
    #[must_use]
    pub fn token_file(&self) -> PathBuf {
        self.root.join("api-token")
    }

    /// Where a running node says how the network of nodes stands for it.
    #[must_use]
    pub fn network_file(&self) -> PathBuf {
        self.root.join("network.json")
    }

    /// Takes the lock that only one `osp node` can hold.
    ///
    /// # Errors
    /// [`HomeError::InUse`] when another node has it.
    pub fn lock_node(&self) -> Result<NodeLock, HomeError> {
        self.lock("node.lock")
    }

    fn lock(&self, name: &str) -> Result<NodeLock, HomeError> {
        let path = self.root.join(name);
        let io = |source| HomeError::Io { action: "lock", path: path.clone(), source };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(NodeLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(HomeError::InUse(self.root.clone())),
            Err(TryLockError::Error(e)) => Err(io(e)),
        }
    }

    /// Takes the lock of keeping what is followed: that is work for one process. `None` when another one has it.
    ///
    /// # Errors
    /// [`HomeError::Io`].
    pub fn lock_seeding(&self) -> Result<Option<NodeLock>, HomeError> {
        match self.lock("seed.lock") {
            Err(HomeError::InUse(_)) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Takes the lock of the file in which commands note the members of the network they met. `None` when another one has
    /// it.
    ///
    /// # Errors
    /// [`HomeError::Io`].
    pub(crate) fn lock_discovery(&self) -> Result<Option<NodeLock>, HomeError> {
        match self.lock("discovery.lock") {
            Err(HomeError::InUse(_)) => Ok(None),
            other => other.map(Some),
        }
    }

    /// The token that writing over HTTP needs; made on first use.
    ///
    /// # Errors
    /// [`HomeError::Io`].
    pub fn api_token(&self) -> Result<String, HomeError> {
        let path = self.token_file();
        let io = |action| {
            let path = path.clone();
            move |source| HomeError::Io { action, path, source }
        };
        match std::fs::read_to_string(&path) {
            Ok(text) if text.trim().len() >= 32 => return Ok(text.trim().to_owned()),
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(io("read")(e)),
        }
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|e| io("draw randomness for")(io::Error::other(e)))?;
        let token = data_encoding::BASE64URL_NOPAD.encode(&seed);
        // Written aside and renamed, so that a second process never reads half a token.
        let mut temp = tempfile::NamedTempFile::new_in(&self.root).map_err(io("write"))?;
        temp.write_all(token.as_bytes()).map_err(io("write"))?;
        temp.as_file().sync_all().map_err(io("write"))?;
        match temp.persist_noclobber(&path) {
            Ok(_) => Ok(token),
            // Somebody else was first (or an empty file was there): theirs counts when it is whole.
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => {
                let text = std::fs::read_to_string(&path).map_err(io("read"))?;
                if text.trim().len() >= 32 {
                    return Ok(text.trim().to_owned());
                }
                e.file.persist(&path).map_err(|e| io("write")(e.error))?;
                Ok(token)
            }
            Err(e) => Err(io("write")(e.error)),
        }
    }
}

/// The platform's folder for a user's data: `$XDG_DATA_HOME/opensound`, `~/Library/Application Support/OpenSound`
/// or `%APPDATA%\OpenSound`. `None` when the system names no home folder.
#[must_use]
pub fn default_root() -> Option<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return var("APPDATA").map(|p| p.join("OpenSound"));
    }
    if cfg!(target_os = "macos") {
        return var("HOME").map(|p| p.join("Library/Application Support/OpenSound"));
    }
    var("XDG_DATA_HOME")
        .filter(|p| p.is_absolute())
        .or_else(|| var("HOME").map(|p| p.join(".local/share")))
        .map(|p| p.join("opensound"))
}
