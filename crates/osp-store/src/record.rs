//! Records: an index that finds tracks by id, artist, title, genre, words and content.

use crate::{StoreError, TrustRanks};
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    Cid,
    did::Did,
    record::{Record, RecordId, Verified},
};
use std::sync::Arc;

/// Whether [`RecordIndex::put`] learned anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It was not there.
    New,
    /// It was there already; or it is a profile or follow older than the one that holds its place.
    Known,
    /// A profile or follow dated more than a day ahead of this machine's clock: not taken yet (spec section 4.11).
    Early,
    /// A follow by an artist who has [`crate::social::MAX_FOLLOWS`]: not taken.
    Full,
}

/// A record as stored.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    /// Its id.
    pub id: RecordId,
    /// RFC 8785 bytes of the whole record; they were verified before they were stored.
    pub json: Bytes,
    /// Why it is no longer current, if it is not.
    pub withdrawn: Option<Withdrawn>,
}

/// Why a track is no longer current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// The artist retracted it; the retraction's JSON.
    Retracted(Bytes),
    /// A newer record of the same artist stands in its place.
    Superseded(RecordId),
}

/// What is looked for. Every member given must match; texts are normalised by the index.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words, the last one perhaps unfinished, in title, artist name, album and genre. One or two typing errors in
    /// a longer word still find it when nothing matches exactly.
    pub text: Option<String>,
    /// The artist's DID.
    pub artist: Option<Did>,
    /// The whole title.
    pub title: Option<String>,
    /// A genre tag.
    pub genre: Option<String>,
    /// The whole album name.
    pub album: Option<String>,
    /// Most records a page holds.
    pub limit: usize,
    /// Where the previous page ended. When ranks have changed since, a page may repeat or leave out tracks of artists
    /// whose level has.
    pub cursor: Option<String>,
    /// Whose tracks come first among equal matches; the same for all pages.
    pub trust: Option<Arc<TrustRanks>>,
}

/// One page of current tracks, blocked ones left out. With `text` the best match first; with an artist or album
/// and no text in album, disc and track order; otherwise the newest first. Among equal matches of `text`, and with a
/// title or genre and neither text nor artist nor album, those of the nearest artists come first (`trust`), of each
/// level the newest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// RFC 8785 bytes of the records.
    pub records: Vec<StoredRecord>,
    /// Where to go on; `None` at the end.
    pub next: Option<String>,
}

/// Something an operator refuses to serve.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Block {
    /// Content, in whatever form of CID: the same content under another layout's CID is blocked too.
    Content(Cid),
    /// One record.
    Record(RecordId),
    /// Everything of one artist.
    Artist(Did),
}

/// Whether content may be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentStanding {
    /// It may: a current record names it, or none does.
    Open,
    /// The content itself is on the block list, under one of its roots.
    Blocked,
    /// Every record that names it is blocked or retracted, at least one of them blocked.
    RecordsBlocked,
    /// Every record that names it is retracted, and none of them blocked.
    Retracted,
}

/// Records and the operator's block list. Several processes use one index at the same time.
#[async_trait]
pub trait RecordIndex: Send + Sync + 'static {
    /// Adds verified records in one transaction, in order; says of each whether it was new.
    ///
    /// Supersede and retraction take effect whatever the order of arrival, and only from the same artist. Of the
    /// profiles of an artist, and of the follows of each pair, the newest stays and the others go, likewise.
    async fn put(&self, records: &[Verified<Record>]) -> Result<Vec<Put>, StoreError>;

    /// A record by whole id or by the id's CID part, current or not. Blocked ones too: see [`Self::is_blocked`].
    async fn get(&self, id_or_cid: &str) -> Result<Option<StoredRecord>, StoreError>;

    /// Finds current tracks.
    async fn search(&self, query: &Query) -> Result<Page, StoreError>;

    /// Current and unblocked tracks whose `cid`, `artwork`, `waveform` or `lyrics` names this content (by any of
    /// these roots).
    async fn using_content(&self, roots: &[Cid]) -> Result<Vec<StoredRecord>, StoreError>;

    /// Everything stored, in order of arrival, for feeds and backups: records after sequence number `after`. Replaced
    /// profiles and follows are no longer in it.
    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<(u64, StoredRecord)>, StoreError>;

    /// Which record has, or had before it was replaced, this number of a feed. Of replaced ones the latest are known.
    async fn numbered(&self, seq: u64) -> Result<Option<RecordId>, StoreError>;

    /// Genres of current tracks, normalised, with how many have each: the commonest first, then by name.
    async fn genres(&self, limit: usize) -> Result<Vec<(String, u64)>, StoreError>;

    /// Current tracks, artists and all records, for `/api/v1/node`.
    async fn counts(&self) -> Result<Counts, StoreError>;

    /// Adds to the block list; `false` if it was there.
    async fn block(&self, what: &Block, reason: Option<&str>) -> Result<bool, StoreError>;

    /// Takes off the block list; `false` if it was not there.
    async fn unblock(&self, what: &Block) -> Result<bool, StoreError>;

    /// The block list, oldest first.
    async fn blocks(&self) -> Result<Vec<(Block, Option<String>)>, StoreError>;

    /// Whether a record is blocked by its id, its artist or its content.
    async fn is_blocked(&self, record: &Record) -> Result<bool, StoreError> {
        Ok(self.are_blocked(std::slice::from_ref(record)).await?.contains(&true))
    }

    /// [`Self::is_blocked`] of each, looked up together.
    async fn are_blocked(&self, records: &[Record]) -> Result<Vec<bool>, StoreError>;

    /// Whether everything of an artist is blocked.
    async fn is_artist_blocked(&self, artist: &Did) -> Result<bool, StoreError>;

    /// Whether content with these roots may be served, and if not, why.
    async fn content_standing(&self, roots: &[Cid]) -> Result<ContentStanding, StoreError>;

    /// Whether content with these roots must not be served: blocked itself, or named only by blocked or
    /// retracted records. Content that no record names is not blocked.
    async fn is_content_blocked(&self, roots: &[Cid]) -> Result<bool, StoreError> {
        Ok(self.content_standing(roots).await? != ContentStanding::Open)
    }

    /// A number that changes when any process has changed records or the block list; cheap enough to ask on
    /// every request, for caches.
    async fn generation(&self) -> Result<u64, StoreError>;
}

/// How much an index holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Current tracks.
    pub tracks: u64,
    /// Artists with at least one current track.
    pub artists: u64,
    /// Stored blobs.
    pub blobs: u64,
    /// Bytes in them.
    pub bytes: u64,
}
