//! Where the bytes of an unfinished download lie: in memory while it is small, else in a file without a name.
//!
//! The file is sparse and was removed from its folder as soon as it was made (on Windows it goes when it is closed):
//! a process that is killed leaves nothing that could be taken for content later. Which parts of it are verified is
//! known in memory only, to [`Pieces`](super::pieces::Pieces) and [`Prefix`](super::prefix::Prefix).

use bytes::Bytes;
use std::{
    fs::File,
    io,
    ops::Range,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// Files up to this many bytes are held in memory.
pub(super) const IN_MEMORY: u64 = 512 * 1024;

/// Bytes of an unfinished download. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Partial(Arc<Place>);

#[derive(Debug)]
enum Place {
    Memory(Mutex<Vec<u8>>),
    File(File),
}

impl Partial {
    /// For a file of `size` bytes; one of unknown size goes to the folder.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn new(folder: &Path, size: Option<u64>) -> io::Result<Self> {
        let place = match size {
            Some(size) if size <= IN_MEMORY => Place::Memory(Mutex::new(vec![0; size as usize])),
            size => {
                std::fs::create_dir_all(folder)?;
                let file = tempfile::tempfile_in(folder)?;
                if let Some(size) = size {
                    file.set_len(size)?;
                }
                Place::File(file)
            }
        };
        Ok(Self(Arc::new(place)))
    }

    /// Writes parts one after another, beginning at `offset`.
    ///
    /// # Errors
    /// The system's.
    pub(crate) async fn write(&self, offset: u64, parts: Vec<Bytes>) -> io::Result<()> {
        match &*self.0 {
            Place::Memory(bytes) => {
                let mut bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
                let mut at = usize::try_from(offset).map_err(io::Error::other)?;
                for part in parts {
                    let end = at + part.len();
                    let room = bytes.get_mut(at..end).ok_or(io::ErrorKind::InvalidInput)?;
                    room.copy_from_slice(&part);
                    at = end;
                }
                Ok(())
            }
            Place::File(_) => {
                let place = Arc::clone(&self.0);
                blocking(move || {
                    let Place::File(file) = &*place else { return Ok(()) };
                    let mut at = offset;
                    for part in parts {
                        write_at(file, &part, at)?;
                        at += part.len() as u64;
                    }
                    Ok(())
                })
                .await
            }
        }
    }

    /// All bytes of a range.
    ///
    /// # Errors
    /// The system's; what was never written may read as zeros.
    pub(crate) async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        match &*self.0 {
            Place::Memory(_) => self.read_here(range),
            Place::File(_) => {
                let this = self.clone();
                blocking(move || this.read_here(range)).await
            }
        }
    }

    /// As [`Partial::read`], on a thread that may wait.
    pub(crate) fn read_here(&self, range: Range<u64>) -> io::Result<Bytes> {
        match &*self.0 {
            Place::Memory(bytes) => {
                let bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
                let part = bytes.get(range.start as usize..range.end as usize);
                Ok(Bytes::copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?))
            }
            Place::File(file) => {
                let len = usize::try_from(range.end.saturating_sub(range.start)).map_err(io::Error::other)?;
                let mut bytes = vec![0; len];
                read_at(file, &mut bytes, range.start)?;
                Ok(bytes.into())
            }
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        at += written as u64;
    }
    Ok(())
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        at += read as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn small_and_large_files_keep_what_was_written_where() {
        for size in [100_000, IN_MEMORY + 7] {
            let folder = tempfile::tempdir().unwrap();
            let partial = Partial::new(folder.path(), Some(size)).unwrap();
            let parts = vec![Bytes::from_static(b"abc"), Bytes::from_static(b"defg")];
            partial.write(size - 7, parts).await.unwrap();
            assert_eq!(&partial.read(size - 6..size - 2).await.unwrap()[..], b"bcde");
            assert!(partial.read(size - 1..size + 1).await.is_err());
            let left = std::fs::read_dir(folder.path()).unwrap().count();
            assert!(cfg!(windows) || left == 0, "the file has no name");
        }
    }

    #[tokio::test]
    async fn a_file_of_unknown_size_grows() {
        let folder = tempfile::tempdir().unwrap();
        let partial = Partial::new(folder.path(), None).unwrap();
        partial.write(0, vec![Bytes::from(vec![1; 1000])]).await.unwrap();
        partial.write(1000, vec![Bytes::from(vec![2; 1000])]).await.unwrap();
        assert_eq!(&partial.read(999..1001).await.unwrap()[..], [1, 2]);
    }
}
