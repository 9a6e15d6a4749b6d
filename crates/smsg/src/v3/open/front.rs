//! The front of a file: header and table head.

use super::Asks;
use crate::v3::{
    FileId,
    error::Refused,
    header::{Header, PREFIX},
    signing::Verifier,
    table::Head,
};
use std::ops::Range;

/// What the caller knows of the file beforehand. Nothing is fine for somebody who only looks.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The artist, by whoever told of the file (a Track Record).
    pub artist: Option<String>,
    /// The file's id.
    pub file: Option<FileId>,
    /// The highest number of a table already seen for this file.
    pub table_seen: u64,
}

/// A verified front.
#[derive(Clone, Debug)]
pub struct Front {
    /// The header.
    pub header: Header,
    /// The table in the file.
    pub table: Option<Head>,
    /// Where the signature of the seal is, or chunk 0 if there are no digests.
    behind_table: u64,
}

impl Front {
    /// With a table that lies beside the file in place of its own, whose bytes stay where they are.
    #[must_use]
    pub fn with_table(&self, table: Head) -> Self {
        Self { table: Some(table), ..self.clone() }
    }

    /// Signature and digests of groups; empty without digests.
    pub(super) fn summary(&self) -> Range<u64> {
        let groups = self.header.geometry().chunks().div_ceil(crate::v3::digests::GROUP);
        let length = if self.header.has_digests() { 64 + 32 * u64::from(groups) } else { 0 };
        self.behind_table..self.behind_table + length
    }

    /// Where chunk 0 begins.
    #[must_use]
    pub fn chunks_at(&self) -> u64 {
        let digests = if self.header.has_digests() { self.header.geometry().digests() } else { 0 };
        self.behind_table + digests
    }

    /// How long the whole file is.
    #[must_use]
    pub fn file_length(&self) -> u64 {
        self.chunks_at() + self.header.geometry().stored()
    }

    /// Compares the length that somebody else says.
    ///
    /// # Errors
    /// [`Refused::Truncated`], [`Refused::TrailingBytes`].
    pub fn check_length(&self, length: u64) -> Result<(), Refused> {
        match length.cmp(&self.file_length()) {
            std::cmp::Ordering::Less => Err(Refused::Truncated("its chunks")),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(Refused::TrailingBytes("the last chunk")),
        }
    }
}

/// Reads a front. See [`Asks`].
pub struct FrontReader<'v> {
    verifier: &'v dyn Verifier,
    expected: Expected,
    state: State,
}

enum State {
    Prefix,
    Header { prefix: Vec<u8>, length: usize },
    HeadLength { header: Box<Header> },
    Head { header: Box<Header>, at: u64, length: usize },
    Done(Box<Front>),
}

impl<'v> FrontReader<'v> {
    /// Begins.
    #[must_use]
    pub fn new(verifier: &'v dyn Verifier, expected: Expected) -> Self {
        Self { verifier, expected, state: State::Prefix }
    }

    /// The front, when nothing is needed any more.
    ///
    /// # Errors
    /// [`Refused::Truncated`] if bytes are still missing.
    pub fn finish(self) -> Result<Front, Refused> {
        match self.state {
            State::Done(front) => Ok(*front),
            _ => Err(Refused::Truncated("its header")),
        }
    }

    fn header(&self, prefix: &[u8], bytes: &[u8]) -> Result<Header, Refused> {
        let header = Header::parse(&[prefix, bytes].concat(), self.verifier)?;
        if self.expected.artist.as_deref().is_some_and(|artist| artist != header.artist()) {
            return Err(Refused::WrongArtist("the file"));
        }
        if self.expected.file.is_some_and(|file| file != header.id()) {
            return Err(Refused::WrongFile("the file"));
        }
        Ok(header)
    }
}

impl Asks for FrontReader<'_> {
    fn needs(&self) -> Option<Range<u64>> {
        match &self.state {
            State::Prefix => Some(0..PREFIX as u64),
            State::Header { length, .. } => Some(PREFIX as u64..*length as u64),
            State::HeadLength { header } => {
                let at = header.bytes().len() as u64;
                Some(at..at + 4)
            }
            State::Head { at, length, .. } => Some(*at..*at + *length as u64),
            State::Done(_) => None,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.state = match std::mem::replace(&mut self.state, State::Prefix) {
            State::Prefix => State::Header { prefix: bytes.to_vec(), length: Header::length(bytes)? },
            State::Header { prefix, .. } => {
                State::HeadLength { header: Box::new(self.header(&prefix, bytes)?) }
            }
            State::HeadLength { header } => {
                let at = header.bytes().len() as u64 + 4;
                match Head::length(bytes)? {
                    4 => State::Done(Box::new(Front { header: *header, table: None, behind_table: at })),
                    length => State::Head { header, at, length: length - 4 },
                }
            }
            State::Head { header, at, length } => {
                let seen = self.expected.table_seen;
                let head = Head::parse(bytes, at + length as u64, &header, seen, self.verifier)?;
                let behind_table = head.end();
                State::Done(Box::new(Front { header: *header, table: Some(head), behind_table }))
            }
            done @ State::Done(_) => done,
        };
        Ok(())
    }
}
