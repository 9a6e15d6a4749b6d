//! `/`: what is new on this node.

use super::{
    addresses::{Addresses, Link},
    genre,
    layout::{Meta, page},
    release::{releases, sleeves},
    view::TrackView,
};
use maud::{Markup, html};
use osp_store::Counts;

/// The page. `older` leads to the next one; `first` says whether this is the newest.
#[must_use]
pub fn home(
    at: &Addresses,
    tracks: Vec<TrackView>,
    counts: Counts,
    genres: &[(String, u64)],
    older: Option<Link>,
    first: bool,
) -> Markup {
    let t = &at.t().home;
    let groups = releases(tracks);
    let held = (t.held)(counts.tracks, counts.artists);
    let meta = Meta {
        title: t.newest.into(),
        description: (t.description)(&held),
        page: at.home(),
        image: groups.first().map(|release| at.cover(release.lead())),
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { @if first { (t.newest) } @else { (t.older) } }
            @if counts.tracks > 0 { p { @if at.is_files() { (held) } @else { ((t.held_here)(&held)) } } }
        }
        (genre::line(at, genres))
        @if groups.is_empty() {
            div.empty {
                p { (t.nothing) }
                p { ((t.publish)(&html! { code { "osp publish FOLDER" } })) }
            }
        }
        (sleeves(at, &groups))
        (older_link(at, older.as_ref()))
    };
    page(at, &meta, &main)
}

/// A link to the next page of a list.
#[must_use]
pub fn older_link(at: &Addresses, older: Option<&Link>) -> Markup {
    let t = &at.t().home;
    html! {
        @if let Some(older) = older {
            nav.more aria-label=(t.pages) {
                a.button rel="next" href=(older) { (t.more) }
            }
        }
    }
}

/// The page of a list that begins at `cursor`.
#[must_use]
pub fn older(list: Link, query: &[(&str, &str)], cursor: Option<&str>) -> Option<Link> {
    cursor.map(|cursor| list.with(&format!("?{}", form_query(query, cursor))))
}

fn form_query(query: &[(&str, &str)], cursor: &str) -> String {
    let pairs: Vec<String> = query
        .iter()
        .chain(&[("cursor", cursor)])
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", super::view::segment(value)))
        .collect();
    pairs.join("&")
}
