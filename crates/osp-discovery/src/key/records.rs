//! Under which keys a record is announced.

use super::IndexKey;
use osp_core::{Cid, record::Record};

/// How many of a record's genres become keys: the first ones. A record may list thousands, and whoever holds it pays
/// for each.
pub const MAX_GENRES: usize = 16;

/// The keys of a record, each once, in the order artist, title, genres, track, content.
///
/// | record | keys |
/// |---|---|
/// | track | its artist, title, first [`MAX_GENRES`] genres, id, `cid` as written, and `unixfs_v1` where it differs |
/// | that supersedes another | also the id of the other, so that who looks for that one finds its successor |
/// | retraction | its artist, and the id of the track withdrawn |
/// | any other kind | its artist, and its id |
///
/// `unixfs_v1` is the `unixfs-v1-2025` CID of the content, which only who holds the content can know when the record
/// names another form. Values that make no key (empty, or longer than
/// [`MAX_KEY_BYTES`](super::MAX_KEY_BYTES)) are left out.
#[must_use]
pub fn keys_of(record: &Record, unixfs_v1: Option<&Cid>) -> Vec<IndexKey> {
    let mut keys = vec![IndexKey::artist(&record.artist())];
    if let Some(track) = record.as_track() {
        keys.push(IndexKey::title(track.title()));
        keys.extend(track.genres().into_iter().take(MAX_GENRES).map(IndexKey::genre));
        keys.push(IndexKey::track(&track.id()));
        keys.extend(track.supersedes().map(|id| IndexKey::track(&id)));
        keys.extend(track.text("cid").map(IndexKey::content_as_written));
        keys.extend(unixfs_v1.map(IndexKey::content));
    } else if let Some(retraction) = record.as_retraction() {
        keys.push(IndexKey::track(&retraction.track()));
    } else {
        keys.push(IndexKey::track(&record.id()));
    }
    let mut once: Vec<IndexKey> = Vec::with_capacity(keys.len());
    for key in keys.into_iter().flatten() {
        if !once.contains(&key) {
            once.push(key);
        }
    }
    once
}
