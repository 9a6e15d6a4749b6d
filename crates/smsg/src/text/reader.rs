//! Reading either form as binary, in constant memory.

use super::{Encoding, base64, detect, once};
use crate::{
    error::{ContainerError, OpenError},
    limits::DETECTED_WITHIN,
};
use std::io::{self, Read};

/// Bytes, line breaks not counted, that the form is judged by; and of decoded text, whether it was encoded twice.
const NEEDED: usize = 4;

/// Bytes that are asked for at a time until there are as many.
const LOOK: usize = 64;

/// What was looked at is decoded as one piece.
const _: () = assert!(DETECTED_WITHIN <= base64::PIECE);

/// A reader of the binary file from a reader of either form: looks at the first bytes, then decodes base64 as it goes, in
/// constant memory.
#[derive(Debug)]
pub struct BinaryReader<R> {
    inner: R,
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// What was looked at and is not given out yet, then the reader itself.
    Binary { looked_at: Vec<u8>, given: usize },
    /// Text.
    Base64(Box<Text>),
}

#[derive(Debug)]
struct Text {
    decoder: base64::Decoder,
    /// Characters read.
    raw: Vec<u8>,
    /// The same without line breaks.
    kept: [u8; base64::PIECE],
    /// Bytes decoded.
    decoded: Vec<u8>,
    given: usize,
    /// Whether what is decoded was judged: nothing of it is given out before.
    judged: bool,
    ended: bool,
}

impl<R: Read> BinaryReader<R> {
    /// Wraps a reader that stands at the beginning of the file.
    ///
    /// # Errors
    /// The reader's.
    pub fn new(mut inner: R) -> io::Result<Self> {
        let mut looked_at = Vec::with_capacity(LOOK);
        // Only so many line breaks are skipped: a file of nothing else is not a sealed file.
        while looked_at.len() < DETECTED_WITHIN
            && looked_at.iter().filter(|byte| !base64::is_line_break(**byte)).count() < NEEDED
            && read_up_to(&mut inner, LOOK.min(DETECTED_WITHIN - looked_at.len()), &mut looked_at)? > 0
        {
        }
        let form = match detect(&looked_at) {
            Encoding::Binary => Form::Binary { looked_at, given: 0 },
            Encoding::Base64 => Form::Base64(Box::new(Text {
                decoder: base64::Decoder::default(),
                raw: looked_at,
                kept: [0; base64::PIECE],
                decoded: Vec::new(),
                given: 0,
                judged: false,
                ended: false,
            })),
        };
        Ok(Self { inner, form })
    }

    /// Which form the file has.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        match self.form {
            Form::Binary { .. } => Encoding::Binary,
            Form::Base64(_) => Encoding::Base64,
        }
    }
}

impl<R: Read> Read for BinaryReader<R> {
    /// Damaged base64 is an [`std::io::ErrorKind::InvalidData`] error that holds a [`ContainerError`].
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.form {
            Form::Binary { looked_at, given } if *given == looked_at.len() => self.inner.read(buf),
            Form::Binary { looked_at, given } => Ok(give(looked_at, given, buf)),
            Form::Base64(text) => {
                while !buf.is_empty() && (!text.judged || text.given == text.decoded.len()) && !text.ended {
                    text.fill(&mut self.inner)?;
                }
                Ok(give(&text.decoded, &mut text.given, buf))
            }
        }
    }
}

impl Text {
    /// Decodes the next piece.
    fn fill(&mut self, inner: &mut impl Read) -> io::Result<()> {
        if self.judged {
            self.decoded.clear();
            self.given = 0;
        }
        if self.raw.is_empty() {
            self.ended = read_up_to(inner, base64::PIECE, &mut self.raw)? == 0;
        }
        let decoded = if self.ended {
            self.decoder.finish()
        } else {
            let kept = base64::without_line_breaks(&self.raw, &mut self.kept);
            self.decoder.push(kept, &mut self.decoded)
        };
        self.raw.clear();
        decoded.map_err(|damage| invalid(ContainerError::BadBase64(damage.to_string())))?;
        if !self.judged && (self.decoded.len() >= NEEDED || self.ended) {
            once(&self.decoded).map_err(invalid)?;
            self.judged = true;
        }
        Ok(())
    }
}

/// One successful read of at most `wanted` bytes, appended.
fn read_up_to(reader: &mut impl Read, wanted: usize, to: &mut Vec<u8>) -> io::Result<usize> {
    let start = to.len();
    to.resize(start + wanted, 0);
    loop {
        match reader.read(&mut to[start..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(read) => {
                to.truncate(start + read);
                return Ok(read);
            }
            Err(error) => {
                to.truncate(start);
                return Err(error);
            }
        }
    }
}

fn give(from: &[u8], given: &mut usize, buf: &mut [u8]) -> usize {
    let len = buf.len().min(from.len() - *given);
    buf[..len].copy_from_slice(&from[*given..*given + len]);
    *given += len;
    len
}

fn invalid(error: ContainerError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// What a failed read of a file means: damaged base64 is the file's fault, everything else the reader's.
pub(crate) fn read_error(error: io::Error) -> OpenError {
    match error.downcast::<ContainerError>() {
        Ok(error) => error.into(),
        Err(error) => OpenError::Read(error),
    }
}
