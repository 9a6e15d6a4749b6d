//! `/search`: results, as one list, and below it what the network has ([`super::network`]). The search island fetches this
//! very page while a listener types.

use super::{
    home::older_link,
    layout::{Meta, page},
    network::{self, Section},
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
    public_url: &str,
    asked: &Asked,
    tracks: &[TrackView],
    next: Option<&str>,
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
        path: format!("/search?q={}", segment(&asked.q)),
        query: asked.q.clone(),
        hidden: true,
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { bdi { (heading) } }
            p data-results { (summary(asked, tracks.len(), next.is_some())) }
        }
        ol.tracks.results role="list" { @for track in tracks { (row(track, Beside::Cover, None)) } }
        (older_link("/search", &[("q", &asked.q), ("genre", &asked.genre)], next))
        (network::section(asked, network))
    };
    page(public_url, &meta, &main)
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
