//! What is in the pages.

use super::page::{self, Page};
use crate::timeline::{MAX_INIT, flac::StreamInfo};

/// A comment packet that says nothing: vendor and comments are both empty.
const NO_COMMENTS: [u8; 8] = [0; 8];

/// A codec and what its first packet says.
pub(super) enum Codec {
    /// Granules count samples of 48 kHz; the first `skip` are not heard.
    Opus { skip: u64 },
    /// Samples of a second.
    Vorbis { rate: u64 },
    /// How many packets follow the first before the frames; 0 if that is not known.
    Flac { info: StreamInfo, packets: u16 },
}

impl Codec {
    /// By the first packet of a stream.
    pub(super) fn of(packet: &[u8]) -> Option<Self> {
        match packet {
            [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => {
                let skip = packet.get(10..)?.first_chunk()?;
                Some(Self::Opus { skip: u16::from_le_bytes(*skip).into() })
            }
            [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => {
                let rate = u32::from_le_bytes(*packet.get(12..)?.first_chunk()?);
                (rate > 0).then(|| Self::Vorbis { rate: rate.into() })
            }
            [0x7f, b'F', b'L', b'A', b'C', _, _, high, low, b'f', b'L', b'a', b'C', block @ ..] => {
                let info = StreamInfo::parse(block).filter(|info| info.rate() > 0)?;
                Some(Self::Flac { info, packets: u16::from_be_bytes([*high, *low]) })
            }
            _ => None,
        }
    }

    /// Granules in a second.
    pub(super) fn scale(&self) -> u64 {
        match self {
            Self::Opus { .. } => 48_000,
            Self::Vorbis { rate } => *rate,
            Self::Flac { info, .. } => info.rate(),
        }
    }

    /// Granules that are not heard at the beginning.
    pub(super) fn skip(&self) -> u64 {
        match self {
            Self::Opus { skip } => *skip,
            Self::Vorbis { .. } | Self::Flac { .. } => 0,
        }
    }

    /// When the first packet begins, by the first page with audio.
    pub(super) fn begin(&self, page: &Page<'_>) -> Option<u64> {
        let Self::Opus { .. } = self else { return None };
        let ended = page.pieces().filter(|(_, ends)| *ends);
        let samples = ended.map(|(packet, _)| opus_samples(packet)).sum();
        page.granule?.checked_sub(samples)
    }

    /// The header packets again, with empty comments; `None` if they are too long.
    pub(super) fn init(&self, serial: u32, headers: &Headers) -> Option<Vec<u8>> {
        let first = |packet: &[u8]| page::write(serial, 0, &[packet]);
        let second = |packets: &[&[u8]]| page::write(serial, 1, packets);
        let init = match self {
            Self::Opus { .. } => {
                [first(&headers.first)?, second(&[&[&b"OpusTags"[..], &NO_COMMENTS].concat()])?].concat()
            }
            Self::Vorbis { .. } => {
                let comments = [&b"\x03vorbis"[..], &NO_COMMENTS, &[1]].concat();
                let setup = headers.last.as_deref()?;
                [first(&headers.first)?, second(&[&comments, setup])?].concat()
            }
            Self::Flac { info, .. } => {
                let packet = [&b"\x7fFLAC\x01\x00\x00\x01fLaC"[..], &info.without_md5(false)].concat();
                // A comment block, the last of the metadata.
                [first(&packet)?, second(&[&[&[0x84, 0, 0, 8][..], &NO_COMMENTS].concat()])?].concat()
            }
        };
        (init.len() <= MAX_INIT).then_some(init)
    }
}

/// Samples of 48 kHz in an Opus packet (RFC 6716, 3.1): of its first byte configuration(5) stereo(1) frames(2).
pub(crate) fn opus_samples(packet: &[u8]) -> u64 {
    let Some(first) = packet.first() else { return 0 };
    let frame = match first >> 3 {
        config @ 0..12 => [480, 960, 1_920, 2_880][usize::from(config & 3)],
        config @ 12..16 => [480, 960][usize::from(config & 1)],
        config => [120, 240, 480, 960][usize::from(config & 3)],
    };
    frame
        * match first & 3 {
            0 => 1,
            1 | 2 => 2,
            _ => packet.get(1).map_or(0, |count| u64::from(count & 63)),
        }
}

/// The header packets as they come; of the one between, the comments, nothing is kept.
pub(super) struct Headers {
    wanted: Wanted,
    seen: usize,
    first: Vec<u8>,
    /// The last one, if it is not too long.
    last: Option<Vec<u8>>,
    /// The packet that is being read, up to one byte too many.
    packet: Vec<u8>,
}

enum Wanted {
    /// So many packets.
    Packets(usize),
    /// Up to the metadata block that says that it is the last.
    LastBlock,
}

impl Headers {
    pub(super) fn new(codec: &Codec) -> Self {
        let wanted = match codec {
            Codec::Opus { .. } => Wanted::Packets(2),
            Codec::Vorbis { .. } => Wanted::Packets(3),
            Codec::Flac { packets: 0, .. } => Wanted::LastBlock,
            Codec::Flac { packets, .. } => Wanted::Packets(1 + usize::from(*packets)),
        };
        Self { wanted, seen: 0, first: Vec::new(), last: None, packet: Vec::new() }
    }

    /// Another page; whether all headers have been seen. Audio begins on a page of its own.
    pub(super) fn page(&mut self, page: &Page<'_>) -> bool {
        page.pieces().any(|(piece, ends)| {
            let space = (MAX_INIT + 1).saturating_sub(self.packet.len());
            self.packet.extend_from_slice(&piece[..piece.len().min(space)]);
            ends && self.packet_ends()
        })
    }

    fn packet_ends(&mut self) -> bool {
        self.seen += 1;
        let packet = std::mem::take(&mut self.packet);
        let ends = match self.wanted {
            Wanted::Packets(count) => self.seen >= count,
            Wanted::LastBlock => self.seen > 1 && packet.first().is_some_and(|kind| kind & 0x80 != 0),
        };
        if self.seen == 1 {
            self.first = packet;
        } else {
            self.last = Some(packet).filter(|packet| packet.len() <= MAX_INIT);
        }
        ends
    }
}
