//! Ogg pages, read and written.

/// Bytes before the lengths of segments.
pub(crate) const HEADER: usize = 27;
/// Longest page: header, 255 lengths, 255 full segments.
pub const MAX_PAGE: usize = HEADER + 255 + 255 * 255;

/// Where in a header the checksum stands.
const CRC: std::ops::Range<usize> = 22..26;

/// Flag: the page begins in the middle of a packet.
pub(crate) const CONTINUED: u8 = 1;
/// Flag: the stream's first page.
pub(crate) const FIRST: u8 = 2;
/// Flag: the stream's last page.
pub(crate) const LAST: u8 = 4;

/// A page.
pub(crate) struct Page<'a> {
    pub(crate) flags: u8,
    /// `None` if no packet ends in it.
    pub(crate) granule: Option<u64>,
    pub(crate) serial: u32,
    /// Lengths of the segments.
    pub(crate) segments: &'a [u8],
    pub(crate) data: &'a [u8],
    /// Bytes of the whole page.
    pub(crate) length: usize,
}

impl<'a> Page<'a> {
    /// The page that `bytes` begin with, if it is whole.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        if !header.starts_with(b"OggS\0") {
            return None;
        }
        let (segments, rest) = rest.split_at_checked(header[26].into())?;
        let data = rest.get(..segments.iter().map(|n| usize::from(*n)).sum())?;
        let granule = i64::from_le_bytes(*header[6..].first_chunk()?);
        Some(Self {
            flags: header[5],
            granule: u64::try_from(granule).ok(),
            serial: u32::from_le_bytes(*header[14..].first_chunk()?),
            segments,
            data,
            length: HEADER + segments.len() + data.len(),
        })
    }

    /// Pieces of packets, and whether the packet ends with the piece.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (&'a [u8], bool)> {
        let mut data = self.data;
        self.segments.chunk_by(|before, _| *before == 255).map(move |segments| {
            let (piece, rest) = data.split_at(segments.iter().map(|n| usize::from(*n)).sum());
            data = rest;
            (piece, segments.last() != Some(&255))
        })
    }
}

/// Where in `bytes` a page might begin.
pub(crate) fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|word| word == b"OggS")
}

/// Marks the last whole page of `tail`, the last bytes of a stream that was cut off there, as the stream's last one: players take a
/// stream without such a page for one of which the rest is missing. `tail` is at least [`MAX_PAGE`] bytes, or all of the stream.
/// Nothing is done where there is no whole page, or it is marked.
pub fn end_stream(tail: &mut [u8]) {
    let last = (0..tail.len()).rev().find(|at| is_whole(&tail[*at..]));
    let Some(page) = last.map(|at| &mut tail[at..]) else { return };
    let Some(length) = Page::parse(page).map(|page| page.length) else { return };
    page[5] |= LAST;
    page[CRC].fill(0);
    let crc = crc32(&page[..length]);
    page[CRC].copy_from_slice(&crc.to_le_bytes());
}

/// Whether a page begins here, by its checksum: sound may hold the same four letters.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(page) = bytes.starts_with(b"OggS").then(|| Page::parse(bytes)).flatten() else { return false };
    let mut copy = bytes[..page.length].to_vec();
    copy[CRC].fill(0);
    bytes[CRC] == crc32(&copy).to_le_bytes()
}

/// One page of whole packets that begins and ends with time 0; `None` if they need more.
pub(crate) fn write(serial: u32, sequence: u32, packets: &[&[u8]]) -> Option<Vec<u8>> {
    let mut segments = Vec::new();
    for packet in packets {
        segments.extend(std::iter::repeat_n(255, packet.len() / 255));
        segments.push((packet.len() % 255) as u8);
    }
    let count = u8::try_from(segments.len()).ok()?;
    let flags = if sequence == 0 { FIRST } else { 0 };
    let mut page = [&b"OggS\0"[..], &[flags], &[0; 8]].concat();
    page.extend([serial, sequence, 0].map(u32::to_le_bytes).concat());
    page.push(count);
    page.extend(segments);
    packets.iter().for_each(|packet| page.extend_from_slice(packet));
    let crc = crc32(&page);
    page[CRC].copy_from_slice(&crc.to_le_bytes());
    Some(page)
}

/// Polynomial 0x04c11db7, neither reflected nor inverted.
fn crc32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, byte| {
        let mixed = crc ^ u32::from(*byte) << 24;
        (0..8).fold(mixed, |c: u32, _| if c >> 31 == 1 { c << 1 ^ 0x04c1_1db7 } else { c << 1 })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_page_of_another_writer_is_written_the_same() {
        let opus = include_bytes!("../../../tests/fixtures/tagged.opus");
        let page = Page::parse(opus).unwrap();
        assert_eq!((page.flags, page.granule, page.length), (FIRST, Some(0), 47));
        assert_eq!(write(page.serial, 0, &[page.data]).unwrap(), &opus[..47]);
    }

    /// What another writer ended, cut off before its last page, ends again; and as that writer would have ended it.
    #[test]
    fn a_stream_that_was_cut_off_is_ended() {
        let opus = include_bytes!("../../../tests/fixtures/tagged.opus");
        let (mut starts, mut at) = (Vec::new(), 0);
        while let Some(page) = Page::parse(&opus[at..]) {
            starts.push(at);
            at += page.length;
        }
        let last = *starts.last().unwrap();
        let mut unmarked = opus.to_vec();
        unmarked[last + 5] &= !LAST;
        unmarked[last..][CRC].fill(0);
        let crc = crc32(&unmarked[last..]);
        unmarked[last..][CRC].copy_from_slice(&crc.to_le_bytes());
        end_stream(&mut unmarked);
        assert!(unmarked == opus);

        // In the middle of the last page, the one before ends it; what follows stays.
        let before = starts[starts.len() - 2];
        let mut cut = opus[..last + 30].to_vec();
        end_stream(&mut cut);
        assert_eq!((cut[before + 5], &cut[last..]), (opus[before + 5] | LAST, &opus[last..last + 30]));
        assert!(is_whole(&cut[before..]) && cut[..before + 5] == opus[..before + 5]);

        // Letters in the sound are no page.
        let mut letters = [b"OggS\0".repeat(8), vec![0; 100]].concat();
        let same = letters.clone();
        end_stream(&mut letters);
        assert_eq!(letters, same);
        end_stream(&mut []);
    }

    #[test]
    fn packets_of_any_length_are_told_apart() {
        for lengths in [&[0, 1][..], &[255], &[254, 256, 510], &[]] {
            let packets: Vec<Vec<u8>> = lengths.iter().map(|n| vec![7; *n]).collect();
            let slices: Vec<&[u8]> = packets.iter().map(Vec::as_slice).collect();
            let bytes = write(1, 2, &slices).unwrap();
            let page = Page::parse(&bytes).unwrap();
            let pieces: Vec<(&[u8], bool)> = page.pieces().collect();
            assert_eq!(pieces, slices.iter().map(|packet| (*packet, true)).collect::<Vec<_>>());
        }
        assert_eq!(write(1, 2, &[&[0; 255 * 255]]), None);
    }
}
