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
    let t = &at.t().genre;
    let groups = releases(tracks);
    let list = List::Genre(genre.to_owned());
    let meta = Meta {
        title: (t.title)(genre),
        description: (t.description)(genre),
        page: at.list(&list),
        image: groups.first().map(|release| at.cover(release.lead())),
        head: feeds::head(at, &list, genre),
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { bdi { (genre) } }
            p {
                @if let Some(search) = at.search_genre(genre) { a href=(search) { (t.search) } " · " }
                a href=(at.genres()) { (t.all) }
            }
        }
        @if groups.is_empty() { div.empty { p { (t.none) } } }
        (sleeves(at, &groups))
        (older_link(at, next.as_ref()))
        @if !groups.is_empty() { (feeds::links(at, &list)) }
    };
    page(at, &meta, &main)
}

/// The genres there are, with how many tracks have each.
#[must_use]
pub fn all(at: &Addresses, genres: &[(String, u64)]) -> Markup {
    let t = &at.t().genre;
    let meta = Meta {
        title: t.genres.into(),
        description: t.genres_description.into(),
        page: at.genres(),
        ..Meta::default()
    };
    let main = html! {
        div.intro { h1 { (t.genres) } }
        @if genres.is_empty() {
            div.empty { p { (t.no_genres) } }
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
    let t = &at.t().genre;
    html! {
        @if !genres.is_empty() {
            nav aria-label=(t.genres) {
                ul.tags role="list" {
                    @for (genre, _) in genres { li { a href=(at.genre(genre)) { bdi { (genre) } } } }
                    @if genres.len() == ON_HOME { li { a href=(at.genres()) { (t.all) } } }
                }
            }
        }
    }
}
