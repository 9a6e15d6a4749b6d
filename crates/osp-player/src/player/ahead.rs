//! The next track, opened while this one plays.

use super::{Failure, Playlist};
use crate::Decoder;
use std::{sync::Arc, thread::JoinHandle};

type Opened<E> = Option<Result<Decoder, Failure<E>>>;

/// A track that is being opened.
pub(super) struct Ahead<L: Playlist> {
    index: usize,
    list: Arc<L>,
    thread: Option<JoinHandle<Opened<L::Error>>>,
}

impl<L: Playlist> Ahead<L> {
    pub(super) fn begin(list: &Arc<L>, index: usize) -> Self {
        let of = Arc::clone(list);
        let thread = std::thread::Builder::new().name("next track".to_owned());
        Self { index, list: Arc::clone(list), thread: thread.spawn(move || open(&*of, index)).ok() }
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The track, as soon as it is there.
    pub(super) fn wait(self) -> Opened<L::Error> {
        match self.thread.map(JoinHandle::join) {
            Some(Ok(opened)) => opened,
            // No thread, or one that broke: once more, here.
            _ => open(&*self.list, self.index),
        }
    }
}

pub(super) fn open<L: Playlist>(list: &L, index: usize) -> Opened<L::Error> {
    let media = match list.open(index)? {
        Ok(media) => media,
        Err(e) => return Some(Err(Failure::Missing(e))),
    };
    Some(Decoder::open(media).map_err(Failure::Open))
}
