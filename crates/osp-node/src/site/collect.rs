//! Which tracks are exported, and what of theirs is on this machine.

use super::{ExportError, LeftOut};
use crate::{
    Node,
    pages::{
        addresses::{Endings, audio_file, lyrics_file, picture_file, waveform_file},
        feeds::Entry,
        profile::ProfileView,
        view::TrackView,
    },
};
use bytes::Bytes;
use osp_core::{Cid, content::parse_cid, did::Did, record::Record, text::normalise, torrent::Magnet};
use osp_media::Cover;
use osp_store::{BlobMeta, Query, Social as _, StoredRecord, social::MAX_FOLLOWS};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Records asked for at once.
const PAGE: usize = 500;
/// Bytes by which a picture is known.
const PICTURE_HEAD: u64 = 32;

/// One exported track.
pub(super) struct Track {
    pub(super) view: TrackView,
    /// The record as it was signed.
    pub(super) record: Bytes,
    pub(super) audio: Arc<BlobMeta>,
    /// Where its swarm meets, as the record says.
    pub(super) trackers: Vec<String>,
}

impl Track {
    pub(super) fn entry(&self) -> Entry {
        Entry { view: self.view.clone(), record: self.record.clone() }
    }
}

/// What an artist says of themselves.
pub(super) struct Profile {
    pub(super) view: ProfileView,
    /// The record as it was signed.
    pub(super) record: Bytes,
    /// Whom they follow: the records, by the CID part of their ids.
    pub(super) follows: Vec<(String, Bytes)>,
}

/// A file that is copied out of the store.
pub(super) struct Content {
    pub(super) path: String,
    pub(super) blob: Arc<BlobMeta>,
    /// Of a track's audio.
    pub(super) title: Option<String>,
}

/// Everything that is exported.
#[derive(Default)]
pub(super) struct Collected {
    /// The newest first.
    pub(super) tracks: Vec<Track>,
    /// By DID.
    pub(super) profiles: BTreeMap<String, Profile>,
    pub(super) content: Vec<Content>,
    pub(super) pictures: Endings,
    pub(super) left_out: Vec<(String, LeftOut)>,
}

impl Collected {
    /// DIDs of those whose music or profile is in it.
    pub(super) fn artists(&self) -> BTreeSet<String> {
        let by_tracks = self.tracks.iter().map(|track| track.view.did.clone());
        by_tracks.chain(self.profiles.keys().cloned()).collect()
    }

    /// Albums by artist and normalised name: places in the list of tracks.
    pub(super) fn albums(&self) -> BTreeMap<(String, String), Vec<usize>> {
        let mut albums: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (place, Track { view, .. }) in self.tracks.iter().enumerate() {
            if let Some(album) = &view.album {
                albums.entry((view.did.clone(), normalise(album))).or_default().push(place);
            }
        }
        albums
    }

    /// Genres by normalised name: places in the list of tracks.
    pub(super) fn genres(&self) -> BTreeMap<String, Vec<usize>> {
        let mut genres: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, track) in self.tracks.iter().enumerate() {
            for genre in track.view.genres.iter().map(|genre| normalise(genre)).collect::<BTreeSet<_>>() {
                genres.entry(genre).or_default().push(place);
            }
        }
        genres
    }
}

/// Looks through the store.
///
/// # Errors
/// [`ExportError::Store`].
pub(super) async fn collect(node: &Node, artist: Option<&Did>) -> Result<Collected, ExportError> {
    let mut found = Collected::default();
    // Without words, artist or album the newest come first.
    let mut query = Query { limit: PAGE, ..Query::default() };
    loop {
        let page = node.records().search(&query).await?;
        for stored in &page.records {
            track(node, stored, artist, &mut found).await?;
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    let mut dids: BTreeSet<String> = found.tracks.iter().map(|track| track.view.did.clone()).collect();
    dids.extend(artist.map(ToString::to_string));
    for did in dids {
        if let Ok(did) = Did::parse(&did)
            && !node.records().is_artist_blocked(&did).await?
        {
            profile(node, &did, &mut found).await?;
        }
    }
    Ok(found)
}

async fn track(
    node: &Node,
    stored: &StoredRecord,
    artist: Option<&Did>,
    found: &mut Collected,
) -> Result<(), ExportError> {
    let Ok(Record::Track(record)) = Record::parse(&stored.json) else { return Ok(()) };
    if artist.is_some_and(|artist| record.artist() != *artist) {
        return Ok(());
    }
    let mut view = TrackView::new(&record);
    let Some(audio) = open_blob(node, record.content()).await? else {
        found.left_out.push((view.id, LeftOut::NoAudio));
        return Ok(());
    };
    let path = audio_file(&view.cid, &view.format);
    found.content.push(Content { path, blob: audio.clone(), title: Some(view.title.clone()) });
    view.artwork = match view.artwork {
        Some(cid) => picture(node, cid, found).await?,
        None => None,
    };
    for (beside, file) in
        [(&mut view.waveform, waveform_file as fn(&str) -> String), (&mut view.lyrics, lyrics_file)]
    {
        let blob = match beside.as_deref().and_then(|cid| parse_cid(cid).ok()) {
            Some(cid) => open_blob(node, cid).await?,
            None => None,
        };
        match (blob, &*beside) {
            (Some(blob), Some(cid)) => found.content.push(Content { path: file(cid), blob, title: None }),
            _ => *beside = None,
        }
    }
    let magnet = record.text("torrent").and_then(Magnet::parse);
    let trackers = magnet.map(|magnet| magnet.trackers).unwrap_or_default();
    found.tracks.push(Track { view, record: stored.json.clone(), audio, trackers });
    Ok(())
}

async fn profile(node: &Node, did: &Did, found: &mut Collected) -> Result<(), ExportError> {
    let Some(stored) = node.store().profile(did).await? else { return Ok(()) };
    let Ok(Record::Profile(profile)) = Record::parse(&stored.json) else { return Ok(()) };
    let mut view = ProfileView::new(&profile);
    for shown in [&mut view.avatar, &mut view.banner] {
        *shown = match shown.take() {
            Some(cid) => picture(node, cid, found).await?,
            None => None,
        };
    }
    let follows = node.store().follows(did, MAX_FOLLOWS).await?;
    let follows = follows.into_iter().map(|follow| (follow.id.cid_text().to_owned(), follow.json)).collect();
    found.profiles.insert(did.to_string(), Profile { view, record: stored.json, follows });
    Ok(())
}

/// Adds a picture, if it is here and one that browsers show: its ending decides how a host serves it, so nothing else may
/// pass for one.
async fn picture(node: &Node, cid: String, found: &mut Collected) -> Result<Option<String>, ExportError> {
    if found.pictures.contains_key(&cid) {
        return Ok(Some(cid));
    }
    let Ok(parsed) = parse_cid(&cid) else { return Ok(None) };
    let Some(blob) = open_blob(node, parsed).await? else { return Ok(None) };
    let head = node.blobs().read(&blob, 0..blob.size.min(PICTURE_HEAD)).await?;
    let Some(cover) = Cover::from_bytes(head.to_vec()) else { return Ok(None) };
    let ending = crate::filename::extension(cover.mime);
    found.content.push(Content { path: picture_file(&cid, ending), blob, title: None });
    found.pictures.insert(cid.clone(), ending);
    Ok(Some(cid))
}

/// Content that is here and may be served.
async fn open_blob(node: &Node, cid: Cid) -> Result<Option<Arc<BlobMeta>>, ExportError> {
    match node.blobs().find(&cid).await? {
        Some(blob) if !node.records().is_content_blocked(&blob.roots).await? => Ok(Some(blob)),
        _ => Ok(None),
    }
}
