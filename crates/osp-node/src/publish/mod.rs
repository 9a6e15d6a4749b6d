//! From audio files to signed, stored Track Records.
//!
//! One call, shared by the command line, the artist's portal and the desktop program:
//!
//! 1. [`discover`]: which files, in which order, with which tags. Everything is looked at before anything is kept.
//! 2. `waveforms`: meanwhile every file is decoded on the other cores, for the seek bars of players.
//! 3. `ingest`: each file is read once; CID, torrent pieces and the stored copy come out of the same pass.
//! 4. `metadata`: flags, tags and names become a record, which is signed.
//! 5. The record is put into the index. Publishing the same again changes nothing and says so.
//!
//! [`sealed`] puts sealing before all of this.
//!
//! A stop between 3 and 5 leaves a blob that no record names: harmless, and used when the command is run again.

pub mod discover;
pub mod hashing;
mod ingest;
pub mod lyrics;
mod metadata;
pub mod remote;
pub mod retract;
pub mod sealed;
mod waveforms;

use crate::{
    Node,
    identity::{Identity, Signatory},
};
use bytes::Bytes;
use osp_core::{
    Cid,
    content::raw_cid,
    record::{Record, RecordId, Refusal, Verified},
    torrent::TorrentInfo,
    unixfs::Profile,
};
use osp_media::{CoverError, MediaError};
use osp_store::{Custody as _, Put, Query, StoreError, Withdrawn};
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};
use waveforms::Waveforms;

/// What to publish, and what the artist says about it.
#[derive(Clone, Debug)]
pub struct PublishRequest {
    /// Files and folders.
    pub inputs: Vec<PathBuf>,
    /// What flags say; each goes before the tags.
    pub overrides: Overrides,
    /// The profile of the CID in the record.
    pub profile: Profile,
    /// Decode each file and sign how loud it is along its length.
    pub waveforms: bool,
    /// Compute and sign, but write nothing.
    pub dry_run: bool,
}

/// What flags say.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--title` (one file only)
    pub title: Option<String>,
    /// `--artist-name`
    pub artist_name: Option<String>,
    /// `--album`
    pub album: Option<String>,
    /// `--genre`
    pub genres: Vec<String>,
    /// `--license`
    pub license: Option<String>,
    /// `--released`
    pub released: Option<String>,
    /// `--cover`
    pub cover: Option<PathBuf>,
    /// `--lyrics` (one file only)
    pub lyrics: Option<PathBuf>,
    /// `--mirror`
    pub mirrors: Vec<String>,
    /// `--tracker`
    pub trackers: Vec<String>,
    /// `--consent`
    pub consent: BTreeMap<String, String>,
    /// `--supersedes` (one file only)
    pub supersedes: Option<RecordId>,
}

/// A step of a running publish, for a progress bar.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum PublishEvent<'a> {
    /// So many tracks were found.
    Found {
        /// How many.
        tracks: usize,
    },
    /// Bytes of one file have been read.
    Hashing {
        /// The file.
        path: &'a Path,
        /// Bytes read.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// One track is done: stored, unless it was a dry run.
    Done(&'a Published),
}

/// One track, published.
#[derive(Clone, Debug)]
pub struct Published {
    /// The file it was made from.
    pub path: PathBuf,
    /// The record; the stored one when it was known.
    pub record: Verified<Record>,
    /// Whether it was new here.
    pub put: Put,
    /// A current track of the same artist with the same audio and other words about it: perhaps this one was
    /// meant to supersede it.
    pub same_audio_as: Option<RecordId>,
    /// Its cover.
    pub artwork: Option<Cid>,
}

/// Why publishing stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// A path that cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not audio, or damaged.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// A folder without audio.
    #[error("{0} holds nothing playable; audio files end in .opus, .ogg, .mp3, .flac, .m4a or .wav")]
    NothingPlayable(PathBuf),
    /// More than one call publishes.
    #[error("more than {0} tracks; publish folder by folder")]
    TooMany(usize),
    /// The lyrics that were named.
    #[error(transparent)]
    Lyrics(#[from] lyrics::LyricsError),
    /// `--title`, `--lyrics` or `--supersedes` with several files.
    #[error("--{0} is for one file, and {1} were found; publish it alone, or leave the flag out")]
    OneFileOnly(&'static str, usize),
    /// A consent that does not exist.
    #[error("«{0}» is no consent; write mirror=, stream= or aiTraining= with allow or deny")]
    Consent(String),
    /// A mirror or tracker that is no URL of its kind.
    #[error("«{url}» cannot be a {kind}: {reason}")]
    Url {
        /// `mirror` or `tracker`.
        kind: &'static str,
        /// As given.
        url: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The cover that was named.
    #[error(transparent)]
    Cover(#[from] CoverError),
    /// `--seal` of what is sealed.
    #[error("{0} is sealed already; publish it without --seal")]
    SealedAlready(PathBuf),
    /// An offer that no reader would take.
    #[error(
        "this cannot be offered: {0}; give --offer-url an https address and name cuts and tiers as they are"
    )]
    Offer(String),
    /// Sealing.
    #[error(transparent)]
    Seal(#[from] crate::sealed::SealFileError),
    /// What was sealed does not read as it should.
    #[error(transparent)]
    Release(#[from] crate::sealed::release::ReleaseError),
    /// The keys of what was sealed.
    #[error(transparent)]
    Custody(#[from] crate::sales::CustodyError),
    /// The artist retracted this very record before.
    #[error(
        "{0} was retracted; a retraction is final: change the title or another member to publish it anew"
    )]
    Retracted(RecordId),
    /// The record would not be valid.
    #[error("the record would be refused: {0}")]
    Refused(#[from] Refusal),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Publishes. `created` is the time the proofs carry (RFC 3339, UTC). Must run on a multi-thread runtime.
///
/// # Errors
/// [`PublishError`]. Tracks published before the error stay published.
pub async fn publish(
    node: &Node,
    identity: &Identity,
    signer: &Signatory,
    request: &PublishRequest,
    created: &str,
    progress: &(dyn Fn(PublishEvent<'_>) + Send + Sync),
) -> Result<Vec<Published>, PublishError> {
    let overrides = &request.overrides;
    check_urls(overrides)?;
    let tracks = tokio::task::block_in_place(|| discover::discover(&request.inputs))?;
    progress(PublishEvent::Found { tracks: tracks.len() });
    let one_file_only = [
        ("title", overrides.title.is_some()),
        ("lyrics", overrides.lyrics.is_some()),
        ("supersedes", overrides.supersedes.is_some()),
    ];
    for (flag, given) in one_file_only {
        if given && tracks.len() != 1 {
            return Err(PublishError::OneFileOnly(flag, tracks.len()));
        }
    }
    for found in &tracks {
        // Flags that no record can hold are told before gigabytes are hashed, and before the first track is kept.
        let torrent = TorrentInfo { length: 0, name: String::new(), piece_length: 0, pieces: Vec::new() };
        let cid = raw_cid([0; 32]);
        let nothing =
            metadata::Content { cid, torrent: &torrent, artwork: None, waveform: None, lyrics: None };
        metadata::draft(found, overrides, &identity.name, &nothing)?.sign_as(
            signer.artist(),
            signer.key(),
            Some(created),
        )?;
    }
    let named = overrides.lyrics.as_deref().map(lyrics::read).transpose()?;
    let mut covers = Covers::new(overrides)?;
    let mut waveforms = request.waveforms.then(|| Waveforms::begin(&tracks));
    let mut published = Vec::with_capacity(tracks.len());
    for found in tracks {
        let artwork = keep_beside(node, covers.of(&found)?, request.dry_run).await?;
        let words = named.clone().or_else(|| lyrics::beside(&found.path));
        let lyrics = keep_beside(node, words, request.dry_run).await?;
        let mut profiles = vec![Profile::V1_2025];
        if request.profile != Profile::V1_2025 {
            profiles.push(request.profile);
        }
        let hashed =
            ingest::ingest_file(node.blobs(), &found.path, &profiles, request.dry_run, progress).await?;
        let root = hashed.layouts[profiles.len() - 1].root;
        make_own(node, &root, request.dry_run).await?;
        let torrent = hashed.torrent.as_ref().expect("ingest always hashes pieces");
        let measured = match &mut waveforms {
            Some(waveforms) => waveforms.next().await,
            None => None,
        };
        let waveform = keep_beside(node, measured, request.dry_run).await?;
        let content = metadata::Content { cid: root, torrent, artwork, waveform, lyrics };
        let draft = metadata::draft(&found, overrides, &identity.name, &content)?;
        let record = draft.sign_as(signer.artist(), signer.key(), Some(created))?;
        let (record, put) = keep(node, signer, record, request.dry_run).await?;
        let same_audio_as = if put == Put::New { twin(node, &record, &[root]).await? } else { None };
        let done = Published { path: found.path, record, put, same_audio_as, artwork };
        progress(PublishEvent::Done(&done));
        published.push(done);
    }
    Ok(published)
}

/// Keeps what a record names beside its audio, as the node's own.
async fn keep_beside(node: &Node, bytes: Option<Bytes>, dry_run: bool) -> Result<Option<Cid>, PublishError> {
    let Some(bytes) = bytes else { return Ok(None) };
    let cid = ingest::ingest_bytes(node.blobs(), &bytes, dry_run).await?;
    make_own(node, &cid, dry_run).await?;
    Ok(Some(cid))
}

/// Keeps a picture that a record will name, as the node's own; gives its CID.
pub(crate) async fn keep_picture(node: &Node, bytes: Bytes) -> Result<Cid, PublishError> {
    let cid = ingest::ingest_bytes(node.blobs(), &bytes, false).await?;
    make_own(node, &cid, false).await?;
    Ok(cid)
}

/// What is published stays, even if it was fetched before.
async fn make_own(node: &Node, cid: &Cid, dry_run: bool) -> Result<(), StoreError> {
    if !dry_run {
        node.store().make_own(cid).await?;
    }
    Ok(())
}

/// Puts the record into the index; when it is known the stored one is given back (its proof is older).
async fn keep(
    node: &Node,
    signer: &Signatory,
    record: Verified<Record>,
    dry_run: bool,
) -> Result<(Verified<Record>, Put), PublishError> {
    if let Some(stored) = node.records().get(record.id().as_str()).await? {
        if let Some(Withdrawn::Retracted(_)) = stored.withdrawn {
            return Err(PublishError::Retracted(stored.id));
        }
        return Ok((Record::parse(&stored.json)?.verify_with_keys(&[signer.key().public()])?, Put::Known));
    }
    if !dry_run {
        node.records().put(std::slice::from_ref(&record)).await?;
    }
    Ok((record, Put::New))
}

/// A current track of the same artist with the same audio, other than `record` and what it supersedes.
async fn twin(
    node: &Node,
    record: &Verified<Record>,
    roots: &[Cid],
) -> Result<Option<RecordId>, PublishError> {
    let (id, artist) = (record.id(), record.artist());
    let users = node.records().using_content(roots).await?;
    Ok(users.into_iter().filter(|r| r.id != id && r.withdrawn.is_none()).find_map(|r| {
        let other = Record::parse(&r.json).ok()?;
        let same = other.artist() == artist && other.as_track()?.content() == record.as_track()?.content();
        same.then_some(r.id)
    }))
}

/// All current tracks of an artist, a page at a time, for `osp resolve DID` and the like.
///
/// # Errors
/// [`StoreError`].
pub async fn tracks_of(node: &Node, artist: &osp_core::did::Did) -> Result<Vec<Bytes>, StoreError> {
    let mut query = Query { artist: Some(artist.clone()), limit: 200, ..Query::default() };
    let mut all = Vec::new();
    loop {
        let page = node.records().search(&query).await?;
        all.extend(page.records.into_iter().map(|r| r.json));
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return Ok(all),
        }
    }
}

fn check_urls(overrides: &Overrides) -> Result<(), PublishError> {
    let lists: [(&'static str, &[String], &[&str]); 2] = [
        ("mirror", &overrides.mirrors, &["http", "https"]),
        ("tracker", &overrides.trackers, &["http", "https", "udp", "ws", "wss"]),
    ];
    for (kind, urls, schemes) in lists {
        for url in urls {
            let reason = match url.split_once("://") {
                None => "it is not a URL; write it whole, as in https://music.example/song.opus",
                Some((scheme, _)) if !schemes.contains(&scheme.to_ascii_lowercase().as_str()) => match kind {
                    "mirror" => "its scheme does not fit; write http:// or https://",
                    _ => "its scheme does not fit; write http://, https://, udp://, ws:// or wss://",
                },
                Some((_, rest))
                    if rest.is_empty() || url.chars().any(|c| c.is_whitespace() || c.is_control()) =>
                {
                    "it is not a whole URL; write it without spaces, host name included"
                }
                Some(_) => continue,
            };
            return Err(PublishError::Url { kind, url: url.clone(), reason });
        }
    }
    Ok(())
}

/// Finds each track's cover: the flag's, the file's own, its folder's.
struct Covers {
    flag: Option<Bytes>,
    folders: HashMap<PathBuf, Option<Bytes>>,
}

impl Covers {
    fn new(overrides: &Overrides) -> Result<Self, PublishError> {
        let flag = match &overrides.cover {
            None => None,
            Some(path) => Some(osp_media::read_cover(path)?.bytes.into()),
        };
        Ok(Self { flag, folders: HashMap::new() })
    }

    fn of(&mut self, found: &discover::Found) -> Result<Option<Bytes>, PublishError> {
        if let Some(cover) = &self.flag {
            return Ok(Some(cover.clone()));
        }
        if found.has_cover
            && let Some(cover) = osp_media::probe(&found.path)?.cover
        {
            return Ok(Some(cover.bytes.into()));
        }
        // A single file's folder may hold anything: only a folder that was named lends its cover.
        let Some(root) = &found.folder else { return Ok(None) };
        let own = found.path.parent().unwrap_or(root).to_owned();
        for folder in [own, root.clone()] {
            let cover = self.folders.entry(folder.clone()).or_insert_with(|| {
                let path = osp_media::find_cover(&folder).ok()??;
                osp_media::read_cover(&path).ok().map(|c| c.bytes.into())
            });
            if cover.is_some() {
                return Ok(cover.clone());
            }
        }
        Ok(None)
    }
}
