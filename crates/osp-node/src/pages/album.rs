//! `/artist/{did}/album/{album}`: one album, whole.

use super::{
    feeds,
    layout::{Kind, Meta, page},
    offers,
    release::{Release, front},
    row::{Beside, keep_button, row},
    view::{TrackView, clock},
};
use maud::{Markup, html};

/// The page.
#[must_use]
pub fn album(public_url: &str, release: &Release, path: &str) -> Markup {
    let lead = release.lead();
    let meta = Meta {
        title: format!("{} by {}", release.title(), lead.artist),
        description: description(release),
        path: path.to_owned(),
        image: Some(lead.cover()),
        kind: Kind::Album,
        head: html! { (feeds::head(path, release.title())) (super::oembed::link(public_url, path)) },
        ..Meta::default()
    };
    let main = html! {
        article.record data-release {
            (front(lead, "eager"))
            div.record-notes {
                h1 { bdi { (release.title()) } }
                p.by {
                    a href=(lead.artist_path()) data-shows="artist" { bdi { (lead.artist) } }
                    @if let Some(year) = lead.year() { span.year { (year) } }
                }
                p.size { (extent(&release.tracks)) }
                @if release.tracks.iter().any(|track| !track.is_sealed()) { p.album-keep { (keep_button()) } }
                ol.tracks role="list" {
                    @for track in &release.tracks { (row(track, Beside::Number, Some(&lead.artist))) }
                }
                (offers::line(&release.tracks))
                @if let Some(license) = &lead.license {
                    p.note {
                        "Licence: "
                        @match &license.url {
                            Some(url) => a href=(url) rel="license noopener noreferrer" { (license.label) },
                            None => bdi { (license.label) },
                        }
                    }
                }
                (feeds::links(path))
            }
        }
    };
    page(public_url, &meta, &main)
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
