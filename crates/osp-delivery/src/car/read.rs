//! Cutting a CAR stream into its header and sections, whatever the pieces it arrives in.

use super::{MAX_CID_BYTES, MAX_HEADER_BYTES, header};
use bytes::{Buf as _, Bytes, BytesMut};
use osp_core::{Cid, unixfs::MAX_BLOCK_BYTES};

/// One block and the CID it claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The claim.
    pub cid: Cid,
    /// The bytes, not verified.
    pub block: Bytes,
}

/// Why a stream is not a CAR that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a CAR that can be read: {0}")]
pub struct CarError(pub(super) &'static str);

/// Takes bytes as they come and gives sections. Holds at most one section and the last piece that came.
#[derive(Default)]
pub struct CarReader {
    buffer: BytesMut,
    roots: Option<Vec<Cid>>,
}

impl CarReader {
    /// A reader at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next bytes of the stream. Call [`CarReader::next_section`] until it gives nothing before pushing more.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The roots, once the header has come.
    ///
    /// # Errors
    /// [`CarError`]
    pub fn roots(&mut self) -> Result<Option<&[Cid]>, CarError> {
        if self.roots.is_none()
            && let Some(header) = self.frame(MAX_HEADER_BYTES)?
        {
            self.roots = Some(header::roots(&header).map_err(CarError)?);
        }
        Ok(self.roots.as_deref())
    }

    /// The next section, once all of it has come.
    ///
    /// # Errors
    /// [`CarError`]; the stream cannot be read on.
    pub fn next_section(&mut self) -> Result<Option<Section>, CarError> {
        if self.roots()?.is_none() {
            return Ok(None);
        }
        let Some(mut frame) = self.frame(MAX_CID_BYTES + MAX_BLOCK_BYTES)? else { return Ok(None) };
        let mut rest: &[u8] = &frame;
        let cid = Cid::read_bytes(&mut rest).map_err(|_| CarError("a section does not start with a CID"))?;
        frame.advance(frame.len() - rest.len());
        Ok(Some(Section { cid, block: frame }))
    }

    /// Whether the stream may end here: after the header and whole sections.
    #[must_use]
    pub fn may_end(&self) -> bool {
        self.buffer.is_empty() && self.roots.is_some()
    }

    /// The next length-prefixed frame, once all of it has come.
    fn frame(&mut self, max: usize) -> Result<Option<Bytes>, CarError> {
        let mut len = 0_usize;
        for (at, byte) in self.buffer.iter().enumerate() {
            // Four bytes of varint say up to 256 MiB; the limit is far below.
            if at == 4 {
                return Err(CarError("a section is too long"));
            }
            len |= usize::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                return self.cut(at + 1, len, max);
            }
        }
        Ok(None)
    }

    fn cut(&mut self, prefix: usize, len: usize, max: usize) -> Result<Option<Bytes>, CarError> {
        if len == 0 {
            return Err(CarError("a section is empty"));
        }
        if len > max {
            return Err(CarError("a section is too long"));
        }
        if self.buffer.len() < prefix + len {
            self.buffer.reserve(prefix + len - self.buffer.len());
            return Ok(None);
        }
        self.buffer.advance(prefix);
        Ok(Some(self.buffer.split_to(len).freeze()))
    }
}
