//! `/`: what is new on this node.

use super::{
    genre,
    layout::{Meta, page},
    release::{releases, sleeves},
    view::TrackView,
};
use maud::{Markup, html};
use osp_store::Counts;

/// The page. `older` is the cursor of the next one; `first` says whether this is the newest.
#[must_use]
pub fn home(
    public_url: &str,
    tracks: Vec<TrackView>,
    counts: Counts,
    genres: &[(String, u64)],
    older: Option<&str>,
    first: bool,
) -> Markup {
    let groups = releases(tracks);
    let meta = Meta {
        title: "New music".into(),
        description: format!("{}, signed by who made it.", held(counts)),
        path: "/".into(),
        image: groups.first().map(|release| release.lead().cover()),
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { @if first { "New music" } @else { "Older music" } }
            @if counts.tracks > 0 { p { (held(counts)) " on this node" } }
        }
        (genre::line(genres))
        @if groups.is_empty() {
            div.empty {
                p { "Nothing is published here yet." }
                p { "Publish a folder of music with " code { "osp publish FOLDER" } ", then load this page again." }
            }
        }
        (sleeves(&groups))
        (older_link("/", &[], older))
    };
    page(public_url, &meta, &main)
}

/// A link to the next page of a list.
#[must_use]
pub fn older_link(path: &str, query: &[(&str, &str)], cursor: Option<&str>) -> Markup {
    html! {
        @if let Some(cursor) = cursor {
            nav.more aria-label="Pages" {
                a.button rel="next" href={ (path) "?" (form_query(query, cursor)) } { "More tracks" }
            }
        }
    }
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
