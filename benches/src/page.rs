//! Figures of the web client in Chromium: scripts in `interop/page`, on a node with the demo album or with many records.

use crate::{Bench, swarm::script};

/// Lighthouse on each kind of page, with its settings for phones.
pub(crate) fn lighthouse(bench: &Bench) -> Result<(), String> {
    script(bench, "page/lighthouse.mjs", None)
}

/// First contentful paint over loopback, and the weight of scripts and styles.
pub(crate) fn paint(bench: &Bench) -> Result<(), String> {
    script(bench, "page/paint.mjs", None)
}

/// From a key press to results on the screen, over the records that the chapter `search` leaves.
pub(crate) fn search(bench: &Bench) -> Result<(), String> {
    script(bench, "page/search.mjs", None)
}
