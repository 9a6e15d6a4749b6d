//! `/artist/{did}/album/{album}`: one album, whole.

use super::{
    addresses::{Addresses, List},
    feeds,
    layout::{self, Kind, Meta},
    license::License,
    offers,
    release::{Release, front},
    row::{Beside, keep_button, row},
    view::{TrackView, clock},
};
use maud::{Markup, html};

/// The page.
#[must_use]
pub fn album(at: &Addresses, release: &Release, list: &List) -> Markup {
    let (lead, page) = (release.lead(), at.list(list));
    let meta = Meta {
        title: (at.t().by)(release.title(), &lead.artist),
        description: description(at, release),
        head: html! { (feeds::head(at, list, release.title())) (super::oembed::link(at, &page)) },
        page,
        image: Some(at.cover(lead)),
        kind: Kind::Album,
        ..Meta::default()
    };
    let main = html! {
        article.record data-release {
            (front(at, lead, "eager"))
            div.record-notes {
                h1 { bdi { (release.title()) } }
                p.by {
                    a href=(at.artist(&lead.did)) data-shows="artist" { bdi { (lead.artist) } }
                    @if let Some(year) = lead.year() { span.year { (year) } }
                }
                p.size { (extent(at, &release.tracks)) }
                @if release.tracks.iter().any(|track| !track.is_sealed()) { p.album-keep { (keep_button(at)) } }
                ol.tracks role="list" {
                    @for track in &release.tracks { (row(at, track, Beside::Number, Some(&lead.artist))) }
                }
                (offers::line(at, &release.tracks))
                @if let Some(license) = &lead.license {
                    p.note { ((at.t().album.licence)(&named(license))) }
                }
                (feeds::links(at, list))
            }
        }
    };
    layout::page(at, &meta, &main)
}

fn named(license: &License) -> Markup {
    html! {
        @match &license.url {
            Some(url) => a href=(url) rel="license noopener noreferrer" { (license.label) },
            None => bdi { (license.label) },
        }
    }
}

/// One sentence about an album.
#[must_use]
pub fn description(at: &Addresses, release: &Release) -> String {
    let (lead, t) = (release.lead(), at.t());
    let year = lead.year().map(|year| format!(", {year}")).unwrap_or_default();
    let name = format!("{}{year}", (t.by)(release.title(), &lead.artist));
    (t.album.description)(&name, &extent(at, &release.tracks))
}

/// `2 tracks, 7:16`
fn extent(at: &Addresses, tracks: &[TrackView]) -> String {
    let count = (at.t().tracks)(tracks.len() as u64);
    let lengths: Option<Vec<f64>> = tracks.iter().map(|track| track.duration).collect();
    match lengths {
        Some(lengths) => format!("{count}, {}", clock(lengths.iter().sum())),
        None => count,
    }
}
