//! Frames by libzstd, the reference implementation.

use super::{frames::Decoder, input::Input};
use crate::limits;
use std::io::{self, BufRead as _, Read};
use zstd::stream::raw::{self, DParameter, Operation as _};

pub(super) struct LibZstd {
    context: raw::Decoder<'static>,
    finished: bool,
}

impl LibZstd {
    /// # Errors
    /// Memory.
    pub(super) fn new() -> io::Result<Self> {
        let mut context = raw::Decoder::new()?;
        context.set_parameter(DParameter::WindowLogMax(limits::MAX_ZSTD_WINDOW_LOG))?;
        Ok(Self { context, finished: true })
    }
}

impl Decoder for LibZstd {
    fn start<R: Read>(&mut self, input: &mut Input<R>) -> io::Result<()> {
        self.finished = false;
        self.context.reinit().map_err(|e| input.failure(&e))
    }

    fn read<R: Read>(&mut self, input: &mut Input<R>, buf: &mut [u8]) -> io::Result<usize> {
        while !self.finished {
            let bytes = match input.fill_buf() {
                Ok(bytes) => bytes,
                Err(e) => return Err(input.failure(&e)),
            };
            let at_end = bytes.is_empty();
            let status = match self.context.run_on_buffers(bytes, buf) {
                Ok(status) => status,
                Err(e) => return Err(input.failure(&e)),
            };
            input.consume(status.bytes_read);
            self.finished = status.remaining == 0;
            if status.bytes_written > 0 {
                return Ok(status.bytes_written);
            }
            if at_end && !self.finished {
                return Err(input.failure(&"it ends inside a frame"));
            }
        }
        Ok(0)
    }
}
