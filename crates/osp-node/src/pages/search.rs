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
    let t = &at.t().search;
    let heading = match (asked.q.as_str(), asked.genre.as_str()) {
        ("", "") => t.title.to_owned(),
        ("", genre) => (t.of_genre)(genre),
        (q, "") => (t.of)(q),
        (q, genre) => (t.of_both)(q, genre),
    };
    let meta = Meta {
        title: heading.clone(),
        description: t.description.into(),
        page: at.search().with(&format!("?q={}", segment(&asked.q))),
        query: asked.q.clone(),
        hidden: true,
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { bdi { (heading) } }
            p data-results { (summary(at, asked, tracks.len(), next.is_some())) }
        }
        ol.tracks.results role="list" { @for track in tracks { (row(at, track, Beside::Cover, None)) } }
        (older_link(at, next.as_ref()))
        (network::section(at, &Question::search(at, asked), network))
    };
    page(at, &meta, &main)
}

/// The page of a site that is nothing but files: a script looks through their index ([`crate::site`]).
#[must_use]
pub fn by_script(at: &Addresses) -> Markup {
    let t = &at.t().search;
    let newest = html! { a href=(at.home()) { (t.what_is_new) } };
    let genres = html! { a href=(at.genres()) { (at.t().genre.genres) } };
    let meta = Meta {
        title: t.title.into(),
        description: t.files_description.into(),
        page: at.search(),
        hidden: true,
        ..Meta::default()
    };
    let main = html! {
        div data-search-index {
            div.intro {
                h1 { (t.title) }
                p data-results { ((t.needs_script)(&newest, &genres)) }
            }
            ol.tracks.results role="list" {}
        }
    };
    page(at, &meta, &main)
}

/// One line for eyes and screen readers alike.
fn summary(at: &Addresses, asked: &Asked, found: usize, more: bool) -> String {
    let t = &at.t().search;
    let is_blank = asked.q.is_empty() && asked.genre.is_empty();
    match found {
        0 if is_blank => t.blank.into(),
        0 => t.nothing.into(),
        _ if is_blank => t.newest.into(),
        n if more && n > 1 => (t.first)(n as u64),
        n => (at.t().tracks)(n as u64),
    }
}
