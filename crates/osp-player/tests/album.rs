//! Tracks one after another: not a sample between them, and none lost.

#![allow(clippy::unwrap_used)]

mod support;

use osp_player::{
    Format, Media, Volume,
    player::{Control, Event, Options, Playlist, play},
    sink::{Sink, SinkError},
};
use std::{
    convert::Infallible,
    sync::{Arc, mpsc},
    time::Duration,
};
use support::{bytes, channel, decibels, decode, media, tone};

struct Album(Vec<Vec<u8>>);

impl Album {
    fn of(names: &[&str]) -> Arc<Self> {
        Arc::new(Self(names.iter().map(|name| bytes(name)).collect()))
    }
}

impl Playlist for Album {
    type Error = Infallible;
    fn open(&self, index: usize) -> Option<Result<Media, Infallible>> {
        Some(Ok(media(self.0.get(index)?.clone())))
    }
}

/// Keeps everything.
#[derive(Default)]
struct Tape {
    format: Option<Format>,
    samples: Vec<f32>,
}

impl Sink for Tape {
    fn start(&mut self, wanted: Format) -> Result<Format, SinkError> {
        assert_eq!(self.format.replace(wanted), None, "started once");
        Ok(wanted)
    }
    fn write(&mut self, samples: &[f32]) -> Result<(), SinkError> {
        self.samples.extend_from_slice(samples);
        Ok(())
    }
    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

const PLAIN: Options = Options { start: Duration::ZERO, volume: Volume::FULL };

fn tape(album: &Arc<Album>, options: Options, controls: &[Control]) -> (Tape, Vec<Event<Infallible>>) {
    let (mut tape, mut events) = (Tape::default(), Vec::new());
    let (wish, wishes) = mpsc::channel();
    controls.iter().for_each(|control| wish.send(*control).unwrap());
    drop(wish);
    play(album, &mut tape, options, &wishes, &mut |event| events.push(event)).unwrap();
    (tape, events)
}

#[test]
fn two_halves_of_one_tone_are_one_tone_again() {
    for (first, second, rate, least) in [
        ("first.opus", "second.opus", 48_000, 18.0),
        ("first.ogg", "second.ogg", 44_100, 18.0),
        ("first.mp3", "second.mp3", 44_100, 15.0),
    ] {
        let (tape, _) = tape(&Album::of(&[first, second]), PLAIN, &[]);
        let apart = [decode(first).1, decode(second).1].concat();
        assert!(tape.samples == apart, "{first}: what each decodes to, and nothing else");
        let near = decibels(&channel(&tape.samples, 2, 0), &tone(rate, 0, 20_011));
        assert!(near > least, "{first}: {near:.1} dB");
    }
}

#[test]
fn a_track_of_another_rate_is_brought_to_the_first_ones() {
    let (tape, events) = tape(&Album::of(&["opus.opus", "vorbis.ogg", "voice.opus"]), PLAIN, &[]);
    assert_eq!(tape.format, Some(Format { rate: 48_000, channels: 2 }));
    let longer = (20_011_usize * 48_000).div_ceil(44_100);
    assert_eq!(tape.samples.len(), 2 * (20_011 + longer + 20_011));
    let middle = channel(&tape.samples, 2, 0)[20_011 + 100..20_011 + longer - 100].to_vec();
    let near = decibels(&middle, &tone(48_000, 100, longer - 200));
    assert!(near > 15.0, "{near:.1} dB");
    // Each is reported in its own terms.
    let played: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Ended { index, report, .. } => {
                Some((*index, report.frames, report.samples, report.complete))
            }
            _ => None,
        })
        .collect();
    assert_eq!(played, [(0, 20_011, 40_022, true), (1, 20_011, 40_022, true), (2, 20_011, 20_011, true)]);
}

#[test]
fn a_broken_track_is_passed_over() {
    let album = Album(vec![bytes("first.opus"), b"not audio".to_vec(), bytes("second.opus")]);
    let (tape, events) = tape(&Arc::new(album), PLAIN, &[]);
    assert_eq!(tape.samples.len(), 2 * 20_011);
    let failed: Vec<_> = events.iter().filter(|event| matches!(event, Event::Failed { .. })).collect();
    assert!(matches!(failed[..], [Event::Failed { index: 1, .. }]), "{failed:?}");
}

#[test]
fn wishes_are_followed() {
    let names = ["first.opus", "second.opus"];
    let frames = |tape: &Tape| tape.samples.len() / 2;
    let at = |start, controls: &[Control]| tape(&Album::of(&names), Options { start, ..PLAIN }, controls);
    assert_eq!(frames(&at(Duration::ZERO, &[Control::Next]).0), 7666);
    assert_eq!(frames(&at(Duration::ZERO, &[Control::Next, Control::Previous]).0), 20_011);
    assert_eq!(frames(&at(Duration::ZERO, &[Control::Quit]).0), 0);
    assert_eq!(frames(&at(Duration::from_millis(100), &[]).0), 20_011 - 4800);
    assert_eq!(frames(&at(Duration::ZERO, &[Control::SeekBy(10)]).0), 7666);
    assert_eq!(frames(&at(Duration::from_millis(200), &[Control::SeekBy(-10)]).0), 20_011);
    // A pause that nobody ends: the one who could is gone.
    let (paused, events) = at(Duration::ZERO, &[Control::Pause, Control::Volume(-100)]);
    assert_eq!(frames(&paused), 20_011);
    assert!(events.iter().any(|event| matches!(event, Event::Volume(volume) if volume.get() == 0)));
    assert!(paused.samples[4000..].iter().all(|sample| sample.abs() < f32::EPSILON));
}
