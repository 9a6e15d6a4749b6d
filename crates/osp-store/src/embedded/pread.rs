//! Positioned reads.

use bytes::Bytes;
use std::{fs::File, io, ops::Range};

/// The bytes if the system has all of them in memory; `None` if it has not, or cannot say. Never waits.
#[cfg(target_os = "linux")]
pub(super) fn from_cache(file: &File, range: &Range<u64>) -> Option<Bytes> {
    use rustix::io::{ReadWriteFlags, preadv2};
    let mut bytes = vec![0; usize::try_from(range.end - range.start).ok()?];
    let mut buffers = [io::IoSliceMut::new(&mut bytes)];
    let read = preadv2(file, &mut buffers, range.start, ReadWriteFlags::NOWAIT).ok()?;
    (read == bytes.len()).then(|| bytes.into())
}

/// See above.
#[cfg(not(target_os = "linux"))]
pub(super) fn from_cache(_: &File, _: &Range<u64>) -> Option<Bytes> {
    None
}

/// All bytes of the range.
pub(super) fn exact(file: &File, range: &Range<u64>) -> io::Result<Vec<u8>> {
    let len = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut bytes = vec![0; len];
    #[cfg(unix)]
    std::os::unix::fs::FileExt::read_exact_at(file, &mut bytes, range.start)?;
    #[cfg(windows)]
    {
        let mut at = 0;
        while at < len {
            match std::os::windows::fs::FileExt::seek_read(file, &mut bytes[at..], range.start + at as u64)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => at += n,
            }
        }
    }
    Ok(bytes)
}

/// Asks the system to drop what it has in memory of a file, so that the next read comes from the medium.
pub(super) fn drop_cache(file: &File) {
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}
