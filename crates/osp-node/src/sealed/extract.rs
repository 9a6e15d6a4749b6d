//! Attachments into a folder: all of them, or none.

use super::{UnsealError, Watch, interrupted};
use crate::{
    filename::{self, Distinct},
    staged::{self, Finished, Staged},
};
use sha2::{Digest as _, Sha256};
use smsg::{Message, open::Sink};
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// An opened release, its attachments on disk.
#[derive(Clone, Debug)]
pub struct Unsealed {
    /// The message.
    pub message: Message,
    /// Its attachments, in its order.
    pub attachments: Vec<Placed>,
    /// Whether the licence had ended (it was opened all the same).
    pub expired: bool,
    /// Of a release of version 3.0: by what it was opened.
    pub licensed: Option<Box<super::release::unseal::Licensed>>,
}

/// An attachment on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Where.
    pub path: PathBuf,
    /// Of its bytes.
    pub sha256: [u8; 32],
}

/// Writes each attachment beside its place; [`Self::finish`] gives all of them their names.
pub(super) struct Extract<'x> {
    out: &'x Path,
    force: bool,
    watch: &'x dyn Watch,
    /// Names in `out`, by attachment.
    paths: Vec<PathBuf>,
    current: Option<Current>,
    done: Vec<(Finished, [u8; 32])>,
    /// Folders that were made for this.
    made: Vec<PathBuf>,
    /// Why the sink failed, where its reader gets an [`io::Error`] only.
    error: Option<UnsealError>,
    /// Bytes written, and bytes there are.
    bytes: (u64, u64),
}

struct Current {
    index: usize,
    staged: Staged,
    hash: Sha256,
}

impl<'x> Extract<'x> {
    pub(super) fn new(out: &'x Path, force: bool, watch: &'x dyn Watch) -> Self {
        Self {
            out,
            force,
            watch,
            paths: Vec::new(),
            current: None,
            done: Vec::new(),
            made: Vec::new(),
            error: None,
            bytes: (0, 0),
        }
    }

    /// The error that ended opening: the sink's own, if it had one.
    pub(super) fn error(&mut self, error: smsg::OpenError) -> UnsealError {
        if self.watch.stopped() { UnsealError::Stopped } else { self.error.take().unwrap_or(error.into()) }
    }

    fn fail(&mut self, path: &Path, source: io::Error) -> io::Error {
        self.error.get_or_insert(UnsealError::Output { path: path.to_owned(), source });
        io::Error::other("see the sink")
    }

    fn start(&mut self, message: &Message) -> Result<(), UnsealError> {
        let mut names = Distinct::default();
        for attachment in &message.attachments {
            let path = self.out.join(names.take(filename::of_attachment(&attachment.name, &attachment.mime)));
            if staged::taken(&path, self.force) {
                return Err(UnsealError::Exists(path));
            }
            self.paths.push(path);
        }
        if self.paths.is_empty() {
            return Ok(());
        }
        let fail = |source| UnsealError::Output { path: self.out.to_owned(), source };
        let missing = self.out.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists());
        self.made = missing.map(Path::to_owned).collect();
        std::fs::create_dir_all(self.out).map_err(fail)?;
        self.bytes.1 = message.attachments.iter().fold(0, |sum: u64, a| sum.saturating_add(a.size));
        Ok(())
    }

    /// Closes what is being written, and opens attachment `index`.
    fn turn_to(&mut self, index: usize) -> io::Result<()> {
        self.close()?;
        let Some(path) = self.paths.get(index).filter(|_| index == self.done.len()).cloned() else {
            return Err(io::Error::other("attachments out of order"));
        };
        let staged = Staged::beside(&path).map_err(|e| self.fail(&path, e))?;
        self.current = Some(Current { index, staged, hash: Sha256::new() });
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(Current { index, staged, hash }) = self.current.take() else { return Ok(()) };
        let finished = staged.finish().map_err(|e| self.fail(&self.paths[index].clone(), e))?;
        self.done.push((finished, hash.finalize().into()));
        Ok(())
    }

    /// After everything was found sound: gives the files their names.
    pub(super) fn finish(mut self, message: Message, expired: bool) -> Result<Unsealed, UnsealError> {
        let mut attachments = Vec::new();
        let placed = self.close_and_place(&mut attachments);
        if placed.is_err() && !self.force {
            // None of these was there before.
            for Placed { path, .. } in &attachments {
                let _ = std::fs::remove_file(path);
            }
        }
        placed?;
        self.made.clear();
        Ok(Unsealed { message, attachments, expired, licensed: None })
    }

    fn close_and_place(&mut self, attachments: &mut Vec<Placed>) -> Result<(), UnsealError> {
        if self.close().is_err() || self.done.len() != self.paths.len() {
            let source = io::Error::other("an attachment is missing");
            let path = self.out.to_owned();
            return Err(self.error.take().unwrap_or(UnsealError::Output { path, source }));
        }
        if self.watch.stopped() {
            return Err(UnsealError::Stopped);
        }
        for ((finished, sha256), path) in self.done.drain(..).zip(&self.paths) {
            finished.place(path, self.force).map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => UnsealError::Exists(path.clone()),
                _ => UnsealError::Output { path: path.clone(), source },
            })?;
            attachments.push(Placed { path: path.clone(), sha256 });
        }
        if attachments.is_empty() {
            return Ok(());
        }
        staged::sync_folder(self.out)
            .map_err(|source| UnsealError::Output { path: self.out.to_owned(), source })
    }
}

impl Sink for Extract<'_> {
    fn message(&mut self, message: &Message) -> io::Result<()> {
        self.start(message).map_err(|e| {
            self.error.get_or_insert(e);
            io::Error::other("see the sink")
        })
    }

    fn content(&mut self, index: usize, bytes: &[u8]) -> io::Result<()> {
        if self.watch.stopped() {
            return Err(interrupted());
        }
        if self.current.as_ref().is_none_or(|c| c.index != index) {
            self.turn_to(index)?;
        }
        let Some(current) = &mut self.current else { return Ok(()) };
        current.hash.update(bytes);
        if let Err(e) = current.staged.file().write_all(bytes) {
            let path = self.paths[index].clone();
            return Err(self.fail(&path, e));
        }
        self.bytes.0 += bytes.len() as u64;
        self.watch.progress(self.bytes.0, self.bytes.1);
        Ok(())
    }
}

impl Drop for Extract<'_> {
    /// Takes away the folders that were made for nothing, once the files in them are gone.
    fn drop(&mut self) {
        self.current = None;
        self.done.clear();
        for folder in &self.made {
            let _ = std::fs::remove_dir(folder);
        }
    }
}
