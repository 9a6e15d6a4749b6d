//! Files of the user's, to be read: on disk, or from a pipe.

use std::{
    fs::File,
    io::{self, Seek as _},
    path::Path,
};

/// The name for standard input.
const STDIN: &str = "-";

/// A file that can be read more than once, and its length.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) file: File,
    /// Bytes.
    pub(super) len: u64,
    /// Whether it can be opened again by its name.
    pub(super) reopens: bool,
}

impl Input {
    /// Opens a file. Standard input (`-`) and pipes are read to their end into a file without a name, so that their length
    /// is known and they can be read twice.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::IsADirectory`] for folders.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if path.as_os_str() == STDIN {
            return spool(io::stdin().lock());
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if metadata.is_file() {
            return Ok(Self { file, len: metadata.len(), reopens: true });
        }
        spool(file)
    }
}

fn spool(mut from: impl io::Read) -> io::Result<Input> {
    let mut file = tempfile::tempfile()?;
    let len = io::copy(&mut from, &mut file)?;
    file.rewind()?;
    Ok(Input { file, len, reopens: false })
}
