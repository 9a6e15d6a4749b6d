//! Chunks in order, several at once.
//!
//! ```text
//! this thread    next 0, next 1, next 2, ...      done 0,   done 1, ...
//! workers               work 0    work 1    work 2 ...
//! ```
//!
//! Reading and writing stay on the caller's thread, which goes on with them while other chunks are being worked on.
//! Chunks come out in the order they went in, and no more than [`BUDGET`] of them is in memory. Where the system gives no
//! thread, there are fewer workers, or none.

use crate::crypto::keystream::Cores;

/// A chunk's bytes on their way. The buffer is used again for a later chunk.
pub(crate) struct Piece {
    /// Which, from 0.
    pub(crate) index: usize,
    /// The chunk: box before opening or after sealing.
    pub(crate) bytes: Vec<u8>,
    /// What the work came to.
    pub(crate) ok: bool,
}

/// Memory for all chunks together, however many cores there are, as long as one chunk does not need more.
#[cfg_attr(not(feature = "threads"), expect(dead_code, reason = "one by one, it is one chunk"))]
const BUDGET: u64 = 24 << 20;

/// Chunks below this are done faster than they are handed over.
#[cfg(feature = "threads")]
const WORTH_A_THREAD: u64 = 8 << 10;

/// Runs `next` (fills the buffer, in which an earlier chunk may still be, or false at the end), `work` (told how many cores it may take) and `done` over all chunks.
/// `largest`: bytes of the largest chunk; `count`: how many there will be, at most.
pub(crate) fn run<E>(
    largest: u64,
    count: usize,
    next: impl FnMut(usize, &mut Vec<u8>) -> Result<bool, E>,
    work: impl Fn(usize, &mut [u8], Cores) -> bool + Sync,
    done: impl FnMut(&mut Piece) -> Result<(), E>,
) -> Result<(), E> {
    #[cfg(feature = "threads")]
    if let Some(plan) = Plan::new(largest, count) {
        return threaded::run(plan, crate::threads::spawn, next, work, done);
    }
    let _ = (largest, count);
    one_by_one(next, work, done)
}

fn one_by_one<E>(
    mut next: impl FnMut(usize, &mut Vec<u8>) -> Result<bool, E>,
    work: impl Fn(usize, &mut [u8], Cores) -> bool,
    mut done: impl FnMut(&mut Piece) -> Result<(), E>,
) -> Result<(), E> {
    let mut piece = Piece { index: 0, bytes: Vec::new(), ok: false };
    loop {
        if !next(piece.index, &mut piece.bytes)? {
            return Ok(());
        }
        piece.ok = work(piece.index, &mut piece.bytes, Cores::All);
        done(&mut piece)?;
        piece.index += 1;
    }
}

/// How many threads and buffers.
#[cfg(feature = "threads")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plan {
    workers: usize,
    slots: usize,
}

#[cfg(feature = "threads")]
impl Plan {
    /// `None`: not worth it.
    fn new(largest: u64, count: usize) -> Option<Self> {
        // To learn the number of cores the system's files are read, which takes longer than a small file does.
        if largest < WORTH_A_THREAD || count < 2 {
            return None;
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::with(largest, count, cores)
    }

    fn with(largest: u64, count: usize, cores: usize) -> Option<Self> {
        let slots =
            usize::try_from(BUDGET / largest.max(1)).unwrap_or(usize::MAX).min(count).min(2 * cores + 1);
        (largest >= WORTH_A_THREAD && slots > 1 && cores > 1)
            .then_some(Self { workers: cores.min(slots), slots })
    }
}

#[cfg(feature = "threads")]
mod threaded {
    use super::{Cores, Piece, Plan, one_by_one};
    use crate::threads::Spawn;
    use std::{
        collections::VecDeque,
        panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
        sync::{Mutex, mpsc},
        thread,
    };

    /// What is out with the workers, and what came back.
    struct Flight {
        returned: mpsc::Receiver<Piece>,
        /// Pieces from index `first` on; `None` while a worker has it.
        pieces: VecDeque<Option<Piece>>,
        first: usize,
    }

    impl Flight {
        fn take_in(&mut self, piece: Piece) {
            if let Some(place) = piece.index.checked_sub(self.first).and_then(|i| self.pieces.get_mut(i)) {
                *place = Some(piece);
            }
        }

        /// The next piece in order, if it is back; waits for it when told to.
        fn front(&mut self, wait: bool) -> Option<Piece> {
            while let Ok(piece) = self.returned.try_recv() {
                self.take_in(piece);
            }
            while wait && matches!(self.pieces.front(), Some(None)) {
                // An error means that every worker has panicked; the scope then panics too.
                let piece = self.returned.recv().ok()?;
                self.take_in(piece);
            }
            if !matches!(self.pieces.front(), Some(Some(_))) {
                return None;
            }
            self.first += 1;
            self.pieces.pop_front().flatten()
        }
    }

    pub(super) fn run<E>(
        plan: Plan,
        spawn: Spawn,
        mut next: impl FnMut(usize, &mut Vec<u8>) -> Result<bool, E>,
        work: impl Fn(usize, &mut [u8], Cores) -> bool + Sync,
        mut done: impl FnMut(&mut Piece) -> Result<(), E>,
    ) -> Result<(), E> {
        let (hand_out, handed) = mpsc::channel::<Piece>();
        let handed = Mutex::new(handed);
        thread::scope(|scope| {
            // Moved in, so that leaving by an error ends the workers.
            let hand_out = hand_out;
            let (give_back, returned) = mpsc::channel();
            let start_worker = || {
                let (give_back, handed, work) = (mpsc::Sender::clone(&give_back), &handed, &work);
                let job = move || {
                    loop {
                        let piece = handed.lock().ok().and_then(|queue| queue.recv().ok());
                        let Some(mut piece) = piece else { break };
                        // A panic goes on where the threads are joined; until then nobody waits for the piece in vain.
                        let result = catch_unwind(AssertUnwindSafe(|| {
                            work(piece.index, &mut piece.bytes, Cores::One)
                        }));
                        piece.ok = matches!(result, Ok(true));
                        let sent = give_back.send(piece);
                        if let Err(panic) = result {
                            resume_unwind(panic);
                        }
                        if sent.is_err() {
                            break;
                        }
                    }
                };
                spawn(scope, Box::new(job)).is_ok()
            };
            if (0..plan.workers).take_while(|_| start_worker()).count() == 0 {
                return one_by_one(next, &work, done);
            }
            drop(give_back);
            let mut flight = Flight { returned, pieces: VecDeque::new(), first: 0 };
            let mut spare = Vec::new();
            let mut more = true;
            // What stopped `next` is reported when everything before it is done: the outcome does not depend on timing.
            let mut end = Ok(());
            loop {
                if more && flight.pieces.len() < plan.slots {
                    let mut bytes: Vec<u8> = spare.pop().unwrap_or_default();
                    let index = flight.first + flight.pieces.len();
                    more = next(index, &mut bytes).unwrap_or_else(|e| {
                        end = Err(e);
                        false
                    });
                    if more {
                        flight.pieces.push_back(None);
                        if hand_out.send(Piece { index, bytes, ok: false }).is_err() {
                            return Ok(());
                        }
                    }
                }
                let full = !more || flight.pieces.len() == plan.slots;
                match flight.front(full) {
                    Some(mut piece) => {
                        done(&mut piece)?;
                        spare.push(piece.bytes);
                    }
                    None if full => return end,
                    None => {}
                }
            }
        })
    }
}

#[cfg(all(test, feature = "threads"))]
mod tests {
    use super::{BUDGET, Cores, Plan};
    use crate::threads;

    #[test]
    fn memory_stays_within_the_budget() {
        for (largest, count, cores) in [
            (1 << 20, 1000, 2),
            (1 << 20, 1000, 64),
            (1_200_000, 1000, 256),
            (10 << 20, 9, 64),
            (20 << 20, 9, 8),
        ] {
            let slots = Plan::with(largest, count, cores).map_or(1, |plan| plan.slots);
            assert!(slots as u64 * largest <= BUDGET, "{slots} of {largest}");
        }
    }

    #[test]
    fn small_or_few_chunks_get_no_threads() {
        assert_eq!(Plan::with(64, 1000, 8), None);
        assert_eq!(Plan::with(1 << 20, 1, 8), None);
        assert_eq!(Plan::with(1 << 20, 8, 1), None);
        assert_eq!(Plan::with(1 << 20, 1000, 2), Some(Plan { workers: 2, slots: 5 }));
    }

    /// Work that ends out of order comes out in order, and an error stops everything; with all threads, with some, with none.
    #[test]
    fn order_is_kept() {
        // Beside other workers one core each; alone all.
        keeps_order(threads::spawn, Cores::One);
        keeps_order(threads::refusing::every_second, Cores::One);
        keeps_order(threads::refusing::all, Cores::All);
    }

    fn keeps_order(spawn: threads::Spawn, expected: Cores) {
        let plan = Plan { workers: 4, slots: 7 };
        let work = |index: usize, bytes: &mut [u8], cores: Cores| {
            bytes[2] = u8::from(cores == expected);
            for _ in 0..(index % 5) * 2_000 {
                bytes[0] = std::hint::black_box(bytes[0]).wrapping_add(1);
            }
            bytes[1] = 1;
            index != 150
        };
        for stop_at in [None, Some(150)] {
            let mut seen = Vec::new();
            let result = super::threaded::run(
                plan,
                spawn,
                |index, bytes| {
                    bytes.clear();
                    bytes.extend([0; 8]);
                    Ok::<_, usize>(index < 200)
                },
                work,
                |piece| {
                    assert_eq!(piece.bytes[1..3], [1, 1]);
                    if !piece.ok && stop_at.is_some() {
                        return Err(piece.index);
                    }
                    seen.push(piece.index);
                    Ok(())
                },
            );
            assert_eq!(result, stop_at.map_or(Ok(()), Err));
            assert_eq!(seen, (0..stop_at.unwrap_or(200)).collect::<Vec<_>>());
        }
    }

    /// A fault in the work is not waited for forever.
    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on() {
        let _ = super::threaded::run(
            Plan { workers: 2, slots: 5 },
            threads::spawn,
            |index, _| Ok::<_, ()>(index < 100),
            |index, _, _| {
                assert_ne!(index, 20, "as this test wants it");
                true
            },
            |_| Ok(()),
        );
    }
}
