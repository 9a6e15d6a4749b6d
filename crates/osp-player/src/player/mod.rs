//! Plays tracks one after another into a sink, without a gap.
//!
//! ```text
//!  Playlist.open(i) ── Media ── Decoder ── Converter ── Gain ──► Sink
//!  Playlist.open(i + 1) ── Media ── Decoder     on a thread of its own, half a minute before it is needed
//! ```
//!
//! The sink is started once, in the format of the first track; tracks in another are converted. Between two tracks of one format
//! not a sample is put in or left out.

mod ahead;
mod event;
mod stall;

pub use event::{Control, Ended, Event, Failure, Report};

use crate::{
    Decoder, Format, Media, TrackInfo, Volume,
    convert::Converter,
    decode::DecodeError,
    sink::{Sink, SinkError},
    volume::Gain,
};
use ahead::Ahead;
use stall::StallMeter;
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

/// So long before the end of a track the next one is opened.
const PREFETCH: Duration = Duration::from_secs(30);
/// Between two reports of progress.
const TICK: Duration = Duration::from_millis(100);
/// «Previous» within so much of the beginning goes to the track before, later to the beginning.
const RESTARTS_AFTER: Duration = Duration::from_secs(3);

/// The tracks to play, by number from 0. Shared with the thread that opens the next one.
pub trait Playlist: Send + Sync + 'static {
    /// Why a track is not there.
    type Error: std::error::Error + Send + 'static;

    /// The bytes of a track, as soon as they can be read; `None` behind the last. May block. A list may grow behind a track that
    /// was opened (an album in one file).
    ///
    /// # Errors
    /// The implementor's: the track is passed over.
    fn open(&self, index: usize) -> Option<Result<Media, Self::Error>>;
}

/// How to play.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Where the first track begins.
    pub start: Duration,
    /// How loud.
    pub volume: Volume,
}

/// Plays a list to its end, or until it is told to stop. Blocks; run it on a thread of its own. Tracks that cannot be opened or
/// decoded are told of in an [`Event::Failed`] and passed over.
///
/// # Errors
/// [`SinkError`]: then nothing more can be heard.
pub fn play<L: Playlist>(
    list: &Arc<L>,
    sink: &mut dyn Sink,
    options: Options,
    controls: &Receiver<Control>,
    events: &mut dyn FnMut(Event<L::Error>),
) -> Result<(), SinkError> {
    let mut player = Player {
        list,
        sink,
        controls,
        events,
        output: None,
        volume: options.volume,
        gain: Gain::new(options.volume),
        ahead: None,
    };
    let mut index = 0;
    let mut start = options.start;
    loop {
        match player.track(index, start)? {
            Step::Next => index += 1,
            Step::Previous => index = index.saturating_sub(1),
            Step::Behind => break,
            // Nobody waits for what was not heard yet.
            Step::Quit => {
                player.sink.discard();
                break;
            }
        }
        start = Duration::ZERO;
    }
    player.sink.finish()
}

/// What comes after a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Next,
    Previous,
    /// There was no such track.
    Behind,
    Quit,
}

struct Player<'p, L: Playlist> {
    list: &'p Arc<L>,
    sink: &'p mut dyn Sink,
    controls: &'p Receiver<Control>,
    events: &'p mut dyn FnMut(Event<L::Error>),
    /// What the sink takes, once it was started.
    output: Option<Format>,
    volume: Volume,
    gain: Gain,
    ahead: Option<Ahead<L>>,
}

/// A track that is being played.
struct Playing {
    index: usize,
    decoder: Decoder,
    info: TrackInfo,
    converter: Converter,
    output: Format,
    due: Instant,
    report: Report,
    meter: StallMeter,
    told: Option<Instant>,
}

impl<L: Playlist> Player<'_, L> {
    fn track(&mut self, index: usize, start: Duration) -> Result<Step, SinkError> {
        let due = Instant::now();
        let opened = match self.ahead.take().filter(|ahead| ahead.index() == index) {
            Some(ahead) => ahead.wait(),
            None => ahead::open(&**self.list, index),
        };
        let mut decoder = match opened {
            None => return Ok(Step::Behind),
            Some(Ok(decoder)) => decoder,
            Some(Err(failure)) => {
                (self.events)(Event::Failed { index, failure });
                // Keys were pressed while it was tried.
                return Ok(self.pending_step().unwrap_or(Step::Next));
            }
        };
        let info = *decoder.info();
        if !start.is_zero()
            && let Err(e) = decoder.seek(info.format.frames(start))
        {
            (self.events)(Event::Failed { index, failure: Failure::Seek(e) });
        }
        let output = match self.output {
            Some(output) => output,
            None => {
                let output = self.sink.start(info.format)?;
                self.output = Some(output);
                output
            }
        };
        (self.events)(Event::Opened { index, info });
        let mut playing = Playing {
            index,
            info,
            converter: Converter::new(info.format, output),
            output,
            due,
            report: Report::default(),
            meter: StallMeter::new(info.format),
            told: None,
            decoder,
        };
        let step = self.run(&mut playing);
        playing.report.stalls = playing.meter.stalls();
        let ended = match step {
            Ok(Step::Next) if playing.report.complete => Ended::Finished,
            _ => Ended::Left,
        };
        (self.events)(Event::Ended { index, info, report: playing.report, ended });
        step
    }

    fn run(&mut self, playing: &mut Playing) -> Result<Step, SinkError> {
        let mut block = Vec::new();
        loop {
            while let Some(control) = self.control() {
                if let Some(step) = self.obey(control, playing)? {
                    return Ok(step);
                }
            }
            match playing.decoder.next(&mut block) {
                Ok(0) => {
                    playing.converter.finish(&mut block);
                    self.write(playing, &mut block)?;
                    playing.report.complete = true;
                    return Ok(Step::Next);
                }
                Ok(frames) => {
                    let now = Instant::now();
                    let first = playing.report.samples == 0;
                    playing.meter.deliver(frames as u64, now);
                    playing.report.samples += block.len() as u64;
                    playing.report.frames += frames as u64;
                    playing.converter.convert(&mut block);
                    self.write(playing, &mut block)?;
                    if first {
                        let after = playing.due.elapsed();
                        playing.report.first_sound = Some(after);
                        (self.events)(Event::FirstSound { index: playing.index, after });
                    }
                    self.tell(playing, now);
                    self.look_ahead(playing);
                }
                Err(error) => {
                    let quit =
                        matches!(&error, DecodeError::Source(_)).then(|| self.pending_step()).flatten();
                    if quit.is_none() {
                        (self.events)(Event::Failed {
                            index: playing.index,
                            failure: Failure::Decode(error),
                        });
                    }
                    return Ok(quit.unwrap_or(Step::Next));
                }
            }
        }
    }

    fn write(&mut self, playing: &Playing, block: &mut [f32]) -> Result<(), SinkError> {
        self.gain.apply(self.volume, block, playing.output.width());
        if block.is_empty() { Ok(()) } else { self.sink.write(block) }
    }

    fn tell(&mut self, playing: &mut Playing, now: Instant) {
        if playing.told.is_none_or(|told| now.saturating_duration_since(told) >= TICK) {
            playing.told = Some(now);
            let (index, position) = (playing.index, playing.decoder.position());
            let stalls = playing.meter.stalls();
            (self.events)(Event::Progress { index, position, info: playing.info, stalls });
        }
    }

    /// Opens the next track while this one still plays.
    fn look_ahead(&mut self, playing: &Playing) {
        if self.ahead.is_some() {
            return;
        }
        let format = playing.info.format;
        let left = playing.info.frames.map(|all| all.saturating_sub(playing.decoder.position()));
        if left.is_none_or(|left| format.duration(left) < PREFETCH) {
            self.ahead = Some(Ahead::begin(self.list, playing.index + 1));
        }
    }

    fn control(&mut self) -> Option<Control> {
        // Where nobody is there to say anything, playing goes on to the end.
        self.controls.try_recv().ok()
    }

    /// The first control that leads away, of those that wait.
    fn pending_step(&mut self) -> Option<Step> {
        std::iter::from_fn(|| self.control()).find_map(|control| match control {
            Control::Quit => Some(Step::Quit),
            Control::Next => Some(Step::Next),
            Control::Previous => Some(Step::Previous),
            _ => None,
        })
    }

    fn obey(&mut self, control: Control, playing: &mut Playing) -> Result<Option<Step>, SinkError> {
        match control {
            Control::Quit => return Ok(Some(Step::Quit)),
            Control::Next => {
                self.sink.discard();
                return Ok(Some(Step::Next));
            }
            Control::Previous => {
                self.sink.discard();
                if playing.index > 0
                    && playing.info.format.duration(playing.decoder.position()) < RESTARTS_AFTER
                {
                    return Ok(Some(Step::Previous));
                }
                self.seek(playing, 0);
            }
            Control::SeekBy(seconds) => {
                self.sink.discard();
                let by = playing.info.format.frames(Duration::from_secs(seconds.unsigned_abs().into()));
                let position = playing.decoder.position();
                let to = if seconds < 0 { position.saturating_sub(by) } else { position.saturating_add(by) };
                self.seek(playing, to);
            }
            Control::Volume(by) => {
                self.volume = self.volume.changed(by);
                (self.events)(Event::Volume(self.volume));
            }
            Control::Pause => return self.pause(playing),
        }
        Ok(None)
    }

    fn seek(&mut self, playing: &mut Playing, frame: u64) {
        if let Err(e) = playing.decoder.seek(frame) {
            (self.events)(Event::Failed { index: playing.index, failure: Failure::Seek(e) });
        }
        playing.converter.reset();
        playing.meter.restart();
        playing.told = None;
    }

    fn pause(&mut self, playing: &mut Playing) -> Result<Option<Step>, SinkError> {
        (self.events)(Event::Paused(true));
        let step = loop {
            match self.controls.recv_timeout(Duration::from_secs(3600)) {
                Ok(Control::Pause) | Err(RecvTimeoutError::Disconnected) => break None,
                Ok(control) => {
                    if let Some(step) = self.obey_paused(control, playing)? {
                        break Some(step);
                    }
                    self.tell(playing, Instant::now());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        playing.meter.restart();
        (self.events)(Event::Paused(false));
        Ok(step)
    }

    /// As [`obey`](Self::obey), without another pause inside this one.
    fn obey_paused(&mut self, control: Control, playing: &mut Playing) -> Result<Option<Step>, SinkError> {
        match control {
            Control::Pause => Ok(None),
            other => self.obey(other, playing),
        }
    }
}

impl<L: Playlist> std::fmt::Debug for Player<'_, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player")
            .field("output", &self.output)
            .field("volume", &self.volume)
            .finish_non_exhaustive()
    }
}
