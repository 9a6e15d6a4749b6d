//! Moving keys: export, import, another passphrase.

use super::card::{self, Card};
use super::files::{self, Existing};
use super::keyfile::{self, KeyFile};
use super::{
    ExposeSecret, Identities, Identity, IdentityError, MAX_KEY_FILE_BYTES, Protection, SecretString, name,
};
use osp_core::did::Did;

impl Identities {
    /// The key file as it is stored: still encrypted when it is protected. Otherwise it is the key itself, and
    /// whoever gets the bytes can sign.
    ///
    /// # Errors
    /// [`IdentityError::NotFound`], and those of the disk.
    pub fn export(&self, did: &Did) -> Result<Vec<u8>, IdentityError> {
        let path = self.key_file(&self.get(did)?);
        files::read(&path, MAX_KEY_FILE_BYTES)?
            .ok_or_else(|| IdentityError::Damaged { path, reason: "it is missing".into() })
    }

    /// Takes in a key file that [`export`](Self::export) gave, encrypted or plain, binary or armoured.
    ///
    /// An encrypted file is opened with `passphrase` and stored as it came. A plain one is stored encrypted when
    /// a passphrase is given, else plain. A key that is here already stays as it is and is returned. `name`
    /// overrides the name in the file, which gets a number behind it when it is taken. `now` (RFC 3339) counts
    /// for files that do not say when they were made.
    ///
    /// # Errors
    /// [`IdentityError::NotAKeyFile`] for anything else; the errors of [`unlock`](Self::unlock) and
    /// [`create`](Self::create).
    pub fn import(
        &self,
        bytes: &[u8],
        passphrase: Option<&SecretString>,
        name: Option<&str>,
        now: &str,
    ) -> Result<Identity, IdentityError> {
        let file = KeyFile::read(bytes, passphrase, "the file")?;
        let did = file.did();
        let protected = keyfile::is_encrypted(bytes) || passphrase.is_some();
        let stored = match passphrase {
            Some(passphrase) if !keyfile::is_encrypted(bytes) => {
                file.encrypt(passphrase, self.work_factor)?
            }
            _ => bytes.to_vec(),
        };

        let _lock = self.lock()?;
        let others = self.list()?;
        if let Some(known) = others.iter().find(|i| i.did == did) {
            return Ok(known.clone());
        }
        let taken = |name: &str| others.iter().any(|i| i.name == name);
        let name = match name {
            Some(wanted) => {
                let wanted = name::checked(wanted)?;
                if taken(&wanted) {
                    return Err(IdentityError::NameTaken(wanted));
                }
                wanted
            }
            // A file from elsewhere may hold any name, or none.
            None => {
                let own = file.name.as_deref().and_then(|n| name::checked(n).ok());
                free_name(own.unwrap_or_else(|| card::suffix(&did)), taken)
            }
        };
        let created = file.created.clone().filter(|c| is_timestamp(c)).unwrap_or_else(|| now.to_owned());
        let identity = Identity { did, web: None, name, created, protected };
        self.add(&identity, &stored)?;
        Ok(identity)
    }

    /// Encrypts the key anew, or stops encrypting it.
    ///
    /// # Errors
    /// Those of [`unlock`](Self::unlock) for `old`; [`IdentityError::EmptyPassphrase`].
    pub fn change_passphrase(
        &self,
        did: &Did,
        old: Option<&SecretString>,
        new: &Protection,
    ) -> Result<Identity, IdentityError> {
        if matches!(new, Protection::Passphrase(p) if p.expose_secret().is_empty()) {
            return Err(IdentityError::EmptyPassphrase);
        }
        let _lock = self.lock()?;
        let before = self.get(did)?;
        let bytes = self.encode(&self.read_key(&before, old)?, new)?;
        let after = Identity { protected: matches!(new, Protection::Passphrase(_)), ..before.clone() };
        files::write(&self.key_file(&after), &bytes, Existing::Replace)?;
        if after.protected != before.protected {
            // The card decides which file counts; only then may the other one go.
            Card::new(&after).write(&self.card_file(did), Existing::Replace)?;
            let old_file = self.key_file(&before);
            std::fs::remove_file(&old_file).map_err(IdentityError::io("remove", &old_file))?;
            files::sync_folder(&self.folder)?;
        }
        Ok(after)
    }
}

/// Only the characters of an RFC 3339 time: the text came from outside and will be shown.
fn is_timestamp(text: &str) -> bool {
    (20..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b"-:.+TtZz".contains(&b))
}

/// `name`, or `name (2)`, `name (3)`… A long name makes room for its number.
fn free_name(name: String, taken: impl Fn(&str) -> bool) -> String {
    let stem: String = name.chars().take(name::MAX_NAME_CHARS - 8).collect();
    let numbered = (2..).map(|n| format!("{stem} ({n})"));
    std::iter::once(name).chain(numbered).find(|candidate| !taken(candidate)).unwrap_or(stem)
}
