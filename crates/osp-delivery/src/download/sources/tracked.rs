//! A source whose failures are counted: one that fails again and again, without anything good in between, loses its
//! turn for good.

use crate::{
    Outcome, SourceKind,
    download::ledger::Ledger,
    torrent::{RangeBody, RangeSource},
};
use bytes::Bytes;
use osp_peers::stream::BoxFuture;
use osp_swarm::WebSeed;
use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

/// Failures in a row after which a source is not asked again.
const STRIKES: u32 = 3;
/// The same, for one that never gave a byte.
const FIRST_STRIKES: u32 = 2;

/// See the module's text. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tracked {
    inner: Arc<dyn RangeSource>,
    ledger: Arc<Ledger>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    strikes: AtomicU32,
    gave: AtomicBool,
    gone: AtomicBool,
}

impl Tracked {
    pub(crate) fn new(inner: Arc<dyn RangeSource>, ledger: Arc<Ledger>) -> Self {
        Self { inner, ledger, state: Arc::default() }
    }

    /// Whether it is not to be asked any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.state.gone.load(Ordering::Relaxed) || self.ledger.has_lied(&self.name())
    }

    /// It is not to be asked any more.
    pub(crate) fn give_up(&self) {
        self.state.gone.store(true, Ordering::Relaxed);
    }

    /// Counts a failure; what the engine is told: a source that is given up is absent to it.
    fn failed(&self, outcome: Outcome) -> Outcome {
        let strikes = self.state.strikes.fetch_add(1, Ordering::Relaxed) + 1;
        let most = if self.state.gave.load(Ordering::Relaxed) { STRIKES } else { FIRST_STRIKES };
        let given_up = strikes >= most || !matches!(outcome, Outcome::Failed(_));
        if given_up {
            self.state.gone.store(true, Ordering::Relaxed);
        }
        self.ledger.note(&self.name(), outcome.clone());
        match outcome {
            Outcome::Failed(reason) if given_up => Outcome::Absent(reason),
            other => other,
        }
    }
}

impl RangeSource for Tracked {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn kind(&self) -> SourceKind {
        self.inner.kind()
    }

    fn ability(&self) -> WebSeed {
        self.inner.ability()
    }

    fn fetch(&self, range: Range<u64>) -> BoxFuture<'_, Result<Box<dyn RangeBody>, Outcome>> {
        Box::pin(async move {
            if self.is_gone() {
                return Err(Outcome::Absent("it was given up".to_owned()));
            }
            let left = range.end - range.start;
            let inner = self.inner.fetch(range).await.map_err(|outcome| self.failed(outcome))?;
            Ok(Box::new(Body { inner, left, source: self.clone() }) as Box<dyn RangeBody>)
        })
    }
}

struct Body {
    inner: Box<dyn RangeBody>,
    left: u64,
    source: Tracked,
}

impl RangeBody for Body {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, Outcome>> {
        Box::pin(async move {
            let next = self.inner.next().await.map_err(|outcome| self.source.failed(outcome))?;
            self.left = self.left.saturating_sub(next.as_ref().map_or(0, |bytes| bytes.len() as u64));
            self.source.state.gave.fetch_or(next.is_some(), Ordering::Relaxed);
            if self.left == 0 {
                self.source.state.strikes.store(0, Ordering::Relaxed);
            } else if next.is_none() {
                return Err(self.source.failed(Outcome::Failed("its file ends too early".to_owned())));
            }
            Ok(next)
        })
    }
}
