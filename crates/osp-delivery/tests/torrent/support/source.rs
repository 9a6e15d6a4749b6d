//! Web seeds in memory: honest, lying, stalling, gone.

use super::File;
use bytes::Bytes;
use osp_delivery::{
    Outcome, SourceKind,
    torrent::{RangeBody, RangeSource},
};
use osp_peers::stream::BoxFuture;
use osp_swarm::WebSeed;
use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

/// How a web seed behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Honest,
    /// Flips a bit of every part.
    Lies,
    /// Answers, sends a kilobyte of each range, and then nothing.
    Stalls,
    /// Does not have the file.
    Absent,
    /// Ends each range early.
    Short,
    /// Sends more than was asked for.
    Long,
}

pub struct Mirror {
    name: &'static str,
    bytes: Bytes,
    manner: Manner,
    pub fetches: AtomicUsize,
    pub sent: Arc<AtomicU64>,
}

impl Mirror {
    pub fn new(name: &'static str, file: &File, manner: Manner) -> Arc<Self> {
        Arc::new(Self {
            name,
            bytes: file.bytes.clone(),
            manner,
            fetches: AtomicUsize::new(0),
            sent: Arc::default(),
        })
    }
}

impl RangeSource for Mirror {
    fn name(&self) -> String {
        self.name.to_owned()
    }
    fn kind(&self) -> SourceKind {
        SourceKind::Http
    }
    fn ability(&self) -> WebSeed {
        WebSeed { align: 1, parallel: 2, free: false }
    }
    fn fetch(&self, range: Range<u64>) -> BoxFuture<'_, Result<Box<dyn RangeBody>, Outcome>> {
        self.fetches.fetch_add(1, Ordering::Relaxed);
        let mut bytes = self.bytes.slice(range.start as usize..range.end as usize);
        match self.manner {
            Manner::Absent => {
                return Box::pin(std::future::ready(Err(Outcome::Absent("it does not have it".into()))));
            }
            Manner::Short => bytes.truncate(bytes.len() / 2),
            Manner::Long => bytes = [&bytes[..], &[0; 5000]].concat().into(),
            Manner::Lies => bytes = bytes.iter().map(|b| b ^ 1).collect(),
            Manner::Stalls | Manner::Honest => {}
        }
        let body = Body { bytes, stalls: self.manner == Manner::Stalls, sent: Arc::clone(&self.sent) };
        Box::pin(std::future::ready(Ok(Box::new(body) as Box<dyn RangeBody>)))
    }
}

struct Body {
    bytes: Bytes,
    stalls: bool,
    sent: Arc<AtomicU64>,
}

impl RangeBody for Body {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, Outcome>> {
        if self.stalls && self.bytes.len() < 1024 {
            return Box::pin(std::future::pending());
        }
        let len = if self.stalls { self.bytes.len() - 1023 } else { 10_000 };
        let next = self.bytes.split_to(len.min(self.bytes.len()).min(10_000));
        if self.stalls {
            self.bytes.clear();
        }
        self.sent.fetch_add(next.len() as u64, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok((!next.is_empty()).then_some(next))))
    }
}
