//! The key stream on several cores: its parts do not depend on each other.

use super::{Backend, xor_with};
use crate::crypto::key::Nonce;
use std::{num::NonZero, thread};

/// Bytes that take 2 ms, a multiple of what starting a thread costs.
pub(super) const WORTH_A_THREAD: usize = 4 << 20;

/// As [`super::xor`].
pub(super) fn xor(nonce: &Nonce, offset: u64, data: &mut [u8]) {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let parts = (data.len() / WORTH_A_THREAD).clamp(1, cores);
    // Parts of whole groups leave nothing over for the slow path at their borders.
    let len = data.len().div_ceil(parts).next_multiple_of(Backend::MAX_GROUP);
    thread::scope(|scope| {
        let mut rest = data.chunks_mut(len).zip(0u64..);
        // The first part is this thread's own.
        let own = rest.next();
        for (part, index) in rest {
            scope.spawn(move || xor_with(Backend::best(), nonce, offset + index * len as u64, part));
        }
        if let Some((part, _)) = own {
            xor_with(Backend::best(), nonce, offset, part);
        }
    });
}
