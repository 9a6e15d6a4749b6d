//! Files into a release: planned, signed, encrypted, and only then under its name.

use super::{
    DraftError,
    about::{About, PREVIEW_SECONDS, Sale},
    draft::{Layout, MESSAGE_MEMBER, Plan, Planned, ReleaseFile},
    mint::{Minted, Opens},
    ranges::Stretches,
};
use crate::{
    filename::Distinct,
    sealed::{
        SealFileError, Watch,
        seal::{Part, Watched, cid},
        signing::NOTARY,
    },
    staged::{self, Staged},
};
use osp_core::Cid;
use smsg::{
    Attachment, Message,
    keys::Password,
    v3::{
        Header, SealError,
        passphrase::{Passphrase, Stretch as Work},
        ranges::Ranges,
        seal::Preparation,
        signing::Signer,
        table::{GrantDraft, TableDraft},
        terms::{Kind, Terms},
        tree::Keys,
    },
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek as _, Write},
    path::{Path, PathBuf},
};

/// What to seal, and for whom.
#[derive(Clone, Debug, Default)]
pub struct ReleaseRequest {
    /// Files, in this order.
    pub files: Vec<ReleaseFile>,
    /// A text for those who open everything; what it says of attachments does not count.
    pub message: Message,
    /// What is in the clear.
    pub about: About,
    /// Cuts, by name.
    pub cuts: Vec<(String, Stretches)>,
    /// What is open to all.
    pub preview: Option<Stretches>,
    /// What keys and passphrase are sold for.
    pub sale: Sale,
    /// Keys of the table in the file.
    pub keys: Vec<Minted>,
    /// A passphrase that opens everything, and how much work each guess is.
    pub passphrase: Option<(Password, Work)>,
    /// How the artist's keys begin.
    pub prefix: Option<String>,
    /// Now, Unix seconds.
    pub created: u64,
}

/// A sealed release. Its keys open everything and are wiped when dropped: keep their root with the artist's identity.
#[derive(Debug)]
pub struct SealedRelease {
    /// The header.
    pub header: Header,
    /// The keys to everything.
    pub keys: Keys,
    /// Bytes of the file.
    pub size: u64,
    /// CID of the file, profile unixfs-v1-2025.
    pub cid: Cid,
    /// What is inside, in order.
    pub parts: Vec<Attachment>,
    /// Keys of its table.
    pub minted: Vec<crate::sales::Minted>,
}

/// Seals into a new file: whole, or not at all. `keep` is called when the file is written and has no name yet: what it
/// cannot keep is not published.
///
/// # Errors
/// [`SealFileError`]; then there is no file.
pub fn seal_release(
    request: &ReleaseRequest,
    signer: &dyn Signer,
    out: &Path,
    force: bool,
    watch: &dyn Watch,
    keep: &mut dyn FnMut(&SealedRelease) -> Result<(), SealFileError>,
) -> Result<SealedRelease, SealFileError> {
    if staged::taken(out, force) {
        return Err(SealFileError::Exists(out.to_owned()));
    }
    let fail = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => SealFileError::Exists(out.to_owned()),
        _ => SealFileError::Output { path: out.to_owned(), source },
    };
    let prepared = Prepared::new(request, signer)?;
    // From this look on an interrupt is only noted: before it one would leave the file below behind.
    if watch.stopped() {
        return Err(SealFileError::Stopped);
    }
    let mut staged = Staged::beside(out).map_err(fail)?;
    let minted = prepared.minted.clone();
    let (header, keys, size, parts) = prepared.write(signer, staged.file(), out, watch)?;
    let finished = staged.finish().map_err(fail)?;
    let cid = File::open(finished.path()).and_then(cid).map_err(fail)?;
    if watch.stopped() {
        return Err(SealFileError::Stopped);
    }
    let sealed = SealedRelease { header, keys, size, cid, parts, minted };
    keep(&sealed)?;
    finished.place(out, force).map_err(fail)?;
    staged::sync_folder(&staged::folder(out)).map_err(fail)?;
    Ok(sealed)
}

/// Seals to a writer, by way of a file without a name: digests are filled in last.
///
/// # Errors
/// [`SealFileError`]; part of the file may have been written.
pub fn seal_release_to(
    request: &ReleaseRequest,
    signer: &dyn Signer,
    out: &mut dyn Write,
    watch: &dyn Watch,
    keep: &mut dyn FnMut(&SealedRelease) -> Result<(), SealFileError>,
) -> Result<SealedRelease, SealFileError> {
    let path = Path::new("-");
    let fail = |source| SealFileError::Output { path: path.to_owned(), source };
    let prepared = Prepared::new(request, signer)?;
    let mut file = tempfile::tempfile().map_err(fail)?;
    let minted = prepared.minted.clone();
    let (header, keys, size, parts) = prepared.write(signer, &mut file, path, watch)?;
    file.rewind().map_err(fail)?;
    let cid = cid(file.try_clone().map_err(fail)?).map_err(fail)?;
    let sealed = SealedRelease { header, keys, size, cid, parts, minted };
    keep(&sealed)?;
    file.rewind().map_err(fail)?;
    io::copy(&mut file, out).map_err(fail)?;
    Ok(sealed)
}

/// A signed header, its table, and what is to be read.
struct Prepared {
    preparation: Preparation,
    table: Option<Vec<u8>>,
    files: Vec<Part>,
    message: Option<Vec<u8>>,
    paths: BTreeMap<String, PathBuf>,
    minted: Vec<crate::sales::Minted>,
}

impl Prepared {
    fn new(request: &ReleaseRequest, signer: &dyn Signer) -> Result<Self, SealFileError> {
        check_names(request)?;
        let mut names = Distinct::default();
        let mut files = Vec::new();
        let mut parts = Vec::new();
        let mut paths = BTreeMap::new();
        for file in &request.files {
            let mut part = Part::look_at(&file.path)?;
            let planned = Planned::of_file(&mut part, file.tier.clone(), &mut names)?;
            paths.insert(planned.name().to_owned(), file.path.clone());
            parts.push(planned);
            files.push(part);
        }
        let mut about = request.about.clone();
        let message = message(&request.message);
        if let Some(message) = &message {
            let part = Planned::message(message.len() as u64, &mut names);
            about.more.insert(MESSAGE_MEMBER.into(), part.name().into());
            parts.push(part);
        }
        let first = Stretches::first_seconds(PREVIEW_SECONDS);
        let opened = (request.sale.kind == Kind::Preview).then(|| request.preview.as_ref().unwrap_or(&first));
        let stretches = (request.cuts.iter().map(|(name, stretches)| (name.as_str(), stretches)))
            .chain(request.preview.as_ref().map(|preview| ("preview", preview)))
            .chain(opened.map(|opened| ("preview", opened)));
        let layout = Plan::new(&parts, &about).lay_out(stretches)?;
        let draft = layout.header(&about, &request.cuts, request.prefix.clone(), request.created)?;
        let mut rng = crate::sealed::rng();
        let header = draft.sign(signer, &NOTARY, &mut rng)?;
        let preparation = Preparation::new(header, &mut rng);
        let table = table(request, &layout, opened)?;
        let id = preparation.header().id();
        let minted = table.iter().flat_map(|table| {
            table.keys.iter().map(|(key, grant, serial)| crate::sales::Minted {
                serial: *serial,
                key: *key.secret(id).id(),
                terms: table.grants[*grant].terms.clone(),
            })
        });
        let minted = minted.collect();
        let table = table
            .map(|table| table.seal(preparation.header(), preparation.keys(), signer, &mut rng))
            .transpose()?;
        Ok(Self { preparation, table, files, message, paths, minted })
    }

    fn write(
        mut self,
        signer: &dyn Signer,
        file: &mut File,
        out: &Path,
        watch: &dyn Watch,
    ) -> Result<(Header, Keys, u64, Vec<Attachment>), SealFileError> {
        let header = self.preparation.header().clone();
        let bytes = |at| header.geometry().part_bytes(at).unwrap_or(0);
        let attachments = header.parts().iter().enumerate().map(|(at, part)| Attachment {
            name: part.name.clone(),
            mime: part.mime.clone(),
            size: bytes(at),
        });
        let attachments: Vec<_> = attachments.collect();
        let total = attachments.iter().map(|part| part.size).sum();
        let done = std::cell::Cell::new(0);
        let mut readers: Vec<Box<dyn Read + '_>> = Vec::new();
        for part in &mut self.files {
            readers.push(Box::new(Watched::new(part, watch, &done, total)));
        }
        if let Some(message) = &self.message {
            readers.push(Box::new(message.as_slice()));
        }
        let mut sources: Vec<&mut dyn Read> =
            readers.iter_mut().map(|reader| &mut **reader as &mut dyn Read).collect();
        let sealed = self.preparation.seal(self.table.as_deref(), &mut sources, signer, file);
        let (keys, size) = sealed.map_err(|error| match error {
            _ if watch.stopped() => SealFileError::Stopped,
            SealError::Write(source) => SealFileError::Output { path: out.to_owned(), source },
            SealError::Read { name, error } => {
                let path = self.paths.get(&name).cloned().unwrap_or_else(|| name.into());
                SealFileError::Input { path, source: error }
            }
            other => other.into(),
        })?;
        Ok((header, keys, size, attachments))
    }
}

/// Cuts and tiers share their names: keys are minted for either.
fn check_names(request: &ReleaseRequest) -> Result<(), DraftError> {
    let mut cuts: Vec<&str> = request.cuts.iter().map(|(name, _)| name.as_str()).collect();
    cuts.sort_unstable();
    let tiers = || request.files.iter().filter_map(|file| file.tier.as_deref());
    let twice = cuts.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    match twice.or_else(|| tiers().find(|tier| cuts.binary_search(tier).is_ok())) {
        Some(name) => Err(DraftError::NameTwice(name.to_owned())),
        None => Ok(()),
    }
}

/// The message as a part, if it says anything.
fn message(message: &Message) -> Option<Vec<u8>> {
    let says = !(message.subject.is_empty() && message.body.is_empty() && message.from.is_empty());
    let message = Message { attachments: Vec::new(), ..message.clone() };
    says.then(|| serde_json::to_vec(&message).ok()).flatten()
}

/// The table of the file; none if nobody is to open it yet.
fn table(
    request: &ReleaseRequest,
    layout: &Layout<'_>,
    opened: Option<&Stretches>,
) -> Result<Option<TableDraft>, SealFileError> {
    let mut table = TableDraft::default();
    let mut numbers: BTreeMap<Opens, usize> = BTreeMap::new();
    let mut grant = |opens: &Opens, table: &mut TableDraft| -> Result<usize, DraftError> {
        if let Some(number) = numbers.get(opens) {
            return Ok(*number);
        }
        let terms = terms(request, layout, opened, opens)?;
        table.grants.push(GrantDraft { terms, open_to_all: false });
        numbers.insert(opens.clone(), table.grants.len() - 1);
        Ok(table.grants.len() - 1)
    };
    for minted in &request.keys {
        let number = grant(&minted.opens, &mut table)?;
        table.keys.push((minted.key.clone(), number, minted.serial));
    }
    if let Some((passphrase, work)) = &request.passphrase {
        let number = grant(&Opens::All, &mut table)?;
        table.passphrases.push(Passphrase::new(passphrase.as_str(), *work, number)?);
    }
    if let Some(preview) = &request.preview {
        let ranges = layout.ranges("preview", preview)?;
        table.grants.push(GrantDraft { terms: Terms::new(Kind::Preview, ranges), open_to_all: true });
    }
    Ok((!table.grants.is_empty()).then_some(table))
}

fn terms(
    request: &ReleaseRequest,
    layout: &Layout<'_>,
    opened: Option<&Stretches>,
    opens: &Opens,
) -> Result<Terms, DraftError> {
    let Opens::Named(name) = opens else {
        let ranges = match opened {
            Some(stretches) => layout.ranges("preview", stretches)?,
            None => Ranges::all(layout.chunks()),
        };
        return Ok(request.sale.terms(ranges));
    };
    if let Some((name, stretches)) = request.cuts.iter().find(|(cut, _)| cut == name) {
        let mut terms = request.sale.terms(layout.ranges(name, stretches)?);
        terms.cut = Some(name.clone());
        return Ok(terms);
    }
    let mut terms = request.sale.terms(layout.tier(name)?);
    terms.tier = Some(name.clone());
    Ok(terms)
}
