//! As much of SCTP (RFC 9260) as is needed to read which data a packet carries and which it acknowledges.
//!
//! ```text
//!  packet: | source port 2 | destination port 2 | verification tag 4 | CRC32c 4, little endian | chunks ...
//!  chunk:  | type 1 | flags 1 | length 2, without the padding to 4 | value ...
//!  DATA (0), I-DATA (64):  TSN 4 ...
//!  SACK (3): cumulative TSN 4 | window 4 | gap blocks, count 2 | duplicates, count 2
//!            | gap block: first 2, last 2, counted from the cumulative TSN ... | duplicate TSN 4 ...
//! ```

use crc::{CRC_32_ISCSI, Crc, Table};
use std::ops::Range;

const HEADER: usize = 12;
const CHECKSUM: Range<usize> = 8..12;
const CHUNK_HEADER: usize = 4;
const SACK_HEADER: usize = CHUNK_HEADER + 12;
/// Where a SACK's window is in it.
const WINDOW: usize = CHUNK_HEADER + 4;
/// Before the bytes of a DATA chunk.
const DATA_HEADER: usize = 16;
const DATA: u8 = 0;
const SACK: u8 = 3;
const I_DATA: u8 = 64;

static CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// A transmission sequence number: which piece of data. They wrap around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tsn(pub(super) u32);

impl Tsn {
    /// How many come from here up to `other`; `None` if it lies before.
    pub(super) fn until(self, other: Self) -> Option<u32> {
        let distance = other.0.wrapping_sub(self.0);
        (distance < 1 << 31).then_some(distance)
    }

    pub(super) fn plus(self, count: u32) -> Self {
        Self(self.0.wrapping_add(count))
    }
}

/// What a packet acknowledges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sack {
    /// All up to this one.
    pub(super) cumulative: Tsn,
    /// And these, both ends included.
    pub(super) gaps: Vec<(Tsn, Tsn)>,
}

/// The data in a packet: each with the bytes it carries.
pub(super) fn data(packet: &[u8]) -> impl Iterator<Item = (Tsn, usize)> {
    chunks(packet).filter_map(|(at, length)| {
        let chunk = &packet[at..at + length];
        let tsn = (chunk[0] == DATA || chunk[0] == I_DATA).then(|| word(chunk, CHUNK_HEADER))??;
        Some((Tsn(tsn), length.saturating_sub(DATA_HEADER)))
    })
}

/// Takes the gap blocks out of a packet's acknowledgement, so that it says the cumulative number only. They become
/// duplicates, which have the same size and mean nothing for the sender.
///
/// `None`: the packet acknowledges nothing, or cannot be read.
pub(super) fn take_gaps(packet: &mut [u8]) -> Option<Sack> {
    let (at, length) = sack(packet)?;
    let chunk = &packet[at..at + length];
    let cumulative = Tsn(word(chunk, CHUNK_HEADER)?);
    let counts = word(chunk, CHUNK_HEADER + 8)?;
    let (count, duplicates) = (counts >> 16, counts & 0xffff);
    if length < SACK_HEADER + 4 * (count + duplicates) as usize {
        return None;
    }
    let gap = |index: u32| {
        let block = word(chunk, SACK_HEADER + 4 * index as usize)?;
        let (first, last) = (block >> 16, block & 0xffff);
        (0 < first && first <= last).then(|| (cumulative.plus(first), cumulative.plus(last)))
    };
    let gaps: Vec<_> = (0..count).filter_map(gap).collect();
    if count > 0 {
        let all = u16::try_from(count + duplicates).ok()?;
        let counts = at + CHUNK_HEADER + 8;
        packet[counts..counts + 2].fill(0);
        packet[counts + 2..counts + 4].copy_from_slice(&all.to_be_bytes());
        seal(packet);
    }
    Some(Sack { cumulative, gaps })
}

/// The window that a packet's acknowledgement offers, in bytes.
pub(super) fn offered(packet: &[u8]) -> Option<u32> {
    word(packet, sack(packet)?.0 + WINDOW)
}

/// The packet with its acknowledgement offering this window; as it is, if it has none.
pub(super) fn offering(packet: &[u8], window: u32) -> Vec<u8> {
    let mut packet = packet.to_vec();
    if let Some((at, _)) = sack(&packet) {
        packet[at + WINDOW..at + WINDOW + 4].copy_from_slice(&window.to_be_bytes());
        seal(&mut packet);
    }
    packet
}

fn sack(packet: &[u8]) -> Option<(usize, usize)> {
    chunks(packet).find(|(at, length)| packet[*at] == SACK && *length >= SACK_HEADER)
}

/// Where the chunks of a packet are, with their lengths; ends at the first that does not fit.
fn chunks(packet: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut next = HEADER;
    std::iter::from_fn(move || {
        let at = next;
        let header = packet.get(at..at + CHUNK_HEADER)?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if length < CHUNK_HEADER || at + length > packet.len() {
            return None;
        }
        next = at + length.next_multiple_of(4);
        Some((at, length))
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// Writes the checksum.
fn seal(packet: &mut [u8]) {
    packet[CHECKSUM].fill(0);
    let sum = CRC32C.checksum(packet);
    packet[CHECKSUM].copy_from_slice(&sum.to_le_bytes());
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A packet with these chunks: type and value.
    pub(in super::super) fn packet(of: &[(u8, &[u8])]) -> Vec<u8> {
        let mut packet = vec![0x13, 0x88, 0x13, 0x88, 1, 2, 3, 4, 0, 0, 0, 0];
        for (kind, value) in of {
            packet.extend_from_slice(&[*kind, 3]);
            packet.extend_from_slice(&((value.len() + CHUNK_HEADER) as u16).to_be_bytes());
            packet.extend_from_slice(value);
            packet.resize(packet.len().next_multiple_of(4), 0);
        }
        seal(&mut packet);
        packet
    }

    /// A packet with this much data.
    pub(in super::super) fn data_packet(tsn: u32, length: usize) -> Vec<u8> {
        let mut value = tsn.to_be_bytes().to_vec();
        value.resize(DATA_HEADER - CHUNK_HEADER + length, 7);
        packet(&[(DATA, &value)])
    }

    /// A packet that acknowledges.
    pub(in super::super) fn sack_packet(cumulative: u32, gaps: &[(u16, u16)], duplicates: &[u32]) -> Vec<u8> {
        let mut value = cumulative.to_be_bytes().to_vec();
        value.extend_from_slice(&100_000_u32.to_be_bytes());
        value.extend_from_slice(&(gaps.len() as u16).to_be_bytes());
        value.extend_from_slice(&(duplicates.len() as u16).to_be_bytes());
        for (first, last) in gaps {
            value.extend_from_slice(&first.to_be_bytes());
            value.extend_from_slice(&last.to_be_bytes());
        }
        for duplicate in duplicates {
            value.extend_from_slice(&duplicate.to_be_bytes());
        }
        packet(&[(SACK, &value)])
    }

    #[test]
    fn the_data_of_a_packet_is_named_with_its_length() {
        let mut one = 0xffff_ffff_u32.to_be_bytes().to_vec();
        one.resize(12 + 5, 0);
        let mut two = 0_u32.to_be_bytes().to_vec();
        two.resize(12 + 8, 0);
        let packet = packet(&[(10, &[1, 2, 3]), (DATA, &one), (DATA, &two)]);
        assert_eq!(data(&packet).collect::<Vec<_>>(), [(Tsn(u32::MAX), 5), (Tsn(0), 8)]);
    }

    #[test]
    fn gaps_become_duplicates_and_the_checksum_is_right() {
        let mut with = sack_packet(u32::MAX - 1, &[(2, 4), (6, 6)], &[9]);
        let sack = take_gaps(&mut with).unwrap();
        assert_eq!(sack.cumulative, Tsn(u32::MAX - 1));
        assert_eq!(sack.gaps, [(Tsn(0), Tsn(2)), (Tsn(4), Tsn(4))]);
        let without = sack_packet(u32::MAX - 1, &[], &[0x0002_0004, 0x0006_0006, 9]);
        assert_eq!(with, without);
    }

    #[test]
    fn an_acknowledgement_without_gaps_stays_as_it_was() {
        let before = sack_packet(5, &[], &[3]);
        let mut after = before.clone();
        assert_eq!(take_gaps(&mut after), Some(Sack { cumulative: Tsn(5), gaps: Vec::new() }));
        assert_eq!(after, before);
    }

    #[test]
    fn what_is_cut_off_is_not_read() {
        let whole = sack_packet(5, &[(2, 3)], &[]);
        for length in 0..whole.len() {
            let mut cut = whole[..length].to_vec();
            assert_eq!(take_gaps(&mut cut), None, "{length}");
            assert_eq!(cut, whole[..length]);
        }
        let mut lies = whole.clone();
        lies[HEADER + CHUNK_HEADER + 9] = 200;
        assert_eq!(take_gaps(&mut lies), None, "more gaps than fit");
        assert_eq!(data(&data_packet(1, 0)[..HEADER + 6]).count(), 0);
    }

    #[test]
    fn numbers_wrap_around() {
        assert_eq!(Tsn(u32::MAX).until(Tsn(1)), Some(2));
        assert_eq!(Tsn(1).until(Tsn(u32::MAX)), None);
        assert_eq!(Tsn(u32::MAX).plus(2), Tsn(1));
    }
}
