//! `/search`: results, as one list, and below it what the network has ([`super::network`]). The search island fetches this
//! very page while a listener types.

use super::{
    addresses::{Addresses, Link},
    home::older_link,
    layout::{Meta, page},
    network::{self, Question, Section},
    row::{Beside, row},
    view::{TrackView, segment},
};
use maud::{Markup, html};

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Words.
    pub q: String,
    /// A genre tag.
    pub genre: String,
    /// Where the previous page ended.
    pub cursor: Option<String>,
}

/// The page.
#[must_use]
pub fn search(
    at: &Addresses,
    asked: &Asked,
    tracks: &[TrackView],
    next: Option<Link>,
    network: &Section,
) -> Markup {
    let heading = match (asked.q.as_str(), asked.genre.as_str()) {
        ("", "") => "Search".to_owned(),
        ("", genre) => format!("Genre: {genre}"),
        (q, "") => format!("Search: {q}"),
        (q, genre) => format!("Search: {q}, genre {genre}"),
    };
    let meta = Meta {
        title: heading.clone(),
        description: "Search titles, artists, albums and genres on this node.".into(),
        page: at.search().with(&format!("?q={}", segment(&asked.q))),
        query: asked.q.clone(),
        hidden: true,
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { bdi { (heading) } }
            p data-results { (summary(asked, tracks.len(), next.is_some())) }
        }
        ol.tracks.results role="list" { @for track in tracks { (row(at, track, Beside::Cover, None)) } }
        (older_link(next.as_ref()))
        (network::section(at, &Question::search(at, asked), network))
    };
    page(at, &meta, &main)
}

/// The page of a site that is nothing but files: a script looks through their index ([`crate::site`]).
#[must_use]
pub fn by_script(at: &Addresses) -> Markup {
    let meta = Meta {
        title: "Search".into(),
        description: "Search titles, artists, albums and genres.".into(),
        page: at.search(),
        hidden: true,
        ..Meta::default()
    };
    let main = html! {
        div data-search-index {
            div.intro {
                h1 { "Search" }
                p data-results {
                    "Searching these pages needs JavaScript. Without it: "
                    a href=(at.home()) { "what is new" } ", " a href=(at.genres()) { "genres" } "."
                }
            }
            ol.tracks.results role="list" {}
        }
    };
    page(at, &meta, &main)
}

/// One line for eyes and screen readers alike.
fn summary(asked: &Asked, found: usize, more: bool) -> String {
    let is_blank = asked.q.is_empty() && asked.genre.is_empty();
    match found {
        0 if is_blank => "Type a title, an artist, an album or a genre.".into(),
        0 => "Nothing found on this node. Try fewer letters or another word.".into(),
        _ if is_blank => "The newest tracks on this node.".into(),
        1 => "1 track".into(),
        n if more => format!("The first {n} tracks"),
        n => format!("{n} tracks"),
    }
}
