//! A file from its first byte to its last: from a reader that only goes forward, on all cores.
//!
//! Memory is that of the batches at work, and of the digests of all chunks, which stand before the first: 32 bytes for each 64 KiB,
//! 8 MiB for the longest file there can be. Who reads by ranges ([`Session`]) asks for a group of them at a time.

use super::{Asks, Expected, Front, FrontReader, Session, Trust};
use crate::{
    pipeline,
    v3::{
        batch,
        chunk::{COMMITMENT, OVERHEAD},
        error::Refused,
        grant::Granted,
        header::ChunkPlace,
        key_text::LicenceKey,
        licence::Licence,
        signing::Verifier,
        table::Lookup,
    },
};
use std::{
    collections::BTreeMap,
    io::{self, ErrorKind, Read},
    sync::{Mutex, PoisonError},
};

/// What opens a file.
#[derive(Clone, Debug)]
pub enum Opener {
    /// A key of the table in the file.
    Key(LicenceKey),
    /// A passphrase of that table.
    Passphrase(crate::keys::Password),
    /// A licence and its key.
    Licence {
        /// The bytes of the `.smsgl` file.
        licence: Vec<u8>,
        /// The key.
        key: LicenceKey,
    },
    /// The first grant that is open to all.
    OpenToAll,
    /// What was found already, or an owner's root.
    Granted(Box<Granted>),
}

/// Opening from a reader failed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file was refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The caller's reader failed.
    #[error("reading the file failed: {0}")]
    Read(#[source] io::Error),
    /// The caller's sink failed.
    #[error("writing failed: {0}")]
    Write(#[source] io::Error),
}

impl OpenError {
    /// A short stable word for programs.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.class(),
            Self::Read(_) | Self::Write(_) => "io",
        }
    }
}

/// A file of which everything before the chunks was read and verified.
pub struct Opened<'v, R> {
    session: Session<'v>,
    source: Forward<R>,
}

/// Reads up to the chunks.
///
/// # Errors
/// [`OpenError`].
pub fn unseal<'v, R: Read>(
    source: R,
    expected: Expected,
    opener: &Opener,
    trust: Trust,
    verifier: &'v dyn Verifier,
) -> Result<Opened<'v, R>, OpenError> {
    let mut source = Forward { source, at: 0 };
    let mut front = FrontReader::new(verifier, expected);
    source.feed(&mut front, "its header")?;
    let front = front.finish()?;
    let granted = grant(&front, opener, verifier, &mut source)?;
    let mut session = Session::new(front, granted, trust, verifier)?;
    session.want(0..u32::MAX);
    source.feed(&mut session, "its digests")?;
    source.skip_to(session.front().chunks_at(), "its digests")?;
    Ok(Opened { session, source })
}

fn grant<R: Read>(
    front: &Front,
    opener: &Opener,
    verifier: &dyn Verifier,
    source: &mut Forward<R>,
) -> Result<Granted, OpenError> {
    let header = &front.header;
    let table = front.table.as_ref().ok_or(Refused::NoValidKey);
    Ok(match opener {
        Opener::Key(key) => {
            let mut lookup = Lookup::new(header, table?, key.secret(header.id()));
            source.feed(&mut lookup, "its key table")?;
            lookup.finish()?
        }
        Opener::Passphrase(passphrase) => table?.open_with_passphrase(header, passphrase.as_str())?,
        Opener::Licence { licence, key } => {
            Licence::parse(licence, header, verifier)?.open(header, &key.secret(header.id()))?
        }
        Opener::OpenToAll => table?.open_grants(header)?.into_iter().next().ok_or(Refused::NoValidKey)?,
        Opener::Granted(granted) => (**granted).clone(),
    })
}

impl<'v, R: Read> Opened<'v, R> {
    /// Header, terms, places.
    #[must_use]
    pub fn session(&self) -> &Session<'v> {
        &self.session
    }

    /// Verifies every chunk, and hands the plaintext of those that the licence opens to `sink`, in order. Then the source must end.
    ///
    /// # Errors
    /// [`OpenError`]. What `sink` was given until then is verified, and not all.
    pub fn chunks(
        mut self,
        mut sink: impl FnMut(&ChunkPlace, &[u8]) -> io::Result<()>,
    ) -> Result<(), OpenError> {
        let (session, source) = (&self.session, &mut self.source);
        let geometry = session.front().header.geometry();
        let refused: Mutex<BTreeMap<usize, Refused>> = Mutex::default();
        let lock = || refused.lock().unwrap_or_else(PoisonError::into_inner);
        pipeline::run(
            batch::BYTES.min(geometry.stored()),
            batch::count(geometry),
            |number, buffer| {
                // What an earlier batch left is not cleared: every byte is written.
                buffer.resize(batch::length(geometry, number), 0);
                source.read(buffer, "its chunks")?;
                Ok(!buffer.is_empty())
            },
            |number, buffer, _| {
                let mut opener = session.opener();
                for (chunk, _, within) in batch::places(geometry, number) {
                    let bytes = &mut buffer[within];
                    let result = match session.opens(chunk) {
                        true => opener.open(chunk, bytes).map(drop),
                        false => opener.check(chunk, bytes),
                    };
                    if let Err(error) = result {
                        lock().insert(number, error);
                        return false;
                    }
                }
                true
            },
            |piece| {
                if let Some(error) = lock().remove(&piece.index) {
                    return Err(OpenError::Refused(error));
                }
                for (chunk, place, within) in batch::places(geometry, piece.index) {
                    if session.opens(chunk) {
                        let plaintext = &piece.bytes[within.start + COMMITMENT..][..within.len() - OVERHEAD];
                        sink(&place, plaintext).map_err(OpenError::Write)?;
                    }
                }
                Ok(())
            },
        )?;
        if self.source.is_at_end()? { Ok(()) } else { Err(Refused::TrailingBytes("the last chunk").into()) }
    }
}

/// A reader, and how far it was read.
struct Forward<R> {
    source: R,
    at: u64,
}

impl<R: Read> Forward<R> {
    fn feed(&mut self, asks: &mut dyn Asks, what: &'static str) -> Result<(), OpenError> {
        while let Some(range) = asks.needs() {
            self.skip_to(range.start, what)?;
            // Everything that is asked for before the chunks is bounded: by caps, or by a directory that was signed.
            let mut bytes = Vec::new();
            let wanted = range.end - range.start;
            let read = self.source.by_ref().take(wanted).read_to_end(&mut bytes).map_err(OpenError::Read)?;
            self.at += read as u64;
            if read as u64 != wanted {
                return Err(Refused::Truncated(what).into());
            }
            asks.take(&bytes)?;
        }
        Ok(())
    }

    fn skip_to(&mut self, at: u64, what: &'static str) -> Result<(), OpenError> {
        let wanted = at.saturating_sub(self.at);
        let skipped =
            io::copy(&mut self.source.by_ref().take(wanted), &mut io::sink()).map_err(OpenError::Read)?;
        self.at += skipped;
        if skipped == wanted { Ok(()) } else { Err(Refused::Truncated(what).into()) }
    }

    fn read(&mut self, buffer: &mut [u8], what: &'static str) -> Result<(), OpenError> {
        self.source.read_exact(buffer).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => OpenError::Refused(Refused::Truncated(what)),
            _ => OpenError::Read(error),
        })?;
        self.at += buffer.len() as u64;
        Ok(())
    }

    fn is_at_end(&mut self) -> Result<bool, OpenError> {
        loop {
            match self.source.read(&mut [0]) {
                Ok(read) => return Ok(read == 0),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(OpenError::Read(error)),
            }
        }
    }
}
