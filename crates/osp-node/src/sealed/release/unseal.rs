//! A release into a folder: every part that the licence opens, and cuts of those that it opens in part. All chunks of the file are
//! verified, and nothing has its name before.

use super::{
    ReleaseError,
    draft::MESSAGE_MEMBER,
    open::{self, Keyring, Opened},
    pieces::{Pieces, cut_name},
};
use crate::sealed::{
    UnsealError, UnsealOptions, Unsealed, Watch, extract::Extract, input::Input, signing::NOTARY,
};
use osp_media::timeline::{MAX_OGG_PAGE, end_ogg_stream};
use smsg::{
    Attachment, Message, UnixTime,
    open::Sink as _,
    v3::{
        Header,
        open::{Begun, Expected, Front, OpenError, Opener, Trust, unseal},
    },
};
use std::{
    io::{self, BufReader, Read as _, Seek as _},
    path::{Path, PathBuf},
};

/// How an Ogg page begins.
const OGG: &[u8] = b"OggS";

/// Longest message that is shown; a longer one is a file like others.
const MAX_MESSAGE: u64 = 1 << 20;

/// A sealed file of version 3.0 whose header was read and verified.
#[derive(Debug)]
pub struct ReleaseFile {
    path: PathBuf,
    input: Input,
    front: Front,
    begun: Begun,
}

/// What the attachments of an [`Unsealed`] were opened by.
#[derive(Clone, Debug)]
pub struct Licensed {
    /// The file, its terms, and how it was opened.
    pub opened: Opened,
    /// Of each attachment, whether it is a cut.
    pub cuts: Vec<bool>,
}

impl ReleaseFile {
    pub(in crate::sealed) fn of(path: &Path, mut input: Input) -> Result<Self, ReleaseError> {
        let (front, begun) = open::front(&mut input.file, input.len, Expected::default())?;
        Ok(Self { path: path.to_owned(), input, front, begun })
    }

    /// What it says of itself, signed.
    #[must_use]
    pub fn front(&self) -> &Front {
        &self.front
    }

    /// Bytes of the file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.input.len
    }

    /// Where it lies, if it has a place.
    #[must_use]
    pub fn place(&self) -> Option<&Path> {
        self.input.reopens.then_some(self.path.as_path())
    }

    /// Opens it, without reading any music.
    ///
    /// # Errors
    /// [`ReleaseError`].
    pub fn open(&mut self, ring: &Keyring) -> Result<Opened, ReleaseError> {
        open::open(&mut self.input.file, self.front.clone(), &self.begun, ring)
    }

    /// Puts what the licence opens into the folder.
    ///
    /// # Errors
    /// [`UnsealError`]; then nothing in the folder was changed.
    pub fn unseal(
        &mut self,
        opened: Opened,
        options: &UnsealOptions<'_>,
        watch: &dyn Watch,
    ) -> Result<Unsealed, UnsealError> {
        let expired = matches!(opened.admit(options.now, options.home), Err(ReleaseError::Over(_)));
        if !options.ignore_expiry {
            opened.admit(options.now, options.home)?;
        }
        let header = opened.front.header.clone();
        let plan = OutputPlan::new(&header, &opened);
        let mut extract = Extract::new(options.out, options.force, watch);
        let mut writer = Writer {
            header: &header,
            plan: &plan,
            extract: &mut extract,
            last: None,
            held: None,
            message: Vec::new(),
        };
        let read = writer.begin().and_then(|()| self.read(&opened, &mut writer));
        let read = read.and_then(|()| writer.end_cut().map_err(OpenError::Write));
        let message = std::mem::take(&mut writer.message);
        if let Err(error) = read {
            return Err(match error {
                OpenError::Read(source) if !watch.stopped() => {
                    UnsealError::Input { path: self.path.clone(), source }
                }
                OpenError::Refused(refused) => ReleaseError::Refused(refused).into(),
                OpenError::Read(e) | OpenError::Write(e) => extract.error(smsg::OpenError::Write(e)),
            });
        }
        let message = Message { attachments: plan.outputs.clone(), ..text(&message) };
        let mut unsealed = extract.finish(message, expired)?;
        unsealed.licensed = Some(Box::new(Licensed { opened, cuts: plan.cuts }));
        Ok(unsealed)
    }

    fn read(&mut self, opened: &Opened, writer: &mut Writer<'_, '_>) -> Result<(), OpenError> {
        self.input.file.rewind().map_err(OpenError::Read)?;
        let opener = Opener::Granted(Box::new(opened.granted.clone()));
        let expected = Expected { file: Some(opened.front.header.id()), ..Expected::default() };
        let source = BufReader::new(&self.input.file);
        let file = unseal(source, expected, &opener, Trust::Digests, &NOTARY)?;
        file.chunks(|place, bytes| writer.chunk(place.part, bytes))
    }

    /// Whether the licence that opened it lies beside it already; if not, its bytes are put there.
    ///
    /// # Errors
    /// The system's.
    pub fn keep_licence(&self, name: &str, licence: &[u8]) -> io::Result<Option<PathBuf>> {
        let Some(place) = self.place() else { return Ok(None) };
        let path = place.with_file_name(name);
        if path.exists() {
            return Ok(None);
        }
        let mut staged = crate::staged::Staged::beside(&path)?;
        io::Write::write_all(staged.file(), licence)?;
        staged.finish()?.place(&path, false)?;
        Ok(Some(path))
    }
}

/// What is written where.
struct OutputPlan {
    /// Of each part.
    pieces: Vec<Option<Pieces>>,
    /// Of each part, the number of its output.
    numbers: Vec<Option<usize>>,
    outputs: Vec<Attachment>,
    cuts: Vec<bool>,
    message: Option<usize>,
}

impl OutputPlan {
    fn new(header: &Header, opened: &Opened) -> Self {
        let named = header.json().get(MESSAGE_MEMBER).and_then(|name| name.as_str());
        let pieces: Vec<_> =
            (0..header.parts().len()).map(|part| Pieces::of(header, &opened.granted, part)).collect();
        let message = header.parts().iter().position(|part| Some(part.name.as_str()) == named);
        let message = message.filter(|at| {
            pieces[*at].as_ref().is_some_and(|pieces| pieces.whole && pieces.bytes() <= MAX_MESSAGE)
        });
        let mut plan = Self {
            numbers: vec![None; pieces.len()],
            pieces,
            outputs: Vec::new(),
            cuts: Vec::new(),
            message,
        };
        for (at, part) in header.parts().iter().enumerate() {
            let Some(pieces) = plan.pieces[at].as_ref().filter(|_| message != Some(at)) else { continue };
            let init = pieces.beginning(header, at).len() as u64;
            let name = if pieces.whole { part.name.clone() } else { cut_name(&part.name) };
            plan.numbers[at] = Some(plan.outputs.len());
            plan.outputs.push(Attachment { name, mime: part.mime.clone(), size: init + pieces.bytes() });
            plan.cuts.push(!pieces.whole);
        }
        plan
    }
}

/// Verified plaintext on its way to the files.
struct Writer<'w, 'x> {
    header: &'w Header,
    plan: &'w OutputPlan,
    extract: &'w mut Extract<'x>,
    /// The part that was written to last.
    last: Option<usize>,
    /// The end of a cut of Ogg, as far as it was written: its last page is to say that it is the last.
    held: Option<(usize, Vec<u8>)>,
    message: Vec<u8>,
}

impl Writer<'_, '_> {
    fn begin(&mut self) -> Result<(), OpenError> {
        let message = Message { attachments: self.plan.outputs.clone(), ..Message::default() };
        self.extract.message(&message).map_err(OpenError::Write)
    }

    fn chunk(&mut self, part: usize, bytes: &[u8]) -> io::Result<()> {
        if self.plan.message == Some(part) {
            self.message.extend_from_slice(bytes);
            return Ok(());
        }
        let Some(number) = self.plan.numbers.get(part).copied().flatten() else { return Ok(()) };
        if self.last != Some(part) {
            self.end_cut()?;
            self.last = Some(part);
            if let Some(pieces) = &self.plan.pieces[part] {
                let (beginning, bytes) =
                    (pieces.beginning(self.header, part), bytes.get(pieces.skip..).unwrap_or_default());
                let is_ogg = beginning.starts_with(OGG) || beginning.is_empty() && bytes.starts_with(OGG);
                self.held = (is_ogg && !pieces.whole).then(|| (number, Vec::new()));
                self.content(number, &beginning)?;
                return self.content(number, bytes);
            }
        }
        self.content(number, bytes)
    }

    fn content(&mut self, number: usize, bytes: &[u8]) -> io::Result<()> {
        let Some((_, held)) = &mut self.held else { return self.extract.content(number, bytes) };
        held.extend_from_slice(bytes);
        let done = held.len().saturating_sub(MAX_OGG_PAGE);
        self.extract.content(number, &held[..done])?;
        held.drain(..done);
        Ok(())
    }

    /// Writes the end of a cut of Ogg.
    fn end_cut(&mut self) -> io::Result<()> {
        let Some((number, mut end)) = self.held.take() else { return Ok(()) };
        end_ogg_stream(&mut end);
        self.extract.content(number, &end)
    }
}

/// The message, or nothing if the part is none.
fn text(json: &[u8]) -> Message {
    let value: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
    let text = |member: &str| value.get(member).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    Message {
        subject: text("subject"),
        body: text("body"),
        from: text("from"),
        timestamp: value.get("timestamp").and_then(serde_json::Value::as_i64).unwrap_or(0),
        ..Message::default()
    }
}

/// Reads a licence from a file.
///
/// # Errors
/// The system's.
pub fn read_licence(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = smsg::v3::limits::MAX_LICENCE as u64 + 1;
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// When something is, as the format counts.
#[must_use]
pub fn moment(seconds: u64) -> UnixTime {
    UnixTime(i64::try_from(seconds).unwrap_or(i64::MAX))
}
