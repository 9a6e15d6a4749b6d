//! From encoded bytes to samples: containers and codecs, exact to the sample.
//!
//! Encoders put silence before the first sound and behind the last. What is given out here is what went into the encoder,
//! as far as the file says where that is:
//!
//! | format | beginning | end |
//! |---|---|---|
//! | Opus in Ogg | pre-skip (RFC 7845, 4.2) | granule position of the last page |
//! | Vorbis in Ogg | first block | granule position of the last page |
//! | MP3 | delay in the LAME tag, and the decoder's own 529 | padding in the LAME tag |
//! | AAC, ALAC, Opus in MP4 | edit list | edit list, or the lengths of the samples |
//! | FLAC, WAV, AAC in ADTS | nothing to take away | nothing to take away |

mod codec;
mod demux;
mod edits;
mod error;
mod opus;

pub use error::{DecodeError, OpenError, SeekError};

use crate::{Format, Media};
use codec::Codec;
use demux::{Demux, Reached};
use symphonia::core::{codecs::audio::AudioCodecParameters, errors::Error};

/// Packets in a row that may fail before the file is given up; a scratch costs a few, a wrong file all.
const MAX_BAD_PACKETS: u32 = 64;

/// What is known of a track once it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackInfo {
    /// The codec's usual name.
    pub codec: &'static str,
    /// Rate and channels.
    pub format: Format,
    /// Its length. Exact where the table above names a source for both ends; of an MP3 without a tag an estimate.
    pub frames: Option<u64>,
}

/// Decodes one track.
pub struct Decoder {
    demux: Demux,
    codec: Codec,
    params: AudioCodecParameters,
    info: TrackInfo,
    /// Frames at the container's beginning that are not meant to be heard.
    lead: u64,
    /// Where hearing ends by the edit list.
    end: Option<u64>,
    /// The frame that is given out next.
    position: Position,
    /// Frames still to be dropped.
    skip: u64,
    /// A block that was decoded to learn the format.
    first: Option<Vec<f32>>,
    bad: u32,
    done: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    /// Counted from the beginning.
    At(u64),
    /// The next packet's time says it; then up to this frame is dropped.
    Towards(u64),
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder")
            .field("info", &self.info)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl Decoder {
    /// Opens a track and decodes its first packet.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(mut media: Media) -> Result<Self, OpenError> {
        let edit = edits::read(&mut media).map_err(OpenError::Source)?;
        let (demux, found) = Demux::open(media)?;
        let mut decoder = Self {
            demux,
            codec: Codec::new(&found.codec)?,
            info: TrackInfo {
                codec: codec::name(&found.codec),
                format: Format { rate: 0, channels: 0 },
                frames: found.frames,
            },
            params: found.codec,
            lead: 0,
            end: None,
            position: Position::At(0),
            skip: 0,
            first: None,
            bad: 0,
            done: false,
        };
        // The first block that gives anything says what the format really is.
        let mut block = Vec::new();
        let Some((format, _)) = decoder.block(&mut block)? else {
            return Err(OpenError::Malformed("there is no sound in it".to_owned()));
        };
        decoder.info.format = format;
        decoder.first = Some(block);
        if let Some(edit) = edit {
            decoder.lead = edit.lead(format.rate);
            // Else the table of sample lengths says it, where its last one is cut.
            let heard = found.frames.map(|all| all.saturating_sub(decoder.lead));
            decoder.end = edit.frames(format.rate).or(heard);
        } else if let Some(head) = codec::head(&decoder.params) {
            decoder.lead = u64::from(head.pre_skip);
        }
        let heard = found.frames.map(|all| all.saturating_sub(decoder.lead));
        decoder.info.frames = decoder.end.or(heard);
        decoder.skip = decoder.lead;
        Ok(decoder)
    }

    /// What is known of the track.
    #[must_use]
    pub fn info(&self) -> &TrackInfo {
        &self.info
    }

    /// The frame that [`next`](Self::next) gives first.
    #[must_use]
    pub fn position(&self) -> u64 {
        match self.position {
            Position::At(frame) | Position::Towards(frame) => frame,
        }
    }

    /// Gives the next interleaved samples in `out`, and how many frames they are: 0 at the end.
    ///
    /// # Errors
    /// [`DecodeError`]. What comes before a damaged place was given out before.
    pub fn next(&mut self, out: &mut Vec<f32>) -> Result<usize, DecodeError> {
        let width = self.info.format.width();
        loop {
            out.clear();
            if self.done {
                return Ok(0);
            }
            let start = match self.first.take() {
                Some(block) => {
                    *out = block;
                    None
                }
                None => match self.block(out)? {
                    Some((format, start)) if format == self.info.format => Some(start),
                    Some(_) => return Err(DecodeError::FormatChanged),
                    None => {
                        self.done = true;
                        return Ok(0);
                    }
                },
            };
            if let (Position::Towards(target), Some(start)) = (self.position, start) {
                let heard = start - i64::try_from(self.lead).unwrap_or(i64::MAX);
                let ahead = i64::try_from(target).unwrap_or(i64::MAX).saturating_sub(heard);
                // Where a container cannot go far enough back, what it gives is taken.
                self.skip = u64::try_from(ahead).unwrap_or(0);
                self.position = Position::At(if ahead < 0 { heard.unsigned_abs() } else { target });
            }
            let have = out.len() / width;
            let dropped = usize::try_from(self.skip).map_or(have, |skip| skip.min(have));
            self.skip -= dropped as u64;
            out.drain(..dropped * width);
            let Position::At(at) = self.position else { continue };
            let mut frames = have - dropped;
            if let Some(left) = self.end.map(|end| end.saturating_sub(at))
                && (frames as u64) >= left
            {
                frames = usize::try_from(left).unwrap_or(frames);
                out.truncate(frames * width);
                self.done = true;
            }
            if frames > 0 {
                self.position = Position::At(at + frames as u64);
                return Ok(frames);
            }
        }
    }

    /// Makes `frame` (or the end, if the track is shorter) the next that is given out. The samples are those that decoding from
    /// the beginning gives, but for what a lossy codec needs longer than its usual pre-roll to forget.
    ///
    /// # Errors
    /// [`SeekError`]; then decoding goes on where it was, if it can.
    pub fn seek(&mut self, frame: u64) -> Result<(), SeekError> {
        let rate = self.info.format.rate;
        let target = self.info.frames.map_or(frame, |frames| frame.min(frames));
        let from = (target + self.lead).saturating_sub(codec::pre_roll(&self.params));
        // Demuxers differ about the place behind the last frame; there is nothing to ask them for.
        let at_end = Some(target) == self.info.frames;
        let reached = if at_end { Reached::BehindTheEnd } else { self.demux.seek(from, rate)? };
        self.codec.reset();
        self.first = None;
        self.bad = 0;
        self.skip = 0;
        self.position = Position::Towards(target);
        self.done = reached == Reached::BehindTheEnd;
        Ok(())
    }

    /// The next block that gives any samples, its format, and where it begins on the container's clock.
    fn block(&mut self, out: &mut Vec<f32>) -> Result<Option<(Format, i64)>, DecodeError> {
        loop {
            let packet = match self.demux.next() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(None),
                Err(Error::ResetRequired) => {
                    // Chained Ogg: another stream follows in the same file.
                    let found = self.demux.reopened();
                    let found =
                        found.ok_or_else(|| DecodeError::Malformed("it goes on without sound".to_owned()))?;
                    self.codec = Codec::new(&found.codec).map_err(|_| DecodeError::FormatChanged)?;
                    self.skip = codec::head(&found.codec).map_or(0, |head| u64::from(head.pre_skip));
                    self.params = found.codec;
                    continue;
                }
                Err(e) => return Err(e.into()),
            };
            match self.codec.decode(&packet, out) {
                Ok(Some(format)) => {
                    self.bad = 0;
                    let trimmed = i64::try_from(packet.trim_start.get()).unwrap_or(0);
                    return Ok(Some((
                        format,
                        self.demux.frame_of(&packet, format.rate).saturating_add(trimmed),
                    )));
                }
                Ok(None) => {}
                Err(e @ DecodeError::Malformed(_)) => {
                    self.bad += 1;
                    tracing::debug!(error = %e, "a packet was passed over");
                    if self.bad >= MAX_BAD_PACKETS {
                        return Err(e);
                    }
                }
                Err(e) => return Err(e),
            }
        }
    }
}
