//! Lists for other programs: what an artist, an album or a genre has, as a podcast feed, a playlist and JSON.
//!
//! | file | what | read by |
//! |---|---|---|
//! | `feed.xml` | RSS 2.0 with the podcast namespace, `medium=music` ([`rss`]) | podcast and music apps, feed readers |
//! | `tracks.m3u8` | extended M3U ([`m3u`]) | players: VLC, mpv, `osp play` |
//! | `tracks.json` | the signed records, with where to find them ([`json`]) | other clients, exports |
//!
//! They stand below the page they belong to: `/artist/{did}/feed.xml`, `/artist/{did}/album/{album}/tracks.m3u8`,
//! `/genre/{genre}/tracks.json`. Sealed tracks have no sound for who has no key: feeds name them without a file, playlists leave
//! them out.

pub mod json;
pub mod m3u;
pub mod rss;

use super::view::TrackView;
use maud::{Markup, html};

/// Most tracks of one list.
pub const MAX_TRACKS: usize = 500;

/// Tracks with an address.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Of the list: an artist, an album, a genre.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// Whose, if it is one artist's.
    pub author: Option<String>,
    /// Path of the page.
    pub path: String,
    /// Path of a picture.
    pub image: Option<String>,
    /// In the order of the page.
    pub tracks: Vec<Entry>,
}

/// One track of a list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As pages show it.
    pub view: TrackView,
    /// The signed record (RFC 8785).
    pub record: bytes::Bytes,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RSS 2.0.
    Rss,
    /// Extended M3U in UTF-8.
    M3u,
    /// JSON.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rss, Self::M3u, Self::Json];

    /// By the name of its file.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.file() == name)
    }

    /// The name of its file below the page's path.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Rss => "feed.xml",
            Self::M3u => "tracks.m3u8",
            Self::Json => "tracks.json",
        }
    }

    /// For `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::M3u => "audio/x-mpegurl; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// The list; addresses in it begin with `public_url`.
    #[must_use]
    pub fn write(self, public_url: &str, listing: &Listing) -> Vec<u8> {
        match self {
            Self::Rss => rss::write(public_url, listing),
            Self::M3u => m3u::write(public_url, listing).into_bytes(),
            Self::Json => json::write(public_url, listing),
        }
    }
}

/// Links for `<head>`, by which apps find the lists of a page.
#[must_use]
pub fn head(path: &str, title: &str) -> Markup {
    html! {
        @for format in Format::ALL {
            link rel="alternate" type=(plain(format)) title=(title) href={ (path) "/" (format.file()) };
        }
    }
}

/// Links for people.
#[must_use]
pub fn links(path: &str) -> Markup {
    html! {
        ul.feeds role="list" aria-label="This list for other programs" {
            li { a href={ (path) "/" (Format::Rss.file()) } { "Podcast feed" } }
            li { a href={ (path) "/" (Format::M3u.file()) } { "Playlist (M3U8)" } }
            li { a href={ (path) "/" (Format::Json.file()) } { "Records (JSON)" } }
        }
    }
}

fn plain(format: Format) -> &'static str {
    format.media_type().split(';').next().unwrap_or_default()
}
