//! The manifest: what a release says about itself in the clear, so that it can be found and shown without a key.

use crate::{
    SealError,
    limits::MAX_ENTRIES,
    payload::json::object::{List, Texts, json_object},
    time::UnixTime,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Members in the order the original writes them; zero and empty ones are left out (`title` and `start` of a track are not).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the names are the wire's and speak for themselves")]
pub struct Manifest {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub artist: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub album: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub genre: String,
    #[serde(skip_serializing_if = "is_zero")]
    pub year: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub release_type: String,
    /// Seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub duration: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// Unix seconds; 0 is never.
    #[serde(skip_serializing_if = "is_zero")]
    pub expires_at: i64,
    /// Unix seconds; 0 is not said.
    #[serde(skip_serializing_if = "is_zero")]
    pub issued_at: i64,
    /// perpetual, rental, stream, preview, or anything.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub license_type: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<Track>,
    /// Platform to URL. Readers never fetch them by themselves.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
}

/// A mark in the release, as on a CD.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Track {
    /// Title; written even when empty.
    pub title: String,
    /// Seconds; written even when 0.
    pub start: f64,
    /// Seconds; 0: until the next track.
    #[serde(skip_serializing_if = "is_zero_f64")]
    pub end: f64,
    /// intro, verse, chorus, drop, outro, full, or anything.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// From 1; 0 is not said.
    #[serde(skip_serializing_if = "is_zero")]
    pub track_num: i64,
}

json_object!(Manifest {
    "title" => title,
    "artist" => artist,
    "album" => album,
    "genre" => genre,
    "year" => year,
    "release_type" => release_type,
    "duration" => duration,
    "format" => format,
    "expires_at" => expires_at,
    "issued_at" => issued_at,
    "license_type" => license_type,
    "tracks" => tracks as List<Track, MAX_ENTRIES>,
    "links" => links as Texts,
    "tags" => tags as List<String, MAX_ENTRIES>,
    "extra" => extra as Texts,
});
json_object!(Track {
    "title" => title,
    "start" => start,
    "end" => end,
    "type" => kind,
    "track_num" => track_num,
});

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &i64) -> bool {
    *n == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero_f64(n: &f64) -> bool {
    *n == 0.0
}

impl Manifest {
    /// Whether it can be written so that it is read again. A track's time that is infinite or no number would silently become
    /// `null`: JSON has no word for it.
    ///
    /// # Errors
    /// [`SealError::Unsupported`] (times), [`SealError::OverLimit`] (more than [`MAX_ENTRIES`] tracks, links, tags or extras).
    pub fn check(&self) -> Result<(), SealError> {
        if let Some(what) = self.over_limit() {
            return Err(SealError::OverLimit { what, limit: MAX_ENTRIES as u64 });
        }
        if self.tracks.iter().any(|track| !track.start.is_finite() || !track.end.is_finite()) {
            return Err(SealError::Unsupported(
                "a track's start or end is no finite number of seconds; correct the manifest",
            ));
        }
        Ok(())
    }

    /// Which list has more than [`MAX_ENTRIES`] entries.
    pub(crate) fn over_limit(&self) -> Option<&'static str> {
        [
            ("the number of tracks", self.tracks.len()),
            ("the number of links", self.links.len()),
            ("the number of tags", self.tags.len()),
            ("the number of entries in the manifest's extra", self.extra.len()),
        ]
        .into_iter()
        .find_map(|(what, len)| (len > MAX_ENTRIES).then_some(what))
    }

    /// The moment the licence ends, if the manifest names one.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        (self.expires_at != 0).then_some(UnixTime(self.expires_at))
    }

    /// Whether it has ended. As in the original, the last second still counts.
    #[must_use]
    pub fn is_expired(&self, now: UnixTime) -> bool {
        self.expires_at().is_some_and(|end| now > end)
    }
}
