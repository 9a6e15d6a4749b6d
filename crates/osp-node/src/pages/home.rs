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
    let groups = releases(tracks);
    let meta = Meta {
        title: "New music".into(),
        description: format!("{}, signed by who made it.", held(counts)),
        page: at.home(),
        image: groups.first().map(|release| at.cover(release.lead())),
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { @if first { "New music" } @else { "Older music" } }
            @if counts.tracks > 0 { p { (held(counts)) @if !at.is_files() { " on this node" } } }
        }
        (genre::line(at, genres))
        @if groups.is_empty() {
            div.empty {
                p { "Nothing is published here yet." }
                p { "Publish a folder of music with " code { "osp publish FOLDER" } ", then load this page again." }
            }
        }
        (sleeves(at, &groups))
        (older_link(older.as_ref()))
    };
    page(at, &meta, &main)
}

/// A link to the next page of a list.
#[must_use]
pub fn older_link(older: Option<&Link>) -> Markup {
    html! {
        @if let Some(older) = older {
            nav.more aria-label="Pages" {
                a.button rel="next" href=(older) { "More tracks" }
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

/// `2 tracks by 1 artist`
fn held(counts: Counts) -> String {
    let plural = |n: u64, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    format!("{} by {}", plural(counts.tracks, "track"), plural(counts.artists, "artist"))
}
