//! Chunked v3: chunk by chunk, in the order of the plaintext.

use super::Sink;
use crate::{
    ContainerError, Header, Limits, Message, OpenError,
    chunked::{ChunkIndex, ChunkNo, Head, Layout, Place},
    crypto::{
        Cek,
        sealed_box::{self, NONCE_LEN},
    },
    error::Part,
    payload::stream::check_trailing,
    pipeline,
};

/// Whether the boxes lie in the file as they follow each other in the plaintext, so that one pass over the file finds
/// them all. Gaps are fine.
pub(super) fn in_file_order(index: &ChunkIndex) -> bool {
    index.places().is_sorted_by(|a, b| a.offset + a.size <= b.offset)
}

/// The table of chunks, checked. `payload_len`: see [`ChunkIndex::new`].
pub(super) fn index(
    header: &Header,
    payload_offset: u64,
    payload_len: Option<u64>,
    limits: Limits,
) -> Result<ChunkIndex, OpenError> {
    let index = ChunkIndex::new(header, payload_offset, payload_len)?;
    index.check_size(limits)?;
    Ok(index)
}

/// Opens all chunks; `fetch` fills the buffer with a box, or leaves it shorter when the file ends.
pub(super) fn open_all(
    index: &ChunkIndex,
    cek: &Cek,
    mut fetch: impl FnMut(Place, &mut Vec<u8>) -> Result<(), OpenError>,
    sink: &mut dyn Sink,
) -> Result<Message, OpenError> {
    let largest = index.places().iter().map(|place| place.size).max().unwrap_or(0);
    let mut router = Router::new(index.plaintext_len());
    pipeline::run(
        largest,
        index.len(),
        |chunk, sealed| {
            let Some(place) = index.place(ChunkNo(chunk)) else { return Ok(false) };
            sealed.clear();
            fetch(place, sealed)?;
            if sealed.len() as u64 == place.size {
                return Ok(true);
            }
            Err(OpenError::Container(ContainerError::ChunkOutOfBounds(chunk)))
        },
        |_, sealed, cores| sealed_box::open_in_place_on(cores, &cek.0, sealed).is_ok(),
        |piece| {
            if !piece.ok {
                return Err(OpenError::DecryptionFailed { part: Part::Chunk(piece.index) });
            }
            let len = index.place(ChunkNo(piece.index)).map_or(0, |place| place.plain_len);
            let plaintext = piece.bytes[NONCE_LEN..].get(..usize::try_from(len).unwrap_or(0));
            router.push(plaintext.unwrap_or_default(), sink)
        },
    )?;
    router.finish(sink)
}

/// Cuts the plaintext of all chunks into the message and its attachments.
struct Router {
    plaintext_len: u64,
    state: State,
}

enum State {
    Head(Head),
    Attachments {
        layout: Box<Layout>,
        /// The one that is being filled.
        index: usize,
        /// What it still lacks, bytes.
        left: u64,
        /// Bytes behind the last.
        trailing: u64,
    },
}

impl Router {
    fn new(plaintext_len: u64) -> Self {
        Self { plaintext_len, state: State::Head(Head::default()) }
    }

    fn push(&mut self, plaintext: &[u8], sink: &mut dyn Sink) -> Result<(), OpenError> {
        let State::Head(head) = &mut self.state else { return self.contents(plaintext, sink) };
        let before = head.len();
        let Some(layout) = head.push(plaintext)? else { return Ok(()) };
        layout.check(self.plaintext_len)?;
        sink.message(layout.message()).map_err(OpenError::Write)?;
        let rest = usize::try_from(layout.attachments_at() - before).unwrap_or(plaintext.len());
        let left = layout.message().attachments.first().map_or(0, |a| a.size);
        self.state = State::Attachments { layout: Box::new(layout), index: 0, left, trailing: 0 };
        self.contents(&plaintext[rest..], sink)
    }

    /// Gives bytes to the attachments they belong to; empty ones are told of as they are passed.
    fn contents(&mut self, mut bytes: &[u8], sink: &mut dyn Sink) -> Result<(), OpenError> {
        let State::Attachments { layout, index, left, trailing } = &mut self.state else { return Ok(()) };
        let attachments = &layout.message().attachments;
        while *index < attachments.len() {
            let step = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(step);
            if step > 0 || attachments[*index].size == 0 {
                sink.content(*index, now).map_err(OpenError::Write)?;
            }
            bytes = later;
            *left -= step as u64;
            if *left > 0 {
                return Ok(());
            }
            *index += 1;
            *left = attachments.get(*index).map_or(0, |a| a.size);
        }
        *trailing += bytes.len() as u64;
        check_trailing(*trailing)
    }

    fn finish(mut self, sink: &mut dyn Sink) -> Result<Message, OpenError> {
        // Empty attachments at the end, when the plaintext ended exactly before them.
        self.contents(&[], sink)?;
        match self.state {
            State::Head(_) => Err(OpenError::InvalidPayload("its JSON does not end".into())),
            State::Attachments { layout, index, .. } => match layout.message().attachments.get(index) {
                Some(short) => Err(OpenError::AttachmentTruncated(short.name.clone())),
                None => Ok(layout.into_message()),
            },
        }
    }
}
