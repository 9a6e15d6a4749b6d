//! Files of the user's, to be read: on disk, or from a pipe.

use smsg::{ContainerError, OpenError, Prefix, text::BinaryReader};
use std::{
    fs::File,
    io::{self, Read as _, Seek as _},
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

impl Input {
    /// Reads something to its end.
    ///
    /// # Errors
    /// The reader's, and the system's.
    pub(super) fn spool(from: &mut dyn io::Read) -> io::Result<Self> {
        spool(from)
    }
}

/// Bytes after which it shows whether a pipe holds a sealed file.
const JUDGED_WITHIN: u64 = 64 << 10;

impl Input {
    /// As [`Self::open`], for a file that should be sealed (or list bit rates): of a pipe that shows at its beginning that it is
    /// neither, no more is read. `/dev/zero` has no end.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn open_sealed(path: &Path) -> io::Result<Self> {
        if path.as_os_str() == STDIN {
            return spool_sealed(io::stdin().lock());
        }
        // Asked first: opening a pipe takes what its writer wrote.
        if std::fs::metadata(path)?.is_file() || path.is_dir() {
            Self::open(path)
        } else {
            spool_sealed(File::open(path)?)
        }
    }
}

fn spool_sealed(mut from: impl io::Read) -> io::Result<Input> {
    let mut head = Vec::new();
    from.by_ref().take(JUDGED_WITHIN).read_to_end(&mut head)?;
    let list = head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if list || may_be_sealed(&head) { spool(io::Cursor::new(head).chain(from)) } else { spool(&head[..]) }
}

/// Whether a beginning does not rule it out. Text that is cut in the middle of its base64 may be.
fn may_be_sealed(head: &[u8]) -> bool {
    if super::release::open::is_release(head) {
        return true;
    }
    let Ok(mut reader) = BinaryReader::new(head) else { return true };
    let parsed = Prefix::read(&mut reader);
    !matches!(
        parsed,
        Err(OpenError::Container(ContainerError::BadMagic | ContainerError::UnsupportedContainer(_)))
    )
}

fn spool(mut from: impl io::Read) -> io::Result<Input> {
    let mut file = tempfile::tempfile()?;
    let len = io::copy(&mut from, &mut file)?;
    file.rewind()?;
    Ok(Input { file, len, reopens: false })
}

#[cfg(test)]
mod tests {
    use super::spool_sealed;
    use std::io;

    #[test]
    fn of_a_pipe_without_end_that_is_not_sealed_only_the_beginning_is_taken() {
        assert!(spool_sealed(io::repeat(0)).is_ok_and(|input| input.len < 1 << 20));
    }

    #[test]
    fn a_sealed_beginning_is_taken_whole_in_either_form() {
        let header = b"SMSG\x02\0\0\0\x02{}";
        for head in [header.to_vec(), smsg::text::encode(header).into_bytes()] {
            let file = [head, vec![b'A'; 1 << 20]].concat();
            assert!(spool_sealed(&file[..]).is_ok_and(|input| input.len == file.len() as u64));
        }
    }
}
