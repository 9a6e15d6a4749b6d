//! The secrets of sealed files, as their artist keeps them.

use super::{
    CustodyError,
    ledger::{Event, KeyId, Ledger, Line, Sale},
};
use crate::{identity::Signatory, sealed::signing::OwnSignature};
use serde::{Deserialize, Serialize};
use smsg::v3::{FileId, Header, kept::KeptRoot, terms::Terms, tree::Keys};
use std::{
    fs::File,
    io::{ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// Longest `release.json` that is read: a header of 64 KiB in base64, and the rest.
const MAX_CARD: u64 = 256 << 10;

/// All releases of one home. Holds no secret.
#[derive(Clone, Debug)]
pub struct Custody {
    folder: PathBuf,
}

/// What is handed over when a file was sealed.
#[derive(Clone, Debug)]
pub struct Deposit<'a> {
    /// The file's header.
    pub header: &'a Header,
    /// The keys to everything.
    pub keys: &'a Keys,
    /// Where the file is; for people, who move files.
    pub path: Option<&'a Path>,
    /// Keys in its table.
    pub minted: &'a [Minted],
    /// Now, RFC 3339.
    pub at: &'a str,
}

/// A key that was put into a table.
#[derive(Clone, Debug)]
pub struct Minted {
    /// Its number in the table.
    pub serial: u32,
    /// By what it is found ([`smsg::v3::key_text::KeySecret::id`]); the text is not kept.
    pub key: [u8; 32],
    /// What it opens.
    pub terms: Terms,
}

/// A release that is kept. Its root is still locked.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What the file says of itself.
    pub header: Header,
    /// Where it was when it was sealed.
    pub path: Option<PathBuf>,
    /// When, RFC 3339.
    pub kept: String,
    root: KeptRoot,
    folder: PathBuf,
}

/// `release.json`. Members that a newer version adds are passed over.
#[derive(Serialize, Deserialize)]
struct Card {
    /// H in base64url, for people with other tools.
    file: String,
    artist: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    kept: String,
    /// Base64url: everything up to the end of the header.
    header: String,
    /// Base64url.
    salt: String,
    /// Base64url.
    root: String,
}

impl Custody {
    /// Uses `<home>/releases`. Nothing is written before the first release is kept.
    #[must_use]
    pub fn open(home: &Path) -> Self {
        Self { folder: home.join("releases") }
    }

    /// Keeps a file's root, and enters its minted keys. Durable when it returns; call it before the sealed file gets its name, so
    /// that there is no file without its keys. Keeping the same again is fine, and enters only keys that are not yet there.
    ///
    /// # Errors
    /// [`CustodyError::WrongIdentity`], [`CustodyError::NotWhole`], [`CustodyError::KeptOtherwise`], [`CustodyError::Io`].
    pub fn keep(&self, deposit: &Deposit<'_>, artist: &Signatory) -> Result<(), CustodyError> {
        let header = deposit.header;
        let found = signer_of(header, artist)?;
        let root = deposit.keys.root().ok_or(CustodyError::NotWhole)?;
        let folder = self.folder_of(header.id());
        make_folder(&folder)?;
        match self.find(header.id())? {
            // The root of a file is drawn once; another one would be of a file that only looks the same.
            Some(kept) => {
                let same = kept.unlock(artist)?;
                if same.root().is_none_or(|same| same.as_bytes() != root.as_bytes()) {
                    return Err(CustodyError::KeptOtherwise(folder));
                }
            }
            None => {
                let root = KeptRoot::seal(deposit.keys, &artist.key().to_seed(), &mut crate::sealed::rng());
                let root = root.ok_or(CustodyError::NotWhole)?;
                let card = Card {
                    file: data_encoding::BASE64URL_NOPAD.encode(&header.id().0),
                    artist: found,
                    title: header.title.clone(),
                    path: deposit.path.and_then(Path::to_str).map(str::to_owned),
                    kept: deposit.at.to_owned(),
                    header: data_encoding::BASE64URL_NOPAD.encode(header.bytes()),
                    salt: data_encoding::BASE64URL_NOPAD.encode(&root.salt),
                    root: data_encoding::BASE64URL_NOPAD.encode(&root.sealed),
                };
                write(&folder.join("release.json"), &card)?;
                sync(&self.folder)?;
            }
        }
        enter(&Ledger::at(folder.join("ledger.jsonl")), deposit)?;
        sync(&folder)
    }

    /// The release with this id; `None` if it is not kept here.
    ///
    /// # Errors
    /// [`CustodyError::Damaged`], [`CustodyError::Io`].
    pub fn find(&self, file: FileId) -> Result<Option<Kept>, CustodyError> {
        let kept = Kept::read(&self.folder_of(file))?;
        match kept {
            Some(kept) if kept.header.id() != file => {
                Err(CustodyError::damaged(&kept.folder, "it is about another file than its name"))
            }
            kept => Ok(kept),
        }
    }

    /// The release that a person means: a sealed file, the id of one in base32 (its beginning will do) or base64url, or a path
    /// at which one was sealed.
    ///
    /// # Errors
    /// [`CustodyError::NotKept`], [`CustodyError::NotARelease`], [`CustodyError::Damaged`], [`CustodyError::Io`].
    pub fn named(&self, name: &str) -> Result<Kept, CustodyError> {
        let path = Path::new(name);
        if path.is_file() {
            return self.find(file_id(path)?)?.ok_or_else(|| CustodyError::NotKept(shown(name)));
        }
        let wanted = name.to_ascii_lowercase();
        let full = std::path::absolute(path).ok();
        let mut found = self.list()?.into_iter().filter(|kept| {
            let id = kept.header.id();
            (wanted.len() >= 6 && id_in_base32(id).starts_with(&wanted))
                || crate::sealed::release::id_text(id) == name
                || (kept.path.is_some() && kept.path == full)
        });
        match (found.next(), found.next()) {
            (Some(kept), None) => Ok(kept),
            _ => Err(CustodyError::NotKept(shown(name))),
        }
    }

    /// All releases, by title.
    ///
    /// # Errors
    /// [`CustodyError::Damaged`], [`CustodyError::Io`].
    pub fn list(&self) -> Result<Vec<Kept>, CustodyError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(CustodyError::io("list", &self.folder))?,
        };
        let mut all = Vec::new();
        for entry in entries {
            let path = entry.map_err(CustodyError::io("list", &self.folder))?.path();
            if path.is_dir() {
                all.extend(Kept::read(&path)?);
            }
        }
        all.sort_by(|a, b| (&a.header.title, a.header.id()).cmp(&(&b.header.title, b.header.id())));
        Ok(all)
    }

    fn folder_of(&self, file: FileId) -> PathBuf {
        self.folder.join(id_in_base32(file))
    }
}

impl Kept {
    /// `None` for a folder in which nothing was kept (yet).
    fn read(folder: &Path) -> Result<Option<Self>, CustodyError> {
        let path = folder.join("release.json");
        let mut bytes = Vec::new();
        match File::open(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            other => other
                .and_then(|file| file.take(MAX_CARD).read_to_end(&mut bytes))
                .map_err(CustodyError::io("read", &path))?,
        };
        let damaged = |reason: String| CustodyError::damaged(&path, reason);
        let card: Card = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
        let decode = |text: &str| {
            data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|e| damaged(e.to_string()))
        };
        let header =
            Header::parse(&decode(&card.header)?, &OwnSignature).map_err(|e| damaged(e.to_string()))?;
        let salt = decode(&card.salt)?.try_into().map_err(|_| damaged("its salt is not 32 bytes".into()))?;
        let root = KeptRoot { salt, sealed: decode(&card.root)? };
        let path = card.path.map(PathBuf::from);
        Ok(Some(Self { header, path, kept: card.kept, root, folder: folder.to_owned() }))
    }

    /// The keys to everything.
    ///
    /// # Errors
    /// [`CustodyError::WrongIdentity`], [`CustodyError::Damaged`].
    pub fn unlock(&self, artist: &Signatory) -> Result<Keys, CustodyError> {
        signer_of(&self.header, artist)?;
        self.root
            .open(&self.header, &artist.key().to_seed())
            .ok_or_else(|| CustodyError::damaged(&self.folder.join("release.json"), "its root does not open"))
    }

    /// What was sold.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger::at(self.folder.join("ledger.jsonl"))
    }
}

/// The id of a sealed file, from its beginning. Nothing is verified: it only says which release is meant.
///
/// # Errors
/// [`CustodyError::NotARelease`], [`CustodyError::Io`].
pub(super) fn file_id(path: &Path) -> Result<FileId, CustodyError> {
    let io = || CustodyError::io("read", path);
    let not =
        |e: smsg::v3::Refused| CustodyError::NotARelease { path: path.to_owned(), reason: e.to_string() };
    let file = File::open(path).map_err(io())?;
    let mut bytes = Vec::new();
    (&file).take(smsg::v3::header::PREFIX as u64).read_to_end(&mut bytes).map_err(io())?;
    let length = Header::length(&bytes).map_err(not)?;
    file.take((length - bytes.len()) as u64).read_to_end(&mut bytes).map_err(io())?;
    if bytes.len() < length {
        return Err(not(smsg::v3::Refused::Truncated("its header")));
    }
    Ok(FileId(osp_core::content::sha256(&bytes)))
}

/// A file's id as folders are named.
#[must_use]
pub fn id_in_base32(file: FileId) -> String {
    data_encoding::BASE32_NOPAD.encode(&file.0).to_ascii_lowercase()
}

/// The artist of a header, if `artist` is who signed it: by DID and by key.
fn signer_of(header: &Header, artist: &Signatory) -> Result<String, CustodyError> {
    let found = artist.artist().to_string();
    if found != header.artist() {
        return Err(CustodyError::WrongIdentity { artist: header.artist().to_owned(), found });
    }
    let key = artist.key().did().to_string();
    match header.key() {
        // A did:web whose key was replaced: secrets are kept with the one that sealed.
        Some(signed) if signed != key => {
            Err(CustodyError::WrongIdentity { artist: signed.to_owned(), found: key })
        }
        _ => Ok(found),
    }
}

fn enter(ledger: &Ledger, deposit: &Deposit<'_>) -> Result<(), CustodyError> {
    let mut ledger = ledger.begin()?;
    let known: std::collections::HashSet<KeyId> =
        ledger.lines().iter().filter_map(|line| Some(line.event.sale()?.key)).collect();
    let new = deposit.minted.iter().filter(|minted| !known.contains(&KeyId(minted.key)));
    let lines: Vec<Line> = new
        .map(|minted| Line {
            at: deposit.at.to_owned(),
            event: Event::Minted(Sale::new(minted.serial, KeyId(minted.key), &minted.terms, None)),
        })
        .collect();
    ledger.append(lines)
}

fn make_folder(path: &Path) -> Result<(), CustodyError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(CustodyError::io("make", path))
}

/// Whole or not at all; tempfile makes it 0600.
fn write(path: &Path, card: &Card) -> Result<(), CustodyError> {
    let io = || CustodyError::io("write", path);
    let text = serde_json::to_string_pretty(card).expect("texts are JSON");
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut temp = tempfile::NamedTempFile::new_in(folder).map_err(io())?;
    temp.write_all(text.as_bytes()).and_then(|()| temp.write_all(b"\n")).map_err(io())?;
    temp.as_file().sync_all().map_err(io())?;
    temp.persist(path).map_err(|e| io()(e.error))?;
    Ok(())
}

fn sync(folder: &Path) -> Result<(), CustodyError> {
    crate::staged::sync_folder(folder).map_err(CustodyError::io("write", folder))
}

/// What a user typed, safe to put into a message.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}
