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
    addresses::{Addresses, Link},
    app,
    assets::{self, Client, Entry},
    security,
};
use maud::{DOCTYPE, Markup, html};

/// What a page says of itself.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// For the tab, the history and shared links; without the name of the program.
    pub title: String,
    /// One sentence for shared links and search engines.
    pub description: String,
    /// The page itself.
    pub page: Link,
    /// A picture for shared links.
    pub image: Option<Link>,
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

/// A whole page.
#[must_use]
pub fn page(at: &Addresses, meta: &Meta, main: &Markup) -> Markup {
    let (entry, t) = (assets::entry(meta.client), at.t());
    html! {
        (DOCTYPE)
        html lang=(t.code) {
            head {
                meta charset="utf-8";
                @if at.is_files() { (security::in_page(meta.client)) }
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                title { (meta.title) " · OpenSound" }
                meta name="description" content=(meta.description);
                meta name="color-scheme" content="light dark";
                @if meta.hidden { meta name="robots" content="noindex"; }
                (open_graph(meta))
                (at.head())
                (meta.head)
                link rel="icon" href=(at.file("favicon.svg")) type="image/svg+xml";
                @if !meta.framed {
                    @for (media, colour) in app::THEME { meta name="theme-color" media=(media) content=(colour); }
                    // With the cookie that says the language.
                    link rel="manifest" href=(at.file("manifest.webmanifest")) crossorigin="use-credentials";
                    link rel="apple-touch-icon" href=(at.file("icons/apple-180.png"));
                }
                @if let Some(entry) = &entry { (head_links(at, entry)) }
            }
            body {
                a.skip href="#main" { (t.layout.skip) }
                @if !meta.framed {
                    header.site-header {
                        a.wordmark href=(at.home()) { span.wordmark-disc aria-hidden="true" {} "OpenSound" }
                        a.header-link href=(at.library()) data-text="device" { (t.device.title) }
                        (search_form(at, &meta.query))
                    }
                }
                main #main tabindex="-1" { (main) }
                @if !meta.framed { (footer(at, entry.is_none())) }
                @if meta.client == Client::Site {
                    section.player data-island="player" aria-label=(t.layout.player) hidden {}
                }
                div #announcer .visually-hidden role="status" {}
            }
        }
    }
}

fn footer(at: &Addresses, plain: bool) -> Markup {
    let t = &at.t().layout;
    html! {
        footer.site-footer {
            p.site-words {
                (t.signed) " "
                a href=(at.fan()) { (t.open_sealed) }
                @if let Some(interface) = at.interface() { " · " a href=(interface) { (t.interface) } }
            }
            p.language data-island="language" hidden {}
            @if plain {
                p.note { ((t.plain)(&html! { code { "cargo xtask web" } })) }
            }
        }
    }
}

fn head_links(at: &Addresses, entry: &Entry) -> Markup {
    html! {
        @for style in &entry.styles { link rel="stylesheet" href=(at.file(style)); }
        @for script in &entry.scripts { script type="module" src=(at.file(script)) {} }
    }
}

fn search_form(at: &Addresses, query: &str) -> Markup {
    let t = &at.t().layout;
    html! {
        form.search action=(at.search()) method="get" role="search" data-island="search" {
            label.visually-hidden for="q" { (t.search_label) }
            input #q name="q" type="search" value=(query) placeholder=(t.search_hint)
                autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="200";
            button type="submit" { (t.search) }
        }
    }
}

fn open_graph(meta: &Meta) -> Markup {
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
        @if let Some(own) = meta.page.whole() {
            meta property="og:url" content=(own);
            link rel="canonical" href=(own);
        }
        @if let Some(image) = meta.image.as_ref().and_then(Link::whole) {
            meta property="og:image" content=(image);
            meta name="twitter:card" content="summary";
        }
        @if let Kind::Song(Some(seconds)) = meta.kind {
            meta property="music:duration" content=(format!("{seconds:.0}"));
        }
    }
}
