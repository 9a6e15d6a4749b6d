//! The table's head: what keys can lead to, signed.

use super::{ENTRY, MAGIC, PAGE, PLACE, TABLE, behind_head};
use crate::crypto::Key;
use crate::v3::{
    boxes,
    error::Refused,
    grant::{Grant, Granted},
    header::Header,
    json::{self, Members},
    key_text::KeySecret,
    limits::{MAX_ENTRIES, MAX_GRANTS, MAX_JSON, MAX_SLOTS},
    passphrase::Slot,
    signing::Verifier,
};
use std::ops::Range;
use subtle::ConstantTimeEq as _;

/// Members that this text defines.
const KNOWN: [&str; 12] =
    ["artist", "count", "crit", "dir", "file", "grants", "key", "pass", "salt", "seq", "signature", "type"];

/// A table head whose signature, artist and file are right, and where the rest of the table lies.
#[derive(Clone, Debug)]
pub struct Head {
    /// Its number: one that replaces another has a higher one.
    pub seq: u64,
    /// What keys lead to.
    pub grants: Vec<Grant>,
    /// Passphrases.
    pub slots: Vec<Slot>,
    pub(super) salt: [u8; 32],
    pub(super) count: u32,
    pub(super) directory_digest: [u8; 32],
    /// Where the directory begins.
    at: u64,
}

impl Head {
    /// How long length and head are together, from the first 4 bytes; 4 if there is no table.
    ///
    /// # Errors
    /// [`Refused::Truncated`], [`Refused::TooLarge`].
    pub fn length(prefix: &[u8]) -> Result<usize, Refused> {
        let length = u32::from_be_bytes(*prefix.first_chunk::<4>().ok_or(Refused::Truncated(TABLE))?);
        if length as usize > MAX_JSON {
            return Err(Refused::TooLarge { what: TABLE, length: length.into() });
        }
        Ok(4 + length as usize)
    }

    /// Where the length stands in a table beside the file.
    ///
    /// # Errors
    /// [`Refused::BadMagic`], [`Refused::BadVersion`].
    pub fn alone(prefix: &[u8]) -> Result<u64, Refused> {
        match prefix.first_chunk::<5>() {
            Some(magic) if *magic == MAGIC => Ok(MAGIC.len() as u64),
            Some(magic) if magic[..4] == MAGIC[..4] => Err(Refused::BadVersion(magic[4])),
            _ => Err(Refused::BadMagic),
        }
    }

    /// Reads and verifies. `bytes` is the JSON, `at` where it ends in its file. A table with a number below `seen` is
    /// refused.
    ///
    /// # Errors
    /// Any of [`Refused`] that is about tables.
    pub fn parse(
        bytes: &[u8],
        at: u64,
        header: &Header,
        seen: u64,
        verifier: &dyn Verifier,
    ) -> Result<Self, Refused> {
        let object = json::parse(bytes, TABLE)?;
        let members = Members::of(&object, TABLE);
        members.critical(&KNOWN)?;
        if members.text("artist")? != header.artist() {
            return Err(Refused::WrongArtist(TABLE));
        }
        json::verify(&object, "smsg:Table", TABLE, header.key(), verifier)?;
        if members.exactly::<32>("file")? != header.id().0 {
            return Err(Refused::WrongFile(TABLE));
        }
        let seq = members.integer("seq")?;
        if seq < seen {
            return Err(Refused::TableRollback { found: seq, seen });
        }
        let grants: Vec<Grant> = members
            .array("grants", 0, MAX_GRANTS)?
            .iter()
            .map(|grant| Grant::parse(&Members::inside(grant, "grant", "grants")?, header))
            .collect::<Result<_, _>>()?;
        let slots = members
            .list("pass", 0, MAX_SLOTS)?
            .iter()
            .map(|slot| Slot::parse(&Members::inside(slot, "slot", "pass")?, grants.len()))
            .collect::<Result<_, _>>()?;
        let count = members.integer("count")?;
        if count > MAX_ENTRIES {
            return Err(Refused::OverLimit("entries"));
        }
        Ok(Self {
            seq,
            grants,
            slots,
            salt: members.exactly("salt")?,
            // At most MAX_ENTRIES.
            count: count as u32,
            directory_digest: members.exactly("dir")?,
            at,
        })
    }

    /// How many keys there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn pages(&self) -> usize {
        (self.count as usize).div_ceil(PAGE)
    }

    /// Where the directory lies.
    #[must_use]
    pub fn directory(&self) -> Range<u64> {
        self.at..self.at + (self.pages() * PLACE) as u64
    }

    pub(super) fn page(&self, page: usize) -> Range<u64> {
        let (from, to) = (page * PAGE, ((page + 1) * PAGE).min(self.count as usize));
        let begin = self.directory().end;
        begin + (from * ENTRY) as u64..begin + (to * ENTRY) as u64
    }

    /// Where the table ends.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.at + behind_head(self.count.into())
    }

    /// All that is open to everybody, together with its terms.
    ///
    /// # Errors
    /// [`Refused::BadGrant`].
    pub fn open_grants(&self, header: &Header) -> Result<Vec<Granted>, Refused> {
        self.grants.iter().filter_map(|grant| grant.open_to_all(header)).collect()
    }

    /// Tries a passphrase on each slot; each try costs what the slot says.
    ///
    /// # Errors
    /// [`Refused::NoValidKey`], [`Refused::BadGrant`], [`Refused::OutOfMemory`].
    pub fn open_with_passphrase(&self, header: &Header, passphrase: &str) -> Result<Granted, Refused> {
        for slot in &self.slots {
            let stretched = slot.stretch.stretch(passphrase, &slot.salt)?;
            if let Some(granted) = self.open_slot(header, slot, &stretched)? {
                return Ok(granted);
            }
        }
        Err(Refused::NoValidKey)
    }

    /// What a slot of this table leads to, with what became of a passphrase by [`Stretch::stretch`] for it. `None` if the
    /// passphrase is another.
    ///
    /// # Errors
    /// [`Refused::BadGrant`].
    ///
    /// [`Stretch::stretch`]: crate::v3::passphrase::Stretch::stretch
    pub fn open_slot(
        &self,
        header: &Header,
        slot: &Slot,
        stretched: &[u8; 32],
    ) -> Result<Option<Granted>, Refused> {
        let secret = KeySecret::derive(header.id(), stretched);
        if !bool::from(secret.id().ct_eq(&slot.id)) {
            return Ok(None);
        }
        let key = boxes::open(&secret.wrap(&self.salt), &slot.sealed, &[]);
        let key: Option<[u8; 32]> = key.and_then(|key| key.as_slice().try_into().ok());
        let key = key.ok_or(Refused::BadGrant("its slot does not open"))?;
        self.grant(slot.grant)?.open(header, &Key::from_bytes(key)).map(Some)
    }

    /// What an entry leads to.
    pub(super) fn open_entry(
        &self,
        header: &Header,
        secret: &KeySecret,
        sealed: &[u8],
    ) -> Result<Granted, Refused> {
        let entry = boxes::open(&secret.wrap(&self.salt), sealed, &[]);
        let entry = entry.ok_or(Refused::BadGrant("its entry does not open"))?;
        match entry.as_slice() {
            [g0, g1, 0, 0, s0, s1, s2, s3, key @ ..] => {
                let grant = u16::from_be_bytes([*g0, *g1]);
                let serial = u32::from_be_bytes([*s0, *s1, *s2, *s3]);
                let key: [u8; 32] =
                    key.try_into().map_err(|_| Refused::BadGrant("its entry has another form"))?;
                let granted = self.grant(grant.into())?.open(header, &Key::from_bytes(key))?;
                Ok(Granted { serial: Some(serial), ..granted })
            }
            _ => Err(Refused::BadGrant("its entry has another form")),
        }
    }

    fn grant(&self, number: usize) -> Result<&Grant, Refused> {
        self.grants.get(number).ok_or(Refused::BadGrant("there is no such grant"))
    }
}
