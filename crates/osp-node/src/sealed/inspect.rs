//! What a sealed file says without a key. None of it is authenticated.

use super::{AnyFile, InspectError, SealedFile, file::unreadable, input::Input, release::ReleaseFile};
use osp_fetch::DidWebError;
use serde::Serialize;
use smsg::{
    ContainerError, Manifest, UnixTime,
    abr::AbrManifest,
    chunked::ChunkIndex,
    header::{Format, Warning, warnings},
    text::{BinaryReader, Encoding},
};
use std::{
    io::{self, Read as _, Seek as _},
    path::Path,
};

/// Longest ABR manifest that is read, bytes.
const MAX_ABR: u64 = 1 << 20;

/// What was found.
#[derive(Debug)]
pub enum Inspection {
    /// A sealed file of the older formats.
    File(Box<FileReport>),
    /// A release of version 3.0, and what is open of it.
    Release(Box<ReleaseFile>),
    /// A manifest of several sealed files.
    Abr(AbrManifest),
}

/// What a sealed file says (`spec/schemas/inspect-result.json`): the header's members under the names they have there, as
/// they are there, then what this program makes of them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// As the header has it; empty when it does not.
    pub version: String,
    /// As the header has it; empty when it does not.
    pub algorithm: String,
    /// `v2` or `v3`; v1 files have none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// `gzip` or `zstd`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub compression: String,
    /// A hint for the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The manifest, in the wire's names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Manifest>,
    /// v3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_method: Option<String>,
    /// v3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cadence: Option<String>,
    /// v3: for which periods there are keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrapped_keys: Option<Vec<KeyDate>>,
    /// v3 in chunks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunked: Option<Chunks>,
    /// `binary` or `base64`.
    pub encoding: &'static str,
    /// Bytes of the binary file before the payload.
    pub payload_offset: u64,
    /// Bytes of the payload.
    pub payload_size: u64,
    /// Bytes of the file as it is.
    pub size: u64,
    /// Whether the manifest's date has passed.
    pub expired: bool,
    /// What to know before trusting it.
    pub warnings: Vec<Remark>,
}

/// A period there is a key for.
#[derive(Clone, Debug, Serialize)]
pub struct KeyDate {
    /// Its name.
    pub date: String,
}

/// The header's words about chunks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are the wire's")]
pub struct Chunks {
    pub chunk_size: u64,
    pub total_chunks: u64,
    pub total_size: u64,
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// A short stable word.
    pub class: &'static str,
    /// One sentence.
    pub message: String,
}

/// Looks at a file, `-` for standard input: a sealed file or an ABR manifest. Of a binary file on disk only the header is
/// read. `look_up` as for [`AnyFile::open`].
///
/// # Errors
/// [`InspectError`].
pub fn inspect(
    path: &Path,
    now: UnixTime,
    look_up: &dyn Fn(&[u8]) -> Result<(), DidWebError>,
) -> Result<Inspection, InspectError> {
    let mut input = Input::open_sealed(path).map_err(|e| unreadable(path, e))?;
    let mut first = [0; 1];
    let fail = |e| unreadable(path, e);
    let read = input.file.read(&mut first).map_err(fail)?;
    input.file.rewind().map_err(fail)?;
    if read == 1 && first == *b"{" {
        let mut json = Vec::new();
        input.file.take(MAX_ABR).read_to_end(&mut json).map_err(fail)?;
        return Ok(Inspection::Abr(AbrManifest::parse(&json)?));
    }
    match AnyFile::of(path, input, look_up)? {
        AnyFile::Older(file) => file.inspect(now),
        AnyFile::Release(file) => Ok(Inspection::Release(file)),
    }
}

pub(super) fn of_file(file: &mut SealedFile, now: UnixTime) -> Result<FileReport, InspectError> {
    let payload_size = payload_size(file)?;
    let inner = inner_header(file).map_err(|e| unreadable(&file.path, e))?;
    let header = &file.prefix.header;
    let raw: serde_json::Value = serde_json::from_slice(&file.prefix.header_json).unwrap_or_default();
    let text = |member: &str| raw.get(member).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let v3 = header.format == Format::V3;
    Ok(FileReport {
        version: text("version"),
        algorithm: text("algorithm"),
        format: text("format"),
        compression: text("compression"),
        hint: header.hint.clone(),
        manifest: header.manifest.clone(),
        key_method: v3.then(|| text("keyMethod")),
        cadence: header.cadence.as_ref().map(|c| c.name().to_owned()),
        wrapped_keys: v3
            .then(|| header.wrapped_keys.iter().map(|k| KeyDate { date: k.date.clone() }).collect()),
        chunked: header.chunked.as_ref().map(|table| Chunks {
            chunk_size: table.chunk_size,
            total_chunks: table.total_chunks,
            total_size: table.total_size,
        }),
        encoding: match file.encoding {
            Encoding::Binary => "binary",
            Encoding::Base64 => "base64",
        },
        payload_offset: file.prefix.payload_offset,
        payload_size,
        size: file.input.len,
        expired: header.manifest.as_ref().is_some_and(|m| m.is_expired(now)),
        warnings: remarks(file, payload_size, inner.as_deref()),
    })
}

fn remarks(file: &SealedFile, payload_size: u64, inner: Option<&[u8]>) -> Vec<Remark> {
    let header = &file.prefix.header;
    let of_header = warnings(header, Some(payload_size), inner);
    let mut remarks: Vec<_> =
        of_header.iter().map(|w: &Warning| Remark { class: w.class(), message: w.to_string() }).collect();
    // What opening will stumble over.
    if header.chunked.is_some()
        && let Err(e) = ChunkIndex::new(header, file.prefix.payload_offset, Some(payload_size))
    {
        remarks.push(Remark { class: e.class(), message: e.to_string() });
    }
    if payload_size == 0 {
        let nothing = ContainerError::Truncated { have: file.prefix.payload_offset };
        let message = "nothing follows the header: the file is cut short".to_owned();
        remarks.push(Remark { class: nothing.class(), message });
    }
    remarks
}

/// Bytes behind the header. Base64 text has to be read to know; that also finds damage in it.
fn payload_size(file: &mut SealedFile) -> Result<u64, InspectError> {
    let path = &file.path;
    let fail = |e| unreadable(path, e);
    let binary = match file.encoding {
        Encoding::Binary => file.input.len,
        Encoding::Base64 => {
            file.input.file.rewind().map_err(fail)?;
            let mut reader = BinaryReader::new(io::BufReader::new(&file.input.file)).map_err(fail)?;
            io::copy(&mut reader, &mut io::sink()).map_err(fail)?
        }
    };
    Ok(binary.saturating_sub(file.prefix.payload_offset))
}

/// v3 in two boxes has the header again at the start of its payload.
fn inner_header(file: &mut SealedFile) -> io::Result<Option<Vec<u8>>> {
    file.input.file.rewind()?;
    let mut reader = BinaryReader::new(io::BufReader::new(&file.input.file))?;
    io::copy(&mut reader.by_ref().take(file.prefix.payload_offset), &mut io::sink())?;
    file.prefix.inner_header(&mut reader)
}
