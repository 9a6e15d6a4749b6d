//! One audio file in, [`AudioInfo`] out.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use lofty::config::ParseOptions;
use lofty::error::FileParseError;
use lofty::file::{FileType, TaggedFile};
use lofty::probe::Probe;

use crate::complete::{self, Incomplete};
use crate::detect::{Detected, detect};
use crate::error::MediaError;
use crate::info::{AudioFormat, AudioInfo};
use crate::tags;

/// Reads format, tags, length and cover of the file at `path`. The name plays no part in it.
///
/// Reads the headers and the tail only, so it takes the same few milliseconds for an hour of audio.
///
/// # Errors
/// [`MediaError`]; a file whose container shows that its end is missing counts as one.
pub fn probe(path: &Path) -> Result<AudioInfo, MediaError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => MediaError::NotFound { path: path.to_owned() },
        _ => MediaError::Unreadable { path: path.to_owned(), source },
    };
    // Asked before opening: opening a named pipe would wait for a writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(MediaError::NotAFile { path: path.to_owned() });
    }
    let file = File::open(path).map_err(unreadable)?;
    probe_reader(&mut BufReader::new(file), path)
}

/// As [`probe()`] for anything seekable; `name` is for the messages only.
///
/// # Errors
/// As [`probe()`].
pub fn probe_reader<R: Read + Seek>(reader: &mut R, name: &Path) -> Result<AudioInfo, MediaError> {
    let path = || name.to_owned();
    let unreadable = |source| MediaError::Unreadable { path: path(), source };

    let size = reader.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if size == 0 {
        return Err(MediaError::Empty { path: path() });
    }
    let (format, start) = match detect(reader, size).map_err(unreadable)? {
        Detected::Audio(AudioFormat::Sealed, _) => return Ok(AudioInfo::bare(AudioFormat::Sealed)),
        Detected::Audio(format, start) => (format, start),
        Detected::Unsupported(kind) => return Err(MediaError::Unsupported { path: path(), kind }),
        Detected::Unknown => return Err(MediaError::NotAudio { path: path() }),
    };
    complete::check(reader, format, start, size).map_err(|e| match e {
        Incomplete::Truncated(detail) => MediaError::Truncated { path: path(), detail },
        Incomplete::Malformed(detail) => {
            MediaError::Malformed { path: path(), kind: format.name(), detail: detail.to_owned() }
        }
        Incomplete::Io(source) => MediaError::Unreadable { path: path(), source },
    })?;

    // A picture over lofty's allocation limit must not cost the whole release.
    let parsed = parse(reader, format, true).or_else(|first| match first {
        Failure::Io(_) => Err(first),
        Failure::Parser(_) => parse(reader, format, false),
    });
    match parsed {
        Ok(file) => Ok(tags::read(format, file)),
        Err(Failure::Io(source)) => Err(unreadable(source)),
        Err(Failure::Parser(detail)) => {
            Err(MediaError::Malformed { path: path(), kind: format.name(), detail })
        }
    }
}

enum Failure {
    Io(std::io::Error),
    Parser(String),
}

fn parse<R: Read + Seek>(reader: &mut R, format: AudioFormat, covers: bool) -> Result<TaggedFile, Failure> {
    let file_type = match format {
        AudioFormat::Opus => FileType::Opus,
        AudioFormat::Vorbis => FileType::Vorbis,
        AudioFormat::Mp3 => FileType::Mpeg,
        AudioFormat::Flac => FileType::Flac,
        AudioFormat::Wav => FileType::Wav,
        AudioFormat::Mp4 | AudioFormat::Sealed => FileType::Mp4,
    };
    reader.rewind().map_err(Failure::Io)?;
    let options = ParseOptions::new().read_cover_art(covers);
    let run = || Probe::with_file_type(&mut *reader, file_type).options(options).read();
    // Tag parsers meet hostile bytes; should one ever panic, the file is damaged, not the node.
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(error)) => Err(classify(&error)),
        Err(_) => Err(Failure::Parser("its tags cannot be parsed".into())),
    }
}

/// The innermost cause; an early end of input is damage, any other I/O error is the system's.
fn classify(error: &FileParseError) -> Failure {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match cause.downcast_ref::<std::io::Error>() {
        Some(io) if io.raw_os_error().is_some() => {
            Failure::Io(std::io::Error::new(io.kind(), io.to_string()))
        }
        Some(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            Failure::Parser("a part of it reaches beyond its end".into())
        }
        _ => Failure::Parser(cause.to_string()),
    }
}
