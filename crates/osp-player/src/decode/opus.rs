//! Opus packets (RFC 6716) to samples. Symphonia has the containers, `opus-pure` the codec.
//!
//! The identification header (RFC 7845, section 5.1; in MP4 without its magic and big-endian) says what the packets do not:
//!
//! ```text
//!  0  "OpusHead"          16  i16  output gain, dB / 256
//!  8  u8   version        18  u8   mapping family
//!  9  u8   channels       19  u8   streams          family 1
//! 10  u16  pre-skip       20  u8   coupled streams
//! 12  u32  input rate     21  u8[] channel mapping
//! ```

use opus_pure::{OpusDecoder, OpusMSDecoder};
use std::borrow::Cow;

/// Opus always sounds at this rate here.
pub(super) const RATE: u32 = 48_000;
/// 120 ms: the longest packet there is.
const MAX_PACKET_FRAMES: usize = 5760;
/// A decoder is as good as one that started at the beginning after so many frames (RFC 7845, section 4.6).
pub(super) const PRE_ROLL: u64 = 3840;

/// From Vorbis' order of channels, which family 1 has, to ours (FL FR FC LFE RL RR SL SR), by number of channels from 3 on.
const ORDERS: [&[usize]; 6] = [
    &[0, 2, 1],
    &[0, 1, 2, 3],
    &[0, 2, 1, 3, 4],
    &[0, 2, 1, 5, 3, 4],
    &[0, 2, 1, 6, 5, 3, 4],
    &[0, 2, 1, 7, 5, 6, 3, 4],
];

/// What the header says, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) channels: u8,
    /// Frames of the decoder's output that come before the first sound.
    pub(super) pre_skip: u16,
    gain: i16,
    family: u8,
}

impl Head {
    /// Parses it; `None` when it is none, or of a mapping that cannot be played (only the standard ones of families 0 and 1 can).
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let fixed: &[u8; 19] = bytes.first_chunk()?;
        if !fixed.starts_with(b"OpusHead") || fixed[8] >> 4 != 0 {
            return None;
        }
        // Version 0 is that of MP4, which is big-endian.
        let read = |at: usize| {
            let pair = [fixed[at], fixed[at + 1]];
            if fixed[8] == 0 { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
        };
        let head =
            Self { channels: fixed[9], pre_skip: read(10), gain: read(16).cast_signed(), family: fixed[18] };
        match head.family {
            0 => (1..=2).contains(&head.channels).then_some(head),
            1 => {
                let layout = opus_pure::ChannelLayout::surround(usize::from(head.channels), 1).ok()?;
                let standard = bytes.get(19).copied().map(usize::from) == Some(layout.nb_streams)
                    && bytes.get(20).copied().map(usize::from) == Some(layout.nb_coupled_streams)
                    && bytes.get(21..21 + layout.nb_channels) == Some(&layout.mapping[..]);
                standard.then_some(head)
            }
            _ => None,
        }
    }
}

/// Decodes packet after packet.
pub(super) struct Packets {
    head: Head,
    decoder: Kind,
    pcm: Vec<f32>,
}

enum Kind {
    One(Box<OpusDecoder>),
    Several(Box<OpusMSDecoder>),
}

impl Packets {
    pub(super) fn new(head: Head) -> opus_pure::Result<Self> {
        let (rate, channels) = (RATE.cast_signed(), usize::from(head.channels));
        let gain = i32::from(head.gain);
        let decoder = if head.family == 0 {
            let mut decoder = OpusDecoder::new(rate, channels)?;
            decoder.gain_q8 = gain;
            Kind::One(Box::new(decoder))
        } else {
            let mut decoder = OpusMSDecoder::new(rate, channels, head.family)?;
            decoder.streams_mut().iter_mut().for_each(|stream| stream.gain_q8 = gain);
            Kind::Several(Box::new(decoder))
        };
        Ok(Self { head, decoder, pcm: vec![0.0; MAX_PACKET_FRAMES * channels] })
    }

    /// Decodes a packet: interleaved samples.
    pub(super) fn decode(&mut self, packet: &[u8]) -> opus_pure::Result<Cow<'_, [f32]>> {
        if packet.is_empty() {
            // The codec would take it for a lost packet and make something up.
            return Err(opus_pure::Error::InvalidPacket("it is empty"));
        }
        let frames = match &mut self.decoder {
            Kind::One(decoder) => decoder.decode(packet, MAX_PACKET_FRAMES, &mut self.pcm)?,
            Kind::Several(decoder) => decoder.decode(packet, MAX_PACKET_FRAMES, &mut self.pcm)?,
        };
        let channels = usize::from(self.head.channels);
        let pcm = self.pcm.get(..frames * channels).unwrap_or_default();
        Ok(match channels.checked_sub(3).and_then(|more| ORDERS.get(more)) {
            Some(order) => {
                pcm.chunks_exact(channels).flat_map(|frame| order.iter().map(|&from| frame[from])).collect()
            }
            None => Cow::Borrowed(pcm),
        })
    }

    /// Samples per frame.
    pub(super) fn channels(&self) -> u16 {
        u16::from(self.head.channels)
    }

    /// Forgets what came before, after a seek.
    pub(super) fn reset(&mut self) {
        if let Ok(fresh) = Self::new(self.head) {
            *self = fresh;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Head, ORDERS};

    const STEREO: [u8; 19] = *b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\x00\xff\x00";

    #[test]
    fn the_header_is_little_endian_in_ogg_and_big_endian_in_mp4() {
        let head = Head::parse(&STEREO).unwrap();
        assert_eq!((head.channels, head.pre_skip, head.gain), (2, 312, -256));
        let mut mp4 = STEREO;
        mp4[8] = 0;
        mp4[10..12].reverse();
        mp4[16..18].reverse();
        assert_eq!(Head::parse(&mp4).unwrap(), head);
    }

    #[test]
    fn mappings_that_cannot_be_played_are_refused() {
        for (at, value) in [(8, 0x10), (9, 0), (9, 3), (18, 2), (18, 255), (0, b'o')] {
            let mut bytes = STEREO;
            bytes[at] = value;
            assert_eq!(Head::parse(&bytes), None, "{at} {value}");
        }
        assert_eq!(Head::parse(&STEREO[..18]), None);
        let surround =
            [&b"OpusHead\x01\x06\x38\x01\x80\xbb\0\0\0\0\x01\x04\x02"[..], &[0, 4, 1, 2, 3, 5]].concat();
        assert_eq!(Head::parse(&surround).unwrap().channels, 6);
        let swapped = [&surround[..21], &[4, 0, 1, 2, 3, 5]].concat();
        assert_eq!(Head::parse(&swapped), None);
    }

    #[test]
    fn every_channel_has_a_place() {
        for (channels, order) in (3..).zip(ORDERS) {
            let mut sorted = order.to_vec();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..channels).collect::<Vec<_>>());
        }
    }
}
