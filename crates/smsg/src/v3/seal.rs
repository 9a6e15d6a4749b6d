//! Sealing a file: its sources are read once, in constant memory, on all cores. What is in memory already is not copied before it
//! is encrypted.
//!
//! ```text
//! header | table | signature, digests: room is left, and filled last | chunk 0 | chunk 1 | ...
//! ```
//!
//! Lengths are known before the first byte is read, so the header is signed first and everything has its place. A file's
//! secret is drawn here; nobody can bring one, and nobody can seal twice under one.

use super::{
    batch,
    chunk::{COMMITMENT, Chunks, OVERHEAD},
    digests::{self, DIGEST, GROUP},
    error::SealError,
    header::{ChunkPlace, Header},
    signing::Signer,
    table,
    tree::Keys,
};
use crate::pipeline;
use rand_core::CryptoRng;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};

/// A signed header and the new secret of its file. Tables and licences can be made of its keys; it seals once.
#[derive(Debug)]
pub struct Preparation {
    header: Header,
    keys: Keys,
}

impl Preparation {
    /// Draws the file's secret.
    #[must_use]
    pub fn new(header: Header, rng: &mut impl CryptoRng) -> Self {
        let keys = Keys::generate(header.id(), header.tree(), rng);
        Self { header, keys }
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The keys to everything. Keep their root, if licences are to be issued later.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Writes the file: `table` as [`super::table::TableDraft::seal`] made it, a source for each part, in order. Returns the
    /// keys and the length.
    ///
    /// # Errors
    /// [`SealError`]. What was written then is no file.
    pub fn seal<W: Write + Seek>(
        self,
        table: Option<&[u8]>,
        sources: &mut [&mut dyn Read],
        signer: &dyn Signer,
        out: &mut W,
    ) -> Result<(Keys, u64), SealError> {
        self.check(table, sources.len(), signer)?;
        self.write(table, Sources::Readers(sources), signer, out)
    }

    /// As [`seal`](Self::seal), of parts that are in memory.
    ///
    /// # Errors
    /// [`SealError`]. What was written then is no file.
    pub fn seal_memory<W: Write + Seek>(
        self,
        table: Option<&[u8]>,
        parts: &[&[u8]],
        signer: &dyn Signer,
        out: &mut W,
    ) -> Result<(Keys, u64), SealError> {
        self.check(table, parts.len(), signer)?;
        for (number, (bytes, part)) in parts.iter().zip(self.header.parts()).enumerate() {
            if self.header.geometry().part_bytes(number) != Some(bytes.len() as u64) {
                return Err(SealError::SourceLength(part.name.clone()));
            }
        }
        self.write(table, Sources::Memory(parts), signer, out)
    }

    fn check(&self, table: Option<&[u8]>, sources: usize, signer: &dyn Signer) -> Result<(), SealError> {
        // The seal is checked with the header's key.
        if signer.artist() != self.header.artist() || signer.key() != self.header.key() {
            return Err(super::Refused::WrongArtist("the file").into());
        }
        if sources != self.header.parts().len() {
            return Err(SealError::Sources { found: sources, parts: self.header.parts().len() });
        }
        match table {
            Some(table) if !table::is_for(&self.header, table)? => Err(SealError::ForeignTable),
            _ => Ok(()),
        }
    }

    fn write<W: Write + Seek>(
        self,
        table: Option<&[u8]>,
        mut sources: Sources<'_, '_>,
        signer: &dyn Signer,
        out: &mut W,
    ) -> Result<(Keys, u64), SealError> {
        let Self { header, keys } = self;
        let begin = out.stream_position().map_err(SealError::Write)?;
        out.write_all(header.bytes()).map_err(SealError::Write)?;
        out.write_all(table.unwrap_or(&[0; 4])).map_err(SealError::Write)?;
        let at = begin + (header.bytes().len() + table.map_or(4, <[u8]>::len)) as u64;
        let mut ledger = header.has_digests().then(|| Ledger::new(at, header.geometry().chunks()));
        if ledger.is_some() {
            let room = std::io::repeat(0).take(header.geometry().digests());
            std::io::copy(&mut { room }, out).map_err(SealError::Write)?;
        }
        write_chunks(&header, &keys, &mut sources, ledger.as_mut(), out)?;
        sources.end(&header)?;
        let end = out.stream_position().map_err(SealError::Write)?;
        if let Some(ledger) = ledger {
            ledger.finish(&header, signer, out)?;
            out.seek(SeekFrom::Start(end)).map_err(SealError::Write)?;
        }
        out.flush().map_err(SealError::Write)?;
        Ok((keys, end - begin))
    }
}

/// Where plaintext comes from.
enum Sources<'a, 'b> {
    Readers(&'a mut [&'b mut dyn Read]),
    /// Parts of the lengths that the header says.
    Memory(&'a [&'a [u8]]),
}

impl<'a> Sources<'a, '_> {
    /// The parts, if nothing needs to be read.
    fn memory(&self) -> Option<&'a [&'a [u8]]> {
        match self {
            Self::Readers(_) => None,
            Self::Memory(parts) => Some(parts),
        }
    }

    /// Puts the next piece into its gap, if it must be read.
    fn read(&mut self, header: &Header, place: &ChunkPlace, gap: &mut [u8]) -> Result<(), SealError> {
        let Self::Readers(readers) = self else { return Ok(()) };
        readers[place.part].read_exact(gap).map_err(|error| {
            let name = header.parts()[place.part].name.clone();
            match error.kind() {
                ErrorKind::UnexpectedEof => SealError::SourceLength(name),
                _ => SealError::Read { name, error },
            }
        })
    }

    /// Whether all are at their ends.
    fn end(&mut self, header: &Header) -> Result<(), SealError> {
        let Self::Readers(readers) = self else { return Ok(()) };
        for (reader, part) in readers.iter_mut().zip(header.parts()) {
            let name = || part.name.clone();
            match is_at_end(&mut **reader) {
                Ok(true) => {}
                Ok(false) => return Err(SealError::SourceLength(name())),
                Err(error) => return Err(SealError::Read { name: name(), error }),
            }
        }
        Ok(())
    }
}

fn write_chunks<W: Write + Seek>(
    header: &Header,
    keys: &Keys,
    sources: &mut Sources<'_, '_>,
    mut ledger: Option<&mut Ledger>,
    out: &mut W,
) -> Result<(), SealError> {
    let geometry = header.geometry();
    let digested = ledger.is_some();
    let memory = sources.memory();
    pipeline::run(
        batch::BYTES.min(geometry.stored()),
        batch::count(geometry),
        |number, buffer| {
            let length = batch::length(geometry, number);
            let digests = if digested { batch::chunks(geometry, number).len() * DIGEST } else { 0 };
            // What an earlier batch left is not cleared: every byte is written.
            buffer.resize(length + digests, 0);
            for (_, place, within) in batch::places(geometry, number) {
                let gap = &mut buffer[within.start + COMMITMENT..][..within.len() - OVERHEAD];
                sources.read(header, &place, gap)?;
            }
            Ok(length > 0)
        },
        |number, buffer, _| {
            let (chunks, digests) = buffer.split_at_mut(batch::length(geometry, number));
            let mut digests = digests.as_chunks_mut::<DIGEST>().0.iter_mut();
            let mut sealer = Chunks::new(keys);
            for (chunk, place, within) in batch::places(geometry, number) {
                let bytes = &mut chunks[within];
                let sealed = match &memory {
                    // The parts have the lengths that the places were made from.
                    Some(parts) => {
                        let plain = place.plain.start as usize..place.plain.end as usize;
                        sealer.seal_from(chunk, &parts[place.part][plain], bytes)
                    }
                    None => sealer.seal(chunk, bytes),
                };
                if sealed.is_none() {
                    return false;
                }
                if let Some(digest) = digests.next() {
                    *digest = digests::digest(bytes);
                }
            }
            true
        },
        |piece| {
            if !piece.ok {
                return Err(SealError::NotHeld);
            }
            let (chunks, digests) = piece.bytes.split_at(batch::length(geometry, piece.index));
            out.write_all(chunks).map_err(SealError::Write)?;
            match &mut ledger {
                Some(ledger) => ledger.add(digests, out),
                None => Ok(()),
            }
        },
    )
}

fn is_at_end(source: &mut dyn Read) -> std::io::Result<bool> {
    loop {
        match source.read(&mut [0]) {
            Ok(read) => return Ok(read == 0),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Digests on their way into the room that was left for them: a group's at a time.
struct Ledger {
    /// Where the signature goes.
    at: u64,
    chunks: u32,
    /// Of all groups before this one.
    groups: Vec<u8>,
    /// Of this group's chunks.
    group: Vec<u8>,
}

impl Ledger {
    fn new(at: u64, chunks: u32) -> Self {
        Self { at, chunks, groups: Vec::new(), group: Vec::new() }
    }

    fn add<W: Write + Seek>(&mut self, digests: &[u8], out: &mut W) -> Result<(), SealError> {
        // A group is a whole number of batches.
        self.group.extend_from_slice(digests);
        if self.group.len() < GROUP as usize * DIGEST {
            return Ok(());
        }
        let here = out.stream_position().map_err(SealError::Write)?;
        self.write_group(out)?;
        out.seek(SeekFrom::Start(here)).map_err(SealError::Write)?;
        Ok(())
    }

    fn write_group<W: Write + Seek>(&mut self, out: &mut W) -> Result<(), SealError> {
        let groups = u64::from(self.chunks.div_ceil(GROUP));
        let before = (self.groups.len() / DIGEST) as u64 * u64::from(GROUP);
        let place = self.at + 64 + DIGEST as u64 * (groups + before);
        out.seek(SeekFrom::Start(place)).map_err(SealError::Write)?;
        out.write_all(&self.group).map_err(SealError::Write)?;
        self.groups.extend_from_slice(&digests::digest(&self.group));
        self.group.clear();
        Ok(())
    }

    fn finish<W: Write + Seek>(
        mut self,
        header: &Header,
        signer: &dyn Signer,
        out: &mut W,
    ) -> Result<(), SealError> {
        if !self.group.is_empty() {
            self.write_group(out)?;
        }
        let root = digests::digest(&self.groups);
        let signature = signer.sign(&digests::seal_message(header.id(), &root, header.artist()))?;
        out.seek(SeekFrom::Start(self.at)).map_err(SealError::Write)?;
        out.write_all(&signature).map_err(SealError::Write)?;
        out.write_all(&self.groups).map_err(SealError::Write)
    }
}

const _: () = assert!(GROUP.is_multiple_of(batch::CHUNKS));
