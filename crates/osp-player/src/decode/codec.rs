//! One packet in, samples out.

use super::{
    OpenError,
    demux::{guard, guard_other},
    error::DecodeError,
    opus,
};
use crate::Format;
use symphonia::core::{
    codecs::audio::{
        AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
        well_known::{
            CODEC_ID_AAC, CODEC_ID_ALAC, CODEC_ID_FLAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3,
            CODEC_ID_OPUS, CODEC_ID_VORBIS,
        },
    },
    packet::Packet,
};

/// The codec of a track.
pub(super) enum Codec {
    Symphonia(Box<dyn AudioDecoder>),
    Opus(opus::Packets),
}

impl Codec {
    pub(super) fn new(params: &AudioCodecParameters) -> Result<Self, OpenError> {
        if params.codec == CODEC_ID_OPUS {
            let head = head(params)
                .ok_or_else(|| OpenError::Unsupported("its Opus channels are laid out freely".into()))?;
            let packets = opus::Packets::new(head).map_err(|e| OpenError::Unsupported(e.to_string()))?;
            return Ok(Self::Opus(packets));
        }
        let options = AudioDecoderOptions::default();
        let decoder = guard(|| symphonia::default::get_codecs().make_audio_decoder(params, &options))?;
        Ok(Self::Symphonia(decoder))
    }

    /// Decodes a packet into interleaved samples, without delay and padding as far as the container marked them.
    /// `None` when the packet gives none.
    pub(super) fn decode(
        &mut self,
        packet: &Packet,
        out: &mut Vec<f32>,
    ) -> Result<Option<Format>, DecodeError> {
        out.clear();
        match self {
            Self::Symphonia(decoder) => {
                let block = guard(|| decoder.decode(packet))?;
                let spec = block.spec();
                let channels = u16::try_from(spec.channels().count()).unwrap_or(0);
                let format = Format { rate: spec.rate(), channels };
                if block.frames() == 0 || channels == 0 || format.rate == 0 {
                    return Ok(None);
                }
                block.copy_to_vec_interleaved(out);
                Ok(Some(format))
            }
            Self::Opus(packets) => {
                let channels = packets.channels();
                let pcm = guard_other(|| packets.decode(&packet.data))?;
                let frames = pcm.len() / usize::from(channels);
                let trim = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(frames);
                let (start, end) = (trim(packet.trim_start.get()), frames - trim(packet.trim_end.get()));
                let samples = start.min(end) * usize::from(channels)..end * usize::from(channels);
                out.extend_from_slice(&pcm[samples]);
                let format = Format { rate: opus::RATE, channels };
                Ok((!out.is_empty()).then_some(format))
            }
        }
    }

    /// Forgets what came before, after a seek.
    pub(super) fn reset(&mut self) {
        match self {
            Self::Symphonia(decoder) => decoder.reset(),
            Self::Opus(packets) => packets.reset(),
        }
    }
}

/// The Opus header, where the codec is Opus.
pub(super) fn head(params: &AudioCodecParameters) -> Option<opus::Head> {
    (params.codec == CODEC_ID_OPUS).then(|| opus::Head::parse(params.extra_data.as_deref()?)).flatten()
}

/// Frames that have to be decoded before a place so that it sounds as it should.
pub(super) fn pre_roll(params: &AudioCodecParameters) -> u64 {
    match params.codec {
        CODEC_ID_OPUS => opus::PRE_ROLL,
        // A long block and the one that overlaps it.
        CODEC_ID_VORBIS => 8192,
        CODEC_ID_AAC => 2048,
        // The bit reservoir reaches back, and the overlap.
        CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3 => 4 * 1152,
        _ => 0,
    }
}

/// What people call the codec.
pub(super) fn name(params: &AudioCodecParameters) -> &'static str {
    match params.codec {
        CODEC_ID_OPUS => "Opus",
        CODEC_ID_VORBIS => "Vorbis",
        CODEC_ID_AAC => "AAC",
        CODEC_ID_ALAC => "ALAC",
        CODEC_ID_FLAC => "FLAC",
        CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3 => "MP3",
        _ => "PCM",
    }
}
