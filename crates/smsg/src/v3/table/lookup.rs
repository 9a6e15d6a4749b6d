//! A key is looked up: the directory, then one page.

use super::{ENTRY, Head, PLACE};
use crate::v3::{error::Refused, grant::Granted, header::Header, key_text::KeySecret, open::Asks};
use sha2::{Digest as _, Sha256};
use std::ops::Range;

/// The look-up of one key in one table, told which bytes to bring. See [`Asks`].
#[derive(Clone, Debug)]
pub struct Lookup<'t> {
    header: &'t Header,
    head: &'t Head,
    secret: KeySecret,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Directory,
    Page {
        number: usize,
        digest: [u8; 32],
        first: [u8; 32],
        /// First id of the next page.
        below: Option<[u8; 32]>,
    },
    Found(Box<Granted>),
    Absent,
}

impl<'t> Lookup<'t> {
    /// Begins. A table without keys needs no bytes.
    #[must_use]
    pub fn new(header: &'t Header, head: &'t Head, secret: KeySecret) -> Self {
        Self { header, head, secret, state: State::Directory }
    }

    /// What the key opens, when nothing is needed any more.
    ///
    /// # Errors
    /// [`Refused::NoValidKey`], also when bytes are still missing.
    pub fn finish(self) -> Result<Granted, Refused> {
        match self.state {
            State::Found(granted) => Ok(*granted),
            _ => Err(Refused::NoValidKey),
        }
    }

    fn directory(&self, bytes: &[u8]) -> Result<State, Refused> {
        if <[u8; 32]>::from(Sha256::digest(bytes)) != self.head.directory_digest {
            return Err(Refused::BadTable("its directory is not the one that was signed"));
        }
        let places = bytes.as_chunks::<PLACE>().0;
        let id = |place: &[u8; PLACE]| *place.first_chunk::<32>().expect("a place is longer");
        if !places.is_sorted_by(|a, b| id(a) < id(b)) {
            return Err(Refused::BadTable("its directory is not sorted"));
        }
        let after = places.partition_point(|place| id(place) <= *self.secret.id());
        let Some(number) = after.checked_sub(1) else { return Ok(State::Absent) };
        Ok(State::Page {
            number,
            digest: *places[number].last_chunk::<32>().expect("a place is longer"),
            first: id(&places[number]),
            below: places.get(after).map(id),
        })
    }

    fn page(
        &self,
        bytes: &[u8],
        digest: &[u8; 32],
        first: &[u8; 32],
        below: Option<&[u8; 32]>,
    ) -> Result<State, Refused> {
        if <[u8; 32]>::from(Sha256::digest(bytes)) != *digest {
            return Err(Refused::BadTable("a page is not the one that was signed"));
        }
        let entries = bytes.as_chunks::<ENTRY>().0;
        let id = |entry: &[u8; ENTRY]| *entry.first_chunk::<32>().expect("an entry is longer");
        let in_place = entries.first().is_some_and(|entry| id(entry) == *first)
            && entries.last().is_some_and(|entry| below.is_none_or(|below| id(entry) < *below));
        if !in_place || !entries.is_sorted_by(|a, b| id(a) < id(b)) {
            return Err(Refused::BadTable("a page is not sorted"));
        }
        match entries.binary_search_by(|entry| id(entry).cmp(self.secret.id())) {
            Ok(at) => {
                let granted = self.head.open_entry(self.header, &self.secret, &entries[at][32..])?;
                Ok(State::Found(Box::new(granted)))
            }
            Err(_) => Ok(State::Absent),
        }
    }
}

impl Asks for Lookup<'_> {
    fn needs(&self) -> Option<Range<u64>> {
        match self.state {
            State::Directory if self.head.pages() == 0 => None,
            State::Directory => Some(self.head.directory()),
            State::Page { number, .. } => Some(self.head.page(number)),
            State::Found(_) | State::Absent => None,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.state = match &self.state {
            State::Directory => self.directory(bytes)?,
            State::Page { digest, first, below, .. } => self.page(bytes, digest, first, below.as_ref())?,
            State::Found(_) | State::Absent => return Ok(()),
        };
        Ok(())
    }
}
