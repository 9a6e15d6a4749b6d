//! A bounded queue of bytes between a connection's task and the halves of its stream.
//!
//! One writer, one reader. The writer is held back at a mark ([`Writer::push`]), or told how full it is and left to
//! decide ([`Writer::put`], [`Writer::len`]), for the side that the network fills.

use bytes::Bytes;
use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// What a queued part costs beside its bytes; so that many tiny messages count for the memory they take.
const PART_COST: usize = 64;

#[derive(Default)]
struct State {
    parts: VecDeque<Bytes>,
    /// Bytes queued, with [`PART_COST`] for each part.
    cost: usize,
    /// Nothing more comes: the end, or what went wrong.
    ended: Option<Option<(io::ErrorKind, &'static str)>>,
    reader_gone: bool,
}

struct Shared {
    mark: usize,
    state: Mutex<State>,
    /// The reader has something new to see.
    filled: Notify,
    /// The writer has.
    drained: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics with the lock held; a poisoned queue is still a queue.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where bytes go in. Dropping it ends the pipe.
pub(super) struct Writer(Arc<Shared>);
/// Where they come out. Dropping it makes writes fail.
pub(super) struct Reader(Arc<Shared>);

/// A pipe that holds its writer back at `mark` bytes.
pub(super) fn pipe(mark: usize) -> (Writer, Reader) {
    let shared =
        Arc::new(Shared { mark, state: Mutex::default(), filled: Notify::new(), drained: Notify::new() });
    (Writer(shared.clone()), Reader(shared))
}

impl Writer {
    /// Queues what fits below the mark, at least one part; then waits until the queue is below the mark again and goes
    /// on. Returns when all is queued.
    pub(super) async fn push(&self, part: Bytes) -> io::Result<()> {
        loop {
            {
                let mut state = self.0.lock();
                if state.reader_gone {
                    return Err(error_of(&state).unwrap_or_else(|| io::ErrorKind::BrokenPipe.into()));
                }
                if state.cost < self.0.mark {
                    add(&mut state, part);
                    drop(state);
                    self.0.filled.notify_one();
                    return Ok(());
                }
            }
            self.0.drained.notified().await;
        }
    }

    /// Queues without asking. Lost when nobody reads any more.
    pub(super) fn put(&self, part: Bytes) {
        let mut state = self.0.lock();
        if !state.reader_gone && state.ended.is_none() {
            add(&mut state, part);
            drop(state);
            self.0.filled.notify_one();
        }
    }

    /// What is queued, in bytes and their overhead.
    pub(super) fn len(&self) -> usize {
        self.0.lock().cost
    }

    /// Waits until no more than this is queued. Cancel safe.
    pub(super) async fn drained_to(&self, mark: usize) {
        while self.len() > mark {
            self.0.drained.notified().await;
        }
    }

    /// No more comes. The first word counts.
    pub(super) fn end(&self, error: Option<(io::ErrorKind, &'static str)>) {
        self.0.lock().ended.get_or_insert(error);
        self.0.filled.notify_one();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end(None);
    }
}

impl Reader {
    /// The next bytes; `None` at the end. Cancel safe.
    pub(super) async fn next(&self) -> io::Result<Option<Bytes>> {
        loop {
            {
                let mut state = self.0.lock();
                if let Some(part) = state.parts.pop_front() {
                    state.cost -= part.len() + PART_COST;
                    drop(state);
                    self.0.drained.notify_one();
                    return Ok(Some(part));
                }
                if state.ended.is_some() {
                    return error_of(&state).map_or(Ok(None), Err);
                }
            }
            self.0.filled.notified().await;
        }
    }

    /// Waits until there is something to take, or the end. Cancel safe.
    pub(super) async fn ready(&self) {
        loop {
            {
                let state = self.0.lock();
                if !state.parts.is_empty() || state.ended.is_some() {
                    return;
                }
            }
            self.0.filled.notified().await;
        }
    }

    /// Moves up to `most` bytes to the end of `into`, over the borders of parts.
    pub(super) fn take(&self, most: usize, into: &mut Vec<u8>) {
        let mut state = self.0.lock();
        let mut room = most;
        while room > 0 {
            let Some(first) = state.parts.front_mut() else { break };
            let count = first.len().min(room);
            into.extend_from_slice(&first.split_to(count));
            let emptied = first.is_empty();
            state.cost -= count;
            room -= count;
            if emptied {
                state.parts.pop_front();
                state.cost -= PART_COST;
            }
        }
        drop(state);
        if room < most {
            self.0.drained.notify_one();
        }
    }

    /// Whether nothing is queued and nothing more comes.
    pub(super) fn finished(&self) -> bool {
        let state = self.0.lock();
        state.parts.is_empty() && state.ended.is_some()
    }

    /// Nobody reads any more; the writer gets this error.
    pub(super) fn fail(&self, error: (io::ErrorKind, &'static str)) {
        let mut state = self.0.lock();
        state.reader_gone = true;
        state.ended = Some(Some(error));
        drop(state);
        self.0.drained.notify_one();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.reader_gone = true;
        state.parts.clear();
        state.cost = 0;
        drop(state);
        self.0.drained.notify_one();
    }
}

fn add(state: &mut State, part: Bytes) {
    if !part.is_empty() {
        state.cost += part.len() + PART_COST;
        state.parts.push_back(part);
    }
}

fn error_of(state: &State) -> Option<io::Error> {
    state.ended.flatten().map(|(kind, text)| io::Error::new(kind, text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn takes_over_borders_and_ends() {
        let (writer, reader) = pipe(1000);
        writer.push(Bytes::from_static(b"abc")).await.unwrap();
        writer.push(Bytes::from_static(b"defg")).await.unwrap();
        let mut got = Vec::new();
        reader.take(5, &mut got);
        assert_eq!(got, b"abcde");
        assert_eq!(reader.next().await.unwrap().unwrap(), "fg");
        assert_eq!(writer.len(), 0);
        drop(writer);
        assert!(reader.finished());
        assert!(reader.next().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_full_pipe_holds_its_writer_until_it_drains() {
        let (writer, reader) = pipe(10);
        writer.push(Bytes::from_static(&[0; 10])).await.unwrap();
        let blocked =
            tokio::time::timeout(std::time::Duration::from_millis(20), writer.push(Bytes::from_static(b"x")));
        assert!(blocked.await.is_err());
        reader.next().await.unwrap();
        writer.push(Bytes::from_static(b"x")).await.unwrap();
    }

    #[tokio::test]
    async fn the_reader_sees_the_error_after_the_bytes_and_the_writer_the_readers() {
        let (writer, reader) = pipe(10);
        writer.put(Bytes::from_static(b"last"));
        writer.end(Some((io::ErrorKind::TimedOut, "silent")));
        writer.end(None);
        assert_eq!(reader.next().await.unwrap().unwrap(), "last");
        assert_eq!(reader.next().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let (writer, reader) = pipe(10);
        reader.fail((io::ErrorKind::ConnectionReset, "gone"));
        assert_eq!(
            writer.push(Bytes::from_static(b"x")).await.unwrap_err().kind(),
            io::ErrorKind::ConnectionReset
        );
    }

    #[test]
    fn many_tiny_parts_cost_what_they_take() {
        let (writer, _reader) = pipe(10);
        for _ in 0..100 {
            writer.put(Bytes::from_static(b"x"));
        }
        assert_eq!(writer.len(), 100 * (1 + PART_COST));
    }
}
