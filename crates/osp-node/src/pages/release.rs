//! Tracks grouped as they were released: an album with its cover and list, or a single.

use super::{
    addresses::Addresses,
    offers,
    row::{Beside, row},
    view::{TrackView, seed},
};
use maud::{Markup, html};
use osp_core::text::normalise;

/// Tracks of one artist and one album (which is what an album is: spec section 4.2), or one track without an album.
#[derive(Clone, Debug)]
pub struct Release {
    /// In disc and track order; never empty.
    pub tracks: Vec<TrackView>,
}

impl Release {
    /// The track whose cover, name and date stand for the release.
    #[must_use]
    pub fn lead(&self) -> &TrackView {
        // A track with real artwork speaks for an album whose first track has none.
        self.tracks.iter().find(|track| track.artwork.is_some()).unwrap_or(&self.tracks[0])
    }

    /// Album name, or the single's title.
    #[must_use]
    pub fn title(&self) -> &str {
        let lead = self.lead();
        lead.album.as_deref().unwrap_or(&lead.title)
    }
}

/// Groups tracks; releases keep the order in which they first appear.
#[must_use]
pub fn releases(tracks: Vec<TrackView>) -> Vec<Release> {
    let mut groups: Vec<(Option<(String, String)>, Release)> = Vec::new();
    for track in tracks {
        let name = track.album.as_deref().map(|album| (track.did.clone(), normalise(album)));
        match groups.iter_mut().find(|(other, _)| name.is_some() && *other == name) {
            Some((_, release)) => release.tracks.push(track),
            None => groups.push((name, Release { tracks: vec![track] })),
        }
    }
    for (_, release) in &mut groups {
        release.tracks.sort_by(|a, b| place(a).partial_cmp(&place(b)).unwrap_or(std::cmp::Ordering::Equal));
    }
    groups.into_iter().map(|(_, release)| release).collect()
}

fn place(track: &TrackView) -> (f64, f64) {
    (track.disc.unwrap_or(1.0), track.number.unwrap_or(f64::MAX))
}

/// The fragment of an album on its artist's page.
#[must_use]
pub fn anchor(album: &str) -> String {
    format!("album-{}", seed(&normalise(album)))
}

/// Releases one after the other, each a sleeve: cover, obi, list.
#[must_use]
pub fn sleeves(at: &Addresses, releases: &[Release]) -> Markup {
    html! {
        div.sleeves {
            @for (place, release) in releases.iter().enumerate() { (sleeve(at, release, place < 2)) }
        }
    }
}

fn sleeve(at: &Addresses, release: &Release, at_once: bool) -> Markup {
    let lead = release.lead();
    let loading = if at_once { "eager" } else { "lazy" };
    html! {
        article.sleeve data-release {
            (front(at, lead, loading))
            div.sleeve-notes {
                h2 id=[lead.album.as_deref().map(anchor)] {
                    a href=(at.album(lead).unwrap_or_else(|| at.track(&lead.key))) { bdi { (release.title()) } }
                }
                p.by {
                    a href=(at.artist(&lead.did)) data-shows="artist" { bdi { (lead.artist) } }
                    @if let Some(year) = lead.year() { span.year { (year) } }
                }
                ol.tracks role="list" {
                    @for track in &release.tracks { (row(at, track, Beside::Number, Some(&lead.artist))) }
                }
                (offers::line(at, &release.tracks))
            }
        }
    }
}

/// The cover with its obi, the paper strip around a record; the strip repeats what is said elsewhere.
#[must_use]
pub fn front(at: &Addresses, track: &TrackView, loading: &str) -> Markup {
    html! {
        div.front {
            img src=(at.cover(track)) alt="" width="600" height="600" loading=(loading) decoding="async";
            div.obi aria-hidden="true" {
                span.obi-name { bdi { (track.album.as_deref().unwrap_or(&track.title)) } }
                @if let Some(license) = &track.license { span.obi-license { (license.label) } }
            }
        }
    }
}
