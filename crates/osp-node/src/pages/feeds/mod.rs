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

use super::{
    addresses::{Addresses, Link, List},
    messages,
    view::TrackView,
};
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
    /// What it is a list of.
    pub list: List,
    /// A picture.
    pub image: Option<Link>,
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

    /// For people.
    fn name(self, t: &messages::Feeds) -> &'static str {
        match self {
            Self::Rss => t.rss,
            Self::M3u => t.m3u,
            Self::Json => t.json,
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

    /// The list. Addresses in it are whole, as far as it is known where the site is.
    #[must_use]
    pub fn write(self, at: &Addresses, listing: &Listing) -> Vec<u8> {
        match self {
            Self::Rss => rss::write(at, listing),
            Self::M3u => m3u::write(at, listing).into_bytes(),
            Self::Json => json::write(at, listing),
        }
    }
}

/// Links for `<head>`, by which apps find the lists of a page.
#[must_use]
pub fn head(at: &Addresses, list: &List, title: &str) -> Markup {
    html! {
        @for format in at.formats() {
            link rel="alternate" type=(plain(*format)) title=(title) href=(at.list_file(list, *format));
        }
    }
}

/// Links for people.
#[must_use]
pub fn links(at: &Addresses, list: &List) -> Markup {
    let t = &at.t().feeds;
    html! {
        ul.feeds role="list" aria-label=(t.label) {
            @for format in at.formats() { li { a href=(at.list_file(list, *format)) { (format.name(t)) } } }
        }
    }
}

fn plain(format: Format) -> &'static str {
    format.media_type().split(';').next().unwrap_or_default()
}
