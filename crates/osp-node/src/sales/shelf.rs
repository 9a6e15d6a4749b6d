//! Where licence files go, and how they get to the disk.
//!
//! A few are waited for one after the other. More of them are written first and then waited for at once: a thousand waits take
//! seconds where one takes milliseconds. Only then does the ledger say that they were handed out.

use super::issue::{IssueError, Issued};
use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Files that are waited for singly.
const SINGLY: usize = 8;

/// Where licences go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Each under its own name.
    Folder(PathBuf),
    /// One, under this name.
    File(PathBuf),
}

impl Shelf {
    /// Where this licence goes.
    #[must_use]
    pub fn path(&self, issued: &Issued) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(&issued.name),
            Self::File(path) => path.clone(),
        }
    }

    /// The folder in which each has its own name.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::File(_) => None,
        }
    }

    /// Writes them, and never over something else. All are on the disk when this returns; if one fails, none is left.
    ///
    /// # Errors
    /// [`IssueError::Deliver`].
    pub fn put(&self, issued: &[Issued]) -> Result<(), IssueError> {
        let mut written = Vec::new();
        let done = self.put_all(issued, &mut written);
        if done.is_err() {
            for path in &written {
                // Made by this very call.
                let _ = std::fs::remove_file(path);
            }
        }
        done
    }

    fn put_all(&self, issued: &[Issued], written: &mut Vec<PathBuf>) -> Result<(), IssueError> {
        if let Self::Folder(folder) = self {
            std::fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        for issued in issued {
            let path = self.path(issued);
            let mut file = File::create_new(&path).map_err(failed(&path))?;
            written.push(path.clone());
            file.write_all(&issued.licence).map_err(failed(&path))?;
            if written.len() <= SINGLY {
                file.sync_data().map_err(failed(&path))?;
            }
        }
        let Some(last) = written.last() else { return Ok(()) };
        let folder = crate::staged::folder(last);
        let behind = written.get(SINGLY..).unwrap_or_default();
        if !behind.is_empty() {
            sync_files(&folder, behind)?;
        }
        crate::staged::sync_folder(&folder).map_err(failed(&folder))
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> IssueError {
    let path = path.to_owned();
    move |source| IssueError::Deliver { path: path.clone(), source }
}

/// Brings files that were written in a folder to the disk: with one wait for their whole file system, where the system can.
#[cfg(target_os = "linux")]
fn sync_files(folder: &Path, _: &[PathBuf]) -> Result<(), IssueError> {
    let opened = File::open(folder).map_err(failed(folder))?;
    rustix::fs::syncfs(opened).map_err(|e| failed(folder)(e.into()))
}

/// Brings files that were written in a folder to the disk, one after the other.
#[cfg(not(target_os = "linux"))]
fn sync_files(_: &Path, files: &[PathBuf]) -> Result<(), IssueError> {
    let sync = |path: &Path| File::options().write(true).open(path)?.sync_data();
    files.iter().try_for_each(|path| sync(path).map_err(failed(path)))
}
