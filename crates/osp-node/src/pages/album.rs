//! `/artist/{did}/album/{album}`: one album, whole.

use super::{
    addresses::{Addresses, List},
    feeds,
    layout::{self, Kind, Meta},
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
        title: format!("{} by {}", release.title(), lead.artist),
        description: description(release),
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
                p.size { (extent(&release.tracks)) }
                @if release.tracks.iter().any(|track| !track.is_sealed()) { p.album-keep { (keep_button()) } }
                ol.tracks role="list" {
                    @for track in &release.tracks { (row(at, track, Beside::Number, Some(&lead.artist))) }
                }
                (offers::line(at, &release.tracks))
                @if let Some(license) = &lead.license {
                    p.note {
                        "Licence: "
                        @match &license.url {
                            Some(url) => a href=(url) rel="license noopener noreferrer" { (license.label) },
                            None => bdi { (license.label) },
                        }
                    }
                }
                (feeds::links(at, list))
            }
        }
    };
    layout::page(at, &meta, &main)
}

/// One sentence about an album.
#[must_use]
pub fn description(release: &Release) -> String {
    let lead = release.lead();
    let year = lead.year().map(|year| format!(", {year}")).unwrap_or_default();
    format!("{} by {}{year}: {}.", release.title(), lead.artist, extent(&release.tracks))
}

/// `2 tracks, 7:16`
fn extent(tracks: &[TrackView]) -> String {
    let count = match tracks.len() {
        1 => "1 track".to_owned(),
        n => format!("{n} tracks"),
    };
    let lengths: Option<Vec<f64>> = tracks.iter().map(|track| track.duration).collect();
    match lengths {
        Some(lengths) => format!("{count}, {}", clock(lengths.iter().sum())),
        None => count,
    }
}
