//! The format of a file by its content.

use std::io::{Read, Seek, SeekFrom};

use crate::info::AudioFormat;

/// How far behind an ID3 tag (or the start) the first MPEG frame may be.
const MAX_JUNK: usize = 4096;
/// ID3v2 tags in front of the audio that are skipped.
const MAX_ID3_TAGS: usize = 4;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detected {
    /// A format records can name, and the byte at which its own structure begins.
    Audio(AudioFormat, u64),
    /// A format we know by name only.
    Unsupported(&'static str),
    /// Nothing we know.
    Unknown,
}

/// Looks at the start of `reader`, which holds `size` bytes.
pub(crate) fn detect<R: Read + Seek>(reader: &mut R, size: u64) -> std::io::Result<Detected> {
    let start = skip_id3(reader)?;
    reader.seek(SeekFrom::Start(start))?;
    let mut head = Vec::with_capacity(MAX_JUNK);
    reader.by_ref().take(MAX_JUNK as u64).read_to_end(&mut head)?;

    let audio = |format| Detected::Audio(format, start);
    Ok(match head.as_slice() {
        [b'S', b'M', b'S', b'G', ..] if start == 0 => audio(AudioFormat::Sealed),
        [b'f', b'L', b'a', b'C', ..] => audio(AudioFormat::Flac),
        [b'O', b'g', b'g', b'S', ..] => ogg_codec(&head, start),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => audio(AudioFormat::Wav),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Detected::Unknown,
        [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', b'i', ..] => Detected::Unknown,
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => audio(AudioFormat::Mp4),
        head => match named_only(head) {
            Some(name) => Detected::Unsupported(name),
            None => match find_mpeg_frame(head, start + head.len() as u64 == size) {
                Some(at) => Detected::Audio(AudioFormat::Mp3, start + at as u64),
                None => Detected::Unknown,
            },
        },
    })
}

/// Formats worth naming in the refusal.
fn named_only(head: &[u8]) -> Option<&'static str> {
    match head {
        [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', b'F' | b'C', ..] => Some("AIFF"),
        [b'R', b'F', b'6', b'4', ..] | [b'B', b'W', b'6', b'4', ..] => Some("a 64-bit WAV"),
        [b'w', b'v', b'p', b'k', ..] => Some("WavPack"),
        [b'M', b'A', b'C', b' ', ..] => Some("Monkey's Audio"),
        [b'M', b'P', b'C', b'K', ..] | [b'M', b'P', b'+', ..] => Some("Musepack"),
        [b'c', b'a', b'f', b'f', 0, ..] => Some("Core Audio (CAF)"),
        [b'D', b'S', b'D', b' ', ..] | [b'F', b'R', b'M', b'8', ..] => Some("DSD"),
        [b'M', b'T', b'h', b'd', ..] => Some("MIDI"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("Matroska or WebM"),
        [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, ..] => Some("Windows Media"),
        // ADTS: sync, layer always 00
        [0xff, second, ..] if second & 0xf6 == 0xf0 => Some("raw AAC (ADTS)"),
        _ => None,
    }
}

/// The codec is named at the start of the first packet, right behind the first page's segment table.
fn ogg_codec(head: &[u8], start: u64) -> Detected {
    let segments = head.get(26).copied().unwrap_or(0);
    match head.get(27 + usize::from(segments)..).unwrap_or_default() {
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => Detected::Audio(AudioFormat::Opus, start),
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => Detected::Audio(AudioFormat::Vorbis, start),
        [0x7f, b'F', b'L', b'A', b'C', ..] => Detected::Unsupported("FLAC inside Ogg"),
        [b'S', b'p', b'e', b'e', b'x', ..] => Detected::Unsupported("Speex"),
        [0x80, b't', b'h', b'e', b'o', b'r', b'a', ..] => Detected::Unsupported("an Ogg video"),
        _ => Detected::Unknown,
    }
}

/// Where the bytes behind the ID3v2 tags at the start begin.
pub(crate) fn skip_id3<R: Read + Seek>(reader: &mut R) -> std::io::Result<u64> {
    let mut at = 0;
    for _ in 0..MAX_ID3_TAGS {
        reader.seek(SeekFrom::Start(at))?;
        let mut header = [0; 10];
        match reader.read_exact(&mut header) {
            Ok(()) => match id3_length(&header) {
                Some(length) => at += length,
                None => break,
            },
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(e) => return Err(e),
        }
    }
    Ok(at)
}

/// Bytes of the ID3v2 tag that begins here.
fn id3_length(bytes: &[u8]) -> Option<u64> {
    let header = bytes.first_chunk::<10>().filter(|header| header.starts_with(b"ID3"))?;
    let size = header[6..10].iter().fold(0u64, |n, b| n << 7 | u64::from(b & 0x7f));
    Some(10 + size + if header[5] & 0x10 != 0 { 10 } else { 0 })
}

/// Bytes of the tag that begins here: ID3v2, APE (its first 32 bytes: `"APETAGEX" version(4) size(4) items(4) flags(4) 0(8)`,
/// little endian, the size without this header), ID3v1.
pub(crate) fn skip_length(bytes: &[u8]) -> Option<u64> {
    const APE_HEADER: u32 = 1 << 29;
    match bytes {
        [b'T', b'A', b'G', ..] => Some(128),
        [b'A', b'P', b'E', b'T', b'A', b'G', b'E', b'X', ..] => {
            let word = |at: usize| bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b));
            let size = if word(20)? & APE_HEADER != 0 { word(12)? } else { 0 };
            Some(32 + u64::from(size))
        }
        _ => id3_length(bytes),
    }
}

/// Bytes of the MPEG layer III frame whose header is `header`.
pub(crate) fn mpeg_frame_length(header: &[u8]) -> Option<usize> {
    const V1: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const V2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let [sync, second, third, _] = *header.first_chunk::<4>()?;
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    let (rate_index, sample_index) = (usize::from(third >> 4), usize::from(third >> 2 & 3));
    if sync != 0xff || second & 0xe0 != 0xe0 || version == 1 || layer != 1 || rate_index == 0 {
        return None;
    }
    let sample_rate = *[44_100, 48_000, 32_000].get(sample_index)? >> [2, 0, 1, 0][usize::from(version)];
    let (table, samples) = if version == 3 { (V1, 1152) } else { (V2, 576) };
    let padding = usize::from(third >> 1 & 1);
    Some(samples / 8 * table.get(rate_index)? * 1000 / sample_rate + padding)
}

/// The first frame that another one like it follows, or that ends exactly where the file does.
fn find_mpeg_frame(head: &[u8], head_is_all: bool) -> Option<usize> {
    let follows = |at: usize, length: usize| {
        let next = head.get(at + length..).unwrap_or_default();
        if next.is_empty() {
            // Beyond what was read: believed only right at the start.
            return if head_is_all { at + length == head.len() } else { at == 0 };
        }
        // version, layer and sample rate do not change within a stream
        mpeg_frame_length(next).is_some()
            && head[at + 1] & 0xfe == next[1] & 0xfe
            && head[at + 2] & 0x0c == next[2] & 0x0c
    };
    (0..head.len()).find(|&at| mpeg_frame_length(&head[at..]).is_some_and(|length| follows(at, length)))
}
