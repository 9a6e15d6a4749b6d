//! v1, v2 and plain v3: the whole file is built in one buffer and sealed in place, to be written once.

use super::{
    Release, Source, prefix,
    sources::{Plaintext, total},
};
use crate::{
    Header, Message, SealError,
    crypto::{
        Cek, Key, Nonce, PasswordKey,
        sealed_box::{self, NONCE_LEN, OVERHEAD, TAG_LEN},
    },
    header::{Compression, Format},
    limits::{DEFAULT_MAX_DECOMPRESSED, MAX_BOX},
    payload::{compression::encode, json},
};
use rand_core::CryptoRng;

/// Plaintext bytes handed to a compressor at once.
const PIECE: u64 = 1 << 20;

/// What nobody can hold in memory anyway.
const TOO_LARGE: SealError =
    SealError::Unsupported("there is not enough memory for a file in one piece; choose v3 with chunks");

pub(super) fn v1(
    release: &Release,
    sources: &mut [Source<'_>],
    key: &PasswordKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    let len = total(&release.message)?;
    // Base64 makes four of three.
    check_box(len.saturating_add(len / 3))?;
    let mut all = Vec::new();
    reserve(&mut all, len)?;
    Plaintext::new(&[], &release.message, sources).read(usize::MAX / 2, &mut all)?;
    let mut contents = Vec::with_capacity(release.message.attachments.len());
    // From the last to the first, so that each part is cut off without moving the others.
    for attachment in release.message.attachments.iter().rev() {
        let len = usize::try_from(attachment.size).map_err(|_| TOO_LARGE)?;
        contents.push(all.split_off(all.len() - len));
    }
    drop(all);
    contents.reverse();
    let json = json::write_v1(&release.message, &contents);
    drop(contents);
    let mut header = Header::new(Format::V1);
    header.hint.clone_from(&release.hint);
    header.manifest.clone_from(&release.manifest);
    let mut file = prefix(&header)?;
    reserve(&mut file, (json.len() + OVERHEAD) as u64)?;
    put_box(&mut file, &key.0, rng, |file| {
        file.extend_from_slice(&json);
        Ok(())
    })?;
    Ok(file)
}

pub(super) fn v2(
    release: &Release,
    sources: &mut [Source<'_>],
    key: &PasswordKey,
    compression: Compression,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    let json = super::message_json(&release.message)?;
    let mut head = Vec::with_capacity(4 + json.len());
    head.extend_from_slice(&super::u32_len(json.len())?);
    head.extend_from_slice(&json);
    let len = (head.len() as u64).checked_add(total(&release.message)?).ok_or(TOO_LARGE)?;
    if compression != Compression::None && len > DEFAULT_MAX_DECOMPRESSED {
        return Err(SealError::OverLimit {
            what: "the content of one compressed file (choose no compression, or v3 with chunks); its size",
            limit: DEFAULT_MAX_DECOMPRESSED,
        });
    }
    check_box(len)?;
    let mut header = Header::new(Format::V2);
    header.compression = compression;
    header.manifest.clone_from(&release.manifest);
    let mut file = prefix(&header)?;
    // Compressed, noise grows by less than a 256th; what is not used is not touched.
    reserve(&mut file, len.saturating_add(len / 256 + 65_536).saturating_add(OVERHEAD as u64))?;
    let mut plaintext = Plaintext::new(&head, &release.message, sources);
    put_box(&mut file, &key.0, rng, |file| match compression {
        Compression::None => plaintext.read(usize::try_from(len).map_err(|_| TOO_LARGE)?, file),
        Compression::Gzip | Compression::Zstd => encode::compress(compression, len, file, |encoder| {
            let mut piece = Vec::new();
            let mut left = len;
            while left > 0 {
                let step = left.min(PIECE);
                piece.clear();
                plaintext.read(usize::try_from(step).map_err(|_| TOO_LARGE)?, &mut piece)?;
                encoder.write_all(&piece).map_err(SealError::Compress)?;
                left -= step;
            }
            Ok(())
        }),
    })?;
    Ok(file)
}

/// v3 in two boxes. The header stands in the payload once more.
pub(super) fn v3(
    message: &Message,
    sources: &mut [Source<'_>],
    mut header: Header,
    cek: &Cek,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    let json = super::message_json(message)?;
    let len = total(message)?;
    check_box(len)?;
    header.compression = if encode::ZSTD { Compression::Zstd } else { Compression::None };
    let mut file = prefix(&header)?;
    let header_json = header.to_json();
    reserve(&mut file, len.saturating_add((header_json.len() + json.len() + 2 * OVERHEAD) as u64 + 65_536))?;
    file.extend_from_slice(&super::u32_len(header_json.len())?);
    file.extend_from_slice(&header_json);
    let message_len_at = file.len();
    file.extend_from_slice(&[0; 4]);
    put_box(&mut file, &cek.0, rng, |file| {
        encode::compress(header.compression, json.len() as u64, file, |encoder| {
            encoder.write_all(&json).map_err(SealError::Compress)
        })
    })?;
    let message_len = super::u32_len(file.len() - message_len_at - 4)?;
    file[message_len_at..message_len_at + 4].copy_from_slice(&message_len);
    let mut plaintext = Plaintext::new(&[], message, sources);
    if len == 0 {
        // Sees that empty sources are empty.
        plaintext.read(0, &mut Vec::new())?;
        return Ok(file);
    }
    put_box(&mut file, &cek.0, rng, |file| {
        plaintext.read(usize::try_from(len).map_err(|_| TOO_LARGE)?, file)
    })?;
    Ok(file)
}

/// Appends a box around what `content` appends.
fn put_box(
    file: &mut Vec<u8>,
    key: &Key,
    rng: &mut impl CryptoRng,
    content: impl FnOnce(&mut Vec<u8>) -> Result<(), SealError>,
) -> Result<(), SealError> {
    let nonce = Nonce::generate(rng);
    let at = file.len();
    file.extend_from_slice(&[0; NONCE_LEN]);
    content(file)?;
    file.extend_from_slice(&[0; TAG_LEN]);
    sealed_box::seal_in_place(key, &nonce, &mut file[at..]);
    Ok(())
}

/// Whether a box holds this much.
fn check_box(len: u64) -> Result<(), SealError> {
    if len > MAX_BOX {
        return Err(SealError::OverLimit {
            what: "the content of a file in one piece (choose v3 with chunks)",
            limit: MAX_BOX,
        });
    }
    Ok(())
}

/// Room for `more` bytes, so that the buffer is not moved while it grows.
fn reserve(file: &mut Vec<u8>, more: u64) -> Result<(), SealError> {
    usize::try_from(more).ok().and_then(|more| file.try_reserve_exact(more).ok()).ok_or(TOO_LARGE)
}
