//! The tone of the vectors (`tests/audio/README.md`), and decoding whole files.

#![allow(dead_code, clippy::unwrap_used)] // each test binary uses its part

use osp_player::{Decoder, Media, TrackInfo};
use std::{f64::consts::TAU, fs, io::Cursor};

/// A vector's bytes.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/audio/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Bytes as a track.
pub(crate) fn media(bytes: Vec<u8>) -> Media {
    let len = bytes.len() as u64;
    Media::new(Cursor::new(bytes), len)
}

/// A vector, opened.
pub(crate) fn open(name: &str) -> Decoder {
    Decoder::open(media(bytes(name))).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Everything that is left.
pub(crate) fn rest(decoder: &mut Decoder) -> Vec<f32> {
    let (mut all, mut block) = (Vec::new(), Vec::new());
    while decoder.next(&mut block).unwrap() > 0 {
        all.extend_from_slice(&block);
    }
    all
}

/// A vector, decoded.
pub(crate) fn decode(name: &str) -> (TrackInfo, Vec<f32>) {
    let mut decoder = open(name);
    let samples = rest(&mut decoder);
    (*decoder.info(), samples)
}

/// The tone's left channel from frame `from` on.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
pub(crate) fn tone(rate: u32, from: usize, frames: usize) -> Vec<f32> {
    let left = |n: usize| {
        let t = n as f64 / f64::from(rate);
        0.4 * (TAU * (300.0 * t + 1500.0 * t * t)).sin()
    };
    (from..from + frames).map(|n| left(n) as f32).collect()
}

/// Every `width`th sample from `channel` on.
pub(crate) fn channel(samples: &[f32], width: usize, channel: usize) -> Vec<f32> {
    samples.iter().skip(channel).step_by(width).copied().collect()
}

/// How far `found` is below `wanted`, in decibels: signal to error.
#[track_caller]
pub(crate) fn decibels(found: &[f32], wanted: &[f32]) -> f64 {
    assert_eq!(found.len(), wanted.len());
    let power = |sum: f64, x: f32| sum + f64::from(x).powi(2);
    let signal = wanted.iter().copied().fold(0.0, power);
    let error = found.iter().zip(wanted).map(|(a, b)| a - b).fold(0.0, power);
    10.0 * (signal / error.max(1e-30)).log10()
}
