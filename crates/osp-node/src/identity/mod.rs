//! Artists' identities of one home: a DID, a name, and a key file that a passphrase opens.
//!
//! ```text
//!  <home>/identities/          0700
//!    z6Mk….json                did, name, created, key file           (public)
//!    z6Mk….age                 the key, encrypted with a passphrase   (0600)
//!    z6Mk….key                 or, when the user wanted that, in plain text (0600)
//!    default                   the DID that signs unless --artist-id names another
//!    .lock                     held while something here changes
//! ```
//!
//! Files are named by the DID. Names that people give are data inside them and never part of a path. Every
//! file is written aside and moved into place, and a key file is never overwritten by another key. Several
//! processes may use one home at once. Opening a protected key takes about a second and 256 MiB on purpose:
//! call [`Identities::unlock`] and the like from a blocking thread.

mod card;
mod error;
mod files;
mod keyfile;
pub mod name;
mod signatory;
mod transfer;

use std::path::{Path, PathBuf};

pub use age::secrecy::{ExposeSecret, SecretString};
use osp_core::did::{Did, DidDocument};
use osp_core::key::ArtistKey;

use card::Card;
pub use error::IdentityError;
use files::Existing;
use keyfile::KeyFile;
pub use keyfile::{MAX_KEY_FILE_BYTES, MAX_WORK_FACTOR, WORK_FACTOR};
pub use signatory::Signatory;

/// How a key file is kept. Its `Debug` shows no passphrase.
#[derive(Clone, Debug)]
pub enum Protection {
    /// Encrypted with this passphrase, which must not be empty.
    Passphrase(SecretString),
    /// In plain text, readable by the user's account only. Say so to the user.
    None,
}

/// The public half of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// Its `did:key`.
    pub did: Did,
    /// The `did:web` that it signs as, if it does not sign as its key.
    pub web: Option<Did>,
    /// What the user calls it; unique in its home.
    pub name: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// Whether a passphrase is needed to sign.
    pub protected: bool,
}

impl Identity {
    /// In whose name it signs.
    #[must_use]
    pub fn artist(&self) -> &Did {
        self.web.as_ref().unwrap_or(&self.did)
    }
}

/// The identities of one home. Cheap to clone; holds no key.
#[derive(Clone, Debug)]
pub struct Identities {
    folder: PathBuf,
    work_factor: u8,
}

impl Identities {
    /// Uses `<home>/identities`. Nothing is written before the first identity is.
    #[must_use]
    pub fn open(home: &Path) -> Self {
        Self { folder: home.join("identities"), work_factor: WORK_FACTOR }
    }

    /// Sets the scrypt work (as a power of two, 1 to [`MAX_WORK_FACTOR`]) of key files written from now on.
    /// Less than [`WORK_FACTOR`] is for tests: such a file is easy to guess.
    #[must_use]
    pub fn with_work_factor(mut self, log_n: u8) -> Self {
        self.work_factor = log_n.clamp(1, MAX_WORK_FACTOR);
        self
    }

    /// Makes an identity with a new key. The first one of a home becomes its default. `created` is the time now
    /// (RFC 3339), which the caller knows.
    ///
    /// # Errors
    /// [`IdentityError::InvalidName`], [`NameTaken`](IdentityError::NameTaken),
    /// [`EmptyPassphrase`](IdentityError::EmptyPassphrase), and those of the disk.
    pub fn create(
        &self,
        name: &str,
        protection: &Protection,
        created: &str,
    ) -> Result<Identity, IdentityError> {
        let name = name::checked(name)?;
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(|e| IdentityError::Randomness(e.to_string()))?;
        let key = ArtistKey::from_seed(&seed);
        let file = KeyFile { key, name: Some(name.clone()), created: Some(created.to_owned()) };
        let bytes = self.encode(&file, protection)?;

        let _lock = self.lock()?;
        if self.list()?.iter().any(|other| other.name == name) {
            return Err(IdentityError::NameTaken(name));
        }
        let protected = matches!(protection, Protection::Passphrase(_));
        let identity = Identity { did: file.did(), web: None, name, created: created.to_owned(), protected };
        self.add(&identity, &bytes)?;
        Ok(identity)
    }

    /// All identities, by name.
    ///
    /// # Errors
    /// [`IdentityError::Damaged`] for a file that cannot be understood, and those of the disk.
    pub fn list(&self) -> Result<Vec<Identity>, IdentityError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(IdentityError::io("list", &self.folder))?,
        };
        let mut identities = Vec::new();
        for entry in entries {
            let path = entry.map_err(IdentityError::io("list", &self.folder))?.path();
            if path.extension().is_some_and(|e| e == "json") {
                identities.extend(Card::read(&path)?);
            }
        }
        identities.sort_by(|a, b| {
            a.name.cmp(&b.name).then_with(|| card::suffix(&a.did).cmp(&card::suffix(&b.did)))
        });
        Ok(identities)
    }

    /// The identity that signs when none is named.
    ///
    /// # Errors
    /// [`IdentityError::NoDefault`] before the first identity is made.
    pub fn default(&self) -> Result<Identity, IdentityError> {
        let path = self.default_file();
        let Some(bytes) = files::read(&path, 4096)? else { return Err(IdentityError::NoDefault) };
        let damaged = |reason: &str| IdentityError::Damaged { path: path.clone(), reason: reason.to_owned() };
        let text = std::str::from_utf8(&bytes).map_err(|_| damaged("it is not text"))?;
        let did = Did::parse(text.trim()).map_err(|e| damaged(&e.to_string()))?;
        self.get(&did)
    }

    /// Makes `did` the identity that signs when none is named.
    ///
    /// # Errors
    /// [`IdentityError::NotFound`] when its key is not here.
    pub fn set_default(&self, did: &Did) -> Result<(), IdentityError> {
        let _lock = self.lock()?;
        let identity = self.get(did)?;
        files::write(&self.default_file(), format!("{}\n", identity.did).as_bytes(), Existing::Replace)?;
        Ok(())
    }

    /// The identity with this DID or name. Who says a DID means that DID: by its `did:key` an identity signs as that, also if it
    /// otherwise signs as a `did:web`.
    ///
    /// # Errors
    /// [`IdentityError::NotFound`].
    pub fn find(&self, did_or_name: &str) -> Result<Identity, IdentityError> {
        let wanted = did_or_name.trim();
        let by_key = |i: &Identity| i.did.to_string() == wanted;
        let is_it = |i: &Identity| {
            i.name == wanted || by_key(i) || i.web.as_ref().is_some_and(|web| web.to_string() == wanted)
        };
        let found = self.list()?.into_iter().find(is_it);
        let mut found = found.ok_or_else(|| IdentityError::NotFound(shown(wanted)))?;
        if by_key(&found) {
            found.web = None;
        }
        Ok(found)
    }

    /// From now on the identity signs as `artist`: a `did:web`, or its own `did:key` again. That the document of the `did:web` names
    /// the key is for the caller to find out: without it nobody takes what is signed.
    ///
    /// # Errors
    /// [`IdentityError::NotFound`]; [`IdentityError::NotWeb`] when `artist` is neither; [`IdentityError::Taken`] when another
    /// identity of this home signs as it; those of the disk.
    pub fn sign_as(&self, did: &Did, artist: &Did) -> Result<Identity, IdentityError> {
        let _lock = self.lock()?;
        let mut identity = self.get(did)?;
        identity.web = match artist {
            own if *own == identity.did => None,
            Did::Web(_) => Some(artist.clone()),
            other => return Err(IdentityError::NotWeb(other.clone())),
        };
        let others = self.list()?;
        if let Some(other) = others.iter().find(|i| i.did != *did && i.web.is_some() && i.web == identity.web)
        {
            return Err(IdentityError::Taken { artist: artist.clone(), name: other.name.clone() });
        }
        Card::new(&identity).write(&self.card_file(did), Existing::Replace)?;
        Ok(identity)
    }

    /// The identity with this DID.
    ///
    /// # Errors
    /// [`IdentityError::NotFound`].
    pub fn get(&self, did: &Did) -> Result<Identity, IdentityError> {
        let not_found = || IdentityError::NotFound(shown(&did.to_string()));
        did.embedded_key().ok_or_else(not_found)?;
        Card::read(&self.card_file(did))?.ok_or_else(not_found)
    }

    /// Opens the key. Without protection the passphrase is not looked at.
    ///
    /// # Errors
    /// [`IdentityError::NotFound`], [`PassphraseNeeded`](IdentityError::PassphraseNeeded),
    /// [`WrongPassphrase`](IdentityError::WrongPassphrase), and those of a damaged key file.
    pub fn unlock(&self, did: &Did, passphrase: Option<&SecretString>) -> Result<ArtistKey, IdentityError> {
        let identity = self.get(did)?;
        let file = match self.read_key(&identity, passphrase) {
            Ok(file) => file,
            Err(error) => match self.get(did)? {
                // Another process changed the protection between the two reads.
                now if now.protected != identity.protected => self.read_key(&now, passphrase)?,
                _ => return Err(error),
            },
        };
        self.remove_leftover(did)?;
        Ok(file.key)
    }

    /// The DID document that lets `web` (a `did:web`) sign with the key of `did`, for the user to put at
    /// [`WebDid::document_url`](osp_core::did::WebDid::document_url).
    ///
    /// # Errors
    /// [`IdentityError::NotFound`]; [`IdentityError::NotWeb`] when `web` is of another method.
    pub fn did_web_document(&self, did: &Did, web: &Did) -> Result<String, IdentityError> {
        let identity = self.get(did)?;
        let not_found = || IdentityError::NotFound(shown(&did.to_string()));
        let key = identity.did.embedded_key().ok_or_else(not_found)?;
        match web {
            Did::Web(_) => Ok(DidDocument::to_json(web, key)),
            _ => Err(IdentityError::NotWeb(web.clone())),
        }
    }

    /// The bytes of a key file.
    fn encode(&self, file: &KeyFile, protection: &Protection) -> Result<Vec<u8>, IdentityError> {
        match protection {
            Protection::Passphrase(passphrase) => file.encrypt(passphrase, self.work_factor),
            Protection::None => Ok(file.to_text().as_bytes().to_vec()),
        }
    }

    /// Writes key file and card, in this order: a card always has its key. The lock must be held.
    fn add(&self, identity: &Identity, key_file: &[u8]) -> Result<(), IdentityError> {
        let key_path = self.key_file(identity);
        if !files::write(&key_path, key_file, Existing::Keep)?
            && files::read(&key_path, MAX_KEY_FILE_BYTES)?.as_deref() != Some(key_file)
        {
            return Err(IdentityError::KeyFileExists(key_path));
        }
        Card::new(identity).write(&self.card_file(&identity.did), Existing::Keep)?;
        files::write(&self.default_file(), format!("{}\n", identity.did).as_bytes(), Existing::Keep)?;
        Ok(())
    }

    /// Reads and opens the key file, and makes sure it is this identity's.
    fn read_key(
        &self,
        identity: &Identity,
        passphrase: Option<&SecretString>,
    ) -> Result<KeyFile, IdentityError> {
        let path = self.key_file(identity);
        let missing = || IdentityError::Damaged { path: path.clone(), reason: "it is missing".into() };
        let bytes = zeroize::Zeroizing::new(files::read(&path, MAX_KEY_FILE_BYTES)?.ok_or_else(missing)?);
        let file = KeyFile::read(&bytes, passphrase, &identity.name).map_err(|e| match e {
            IdentityError::NotAKeyFile(reason) => {
                IdentityError::Damaged { path: path.clone(), reason: reason.to_owned() }
            }
            other => other,
        })?;
        if file.did() != identity.did {
            return Err(IdentityError::WrongKey(path));
        }
        Ok(file)
    }

    /// Removes the key file that a change of protection left behind when it was interrupted: a plain key must
    /// not outlive the moment its owner protected it.
    fn remove_leftover(&self, did: &Did) -> Result<(), IdentityError> {
        let leftover =
            |identity: &Identity| self.folder.join(card::key_file_name(&identity.did, !identity.protected));
        if !leftover(&self.get(did)?).exists() {
            return Ok(());
        }
        let _lock = self.lock()?;
        // Asked again under the lock: without it this may be the file a change is just about to refer to.
        let path = leftover(&self.get(did)?);
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(IdentityError::io("remove", &path)(e)),
            _ => files::sync_folder(&self.folder),
        }
    }

    fn lock(&self) -> Result<std::fs::File, IdentityError> {
        files::make_folder(&self.folder)?;
        files::lock(&self.folder)
    }

    fn default_file(&self) -> PathBuf {
        self.folder.join("default")
    }

    fn card_file(&self, did: &Did) -> PathBuf {
        self.folder.join(format!("{}.json", card::suffix(did)))
    }

    fn key_file(&self, identity: &Identity) -> PathBuf {
        self.folder.join(card::key_file_name(&identity.did, identity.protected))
    }
}

/// What a user typed, safe to put into a message.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}
