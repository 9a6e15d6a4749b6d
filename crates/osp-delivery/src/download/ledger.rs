//! Who was asked in one download, and what came of it.

use crate::{Attempt, Outcome};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most sources that are remembered.
const MAX_ENTRIES: usize = 128;

/// See the module's text.
pub(crate) struct Ledger {
    entries: Mutex<Vec<Attempt>>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self { entries: Mutex::default() }
    }

    /// Remembers what a source did. The last word counts, but a lie is never forgotten.
    pub(crate) fn note(&self, source: &str, outcome: Outcome) {
        let mut entries = self.lock();
        let at = match entries.iter().position(|entry| entry.source == source) {
            Some(at) if entries[at].outcome.is_lie() => return,
            Some(at) => {
                entries[at].outcome = outcome;
                at
            }
            None if entries.len() == MAX_ENTRIES => return,
            None => {
                entries.push(Attempt { source: source.to_owned(), outcome });
                entries.len() - 1
            }
        };
        let entry = &entries[at];
        if entry.outcome.is_lie() {
            tracing::warn!("{entry}; it is not asked again for this content");
        } else {
            tracing::debug!("{entry}");
        }
    }

    /// Everything, in the order of the first word about each.
    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        self.lock().clone()
    }

    /// Whether this source sent something false.
    pub(crate) fn has_lied(&self, source: &str) -> bool {
        self.lock().iter().any(|entry| entry.source == source && entry.outcome.is_lie())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Attempt>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lie_is_never_forgotten() {
        let ledger = Ledger::new();
        ledger.note("a", Outcome::Failed("slow".to_owned()));
        ledger.note("a", Outcome::Absent("gone".to_owned()));
        assert!(!ledger.has_lied("a"));
        ledger.note("a", Outcome::Lied("other bytes".to_owned()));
        ledger.note("a", Outcome::Absent("gone".to_owned()));
        assert_eq!(ledger.attempts().len(), 1);
        assert!(ledger.has_lied("a") && !ledger.has_lied("b"));
    }
}
