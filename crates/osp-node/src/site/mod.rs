//! `osp site export`: the pages of an artist, or of everything here, as plain files that any host can serve: they play, verify and
//! unlock without a server of ours.
//!
//! ```text
//!  store ── collect ── what may be shown ── render ── pages, lists, records ──┐
//!    └────────────────────────────────────── audio, covers, lyrics ───────────┴─ folder ── DIR
//! ```
//!
//! | module | subject |
//! |---|---|
//! | `collect` | which tracks, and what of theirs is here |
//! | `render` | the pages, by the templates of [`crate::pages`] |
//! | `search` | the index that the search page looks through |
//! | `folder` | a folder that is brought up to date without touching what others put there |
//!
//! The addresses in the pages are those of [`crate::pages::addresses`]. What is not on this machine, is blocked or was withdrawn
//! is left out; a later export takes away what went since.

mod collect;
mod folder;
mod render;
mod search;

use crate::{
    Node,
    pages::{addresses::Addresses, language::Language},
    staged,
};
use collect::Collected;
use folder::Folder;
use osp_core::did::Did;
use osp_store::StoreError;
use std::path::PathBuf;

/// The file that names everything an export wrote; a folder without it is not one of ours.
pub const MANIFEST: &str = "osp-site.json";

/// What to export, and where to.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// A new or empty folder, or one of an earlier export.
    pub folder: PathBuf,
    /// Only this artist's music; else everything here.
    pub artist: Option<Did>,
    /// Where the folder will be found, without a trailing slash. Without it there is nothing in the pages that needs whole
    /// addresses.
    pub public_url: Option<String>,
    /// What the pages, feeds and players say: files cannot choose by who asks.
    pub language: Language,
}

/// Something that happens on the way.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ExportEvent<'a> {
    /// Bytes of a track's audio are written.
    Audio {
        /// Its title.
        title: &'a str,
        /// So far.
        done: u64,
        /// In all.
        total: u64,
    },
}

/// Why a track is not among the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LeftOut {
    /// Its audio is not on this machine.
    NoAudio,
}

/// What came of an export.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Tracks in it.
    pub tracks: u64,
    /// Albums in it.
    pub albums: u64,
    /// Artists in it.
    pub artists: u64,
    /// Files that belong to it.
    pub files: u64,
    /// Files that were new or had changed.
    pub written: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// Files of an earlier export that are gone.
    pub removed: u64,
    /// Tracks that are here and not in it, by their ids.
    pub left_out: Vec<(String, LeftOut)>,
    /// Files of somebody else at places where one of ours belongs; they were left alone.
    pub kept: Vec<String>,
}

/// Why nothing, or not everything, was exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// There is nothing of this artist, or nothing at all.
    #[error("{0}")]
    Nothing(String),
    /// The folder holds something else.
    #[error("{} is not empty and no earlier export; name a new folder, nothing was changed", .0.display())]
    NotOurs(PathBuf),
    /// Another export is at work there.
    #[error("another export writes into {}; wait until it has ended", .0.display())]
    Busy(PathBuf),
    /// The list of what an earlier export wrote cannot be read.
    #[error("{} cannot be read as the list of an earlier export: {reason}; name a new folder, nothing was changed", .path.display())]
    Manifest {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file.
    #[error("cannot write {}: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the files, or brings those of an earlier export up to date: what has not changed is not touched.
///
/// # Errors
/// [`ExportError`]; what was written until then stays, and the next export goes on from there.
pub async fn export(
    node: &Node,
    request: &ExportRequest,
    progress: &(dyn Fn(ExportEvent<'_>) + Send + Sync),
) -> Result<Report, ExportError> {
    let found = collect::collect(node, request.artist.as_ref()).await?;
    if found.tracks.is_empty() && found.profiles.is_empty() {
        return Err(ExportError::Nothing(match &request.artist {
            Some(did) => format!("nothing by {did} is here; fetch it first with «osp resolve {did}»"),
            None => "nothing is published here; publish music first, with «osp publish FOLDER»".to_owned(),
        }));
    }
    let mut folder = Folder::open(&request.folder)?;
    let at =
        Addresses::files(request.public_url.as_deref(), found.pictures.clone()).speaking(request.language);
    content(node, &found, &mut folder, progress).await?;
    render::render(&at, request.artist.as_ref(), &found, &mut folder)?;
    torrents(node, &at, &found, &mut folder).await?;
    let mut report = folder.finish()?;
    report.tracks = found.tracks.len() as u64;
    report.albums = found.albums().len() as u64;
    report.artists = found.artists().len() as u64;
    report.left_out = found.left_out;
    staged::sync_folder(&request.folder)
        .map_err(|source| ExportError::Io { path: request.folder.clone(), source })?;
    Ok(report)
}

/// Everything that is copied as it is.
async fn content(
    node: &Node,
    found: &Collected,
    folder: &mut Folder,
    progress: &(dyn Fn(ExportEvent<'_>) + Send + Sync),
) -> Result<(), ExportError> {
    for file in &found.content {
        let shown = |done| {
            if let Some(title) = &file.title {
                progress(ExportEvent::Audio { title, done, total: file.blob.size });
            }
        };
        folder.copy(node, &file.path, &file.blob, &shown).await?;
    }
    Ok(())
}

/// Torrents, with the exported file as web seed where it is known where that will be.
async fn torrents(
    node: &Node,
    at: &Addresses,
    found: &Collected,
    folder: &mut Folder,
) -> Result<(), ExportError> {
    for track in &found.tracks {
        let audio = at.audio(&track.view);
        let seeds: Vec<String> = audio.whole().map(str::to_owned).into_iter().collect();
        let torrent = node.blobs().torrent(&track.audio).await?;
        if let Some(link) = at.torrent(&track.view) {
            folder.put(link.path(), &torrent.to_torrent_file(&track.trackers, &seeds))?;
        }
    }
    Ok(())
}
