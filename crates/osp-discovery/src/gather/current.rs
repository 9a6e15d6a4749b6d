//! Which of the records seen so far are current (spec section 4.9).

use osp_core::record::Record;
use std::collections::{BTreeMap, BTreeSet};

/// By ids as text. As large as the number of records that were taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Current {
    /// Tracks: the artist, and what it says it supersedes.
    tracks: BTreeMap<String, (String, Option<String>)>,
    /// For each id, the tracks that say they supersede it.
    successors: BTreeMap<String, BTreeSet<String>>,
    /// Withdrawn ids and by whom.
    withdrawn: BTreeSet<(String, String)>,
}

impl Current {
    /// Takes a verified record in. Gives the ids of tracks that may be current no longer.
    pub(super) fn add(&mut self, record: &Record) -> Vec<String> {
        let artist = record.artist().to_string();
        if let Some(track) = record.as_track() {
            let id = track.id().to_string();
            let old = track.supersedes().map(|id| id.to_string());
            if let Some(old) = &old {
                self.successors.entry(old.clone()).or_default().insert(id.clone());
            }
            self.tracks.insert(id, (artist, old.clone()));
            // The one it supersedes, and its rivals.
            let rivals = old.iter().flat_map(|old| self.successors.get(old)).flatten().cloned();
            return old.iter().cloned().chain(rivals.collect::<Vec<_>>()).collect();
        }
        if let Some(retraction) = record.as_retraction() {
            let track = retraction.track().to_string();
            self.withdrawn.insert((track.clone(), artist));
            return vec![track];
        }
        Vec::new()
    }

    /// Whether this track is neither superseded nor withdrawn, as far as is known.
    pub(super) fn is_current(&self, id: &str) -> bool {
        let Some((artist, old)) = self.tracks.get(id) else { return false };
        if self.withdrawn.contains(&(id.to_owned(), artist.clone())) {
            return false;
        }
        let of_artist = |id: &&String| self.tracks.get(*id).is_some_and(|(by, _)| by == artist);
        if self.successors.get(id).into_iter().flatten().any(|next| of_artist(&next)) {
            return false;
        }
        // Of rivals the greatest id wins.
        let rivals = old.iter().flat_map(|old| self.successors.get(old)).flatten().filter(of_artist);
        rivals.max().is_none_or(|winner| winner.as_str() == id)
    }
}
