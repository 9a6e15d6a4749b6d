//! Frames by ruzstd, where there is no C compiler: in the browser.

use super::{frames::Decoder, input::Input};
use crate::limits;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, Read};

/// A decoder for each frame: a used one would ask for the memory of the next frame's whole window at once, however short
/// the frame is.
pub(super) struct RustZstd(FrameDecoder);

impl RustZstd {
    pub(super) fn new() -> Self {
        Self(FrameDecoder::new())
    }
}

impl Decoder for RustZstd {
    fn start<R: Read>(&mut self, input: &mut Input<R>) -> io::Result<()> {
        self.0 = FrameDecoder::new();
        self.0.set_max_window_size(1 << limits::MAX_ZSTD_WINDOW_LOG);
        self.0.reset(&mut *input).map_err(|e| input.failure(&e))
    }

    fn read<R: Read>(&mut self, input: &mut Input<R>, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.0.can_collect() > 0 {
                return self.0.read(buf);
            }
            if self.0.is_finished() {
                // ruzstd computes the checksum but leaves it to its caller to compare.
                return match self.0.get_checksum_from_data() {
                    Some(sum) if self.0.get_calculated_checksum() != Some(sum) => {
                        Err(input.failure(&"the checksum of a frame does not hold"))
                    }
                    _ => Ok(0),
                };
            }
            self.0
                .decode_blocks(&mut *input, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(|e| input.failure(&e))?;
        }
    }
}
