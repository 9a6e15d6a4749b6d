//! What the index keeps of a record, taken out of it once.

use super::{fail::Failure, key::ContentKey, text::fold};
use crate::StoreError;
use osp_core::{
    content::{parse_cid, sha256},
    record::{RecordId, TrackRecord},
    text::normalise,
};
use rusqlite::{Connection, Transaction};

/// Tracks without a number come after those with one.
const UNNUMBERED: f64 = 1e9;
/// Words are kept in `words` up to these many characters.
pub(super) const MAX_WORD: usize = 64;
/// And from these many on.
pub(super) const MIN_WORD: usize = 3;

/// The key of an id's CID part.
pub(super) fn id_key(id: &RecordId) -> Result<ContentKey, Failure> {
    match parse_cid(id.cid_text()) {
        Ok(cid) => Ok(ContentKey::of(&cid)),
        Err(e) => Err(StoreError::Invalid(format!("record id {}: {e}", id.as_str())).into()),
    }
}

/// Adds the rows of a track, invisible as yet.
pub(super) fn insert(
    tx: &Transaction<'_>,
    seq: i64,
    artist: i64,
    track: &TrackRecord,
) -> Result<(), Failure> {
    let supersedes = track.supersedes().map(|id| id_key(&id)).transpose()?;
    let content = ContentKey::of(&track.content());
    tx.prepare_cached(
        "INSERT INTO tracks (seq, artist, title, album, disc, number, content, supersedes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute((
        seq,
        artist,
        normalise(track.title()),
        track.text("album").map(normalise).unwrap_or_default(),
        track.number("discNumber").unwrap_or(1.0),
        track.number("trackNumber").unwrap_or(UNNUMBERED),
        content,
        supersedes,
    ))?;
    let mut genre_row = tx.prepare_cached("INSERT OR IGNORE INTO track_genres (genre, seq) VALUES (?, ?)")?;
    for genre in genres(track) {
        genre_row.execute((genre, seq))?;
    }
    let mut content_row =
        tx.prepare_cached("INSERT OR IGNORE INTO record_contents (key, seq) VALUES (?, ?)")?;
    content_row.execute((content, seq))?;
    for member in ["artwork", "waveform", "lyrics"] {
        if let Some(cid) = track.text(member).and_then(|text| parse_cid(text).ok()) {
            content_row.execute((ContentKey::of(&cid), seq))?;
        }
    }
    let mut word_row = tx.prepare_cached(
        "INSERT INTO words (word, uses) VALUES (?, 1) ON CONFLICT (word) DO UPDATE SET uses = uses + 1",
    )?;
    let columns = Columns::of(track);
    tx.prepare_cached("INSERT INTO track_text (seq, title, artist, album, genre) VALUES (?, ?, ?, ?, ?)")?
        .execute((seq, &columns.title, &columns.artist, &columns.album, &columns.genre))?;
    let mut words: Vec<String> = columns
        .text()
        .flat_map(|column| column.split(' '))
        .map(|word| word.chars().take(MAX_WORD).collect())
        .filter(|word: &String| word.chars().count() >= MIN_WORD)
        .collect();
    words.sort_unstable();
    words.dedup();
    for word in words {
        word_row.execute([word])?;
    }
    Ok(())
}

/// Puts a track's words into the full-text index.
pub(super) fn index(tx: &Transaction<'_>, seq: i64, track: &TrackRecord) -> Result<(), Failure> {
    let c = Columns::of(track);
    tx.prepare_cached(
        "INSERT INTO track_words (rowid, title, artist, album, genre, facet) VALUES (?, ?, ?, ?, ?, ?)",
    )?
    .execute((seq, c.title, c.artist, c.album, c.genre, c.facets))?;
    Ok(())
}

/// Takes a track's words out of the full-text index.
pub(super) fn unindex(tx: &Transaction<'_>, seq: i64) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM track_words WHERE rowid = ?")?.execute([seq])?;
    Ok(())
}

/// The row of an artist, made when it is new.
pub(super) fn artist_row(tx: &Transaction<'_>, did: &str) -> Result<i64, Failure> {
    if let Some(id) = find_artist(tx, did)? {
        return Ok(id);
    }
    tx.execute("INSERT INTO artists (did) VALUES (?)", [did])?;
    Ok(tx.last_insert_rowid())
}

/// The row of an artist.
pub(super) fn find_artist(db: &Connection, did: &str) -> Result<Option<i64>, Failure> {
    use rusqlite::OptionalExtension as _;
    let mut query = db.prepare_cached("SELECT id FROM artists WHERE did = ?")?;
    Ok(query.query_row([did], |row| row.get(0)).optional()?)
}

/// A value that search can be narrowed to.
#[derive(Clone, Copy)]
pub(super) enum Facet<'a> {
    /// Of this DID.
    Artist(&'a str),
    /// With this whole title, normalised.
    Title(&'a str),
    /// With this whole album name, normalised.
    Album(&'a str),
    /// With this genre tag, normalised.
    Genre(&'a str),
}

impl Facet<'_> {
    /// The word that stands for it in the `facet` column. All begin alike, so that they share one entry of each
    /// prefix index.
    pub(super) fn token(self) -> String {
        let (letter, value) = match self {
            Self::Artist(did) => ('a', did),
            Self::Title(title) => ('t', title),
            Self::Album(album) => ('b', album),
            Self::Genre(genre) => ('g', genre),
        };
        let digest = sha256(value.as_bytes());
        let head = u64::from_be_bytes(digest[..8].try_into().expect("a digest has 32 bytes"));
        format!("qqq{letter}{head:016x}")
    }
}

fn genres(track: &TrackRecord) -> impl Iterator<Item = String> {
    track.genres().into_iter().map(normalise)
}

/// The columns of the full-text index.
struct Columns {
    title: String,
    artist: String,
    album: String,
    genre: String,
    facets: String,
}

impl Columns {
    fn of(track: &TrackRecord) -> Self {
        let part = |member| track.text(member).map(fold).unwrap_or_default();
        let mut facets = vec![
            Facet::Artist(&track.artist().to_string()).token(),
            Facet::Title(&normalise(track.title())).token(),
        ];
        facets.extend(track.text("album").map(|album| Facet::Album(&normalise(album)).token()));
        facets.extend(genres(track).map(|genre| Facet::Genre(&genre).token()));
        let genres: Vec<String> = track.genres().into_iter().map(fold).collect();
        Self {
            title: fold(track.title()),
            artist: part("artistName"),
            album: part("album"),
            genre: genres.join(" "),
            facets: facets.join(" "),
        }
    }

    fn text(&self) -> impl Iterator<Item = &str> {
        [&self.title, &self.artist, &self.album, &self.genre].into_iter().map(String::as_str)
    }
}
