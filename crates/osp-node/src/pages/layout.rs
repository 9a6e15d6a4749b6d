//! What every page has around its content.
//!
//! ```text
//!  skip link
//!  header    name, search form
//!  main      the page
//!  footer
//!  section   player bar (an island; hidden until there is something to play)
//!  status    what screen readers are told
//! ```

use super::{
    app,
    assets::{self, Client, Entry},
};
use maud::{DOCTYPE, Markup, html};

/// What a page says of itself.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// For the tab, the history and shared links; without the name of the program.
    pub title: String,
    /// One sentence for shared links and search engines.
    pub description: String,
    /// Path and query of the page.
    pub path: String,
    /// Path of a picture for shared links.
    pub image: Option<String>,
    /// OpenGraph's type.
    pub kind: Kind,
    /// What is in the search box.
    pub query: String,
    /// Keeps the page out of search engines.
    pub hidden: bool,
    /// Inside a page of somebody else: without the site's header and footer.
    pub framed: bool,
    /// What runs on it.
    pub client: Client,
    /// What else stands in its head.
    pub head: Markup,
}

/// OpenGraph types we use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Kind {
    /// `website`
    #[default]
    Site,
    /// `music.song`, with its length in seconds where known.
    Song(Option<f64>),
    /// `music.album`
    Album,
    /// `profile`
    Profile,
}

/// A whole page. `public_url` is how the node is reached, without a trailing slash.
#[must_use]
pub fn page(public_url: &str, meta: &Meta, main: &Markup) -> Markup {
    let entry = assets::entry(meta.client);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                title { (meta.title) " · OpenSound" }
                meta name="description" content=(meta.description);
                meta name="color-scheme" content="light dark";
                @if meta.hidden { meta name="robots" content="noindex"; }
                (open_graph(public_url, meta))
                (meta.head)
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                @if !meta.framed {
                    @for (media, colour) in app::THEME { meta name="theme-color" media=(media) content=(colour); }
                    link rel="manifest" href="/manifest.webmanifest";
                    link rel="apple-touch-icon" href="/icons/apple-180.png";
                }
                @if let Some(entry) = &entry { (head_links(entry)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                @if !meta.framed {
                    header.site-header {
                        a.wordmark href="/" { span.wordmark-disc aria-hidden="true" {} "OpenSound" }
                        a.header-link href="/library" data-text="device" { "On this device" }
                        (search_form(&meta.query))
                    }
                }
                main #main tabindex="-1" { (main) }
                @if !meta.framed { (footer(entry.is_none())) }
                @if meta.client == Client::Site {
                    section.player data-island="player" aria-label="Player" hidden {}
                }
                div #announcer .visually-hidden role="status" {}
            }
        }
    }
}

fn footer(plain: bool) -> Markup {
    html! {
        footer.site-footer {
            p {
                "Every track here is signed by its artist. "
                a href="/fan" { "Open a sealed file" } " · " a href="/api/v1/openapi.json" { "API" }
            }
            @if plain {
                p.note {
                    "The web client is not in this binary, so pages are plain. Build it with "
                    code { "cargo xtask web" } " and build osp again."
                }
            }
        }
    }
}

fn head_links(entry: &Entry) -> Markup {
    html! {
        @for style in &entry.styles { link rel="stylesheet" href=(style); }
        @for script in &entry.scripts { script type="module" src=(script) {} }
    }
}

fn search_form(query: &str) -> Markup {
    html! {
        form.search action="/search" method="get" role="search" data-island="search" {
            label.visually-hidden for="q" { "Search title, artist, album or genre" }
            input #q name="q" type="search" value=(query) placeholder="Title, artist, album, genre"
                autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="200";
            button type="submit" { "Search" }
        }
    }
}

fn open_graph(public_url: &str, meta: &Meta) -> Markup {
    let kind = match meta.kind {
        Kind::Site => "website",
        Kind::Song(_) => "music.song",
        Kind::Album => "music.album",
        Kind::Profile => "profile",
    };
    html! {
        meta property="og:site_name" content="OpenSound";
        meta property="og:type" content=(kind);
        meta property="og:title" content=(meta.title);
        meta property="og:description" content=(meta.description);
        meta property="og:url" content={ (public_url) (meta.path) };
        link rel="canonical" href={ (public_url) (meta.path) };
        @if let Some(image) = &meta.image {
            meta property="og:image" content={ (public_url) (image) };
            meta name="twitter:card" content="summary";
        }
        @if let Kind::Song(Some(seconds)) = meta.kind {
            meta property="music:duration" content=(format!("{seconds:.0}"));
        }
    }
}
