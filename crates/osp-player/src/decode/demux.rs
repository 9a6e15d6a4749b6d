//! Symphonia, guarded: containers and codecs meet hostile bytes; should one ever panic, the file is damaged, not the player.

use super::{OpenError, SeekError, error::DecodeError};
use crate::Media;
use std::panic::{AssertUnwindSafe, catch_unwind};
use symphonia::core::{
    codecs::audio::AudioCodecParameters,
    errors::{Error, Result},
    formats::{
        FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType, probe::Hint,
        well_known::FORMAT_ID_OGG,
    },
    io::MediaSourceStream,
    meta::MetadataOptions,
    packet::Packet,
    units::{Duration, TimeBase, Timestamp},
};

/// A container and the one track of it that is played.
pub(super) struct Demux {
    reader: Box<dyn FormatReader>,
    track: u32,
    base: Option<TimeBase>,
    /// Whether it may end anywhere ([`Media::cut`]).
    cut: bool,
}

/// What is known of the track before a packet of it was decoded.
pub(super) struct Found {
    pub(super) codec: AudioCodecParameters,
    /// Frames that are meant to be heard, if the container says it.
    pub(super) frames: Option<u64>,
}

impl Demux {
    pub(super) fn open(media: Media) -> std::result::Result<(Self, Found), OpenError> {
        let cut = media.is_cut();
        let stream =
            MediaSourceStream::new(Box::new(media), symphonia::core::io::MediaSourceStreamOptions::default());
        let probe = symphonia::default::get_probe();
        let reader =
            guard(|| probe.probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default()));
        let reader = reader.map_err(|e| match e {
            // The probe found no container, or ran out of bytes looking for one.
            Error::Unsupported(_) => OpenError::NotAudio,
            Error::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => OpenError::NotAudio,
            other => other.into(),
        })?;
        let track = reader.default_track(TrackType::Audio).ok_or(OpenError::NotAudio)?;
        let found =
            found(track).ok_or_else(|| OpenError::Unsupported("its codec is not known".to_owned()))?;
        let (track, base) = (track.id, track.time_base);
        Ok((Self { reader, track, base, cut }, found))
    }

    /// The track again, after the container said that it begins anew.
    pub(super) fn reopened(&mut self) -> Option<Found> {
        let track = self.reader.default_track(TrackType::Audio)?;
        (self.track, self.base) = (track.id, track.time_base);
        found(track)
    }

    /// The next packet of the track; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Packet>> {
        loop {
            match guard(|| self.reader.next_packet()) {
                Ok(Some(packet)) if packet.track_id != self.track => {}
                Err(Error::IoError(e)) if self.cut && e.kind() == std::io::ErrorKind::UnexpectedEof => {
                    return Ok(None);
                }
                other => return other,
            }
        }
    }

    /// Where a packet begins, in frames at `rate`, counted from the container's zero.
    pub(super) fn frame_of(&self, packet: &Packet, rate: u32) -> i64 {
        let Some(base) = self.base else { return packet.pts.get() };
        let ticks = i128::from(packet.pts.get()) * i128::from(base.numer.get()) * i128::from(rate);
        i64::try_from(ticks / i128::from(base.denom.get())).unwrap_or(i64::MAX)
    }

    /// Goes to the last packet that begins at `frame` or before.
    pub(super) fn seek(&mut self, frame: u64, rate: u32) -> std::result::Result<Reached, SeekError> {
        if self.reader.tracks().len() > 1 && self.reader.format_info().format == FORMAT_ID_OGG {
            // Symphonia's search would not end there.
            return Err(SeekError::Unseekable("it holds several streams at once".to_owned()));
        }
        let ticks = match self.base {
            Some(base) if rate > 0 => {
                u128::from(frame) * u128::from(base.denom.get())
                    / (u128::from(base.numer.get()) * u128::from(rate))
            }
            _ => u128::from(frame),
        };
        let ts = Timestamp::new(i64::try_from(ticks).unwrap_or(i64::MAX));
        let to = SeekTo::Timestamp { ts, track_id: self.track };
        match guard(|| self.reader.seek(SeekMode::Accurate, to)) {
            Ok(_) => Ok(Reached::There),
            Err(Error::SeekError(symphonia::core::errors::SeekErrorKind::OutOfRange)) => {
                Ok(Reached::BehindTheEnd)
            }
            Err(e) => Err(e.into()),
        }
    }
}

/// Where a seek ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    There,
    BehindTheEnd,
}

fn found(track: &Track) -> Option<Found> {
    let codec = track.codec_params.as_ref()?.audio()?.clone();
    let rate = codec.sample_rate;
    // Lengths are in frames, or in ticks of the track.
    let ticks =
        track.duration.map(Duration::get).zip(track.time_base).zip(rate).and_then(|((ticks, base), rate)| {
            let frames = u128::from(ticks) * u128::from(base.numer.get()) * u128::from(rate)
                / u128::from(base.denom.get());
            u64::try_from(frames).ok()
        });
    Some(Found { codec, frames: track.num_frames.or(ticks) })
}

/// Runs foreign code on foreign bytes.
pub(super) fn guard<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(Error::DecodeError("it cannot be parsed")))
}

/// As [`guard`], for other errors.
pub(super) fn guard_other<T, E: std::fmt::Display>(
    run: impl FnOnce() -> std::result::Result<T, E>,
) -> std::result::Result<T, DecodeError> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(e)) => Err(DecodeError::Malformed(e.to_string())),
        Err(_) => Err(DecodeError::Malformed("it cannot be parsed".to_owned())),
    }
}
