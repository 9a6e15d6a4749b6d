//! From what a listener has in hands to what it opens, in the fewest reads: the first 64 KiB, perhaps a directory, one page.
//!
//! ```text
//! key text ──┬─ the licence that was given
//!            ├─ table beside the file (.smsgk), else the one in it ── page
//!            └─ licence beside the file, by its computed name
//! passphrase ── slots of the table
//! nothing ───── what is open to all
//! ```

use super::{ReleaseError, first_use::first_use, tables_seen};
use smsg::{
    UnixTime,
    keys::Password,
    v3::{
        Header, Refused,
        grant::Granted,
        key_text::{KeySecret, KeyTextError, LicenceKey},
        licence::{self, Licence},
        limits::MAX_LICENCE,
        open::{Asks, Begun, Expected, Front, FrontReader},
        table::{Head, Lookup},
        terms::Asked,
    },
};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};

use crate::sealed::signing::NOTARY;

/// Extension of a table that lies beside its file.
pub const TABLE_EXTENSION: &str = "smsgk";

/// What a listener has.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    /// A licence key or passphrase, as it was typed.
    pub key: Option<Password>,
    /// The bytes of a licence that belongs to the key.
    pub licence: Option<Vec<u8>>,
    /// Where the sealed file lies, so that licences and tables beside it are found.
    pub beside: Option<PathBuf>,
    /// The folder that remembers which tables were seen, so that an older one is refused.
    pub home: Option<PathBuf>,
}

/// How a file was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// By a key of the table in the file.
    Key,
    /// By a key of a table beside it.
    Table(PathBuf),
    /// By a passphrase.
    Passphrase,
    /// By a licence; its name on a host.
    Licence(String),
    /// By nobody's key: it is open to all.
    Open,
}

/// A file and what was granted of it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Header, table, lengths.
    pub front: Front,
    /// Terms and keys.
    pub granted: Granted,
    /// By what.
    pub how: How,
}

impl Opened {
    /// Whether the artist asks not to use it now. A period counts from the first use, which is noted in the folder `home`; without
    /// one, or where that cannot be, every use is the first.
    ///
    /// # Errors
    /// [`ReleaseError::NotYet`], [`ReleaseError::Over`].
    pub fn admit(&self, now: UnixTime, home: Option<&Path>) -> Result<(), ReleaseError> {
        let moment = |seconds: u64| UnixTime(i64::try_from(seconds).unwrap_or(i64::MAX));
        let (terms, seconds) = (&self.granted.terms, u64::try_from(now.0).unwrap_or(0));
        let counts = terms.period.is_some() && terms.not_before.is_none_or(|begin| begin <= seconds);
        let first = home.filter(|_| counts).and_then(|home| {
            first_use(home, self.front.header.id(), terms, seconds)
                .inspect_err(|e| tracing::debug!("the first use is not noted: {e}"))
                .ok()
        });
        match terms.asked(seconds, first) {
            Asked::Nothing => Ok(()),
            Asked::Wait(begin) => Err(ReleaseError::NotYet(moment(begin))),
            Asked::Over(end) => Err(ReleaseError::Over(moment(end))),
        }
    }
}

/// Whether a beginning is that of a file of version 3.0.
#[must_use]
pub fn is_release(head: &[u8]) -> bool {
    head.starts_with(&smsg::v3::header::MAGIC)
}

/// Reads header and table head; the beginning that was fetched for them serves later requests.
///
/// # Errors
/// [`ReleaseError`]; a file that is too short or too long is refused here, before anything else.
pub fn front<R: Read + Seek>(
    file: &mut R,
    length: u64,
    expected: Expected,
) -> Result<(Front, Begun), ReleaseError> {
    let begun = Begun::new(read(file, Begun::range(Some(length)))?);
    let mut reader = FrontReader::new(&NOTARY, expected);
    serve(&mut reader, &begun, file)?;
    let front = reader.finish()?;
    front.check_length(length)?;
    Ok((front, begun))
}

/// Opens with what there is.
///
/// # Errors
/// [`ReleaseError`].
pub fn open<R: Read + Seek>(
    file: &mut R,
    front: Front,
    begun: &Begun,
    ring: &Keyring,
) -> Result<Opened, ReleaseError> {
    let Some(typed) = &ring.key else { return open_to_all(front) };
    let header = &front.header;
    let (granted, how) = match LicenceKey::parse(typed.as_str()) {
        Ok(key) => with_key(file, &front, begun, ring, &key.secret(header.id()))?,
        Err(not_a_key) => (with_passphrase(&front, typed, not_a_key)?, How::Passphrase),
    };
    Ok(Opened { front, granted, how })
}

fn open_to_all(front: Front) -> Result<Opened, ReleaseError> {
    let grants = front.table.as_ref().map(|table| table.open_grants(&front.header)).transpose()?;
    let granted = grants.into_iter().flatten().next().ok_or(ReleaseError::KeyRequired)?;
    Ok(Opened { front, granted, how: How::Open })
}

fn with_passphrase(front: &Front, typed: &Password, why: KeyTextError) -> Result<Granted, ReleaseError> {
    let found = match front.table.as_ref().filter(|table| !table.slots.is_empty()) {
        Some(table) => table.open_with_passphrase(&front.header, typed.as_str()),
        None => Err(Refused::NoValidKey),
    };
    match (found, why) {
        (Err(Refused::NoValidKey), why @ KeyTextError::Typo(_)) => Err(ReleaseError::Mistyped(why)),
        (found, _) => Ok(found?),
    }
}

fn with_key<R: Read + Seek>(
    file: &mut R,
    front: &Front,
    begun: &Begun,
    ring: &Keyring,
    secret: &KeySecret,
) -> Result<(Granted, How), ReleaseError> {
    let header = &front.header;
    let name = licence::file_name(secret);
    if let Some(bytes) = &ring.licence {
        return Ok((Licence::parse(bytes, header, &NOTARY)?.open(header, secret)?, How::Licence(name)));
    }
    // A table beside the file is newer than the one in it: it takes its place.
    let beside = ring.beside.as_ref().map(|path| path.with_extension(TABLE_EXTENSION));
    let home = ring.home.as_deref();
    let seen = home.map_or(0, |home| tables_seen::seen(home, header.id()));
    let newer = beside.as_deref().map(|path| table_file(path, front, seen)).transpose()?.flatten();
    if let (Some(home), Some((head, _))) = (home, &newer) {
        tables_seen::note(home, header.id(), head.seq);
    }
    let found = match (newer, &front.table) {
        (Some((head, mut table)), _) => {
            let granted = look_up(&mut table, header, &head, &Begun::default(), secret)?;
            granted.map(|granted| (granted, How::Table(beside.unwrap_or_default())))
        }
        (None, Some(table)) => {
            look_up(file, header, table, begun, secret)?.map(|granted| (granted, How::Key))
        }
        (None, None) => None,
    };
    if let Some(found) = found {
        return Ok(found);
    }
    if let Some(path) = &ring.beside
        && let Some(bytes) = beside_bytes(&path.with_file_name(&name), MAX_LICENCE as u64 + 1)?
    {
        return Ok((Licence::parse(&bytes, header, &NOTARY)?.open(header, secret)?, How::Licence(name)));
    }
    Err(Refused::NoValidKey.into())
}

fn look_up<R: Read + Seek>(
    file: &mut R,
    header: &Header,
    table: &Head,
    begun: &Begun,
    secret: &KeySecret,
) -> Result<Option<Granted>, ReleaseError> {
    let mut lookup = Lookup::new(header, table, secret.clone());
    serve(&mut lookup, begun, file)?;
    match lookup.finish() {
        Err(Refused::NoValidKey) => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// The head of a table that lies beside its file, if there is one.
///
/// # Errors
/// [`ReleaseError`].
pub fn table_at(path: &Path, front: &Front) -> Result<Option<Head>, ReleaseError> {
    Ok(table_file(path, front, 0)?.map(|(head, _)| head))
}

/// What a key opens by the table beside the file at `path`, or else by the one in it.
///
/// # Errors
/// [`ReleaseError`].
pub fn look_up_key<R: Read + Seek>(
    file: &mut R,
    front: &Front,
    begun: &Begun,
    path: Option<&Path>,
    secret: &KeySecret,
) -> Result<Option<Granted>, ReleaseError> {
    let beside = path.map(|path| table_file(&path.with_extension(TABLE_EXTENSION), front, 0)).transpose()?;
    if let Some((head, mut table)) = beside.flatten()
        && let Some(granted) = look_up(&mut table, &front.header, &head, &Begun::default(), secret)?
    {
        return Ok(Some(granted));
    }
    match &front.table {
        Some(table) => look_up(file, &front.header, table, begun, secret),
        None => Ok(None),
    }
}

/// A table that stands alone; its number must not be below that of the file's own, nor below one that was seen.
fn table_file(path: &Path, front: &Front, seen: u64) -> Result<Option<(Head, File)>, ReleaseError> {
    let Some(mut file) = there(path)? else { return Ok(None) };
    let prefix = read(&mut file, 0..9)?;
    let at = Head::alone(&prefix)?;
    let end = at + Head::length(prefix.get(5..).unwrap_or_default())? as u64;
    let json = read(&mut file, at + 4..end)?;
    let seen = front.table.as_ref().map_or(0, |table| table.seq).max(seen);
    let head = Head::parse(&json, end, &front.header, seen, &NOTARY)?;
    Ok(Some((head, file)))
}

fn there(path: &Path) -> Result<Option<File>, ReleaseError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(ReleaseError::Read(e)),
    }
}

fn beside_bytes(path: &Path, most: u64) -> Result<Option<Vec<u8>>, ReleaseError> {
    let Some(file) = there(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).map_err(ReleaseError::Read)?;
    Ok(Some(bytes))
}

/// Feeds `asks`: from the beginning that is there, else from the file.
pub(super) fn serve<R: Read + Seek>(
    asks: &mut dyn Asks,
    begun: &Begun,
    file: &mut R,
) -> Result<(), ReleaseError> {
    while let Some(range) = begun.serve(asks)? {
        let bytes = read(file, range.clone())?;
        if bytes.len() as u64 != range.end - range.start {
            return Err(Refused::Truncated("its beginning").into());
        }
        asks.take(&bytes)?;
    }
    Ok(())
}

/// These bytes, or as many of them as there are. What is asked for is bounded by the format.
pub(super) fn read<R: Read + Seek>(file: &mut R, range: Range<u64>) -> Result<Vec<u8>, ReleaseError> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(range.start)).map_err(ReleaseError::Read)?;
    file.take(range.end - range.start).read_to_end(&mut bytes).map_err(ReleaseError::Read)?;
    Ok(bytes)
}
