//! `/genres` and `/genre/{genre}`: music by what it is called.

use super::{
    addresses::{Addresses, Link, List},
    feeds,
    home::older_link,
    layout::{Meta, page},
    release::{releases, sleeves},
    view::TrackView,
};
use maud::{Markup, html};

/// Genres that the home page names.
pub const ON_HOME: usize = 12;

/// Everything of one genre, the newest first.
#[must_use]
pub fn genre(at: &Addresses, genre: &str, tracks: Vec<TrackView>, next: Option<Link>) -> Markup {
    let groups = releases(tracks);
    let list = List::Genre(genre.to_owned());
    let meta = Meta {
        title: format!("Genre: {genre}"),
        description: format!("Music tagged {genre} on this node, signed by who made it."),
        page: at.list(&list),
        image: groups.first().map(|release| at.cover(release.lead())),
        head: feeds::head(at, &list, genre),
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { bdi { (genre) } }
            p {
                @if let Some(search) = at.search_genre(genre) { a href=(search) { "Search this genre" } " · " }
                a href=(at.genres()) { "All genres" }
            }
        }
        @if groups.is_empty() { div.empty { p { "Nothing on this node has this genre." } } }
        (sleeves(at, &groups))
        (older_link(next.as_ref()))
        @if !groups.is_empty() { (feeds::links(at, &list)) }
    };
    page(at, &meta, &main)
}

/// The genres there are, with how many tracks have each.
#[must_use]
pub fn all(at: &Addresses, genres: &[(String, u64)]) -> Markup {
    let meta = Meta {
        title: "Genres".into(),
        description: "What the music on this node is called.".into(),
        page: at.genres(),
        ..Meta::default()
    };
    let main = html! {
        div.intro { h1 { "Genres" } }
        @if genres.is_empty() {
            div.empty { p { "No track on this node has a genre." } }
        }
        ul.genres role="list" {
            @for (genre, tracks) in genres {
                li { a href=(at.genre(genre)) { bdi { (genre) } } " " span.size { (tracks) } }
            }
        }
    };
    page(at, &meta, &main)
}

/// The commonest genres in a line, for the home page.
#[must_use]
pub fn line(at: &Addresses, genres: &[(String, u64)]) -> Markup {
    html! {
        @if !genres.is_empty() {
            nav aria-label="Genres" {
                ul.tags role="list" {
                    @for (genre, _) in genres { li { a href=(at.genre(genre)) { bdi { (genre) } } } }
                    @if genres.len() == ON_HOME { li { a href=(at.genres()) { "All genres" } } }
                }
            }
        }
    }
}
