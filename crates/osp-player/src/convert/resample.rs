//! One sample rate to another: a windowed sinc, evaluated for each output frame.
//!
//! ```text
//! y[k] = sum over n of x[n] * h(k * from/to - n)      h: low-pass below half of the lower rate, Kaiser window
//! ```
//!
//! The position `k * from/to` takes as many fractional values as the reduced ratio has in its denominator (160 for
//! 44.1 to 48 kHz): the filter is tabulated for each. It is only needed where tracks of different rates follow each other,
//! so 100 dB and a few per cent of a core are enough.

use std::f64::consts::PI;

/// Zero crossings of the sinc on each side.
const CROSSINGS: usize = 48;
/// Kaiser's beta for about 100 dB.
const BETA: f64 = 10.0;
/// The pass band, as a part of half of the lower rate.
const PASS: f64 = 0.93;
/// Rows of the table; more fractional positions than this share the nearest row.
const MAX_PHASES: u64 = 4096;

/// Resamples a stream of interleaved samples.
#[derive(Debug)]
pub(super) struct Resampler {
    width: usize,
    /// The ratio, reduced: `step` input frames per `unit` output frames.
    step: u64,
    unit: u64,
    /// Taps on each side of a position.
    half: usize,
    phases: u64,
    /// `phases` rows of `2 * half` taps.
    table: Vec<f32>,
    /// Input not yet done with, `half` frames of silence first.
    input: Vec<f32>,
    /// The input frame that `input` begins with, counted with that silence.
    base: u64,
    /// Real input frames so far.
    taken: u64,
    /// The output frame that comes next.
    next: u64,
}

impl Resampler {
    pub(super) fn new(from: u32, to: u32, channels: u16) -> Self {
        let (from, to) = (u64::from(from.max(1)), u64::from(to.max(1)));
        let divisor = gcd(from, to);
        let (step, unit) = (from / divisor, to / divisor);
        #[allow(clippy::cast_precision_loss)]
        let scale = (to as f64 / from as f64).min(1.0);
        // A lower target needs a longer filter; the ratio of any two rates that occur is far below 64.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let half = (CROSSINGS as f64 / scale.max(1.0 / 64.0)).ceil() as usize;
        let phases = unit.min(MAX_PHASES);
        let width = usize::from(channels.max(1));
        Self {
            width,
            step,
            unit,
            half,
            phases,
            table: table(half, phases, scale * PASS),
            input: vec![0.0; half * width],
            base: 0,
            taken: 0,
            next: 0,
        }
    }

    /// Takes input, and appends the output that is certain by now.
    pub(super) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.input.extend_from_slice(samples);
        self.taken += (samples.len() / self.width) as u64;
        self.run(out, u64::MAX);
    }

    /// Appends the rest of the output, and is new again.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        let total = u128::from(self.taken) * u128::from(self.unit);
        let total = u64::try_from(total.div_ceil(u128::from(self.step))).unwrap_or(u64::MAX);
        self.input.resize(self.input.len() + (self.half + 1) * self.width, 0.0);
        self.run(out, total);
        self.input.clear();
        self.input.resize(self.half * self.width, 0.0);
        (self.base, self.taken, self.next) = (0, 0, 0);
    }

    fn run(&mut self, out: &mut Vec<f32>, until: u64) {
        let taps = 2 * self.half;
        let have = (self.input.len() / self.width) as u64;
        while self.next < until {
            let at = u128::from(self.next) * u128::from(self.step);
            let whole = u64::try_from(at / u128::from(self.unit)).unwrap_or(u64::MAX);
            let rest = u64::try_from(at % u128::from(self.unit)).unwrap_or(0);
            // Tap 0 is the input frame `half - 1` before the position; the silence in front makes that `whole + 1`.
            let first = whole + 1 - self.base;
            if first + taps as u64 > have {
                break;
            }
            let row = usize::try_from(rest * self.phases / self.unit).unwrap_or(0) * taps;
            // Smaller than `have`, which is a length.
            #[allow(clippy::cast_possible_truncation)]
            let start = first as usize * self.width;
            let taps = &self.table[row..row + taps];
            for channel in 0..self.width {
                let frames = self.input[start + channel..].iter().step_by(self.width);
                out.push(frames.zip(taps).map(|(x, h)| x * h).sum());
            }
            self.next += 1;
        }
        let position = u128::from(self.next) * u128::from(self.step) / u128::from(self.unit);
        let done = u64::try_from(position).unwrap_or(u64::MAX).saturating_sub(self.base).min(have);
        #[allow(clippy::cast_possible_truncation)]
        self.input.drain(..done as usize * self.width);
        self.base += done;
    }
}

/// For each fractional position the taps for the input frames `1 - half ..= half` around it.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn table(half: usize, phases: u64, cutoff: f64) -> Vec<f32> {
    let reach = half as f64;
    let mut table = Vec::with_capacity(phases as usize * 2 * half);
    for phase in 0..phases {
        let fraction = phase as f64 / phases as f64;
        let row: Vec<f64> = (0..2 * half)
            .map(|tap| {
                let x = tap as f64 + 1.0 - reach - fraction;
                let sinc = if x == 0.0 { 1.0 } else { (PI * cutoff * x).sin() / (PI * cutoff * x) };
                cutoff * sinc * kaiser(x / reach)
            })
            .collect();
        // Each position passes constant input unchanged.
        let sum: f64 = row.iter().sum();
        table.extend(row.iter().map(|h| (h / sum) as f32));
    }
    table
}

fn kaiser(x: f64) -> f64 {
    if x.abs() >= 1.0 { 0.0 } else { bessel(BETA * (1.0 - x * x).sqrt()) / bessel(BETA) }
}

/// The modified Bessel function I0, by its series.
fn bessel(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term, mut n) = (1.0, 1.0, 1.0);
    while term > sum * 1e-14 {
        term *= quarter / (n * n);
        sum += term;
        n += 1.0;
    }
    sum
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::cast_possible_truncation)]
    use super::Resampler;
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    fn sine(rate: u32, hertz: f64, frames: usize) -> Vec<f32> {
        (0..frames).map(|n| (TAU * hertz * n as f64 / f64::from(rate)).sin() as f32).collect()
    }

    fn resample(from: u32, to: u32, input: &[f32], block: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(from, to, 1);
        let mut out = Vec::new();
        for part in input.chunks(block.max(1)) {
            resampler.push(part, &mut out);
        }
        resampler.finish(&mut out);
        out
    }

    #[test]
    fn a_tone_stays_that_tone() {
        for (from, to, hertz) in [
            (44_100, 48_000, 1000.0),
            (48_000, 44_100, 15_000.0),
            (96_000, 44_100, 440.0),
            (22_050, 48_000, 5000.0),
            (44_056, 48_000, 997.0),
        ] {
            let out = resample(from, to, &sine(from, hertz, 20_000), 1024);
            let wanted = sine(to, hertz, out.len());
            let middle = 2000..out.len() - 2000;
            let error: f64 = middle.clone().map(|n| f64::from(out[n] - wanted[n]).powi(2)).sum();
            let decibels = 10.0 * (error / (middle.len() as f64 / 2.0)).log10();
            let least = if from == 44_056 { -60.0 } else { -95.0 };
            assert!(decibels < least, "{from} to {to}: {decibels:.1} dB");
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_hold_is_gone() {
        let out = resample(96_000, 44_100, &sine(96_000, 30_000.0, 40_000), 4096);
        let loudest = out[2000..out.len() - 2000].iter().fold(0.0_f32, |most, s| most.max(s.abs()));
        assert!(loudest < 1e-4, "{loudest}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn length_is_exact_and_blocks_do_not_show(
            frames in 0usize..3000, block in 1usize..700, from in 8000u32..50_000, to in 8000u32..50_000
        ) {
            prop_assume!(from != to);
            let input = sine(from, 300.0, frames);
            let out = resample(from, to, &input, block);
            prop_assert_eq!(out.len() as u64, (frames as u64 * u64::from(to)).div_ceil(u64::from(from)));
            prop_assert_eq!(out, resample(from, to, &input, 3000));
        }
    }
}
