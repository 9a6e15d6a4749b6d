//! Opus in Ogg (RFC 3533, RFC 7845).
//!
//! Only the last packet that ends in a page has a time, that of its end, in 48,000ths from before the encoder's delay; the others
//! are as long as they say. On the last page the time is that of the sound's end.

use super::{Format, Frames, Input, RemuxError, Stream, damaged, fmp4, hunt::Hunt};
use crate::timeline::ogg::codec::opus_samples;
use crate::timeline::ogg::page::{CONTINUED, FIRST, LAST, Page, find};

/// Opus has one.
const SCALE: u32 = 48_000;
/// Longest packet: 1,275 bytes for each of 48 frames, twice for the two of a pair, many times for many channels.
const MAX_PACKET: usize = 1 << 20;
/// What a decoder needs before a moment to be as if it had begun before (RFC 7845, 4.6).
const PRE_ROLL: u64 = 3_840;

#[derive(Default)]
pub(super) struct Opus {
    stream: Option<Stream>,
    serial: Option<u32>,
    state: State,
    /// Where the pages with sound begin.
    audio: u64,
    /// The time of the first packet: not 0 in what was recorded from the middle of a broadcast.
    begin: u64,
    end: Option<u64>,
    /// The packet that goes on in the next page.
    carried: Vec<u8>,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Head,
    /// Comments, which go on until a packet ends.
    Tags,
    /// Before the first page with sound.
    First,
    /// The next packet plays then.
    Sound(u64),
    /// Somewhere.
    Lost(Hunt),
}

/// The initialisation segment of Opus in MP4 by the identification header.
fn stream(head: &[u8]) -> Option<Stream> {
    // "OpusHead" version(1) channels(1) skip(2) rate(4) gain(2) mapping(1) …: the same in `dOps`, with the other byte order,
    // and a version that counts from 0.
    let &[version, channels, s0, s1, r0, r1, r2, r3, g0, g1, mapping, ref table @ ..] =
        head.strip_prefix(b"OpusHead")?
    else {
        return None;
    };
    if version >> 4 != 0 || channels == 0 {
        return None;
    }
    let table = if mapping == 0 { &[][..] } else { table.get(..2 + usize::from(channels))? };
    // No skip: it is cut off by the player, like all that is not heard. A decoder that did it too would cut twice.
    let fields = [0, channels, 0, 0, r3, r2, r1, r0, g1, g0, mapping];
    let config = fmp4::mp4_box(b"dOps", &[&fields, table]);
    Some(Stream {
        mime: "audio/mp4; codecs=\"opus\"".into(),
        init: fmp4::init(SCALE, &fmp4::sample_entry(b"Opus", channels.into(), 16, SCALE, &config)),
        scale: SCALE,
        start: u16::from_le_bytes([s0, s1]).into(),
        bare: false,
    })
}

impl Opus {
    /// A page of the headers, or of another stream.
    fn header(&mut self, page: &Page<'_>) -> Result<(), RemuxError> {
        match self.state {
            State::Head => {
                if page.data.starts_with(b"OpusHead") {
                    self.stream = stream(page.data);
                    self.serial = Some(page.serial);
                    self.state = State::Tags;
                    if self.stream.is_none() {
                        return Err(RemuxError::Unsupported("a kind of Opus that is not known here"));
                    }
                } else if page.flags & FIRST == 0 {
                    return Err(RemuxError::Unsupported("a codec in Ogg that is not Opus"));
                }
            }
            State::Tags if page.pieces().any(|(_, ends)| ends) => self.state = State::First,
            _ => {}
        }
        Ok(())
    }

    /// A page with sound, whose first packet begins at `now`: unless it goes on from a page that was not read.
    fn sound(&mut self, page: &Page<'_>, mut now: u64, last: bool, out: &mut Frames) {
        if page.flags & CONTINUED == 0 {
            self.carried.clear();
        }
        for (piece, ends) in page.pieces() {
            if !ends || !self.carried.is_empty() {
                self.carried.extend_from_slice(piece);
                self.carried.truncate(MAX_PACKET);
                if !ends {
                    continue;
                }
            }
            let packet = if self.carried.is_empty() { piece } else { &self.carried };
            let samples = opus_samples(packet);
            out.push(now, samples as u32, packet);
            now = now.saturating_add(samples);
            self.carried.clear();
        }
        if last {
            let told = page.granule.map_or(now, |granule| granule.saturating_sub(self.begin));
            self.end = Some(now.min(told));
        }
        self.state = State::Sound(now);
    }

    /// Samples of the packets that end in a page, of which the first may have begun before.
    fn samples(&self, page: &Page<'_>, lost: bool) -> u64 {
        let mut carried = self.carried.as_slice();
        let mut continued = lost && page.flags & CONTINUED != 0;
        let mut samples = 0;
        for (piece, ends) in page.pieces() {
            if ends && !std::mem::take(&mut continued) {
                samples += opus_samples(if carried.is_empty() { piece } else { carried });
                carried = &[];
            }
        }
        samples
    }

    /// The page at the beginning; whether there was a whole one.
    fn page(&mut self, input: &mut Input, out: &mut Frames) -> Result<bool, RemuxError> {
        let bytes = input.bytes();
        let Some(page) = Page::parse(bytes) else {
            if input.is_last() {
                input.jump(input.size());
                if let State::Sound(now) = self.state {
                    self.end.get_or_insert(now);
                }
                return Ok(false);
            }
            if bytes.len() >= 4 && !bytes.starts_with(b"OggS") {
                if matches!(self.state, State::Head) && input.at() == 0 {
                    return damaged(0, "no Ogg page");
                }
                // What is damaged is left out.
                let skip = find(bytes).unwrap_or(bytes.len() - 3);
                input.skip(skip as u64);
                return Ok(true);
            }
            return Ok(false);
        };
        let length = page.length as u64;
        let last = page.flags & LAST != 0 || input.is_last() && input.bytes().len() == page.length;
        let known = self.serial.is_none_or(|serial| serial == page.serial);
        match self.state {
            State::Head | State::Tags if known => {
                self.header(&page)?;
                if matches!(self.state, State::First) {
                    self.audio = input.at() + length;
                }
            }
            State::First | State::Sound(_) if page.flags & FIRST != 0 => {
                return Err(RemuxError::Unsupported("an Ogg file of several streams one behind another"));
            }
            State::First if known => {
                let samples = self.samples(&page, false);
                let before = page.granule.filter(|_| page.flags & LAST == 0);
                self.begin = before.map_or(0, |granule| granule.saturating_sub(samples));
                self.sound(&page, 0, last, out);
            }
            State::Sound(now) if known => {
                // Where packets are missing the pages tell.
                let told = page.granule.filter(|_| page.flags & LAST == 0);
                let told = told.and_then(|granule| {
                    granule.checked_sub(self.begin)?.checked_sub(self.samples(&page, false))
                });
                self.sound(&page, told.unwrap_or(now), last, out);
            }
            _ => {}
        }
        input.skip(length);
        Ok(true)
    }

    fn lost(&mut self, input: &mut Input, mut hunt: Hunt) -> bool {
        if hunt.place() <= self.audio {
            input.jump(self.audio);
            self.state = State::First;
            return true;
        }
        let bytes = input.bytes();
        let at = find(bytes).unwrap_or(bytes.len().saturating_sub(3));
        let page = Page::parse(&bytes[at..]);
        let moment = match &page {
            // A page in the middle of a packet, or of another stream, does not say when it begins.
            Some(page) if Some(page.serial) != self.serial || page.flags & LAST != 0 => None,
            Some(page) => {
                self.carried.clear();
                let samples = self.samples(page, true);
                page.granule.and_then(|granule| granule.checked_sub(self.begin)?.checked_sub(samples))
            }
            None => None,
        };
        let (skip, plain) = (at as u64, page.as_ref().is_some_and(|page| page.flags & CONTINUED == 0));
        let length = page.as_ref().map_or(0, |page| page.length as u64);
        if page.is_none() && !input.is_last() {
            input.skip(skip);
            self.state = State::Lost(hunt);
            return false;
        }
        if moment.is_none() && !input.is_last() {
            input.skip(skip + length.max(1));
            self.state = State::Lost(hunt);
            return true;
        }
        if hunt.found(moment)
            && let Some(moment) = moment
        {
            input.skip(skip);
            // The rest of a packet that began before is of no use.
            self.state = if plain { State::Sound(moment) } else { State::Lost(hunt) };
            if !plain {
                input.skip(length);
            }
            return true;
        }
        input.jump(hunt.place());
        self.state = State::Lost(hunt);
        true
    }
}

impl Format for Opus {
    fn read(&mut self, input: &mut Input, out: &mut Frames) -> Result<(), RemuxError> {
        loop {
            let more = match self.state {
                State::Lost(hunt) => self.lost(input, hunt),
                _ => self.page(input, out)?,
            };
            if !more {
                return Ok(());
            }
        }
    }

    fn stream(&self) -> Option<&Stream> {
        self.stream.as_ref().filter(|_| self.audio > 0)
    }

    fn end(&self) -> Option<u64> {
        self.end
    }

    fn seek(&mut self, moment: u64, input: &mut Input) {
        self.carried.clear();
        // How long the file is, it does not say before its end: at 128 kbit/s.
        let bytes = input.size().saturating_sub(self.audio);
        let ticks = self.end.unwrap_or(bytes.saturating_mul(3));
        let hunt = Hunt::new(moment, u64::from(SCALE) / 2, self.audio, input.size(), ticks);
        input.jump(hunt.place());
        self.state = State::Lost(hunt);
    }

    fn warm_up(&self) -> u64 {
        PRE_ROLL
    }
}
