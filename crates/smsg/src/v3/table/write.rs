//! Making a table.

use super::{ENTRY, Head, MAGIC, PAGE, PLACE, TABLE, behind_head};
use crate::{
    crypto::Key,
    v3::{
        boxes,
        error::{Refused, SealError},
        grant::Grant,
        header::Header,
        json::{self, Members, Object},
        key_text::{KeySecret, LicenceKey},
        limits::{MAX_ENTRIES, MAX_GRANTS, MAX_INTEGER, MAX_JSON, MAX_SLOTS},
        passphrase::{Passphrase, Slot},
        signing::Signer,
        terms::Terms,
        tree::Keys,
    },
};
use rand_core::CryptoRng;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// A grant as a writer brings it.
#[derive(Clone, Debug)]
pub struct GrantDraft {
    /// What it opens.
    pub terms: Terms,
    /// Everybody may.
    pub open_to_all: bool,
}

/// A table as a writer brings it. One key should be the owner's, and open everything.
#[derive(Clone, Debug, Default)]
pub struct TableDraft {
    /// 0 in a new file; higher than that of the table it replaces.
    pub seq: u64,
    /// What keys lead to.
    pub grants: Vec<GrantDraft>,
    /// Keys, the number of their grant, and the seller's number for them.
    pub keys: Vec<(LicenceKey, usize, u32)>,
    /// Passphrases.
    pub passphrases: Vec<Passphrase>,
}

impl TableDraft {
    /// The table's bytes from its length on, as they stand in a file.
    ///
    /// # Errors
    /// [`SealError`], before anything is stretched or signed if it can be known then.
    pub fn seal(
        &self,
        header: &Header,
        keys: &Keys,
        signer: &dyn Signer,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        self.check(header, keys, signer)?;
        let salt: [u8; 32] = random(rng);
        let grant_keys: Vec<Key> = self.grants.iter().map(|_| Key::from_bytes(*secret(rng))).collect();
        let entries = self.entries(header, &grant_keys, &salt)?;
        let directory = directory(&entries);
        let mut object = Object::new();
        object.insert("type".into(), "smsg:Table".into());
        object.insert("file".into(), json::bytes(&header.id().0));
        object.insert("seq".into(), self.seq.into());
        object.insert("salt".into(), json::bytes(&salt));
        object.insert("count".into(), entries.len().into());
        object.insert("dir".into(), json::bytes(&Sha256::digest(&directory)));
        object.insert("grants".into(), self.grants(keys, &grant_keys)?);
        if !self.passphrases.is_empty() {
            object.insert("pass".into(), self.slots(header, &grant_keys, &salt, rng)?);
        }
        let head = json::canonical(&json::sign(object, signer)?);
        if head.len() > MAX_JSON {
            return Err(Refused::TooLarge { what: TABLE, length: head.len() as u64 }.into());
        }
        // At most MAX_JSON.
        let length = (head.len() as u32).to_be_bytes();
        Ok([&length[..], &head, &directory, entries.as_flattened()].concat())
    }

    /// The bytes of a table that stands beside its file.
    ///
    /// # Errors
    /// As [`TableDraft::seal`].
    pub fn seal_alone(
        &self,
        header: &Header,
        keys: &Keys,
        signer: &dyn Signer,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        Ok([&MAGIC[..], &self.seal(header, keys, signer, rng)?].concat())
    }

    fn check(&self, header: &Header, keys: &Keys, signer: &dyn Signer) -> Result<(), SealError> {
        if signer.artist() != header.artist() {
            return Err(Refused::WrongArtist(TABLE).into());
        }
        if keys.file() != header.id() {
            return Err(SealError::ForeignTable);
        }
        if self.seq > MAX_INTEGER {
            return Err(Refused::BadMember { of: TABLE, member: "seq" }.into());
        }
        let limits = [
            (self.grants.len(), MAX_GRANTS, "grants"),
            (self.keys.len(), MAX_ENTRIES as usize, "entries"),
            (self.passphrases.len(), MAX_SLOTS, "pass"),
        ];
        if let Some((.., what)) = limits.into_iter().find(|(found, most, _)| found > most) {
            return Err(Refused::OverLimit(what).into());
        }
        let named = self.keys.iter().map(|key| key.1).chain(self.passphrases.iter().map(|slot| slot.grant));
        for grant in named {
            if self.grants.get(grant).is_none_or(|grant| grant.open_to_all) {
                return Err(SealError::NoSuchGrant(grant));
            }
        }
        Ok(())
    }

    fn grants(&self, keys: &Keys, grant_keys: &[Key]) -> Result<Value, SealError> {
        let sealed = self.grants.iter().zip(grant_keys).map(|(grant, key)| {
            let grant = Grant::seal(&grant.terms, keys, (!grant.open_to_all).then_some(key))?;
            Ok(Value::from(grant.to_json()))
        });
        sealed.collect()
    }

    fn slots(
        &self,
        header: &Header,
        grant_keys: &[Key],
        table_salt: &[u8; 32],
        rng: &mut impl CryptoRng,
    ) -> Result<Value, SealError> {
        let sealed = self.passphrases.iter().map(|passphrase| {
            let salt = random(rng);
            let secret = KeySecret::derive(header.id(), &*passphrase.stretched(&salt)?);
            let sealed = under(&secret, table_salt, grant_keys[passphrase.grant].as_bytes());
            let (stretch, grant) = (passphrase.stretch, passphrase.grant);
            Ok(Value::from(Slot { stretch, salt, grant, id: *secret.id(), sealed }.to_json()))
        });
        sealed.collect()
    }

    /// Sorted by id.
    fn entries(
        &self,
        header: &Header,
        grant_keys: &[Key],
        salt: &[u8; 32],
    ) -> Result<Vec<[u8; ENTRY]>, SealError> {
        let mut entries = Vec::with_capacity(self.keys.len());
        for (key, grant, serial) in &self.keys {
            let secret = key.secret(header.id());
            let mut inside = Zeroizing::new([0; 40]);
            // Below MAX_GRANTS.
            inside[..2].copy_from_slice(&(*grant as u16).to_be_bytes());
            inside[4..8].copy_from_slice(&serial.to_be_bytes());
            inside[8..].copy_from_slice(grant_keys[*grant].as_bytes());
            let mut entry = [0; ENTRY];
            entry[..32].copy_from_slice(secret.id());
            entry[32..].copy_from_slice(&under(&secret, salt, &*inside));
            entries.push(entry);
        }
        entries.sort_unstable();
        match entries.windows(2).any(|pair| pair[0][..32] == pair[1][..32]) {
            true => Err(SealError::DuplicateKey),
            false => Ok(entries),
        }
    }
}

/// Whether these are the bytes of a table, from its length on, that was made for this file.
pub(in crate::v3) fn is_for(header: &Header, bytes: &[u8]) -> Result<bool, Refused> {
    let head = Head::length(bytes)?;
    let json = bytes.get(4..head).filter(|json| !json.is_empty()).ok_or(Refused::Truncated(TABLE))?;
    let object = json::parse(json, TABLE)?;
    let members = Members::of(&object, TABLE);
    let count = members.integer("count")?;
    if count > MAX_ENTRIES {
        return Err(Refused::OverLimit("entries"));
    }
    let length = head as u64 + behind_head(count);
    Ok(members.exactly::<32>("file")? == header.id().0 && length == bytes.len() as u64)
}

fn directory(entries: &[[u8; ENTRY]]) -> Vec<u8> {
    let mut directory = Vec::with_capacity(entries.len().div_ceil(PAGE) * PLACE);
    for page in entries.chunks(PAGE) {
        directory.extend_from_slice(&page[0][..32]);
        directory.extend_from_slice(&Sha256::digest(page.as_flattened()));
    }
    directory
}

/// What a key or passphrase leads to: a box in this table that opens under nothing else.
fn under(secret: &KeySecret, salt: &[u8; 32], inside: &[u8]) -> Vec<u8> {
    boxes::seal(&secret.wrap(salt), inside, &[])
}

fn random<const N: usize>(rng: &mut impl CryptoRng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

fn secret(rng: &mut impl CryptoRng) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(random(rng))
}
