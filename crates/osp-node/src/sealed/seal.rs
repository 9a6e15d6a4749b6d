//! Files into a sealed file.

use super::{SealFileError, Watch, input::Input, interrupted, media_type};
use crate::staged::{self, Staged};
use osp_core::{
    Cid,
    unixfs::{Importer, Profile},
};
use smsg::{
    Attachment, Manifest, Message,
    seal::{Release, Source, Target},
};
use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// The name of what came through standard input.
const NAMELESS: &str = "attachment";

/// What to seal, and how.
#[derive(Clone, Debug)]
pub struct SealRequest {
    /// The attachments, in this order; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// The message. Its attachments are made of `files`.
    pub message: Message,
    /// In the clear.
    pub manifest: Option<Manifest>,
    /// In the clear, v1 only.
    pub hint: Option<String>,
    /// Format and key.
    pub target: Target,
    /// Base64 text instead of bytes.
    pub base64: bool,
}

/// A sealed file.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// Bytes of the file.
    pub size: u64,
    /// What it has inside: the message with its attachments.
    pub message: Message,
    /// CID of the file, profile unixfs-v1-2025; only of a file on disk.
    pub cid: Option<Cid>,
}

/// Seals into a new file: whole, or not at all.
///
/// # Errors
/// [`SealFileError`]; then nothing was written.
pub fn seal_file(
    request: &SealRequest,
    out: &Path,
    force: bool,
    watch: &dyn Watch,
) -> Result<Sealed, SealFileError> {
    if staged::taken(out, force) {
        return Err(SealFileError::Exists(out.to_owned()));
    }
    let fail = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => SealFileError::Exists(out.to_owned()),
        _ => SealFileError::Output { path: out.to_owned(), source },
    };
    let parts = look_at(request)?;
    // From this look on an interrupt is only noted: before it one would leave the file below behind.
    if watch.stopped() {
        return Err(SealFileError::Stopped);
    }
    let mut staged = Staged::beside(out).map_err(fail)?;
    let mut sealed = write(request, parts, staged.file(), watch).map_err(|e| match e {
        SealFileError::Output { source, .. } => fail(source),
        other => other,
    })?;
    let finished = staged.finish().map_err(fail)?;
    let cid = File::open(finished.path()).and_then(cid).map_err(fail)?;
    if watch.stopped() {
        return Err(SealFileError::Stopped);
    }
    finished.place(out, force).map_err(fail)?;
    staged::sync_folder(&staged::folder(out)).map_err(fail)?;
    sealed.cid = Some(cid);
    Ok(sealed)
}

/// In the memory of one leaf, where publishing takes some on each core: sealing a stream promises to need little.
pub(crate) fn cid(mut file: File) -> io::Result<Cid> {
    let mut importer = Importer::new(Profile::V1_2025);
    let mut buffer = vec![0; Profile::V1_2025.chunk_size()];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(importer.finish()),
            read => importer.update(&buffer[..read]),
        }
    }
}

/// Seals to a writer.
///
/// # Errors
/// [`SealFileError`]; part of the file may have been written.
pub fn seal_to(
    request: &SealRequest,
    out: &mut dyn Write,
    watch: &dyn Watch,
) -> Result<Sealed, SealFileError> {
    write(request, look_at(request)?, out, watch)
}

/// What there is to seal. Waits until what comes from pipes is there.
fn look_at(request: &SealRequest) -> Result<Vec<Part>, SealFileError> {
    request.files.iter().map(|path| Part::look_at(path)).collect()
}

fn write(
    request: &SealRequest,
    mut parts: Vec<Part>,
    out: &mut dyn Write,
    watch: &dyn Watch,
) -> Result<Sealed, SealFileError> {
    let mut message = request.message.clone();
    message.attachments = parts.iter().map(|part| part.attachment.clone()).collect();
    let release = Release { message, manifest: request.manifest.clone(), hint: request.hint.clone() };
    let total = parts.iter().map(|part| part.attachment.size).sum();
    let done = std::cell::Cell::new(0);
    let mut sources: Vec<Source<'_>> =
        parts.iter_mut().map(|part| Source(Box::new(Watched::new(part, watch, &done, total)))).collect();
    let size = if request.base64 {
        let mut text = Base64Writer { out, rest: Vec::new(), written: 0 };
        smsg::seal::seal(&release, &mut sources, &request.target, &mut super::rng(), &mut text)
            .and_then(|_| text.finish().map_err(smsg::SealError::Write))
    } else {
        smsg::seal::seal(&release, &mut sources, &request.target, &mut super::rng(), out)
    };
    drop(sources);
    let size = size.map_err(|error| match error {
        _ if watch.stopped() => SealFileError::Stopped,
        smsg::SealError::Write(source) => SealFileError::Output { path: "-".into(), source },
        smsg::SealError::Read { name, error } => {
            let named = parts.iter().position(|p| p.attachment.name == name);
            let path = named.and_then(|n| request.files.get(n)).cloned().unwrap_or_else(|| name.into());
            SealFileError::Input { path, source: error }
        }
        other => other.into(),
    })?;
    Ok(Sealed { size, message: release.message, cid: None })
}

/// One file to be sealed.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) attachment: Attachment,
    pub(super) path: PathBuf,
    /// Open; files on disk are closed until their turn comes, for there may be more of them than may be open at once.
    file: Option<File>,
    /// Whether it can be opened again by its path.
    reopens: bool,
    ended: bool,
}

impl Part {
    pub(super) fn look_at(path: &Path) -> Result<Self, SealFileError> {
        let fail = |source| SealFileError::Input { path: path.to_owned(), source };
        let mut input = Input::open(path).map_err(fail)?;
        let name = path.file_name().filter(|name| *name != "-" || input.reopens);
        let name = name.map_or_else(|| NAMELESS.to_owned(), |name| name.to_string_lossy().into_owned());
        let mime = media_type::of(&mut input.file, input.len, &name).map_err(fail)?;
        let name = if input.reopens { name } else { name + crate::filename::extension(&mime) };
        Ok(Self {
            attachment: Attachment { name, mime, size: input.len },
            path: path.to_owned(),
            reopens: input.reopens,
            file: (!input.reopens).then_some(input.file),
            ended: false,
        })
    }

    /// The file, at its beginning if nothing was read yet.
    pub(super) fn file(&mut self) -> io::Result<&mut File> {
        Ok(match &mut self.file {
            Some(file) => file,
            closed => closed.insert(File::open(&self.path)?),
        })
    }

    /// Closes what can be opened again; its reader begins at its beginning.
    pub(super) fn close(&mut self) {
        if self.reopens {
            self.file = None;
        }
    }
}

impl Read for Part {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let read = self.file()?.read(buf)?;
        if read == 0 && !buf.is_empty() {
            self.file = None;
            self.ended = true;
        }
        Ok(read)
    }
}

/// Tells how far reading is, and ends it when nobody wants it any more.
pub(super) struct Watched<'w> {
    part: &'w mut Part,
    watch: &'w dyn Watch,
    done: &'w std::cell::Cell<u64>,
    total: u64,
}

impl<'w> Watched<'w> {
    /// `done` counts the bytes of all parts.
    pub(super) fn new(
        part: &'w mut Part,
        watch: &'w dyn Watch,
        done: &'w std::cell::Cell<u64>,
        total: u64,
    ) -> Self {
        Self { part, watch, done, total }
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.watch.stopped() {
            return Err(interrupted());
        }
        let read = self.part.read(buf)?;
        self.done.set(self.done.get() + read as u64);
        self.watch.progress(self.done.get(), self.total);
        Ok(read)
    }
}

/// Standard base64 with padding on one line, as it comes, and a line's end.
struct Base64Writer<'o> {
    out: &'o mut dyn Write,
    /// Fewer than three bytes that wait for the next.
    rest: Vec<u8>,
    written: u64,
}

impl Base64Writer<'_> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        /// A multiple of three: pieces of it need no padding.
        const PIECE: usize = 48 * 1024;
        for piece in bytes.chunks(PIECE) {
            let text = data_encoding::BASE64.encode(piece);
            self.out.write_all(text.as_bytes())?;
            self.written += text.len() as u64;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<u64> {
        let rest = std::mem::take(&mut self.rest);
        self.put(&rest)?;
        self.out.write_all(b"\n")?;
        Ok(self.written + 1)
    }
}

impl Write for Base64Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let missing = (3 - self.rest.len() % 3) % 3;
        let (first, others) = bytes.split_at(missing.min(bytes.len()));
        self.rest.extend_from_slice(first);
        if self.rest.len() == 3 {
            let whole = std::mem::take(&mut self.rest);
            self.put(&whole)?;
        }
        let (whole, rest) = others.split_at(others.len() / 3 * 3);
        self.put(whole)?;
        self.rest.extend_from_slice(rest);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Base64Writer;
    use std::io::Write as _;

    #[test]
    fn text_is_the_same_however_it_is_written() {
        let bytes: Vec<u8> = (0..200_003u32).map(|n| (n % 251) as u8).collect();
        for step in [1, 2, 3, 4, 5, 1000, 200_003] {
            let mut out = Vec::new();
            let mut writer = Base64Writer { out: &mut out, rest: Vec::new(), written: 0 };
            bytes.chunks(step).for_each(|piece| writer.write_all(piece).unwrap());
            let length = writer.finish().unwrap();
            assert_eq!(length, out.len() as u64, "{step}");
            assert_eq!(out, (data_encoding::BASE64.encode(&bytes) + "\n").as_bytes(), "{step}");
        }
    }
}
