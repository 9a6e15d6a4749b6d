//! Nowhere, as fast as possible.

use super::{Sink, SinkError};
use crate::Format;

/// Counts what it drops. It sets no pace: decoding runs as fast as it can, and the network as fast as it delivers.
#[derive(Clone, Copy, Debug, Default)]
pub struct NullSink {
    samples: u64,
}

impl NullSink {
    /// Samples so far.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }
}

impl Sink for NullSink {
    fn start(&mut self, wanted: Format) -> Result<Format, SinkError> {
        Ok(wanted)
    }

    fn write(&mut self, samples: &[f32]) -> Result<(), SinkError> {
        self.samples += samples.len() as u64;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}
