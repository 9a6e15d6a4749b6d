//! From the format of a track to the format that is being played: channels first, then the rate.

mod channels;
mod resample;

use crate::Format;
use resample::Resampler;

/// Converts a stream of samples. Between equal formats the samples stay as they are, bit for bit.
#[derive(Debug)]
pub struct Converter {
    from: Format,
    to: Format,
    mixed: Vec<f32>,
    resampler: Option<Resampler>,
}

impl Converter {
    /// For a stream in `from` that is heard in `to`.
    #[must_use]
    pub fn new(from: Format, to: Format) -> Self {
        let resampler = (from.rate != to.rate).then(|| Resampler::new(from.rate, to.rate, to.channels));
        Self { from, to, mixed: Vec::new(), resampler }
    }

    /// Whether this is the converter from one to the other.
    #[must_use]
    pub fn fits(&self, from: Format, to: Format) -> bool {
        (self.from, self.to) == (from, to)
    }

    /// Converts a block in place.
    pub fn convert(&mut self, samples: &mut Vec<f32>) {
        if self.from.channels != self.to.channels {
            channels::mix(samples, self.from.channels, self.to.channels, &mut self.mixed);
            std::mem::swap(samples, &mut self.mixed);
        }
        if let Some(resampler) = &mut self.resampler {
            self.mixed.clear();
            resampler.push(samples, &mut self.mixed);
            std::mem::swap(samples, &mut self.mixed);
        }
    }

    /// What is still inside when the stream has ended: with it, `n` frames have become `n * to / from`, rounded up.
    pub fn finish(&mut self, samples: &mut Vec<f32>) {
        samples.clear();
        if let Some(resampler) = &mut self.resampler {
            resampler.finish(samples);
        }
    }

    /// Forgets the stream, after a seek.
    pub fn reset(&mut self) {
        *self = Self::new(self.from, self.to);
    }
}
