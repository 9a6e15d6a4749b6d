//! A file that appears under its name whole or not at all.
//!
//! It is written beside its place under a name that begins with `.osp-`, brought to the disk, and renamed. What ends in
//! the middle leaves nothing; what is killed in the middle leaves at most the `.osp-` file, never the name.

use std::{
    fs::{File, Permissions},
    io,
    path::{Path, PathBuf},
};
use tempfile::{NamedTempFile, TempPath};

/// How names of such files begin.
const PREFIX: &str = ".osp-";
/// Characters of chance after it.
const RANDOM: usize = 6;

/// Being written.
#[derive(Debug)]
pub struct Staged {
    temp: NamedTempFile,
}

impl Staged {
    /// Beside `target`, whose folder must be there.
    ///
    /// # Errors
    /// The system's.
    pub fn beside(target: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).rand_bytes(RANDOM);
        // What the user asked for is an ordinary file: the umask decides who may read it.
        #[cfg(unix)]
        let builder =
            builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
        Ok(Self { temp: builder.tempfile_in(folder(target)).map_err(without_path)? })
    }

    /// To write to.
    pub fn file(&mut self) -> &mut File {
        self.temp.as_file_mut()
    }

    /// Brings the bytes to the disk and closes the file; it has no name yet.
    ///
    /// # Errors
    /// The system's; the bytes are then gone.
    pub fn finish(self) -> io::Result<Finished> {
        self.temp.as_file().sync_all()?;
        Ok(self.close())
    }

    /// Closes the file without waiting for the disk: for what can be made again. A power cut may leave it empty under its name.
    pub fn close(self) -> Finished {
        Finished { temp: self.temp.into_temp_path() }
    }
}

/// tempfile's errors name the temporary file, which means nothing to anybody: only what the system said.
fn without_path(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((said, _)) => io::Error::new(error.kind(), said),
        None => error,
    }
}

/// Written, and waiting for its name.
#[derive(Debug)]
pub struct Finished {
    temp: TempPath,
}

impl Finished {
    /// Gives the file its name. A symbolic link there is replaced, not followed.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] unless `replace`; the system's.
    pub fn place(self, target: &Path, replace: bool) -> io::Result<()> {
        let placed = if replace { self.temp.persist(target) } else { self.temp.persist_noclobber(target) };
        placed.map_err(|e| e.error)
    }

    /// Where the bytes are for now.
    pub fn path(&self) -> &Path {
        &self.temp
    }
}

/// Whether a file of this name was being written when its program was killed.
pub fn is_staged(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == RANDOM && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Lets the names in a folder outlive a power cut, as the bytes do.
///
/// # Errors
/// The system's.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// The folder that a file is in or will be.
pub fn folder(target: &Path) -> PathBuf {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Whether nothing may be written there: anything at all unless it is to be replaced, and then still a folder, a device, a
/// pipe or a link to one. A link to a file, or to nothing, may be replaced.
pub fn taken(target: &Path, replace: bool) -> bool {
    let Ok(there) = std::fs::symlink_metadata(target) else { return false };
    !replace || std::fs::metadata(target).map_or(!there.is_symlink(), |meant| !meant.is_file())
}
