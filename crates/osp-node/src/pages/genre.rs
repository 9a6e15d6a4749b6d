//! `/genres` and `/genre/{genre}`: music by what it is called.

use super::{
    feeds,
    home::older_link,
    layout::{Meta, page},
    release::{releases, sleeves},
    view::{TrackView, segment},
};
use maud::{Markup, html};

/// Genres that the home page names.
pub const ON_HOME: usize = 12;

/// A genre's page.
#[must_use]
pub fn path(genre: &str) -> String {
    format!("/genre/{}", segment(genre))
}

/// Everything of one genre, the newest first.
#[must_use]
pub fn genre(public_url: &str, genre: &str, tracks: Vec<TrackView>, next: Option<&str>) -> Markup {
    let groups = releases(tracks);
    let path = path(genre);
    let meta = Meta {
        title: format!("Genre: {genre}"),
        description: format!("Music tagged {genre} on this node, signed by who made it."),
        path: path.clone(),
        image: groups.first().map(|release| release.lead().cover()),
        head: feeds::head(&path, genre),
        ..Meta::default()
    };
    let search = format!("/search?genre={}", segment(genre));
    let main = html! {
        div.intro {
            h1 { bdi { (genre) } }
            p { a href=(search) { "Search this genre" } " · " a href="/genres" { "All genres" } }
        }
        @if groups.is_empty() { div.empty { p { "Nothing on this node has this genre." } } }
        (sleeves(&groups))
        (older_link(&path, &[], next))
        @if !groups.is_empty() { (feeds::links(&path)) }
    };
    page(public_url, &meta, &main)
}

/// The genres there are, with how many tracks have each.
#[must_use]
pub fn all(public_url: &str, genres: &[(String, u64)]) -> Markup {
    let meta = Meta {
        title: "Genres".into(),
        description: "What the music on this node is called.".into(),
        path: "/genres".into(),
        ..Meta::default()
    };
    let main = html! {
        div.intro { h1 { "Genres" } }
        @if genres.is_empty() {
            div.empty { p { "No track on this node has a genre." } }
        }
        ul.genres role="list" {
            @for (genre, tracks) in genres {
                li { a href=(path(genre)) { bdi { (genre) } } " " span.size { (tracks) } }
            }
        }
    };
    page(public_url, &meta, &main)
}

/// The commonest genres in a line, for the home page.
#[must_use]
pub fn line(genres: &[(String, u64)]) -> Markup {
    html! {
        @if !genres.is_empty() {
            nav aria-label="Genres" {
                ul.tags role="list" {
                    @for (genre, _) in genres { li { a href=(path(genre)) { bdi { (genre) } } } }
                    @if genres.len() == ON_HOME { li { a href="/genres" { "All genres" } } }
                }
            }
        }
    }
}
