//! What a record will say: flags first, then tags, then what the folder and the artist's name tell.

use super::{Overrides, PublishError, discover::Found};
use osp_core::{
    Cid,
    json::{Json, Object},
    record::{RecordId, TrackDraft},
    torrent::{Magnet, TorrentInfo},
};
use std::collections::BTreeMap;

/// Where the bytes of a track ended up.
pub(super) struct Content<'a> {
    /// The CID as the record shall write it.
    pub(super) cid: Cid,
    pub(super) torrent: &'a TorrentInfo,
    pub(super) artwork: Option<Cid>,
    pub(super) waveform: Option<Cid>,
    pub(super) lyrics: Option<Cid>,
}

/// Puts the record together; `artist_name` is the identity's name, used when nothing else names the artist.
///
/// # Errors
/// [`PublishError::Consent`] for a consent that is not `mirror|stream|aiTraining=allow|deny`.
pub(super) fn draft(
    found: &Found,
    overrides: &Overrides,
    artist_name: &str,
    content: &Content<'_>,
) -> Result<TrackDraft, PublishError> {
    let info = &found.info;
    let title = overrides.title.clone().or_else(|| info.title.clone());
    let mut draft = TrackDraft {
        title: title.filter(|t| !t.trim().is_empty()).unwrap_or_else(|| "Untitled".to_owned()),
        format: info.format.media_type().to_owned(),
        cid: content.cid.to_string(),
        members: Object::new(),
    };
    let folder_name =
        || found.folder.as_ref()?.canonicalize().ok()?.file_name()?.to_str().map(ToOwned::to_owned);
    let artist_name = overrides
        .artist_name
        .clone()
        .or_else(|| info.artist_name.clone())
        .or_else(|| Some(artist_name.to_owned()));
    let texts = [
        ("artistName", artist_name),
        ("album", overrides.album.clone().or_else(|| info.album.clone()).or_else(folder_name)),
        ("released", overrides.released.clone().or_else(|| info.released.clone())),
        ("license", overrides.license.clone().or_else(|| info.license.clone())),
        ("artwork", content.artwork.map(|c| c.to_string())),
        ("waveform", content.waveform.map(|c| c.to_string())),
        ("lyrics", content.lyrics.map(|c| c.to_string())),
        ("torrent", Some(magnet(content.torrent, overrides).to_string())),
        ("supersedes", overrides.supersedes.as_ref().map(|id: &RecordId| id.as_str().to_owned())),
    ];
    for (member, text) in texts {
        if let Some(text) = text.filter(|t| !t.is_empty()) {
            draft.set(member, Json::String(text));
        }
    }
    let numbers = [
        ("trackNumber", info.track_number.map(f64::from)),
        ("discNumber", info.disc_number.map(f64::from)),
        ("duration", info.duration_seconds),
        // Exact up to 2^53 bytes; no file system holds a longer file.
        #[allow(clippy::cast_precision_loss)]
        ("size", Some(content.torrent.length as f64)),
    ];
    for (member, number) in numbers {
        if let Some(number) = number {
            draft.set(member, Json::Number(number));
        }
    }
    let genres = if overrides.genres.is_empty() { &info.genres } else { &overrides.genres };
    if !genres.is_empty() {
        draft.set("genre", Json::Array(genres.iter().cloned().map(Json::String).collect()));
    }
    if !overrides.consent.is_empty() {
        draft.set("consent", Json::Object(consent(&overrides.consent)?));
    }
    Ok(draft)
}

fn magnet(torrent: &TorrentInfo, overrides: &Overrides) -> Magnet {
    Magnet {
        infohash: torrent.infohash(),
        size: Some(torrent.length),
        web_seeds: overrides.mirrors.clone(),
        trackers: overrides.trackers.clone(),
    }
}

fn consent(pairs: &BTreeMap<String, String>) -> Result<Object, PublishError> {
    pairs
        .iter()
        .map(|(key, value)| {
            let known = matches!(key.as_str(), "mirror" | "stream" | "aiTraining");
            if known && matches!(value.as_str(), "allow" | "deny") {
                Ok((key.clone(), Json::String(value.clone())))
            } else {
                Err(PublishError::Consent(format!("{key}={value}")))
            }
        })
        .collect()
}
