//! The key stream on several cores: its parts do not depend on each other.

use super::{Backend, xor_with};
use crate::{
    crypto::key::Nonce,
    threads::{self, Spawn},
};
use std::{num::NonZero, sync::Mutex, thread};

/// Bytes that take 2 ms, a multiple of what starting a thread costs.
pub(super) const WORTH_A_THREAD: usize = 4 << 20;

/// As [`super::xor`].
pub(super) fn xor(nonce: &Nonce, offset: u64, data: &mut [u8]) {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    xor_by(threads::spawn, cores, nonce, offset, data);
}

fn xor_by(spawn: Spawn, cores: usize, nonce: &Nonce, offset: u64, data: &mut [u8]) {
    let count = (data.len() / WORTH_A_THREAD).clamp(1, cores);
    // Parts of whole groups leave nothing over for the slow path at their borders.
    let len = data.len().div_ceil(count).next_multiple_of(Backend::MAX_GROUP);
    // Whoever is free takes the next part, so that a thread that was not started leaves nothing undone.
    let parts = Mutex::new(data.chunks_mut(len).zip(0u64..));
    let next = || parts.lock().ok().and_then(|mut parts| parts.next());
    let work = || {
        while let Some((part, index)) = next() {
            xor_with(Backend::best(), nonce, offset + index * len as u64, part);
        }
    };
    thread::scope(|scope| {
        for _ in 1..count {
            if spawn(scope, Box::new(work)).is_err() {
                break;
            }
        }
        work();
    });
}

#[cfg(test)]
mod tests {
    use super::{Backend, Nonce, WORTH_A_THREAD, threads, xor_by, xor_with};

    /// With all threads, with some, with none.
    #[test]
    fn threads_that_are_refused_change_nothing() {
        let nonce = Nonce([5; 24]);
        let mut expected = vec![1; 4 * WORTH_A_THREAD + 77];
        xor_with(Backend::best(), &nonce, 9, &mut expected);
        for spawn in [threads::spawn, threads::refusing::all, threads::refusing::every_second] {
            let mut data = vec![1; expected.len()];
            xor_by(spawn, 4, &nonce, 9, &mut data);
            assert!(data == expected);
        }
    }
}
