//! New keys for a file that is out already: another table, beside the file or in a copy of it. The chunks stay what they are.
//!
//! ```text
//!  X.smsg    header | table, seq 0 | seal | digests | chunks          never touched: its CID stays
//!  X.smsgk   "SMSK" 03 | table, seq 1                                   beside it, for those who look there
//!
//!  Y.smsg    header | table, seq 1 | seal | digests | chunks          --rewrite: the same file id, another CID
//! ```
//!
//! A key's text is needed to put it into a table, and the seller does not keep texts: keys that shall go on working are given again
//! ([`Rekey::keep`]); those with a note in the ledger are left out. Nothing is taken back from who has the old table: it opens
//! with the old keys as before. Licences (`.smsgl`) stand on their own and stay.

use super::{
    CustodyError, Kept,
    ledger::{Event, KeyId, Line, Sale, TableToBe},
    opens::{Opens, OpensError},
    settle::{self, Numbers},
};
use crate::{
    identity::Signatory,
    sealed::{
        release::{
            ReleaseError, about,
            mint::{self, Minted},
            open,
        },
        signing::Artist,
    },
    staged::{self, Staged},
};
use osp_core::Cid;
use smsg::{
    keys::licence_key::{BadPrefix, DEFAULT_PREFIX},
    v3::{
        Header, Refused, SealError,
        key_text::LicenceKey,
        open::{Expected, Front},
        table::{GrantDraft, TableDraft},
        terms::Terms,
    },
};
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

/// What the new table is to have.
#[derive(Clone, Debug, Default)]
pub struct Rekey {
    /// Keys of the present table that go on.
    pub keep: Vec<LicenceKey>,
    /// New keys: how many, and to what.
    pub mint: Vec<(mint::Opens, u32)>,
    /// What new keys are sold as.
    pub sale: about::Sale,
    /// A copy of the file with the new table instead of a table beside the file.
    pub rewrite: Option<PathBuf>,
    /// Replace the copy if it is there.
    pub force: bool,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Rekeyed {
    /// The table beside the file, or the copy.
    pub path: PathBuf,
    /// The table's number.
    pub seq: u64,
    /// New keys. They stand nowhere else.
    pub minted: Vec<Minted>,
    /// How many keys went on.
    pub kept: u32,
    /// How many of the keys given were left out, because of notes in the ledger.
    pub left_out: u32,
    /// Passphrases of the table before, which are not in the new one.
    pub passphrases: usize,
    /// CID of the copy; without, the file's CID stays.
    pub cid: Option<Cid>,
}

/// Why there are no new keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RekeyError {
    /// Keys or ledger.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// The file was judged bad.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// A key that was to go on opens nothing of this file.
    #[error("key number {0} of those to keep opens nothing of this file; give keys of its table")]
    UnknownKey(usize),
    /// Nothing to put into the table.
    #[error("there is no key for the new table; make some with --mint, or name those to keep with --keep")]
    NoKeys,
    /// There is no such thing to sell.
    #[error(transparent)]
    Opens(#[from] OpensError),
    /// The release's prefix.
    #[error(transparent)]
    Prefix(#[from] BadPrefix),
    /// The format refuses it.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The copy is there already.
    #[error("{} is there already; choose another name, or replace it with --force", .0.display())]
    Exists(PathBuf),
    /// The new keys could not be written down.
    #[error("the new keys cannot be written down: {0}; there is no new table")]
    Keep(#[source] io::Error),
    /// The disk.
    #[error("cannot write {}: {source}; choose another place", .path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Where the table beside a file is.
#[must_use]
pub fn table_path(file: &Path) -> PathBuf {
    file.with_extension(open::TABLE_EXTENSION)
}

/// Writes a new table for the sealed file at `path`. `keep` gets the new keys, which stand nowhere else, before there is a table with
/// them. `at` is now, RFC 3339.
///
/// # Errors
/// [`RekeyError`]; then no table was written.
pub fn rekey(
    kept: &Kept,
    artist: &Signatory,
    path: &Path,
    wish: &Rekey,
    at: &str,
    keep: &mut dyn FnMut(&[Minted]) -> io::Result<()>,
) -> Result<Rekeyed, RekeyError> {
    let keys = kept.unlock(artist)?;
    let mut file = File::open(path).map_err(CustodyError::io("read", path))?;
    let length = file.metadata().map_err(CustodyError::io("read", path))?.len();
    let expected = Expected { file: Some(kept.header.id()), ..Expected::default() };
    let (front, begun) = open::front(&mut file, length, expected)?;
    if let Some(copy) = &wish.rewrite
        && staged::taken(copy, wish.force)
    {
        return Err(RekeyError::Exists(copy.clone()));
    }
    let mut ledger = kept.ledger().begin()?;
    settle::settle(&mut ledger, at)?;
    let (seq, slots) = before(path, &front, ledger.lines())?;
    let mut table = Table::new(&kept.header, &front);
    let revoked: Vec<KeyId> = ledger
        .lines()
        .iter()
        .filter_map(|line| match line.event {
            Event::RevokeNote { key, .. } => Some(key),
            _ => None,
        })
        .collect();
    let mut left_out = 0;
    for (number, key) in wish.keep.iter().enumerate() {
        let secret = key.secret(kept.header.id());
        if revoked.contains(&KeyId(*secret.id())) {
            left_out += 1;
            continue;
        }
        let granted = open::look_up_key(&mut file, &front, &begun, Some(path), &secret)?;
        let granted = granted.ok_or(RekeyError::UnknownKey(number + 1))?;
        table.add(key.clone(), granted.terms, granted.serial.unwrap_or(0));
    }
    let kept_keys = table.draft.keys.len() as u32;
    let first = ledger.next_serial();
    let (minted, sales) = mint_keys(kept, wish, first, &mut table)?;
    if table.draft.keys.is_empty() {
        return Err(RekeyError::NoKeys);
    }
    table.draft.seq = seq;
    let signer = Artist::new(artist);
    let mut rng = crate::sealed::rng();
    let bytes = match &wish.rewrite {
        None => table.draft.seal_alone(&kept.header, &keys, &signer, &mut rng)?,
        Some(_) => table.draft.seal(&kept.header, &keys, &signer, &mut rng)?,
    };
    // The ledger comes first, as it does for licences: there is no key that it does not know.
    let line = |event| Line { at: at.to_owned(), event };
    let numbers = Numbers { first, last: first.saturating_add(minted.len() as u32).saturating_sub(1) };
    let target = wish.rewrite.clone().unwrap_or_else(|| table_path(path));
    if !minted.is_empty() {
        let absolute = std::path::absolute(&target).unwrap_or(target.clone());
        let table = TableToBe {
            path: absolute.to_string_lossy().into_owned(),
            from: wish.rewrite.as_ref().map_or(0, |_| kept.header.bytes().len() as u64),
            length: bytes.len() as u64,
            sha256: KeyId(osp_core::content::sha256(&bytes)),
            seq,
            keys: table.draft.keys.len() as u32,
        };
        let begun = std::iter::once(numbers.begun_table(table)).chain(sales.into_iter().map(Event::Minted));
        ledger.append(begun.map(line).collect())?;
    }
    let rest = wish.rewrite.as_ref().map(|_| Rest { file, from: behind_table(&front), length });
    let replace = wish.rewrite.is_none() || wish.force;
    let written = keep(&minted)
        .map_err(RekeyError::Keep)
        .and_then(|()| write(&target, &kept.header, &bytes, rest, replace));
    let cid = match written {
        Ok(cid) => cid,
        Err(error) => {
            if !minted.is_empty() {
                settle::note(&mut ledger, numbers, "not handed out: no table was written", at)?;
            }
            return Err(error);
        }
    };
    let mut lines = vec![line(Event::Table { seq, keys: table.draft.keys.len() as u32 })];
    lines.extend((!minted.is_empty()).then(|| line(numbers.handed_out())));
    ledger.append(lines)?;
    let passphrases = slots;
    Ok(Rekeyed { path: target, seq, minted, kept: kept_keys, left_out, passphrases, cid })
}

/// The number of the next table: above all that were ever written. And the passphrases that the present one has.
fn before(path: &Path, front: &Front, lines: &[Line]) -> Result<(u64, usize), RekeyError> {
    let beside = open::table_at(&table_path(path), front)?;
    let present = beside.as_ref().or(front.table.as_ref());
    let written = lines.iter().filter_map(|line| match line.event {
        Event::Table { seq, .. } => Some(seq),
        _ => None,
    });
    let highest = written.chain(present.map(|head| head.seq)).max();
    Ok((highest.map_or(1, |seq| seq + 1), present.map_or(0, |head| head.slots.len())))
}

/// A table that is put together.
struct Table {
    draft: TableDraft,
}

impl Table {
    /// With what was open to all.
    fn new(header: &Header, front: &Front) -> Self {
        let open = front.table.iter().flat_map(|head| &head.grants).filter(|grant| grant.is_open());
        let fits = |terms: &Terms| terms.ranges.end() <= header.geometry().chunks();
        let grants = open.map(|grant| grant.terms.clone()).filter(fits);
        let grants = grants.map(|terms| GrantDraft { terms, open_to_all: true }).collect();
        Self { draft: TableDraft { grants, ..TableDraft::default() } }
    }

    fn add(&mut self, key: LicenceKey, terms: Terms, serial: u32) {
        let grants = &mut self.draft.grants;
        let same = grants.iter().position(|grant| !grant.open_to_all && grant.terms == terms);
        let number = same.unwrap_or_else(|| {
            grants.push(GrantDraft { terms, open_to_all: false });
            grants.len() - 1
        });
        self.draft.keys.push((key, number, serial));
    }
}

fn mint_keys(
    kept: &Kept,
    wish: &Rekey,
    first: u32,
    table: &mut Table,
) -> Result<(Vec<Minted>, Vec<Sale>), RekeyError> {
    let prefix = kept.header.key_prefix.as_deref().unwrap_or(DEFAULT_PREFIX);
    let (mut all, mut sales, mut serial) = (Vec::new(), Vec::new(), first);
    for (what, count) in &wish.mint {
        let opens = match what {
            mint::Opens::All => Opens::default(),
            mint::Opens::Named(name) if kept.header.cuts.iter().any(|cut| cut.name == *name) => {
                Opens { cut: Some(name.clone()), ..Opens::default() }
            }
            mint::Opens::Named(name) => Opens { tier: Some(name.clone()), ..Opens::default() },
        };
        let mut terms = wish.sale.terms(opens.ranges(&kept.header)?);
        (terms.cut, terms.tier) = (opens.cut, opens.tier);
        for minted in mint::mint(*count, serial, what, prefix)? {
            let id = KeyId(*minted.key.secret(kept.header.id()).id());
            sales.push(Sale::new(minted.serial, id, &terms, None));
            table.add(minted.key.clone(), terms.clone(), minted.serial);
            all.push(minted);
        }
        serial = serial.saturating_add(*count);
    }
    Ok((all, sales))
}

/// Where the signature of the seal, or the first chunk, is.
fn behind_table(front: &Front) -> u64 {
    front.table.as_ref().map_or(front.header.bytes().len() as u64 + 4, smsg::v3::table::Head::end)
}

/// What of the old file goes into the copy.
struct Rest {
    file: File,
    from: u64,
    length: u64,
}

fn write(
    path: &Path,
    header: &Header,
    table: &[u8],
    rest: Option<Rest>,
    replace: bool,
) -> Result<Option<Cid>, RekeyError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => RekeyError::Exists(path.to_owned()),
        _ => RekeyError::Write { path: path.to_owned(), source },
    };
    let mut staged = Staged::beside(path).map_err(failed)?;
    let copy = rest.is_some();
    if let Some(Rest { mut file, from, length }) = rest {
        let out = staged.file();
        out.write_all(header.bytes()).and_then(|()| out.write_all(table)).map_err(failed)?;
        file.seek(SeekFrom::Start(from)).map_err(failed)?;
        let copied = io::copy(&mut file.take(length - from), out).map_err(failed)?;
        if copied != length - from {
            return Err(ReleaseError::from(Refused::Truncated("its chunks")).into());
        }
    } else {
        staged.file().write_all(table).map_err(failed)?;
    }
    let finished = staged.finish().map_err(failed)?;
    let cid = match copy {
        true => Some(File::open(finished.path()).and_then(crate::sealed::content_id).map_err(failed)?),
        false => None,
    };
    finished.place(path, replace).map_err(failed)?;
    staged::sync_folder(&staged::folder(path)).map_err(failed)?;
    Ok(cid)
}
