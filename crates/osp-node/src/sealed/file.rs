//! A sealed file on disk: its beginning read, ready to be looked at or opened.

use super::{InspectError, Inspection, UnsealError, Unsealed, Watch, extract::Extract, input::Input};
use smsg::{
    Header, Limits, OpenError, Prefix, UnixTime,
    header::Format,
    keys::Credential,
    open::{self, Options},
    text::{BinaryReader, Encoding},
};
use std::{
    io::{self, Seek as _},
    path::{Path, PathBuf},
};

/// From this many bytes on, a file of one box is read twice instead of being held: memory then does not grow with it.
const TWO_PASSES_FROM: u64 = 64 << 20;

/// A sealed file whose header was read and understood.
#[derive(Debug)]
pub struct SealedFile {
    pub(super) path: PathBuf,
    pub(super) input: Input,
    pub(super) encoding: Encoding,
    pub(super) prefix: Prefix,
}

/// How to open it.
#[derive(Clone, Copy, Debug)]
pub struct UnsealOptions<'o> {
    /// The folder for the attachments; made when there are any.
    pub out: &'o Path,
    /// Replace files that are there.
    pub force: bool,
    /// Bounds.
    pub limits: Limits,
    /// When it is now.
    pub now: UnixTime,
    /// Open a file whose licence has ended all the same.
    pub ignore_expiry: bool,
    /// The folder that keeps when licences were first used.
    pub home: Option<&'o Path>,
}

impl SealedFile {
    /// Opens a file, `-` for standard input, and reads its header and no more.
    ///
    /// # Errors
    /// [`InspectError::Input`], [`InspectError::Open`].
    pub fn open(path: &Path) -> Result<Self, InspectError> {
        let input = Input::open_sealed(path).map_err(|e| unreadable(path, e))?;
        Self::of(path, input)
    }

    pub(super) fn of(path: &Path, mut input: Input) -> Result<Self, InspectError> {
        let fail = |source| unreadable(path, source);
        let mut reader = BinaryReader::new(io::BufReader::new(&mut input.file)).map_err(fail)?;
        let encoding = reader.encoding();
        let prefix = Prefix::read(&mut reader).map_err(|e| match e {
            OpenError::Read(source) => fail(source),
            other => InspectError::Open(other),
        })?;
        input.file.rewind().map_err(fail)?;
        Ok(Self { path: path.to_owned(), input, encoding, prefix })
    }

    /// What it says in the clear.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.prefix.header
    }

    /// Opens it with the first of the credentials that fits, and puts its attachments into the folder.
    ///
    /// # Errors
    /// [`UnsealError`]; then nothing in the folder was changed. Without credentials, [`OpenError::PasswordRequired`].
    pub fn unseal(
        &mut self,
        credentials: &[Credential],
        options: &UnsealOptions<'_>,
        watch: &dyn Watch,
    ) -> Result<Unsealed, UnsealError> {
        let mut refused = UnsealError::Open(OpenError::PasswordRequired);
        for credential in credentials {
            let mut extract = Extract::new(options.out, options.force, watch);
            match self.open_with(credential, options, &mut extract) {
                Ok(opened) => {
                    let manifest = opened.header.manifest.as_ref();
                    let expired = manifest.is_some_and(|m| m.is_expired(options.now));
                    return extract.finish(opened.message, expired);
                }
                // Another spelling of the key may be the right one.
                Err(e @ OpenError::DecryptionFailed { .. }) => refused = extract.error(e),
                Err(OpenError::Read(source)) if !watch.stopped() => {
                    return Err(UnsealError::Input { path: self.path.clone(), source });
                }
                Err(e) => return Err(extract.error(e)),
            }
        }
        Err(refused)
    }

    fn open_with(
        &mut self,
        credential: &Credential,
        options: &UnsealOptions<'_>,
        extract: &mut Extract<'_>,
    ) -> Result<open::Opened, OpenError> {
        let now = (!options.ignore_expiry).then_some(options.now);
        let opening = Options { limits: options.limits, now };
        self.input.file.rewind().map_err(OpenError::Read)?;
        let one_box = self.header().format != Format::V1 && self.header().chunked.is_none();
        if self.encoding == Encoding::Binary && one_box && self.input.len >= TWO_PASSES_FROM {
            let mut notes_key = [0; 32];
            getrandom::fill(&mut notes_key).map_err(|e| OpenError::Read(io::Error::other(e)))?;
            return open::open_two_pass(&mut self.input.file, credential, &opening, notes_key, extract);
        }
        open::open(&self.input.file, Some(self.input.len), credential, &opening, extract)
    }

    /// What it says without a key, of its contents nothing.
    ///
    /// # Errors
    /// [`InspectError`].
    pub fn inspect(mut self, now: UnixTime) -> Result<Inspection, InspectError> {
        super::inspect::of_file(&mut self, now).map(|file| Inspection::File(Box::new(file)))
    }
}

pub(super) fn unreadable(path: &Path, source: io::Error) -> InspectError {
    // Damaged base64 comes through the reader.
    match source.downcast::<smsg::ContainerError>() {
        Ok(damaged) => InspectError::Open(damaged.into()),
        Err(source) => InspectError::Input { path: path.to_owned(), source },
    }
}
