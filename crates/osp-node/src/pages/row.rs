//! One track in a list. The attributes are what the islands read (web/src/lib/tracks.ts).

use super::{
    addresses::{Addresses, Link},
    view::{TrackView, clock},
};
use maud::{Markup, html};

/// What a row shows beside the title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The track's number; the artist only where it is not the release's.
    Number,
    /// A small cover and the artist.
    Cover,
}

/// A `<li>`. `release_artist` is the name shown above the list.
#[must_use]
pub fn row(at: &Addresses, track: &TrackView, beside: Beside, release_artist: Option<&str>) -> Markup {
    item(at, track, beside, release_artist, None)
}

/// A `<li>` of a track that others have; `held` says who.
#[must_use]
pub fn found_row(at: &Addresses, track: &TrackView, held: &str) -> Markup {
    item(at, track, Beside::Cover, None, Some(held))
}

fn item(
    at: &Addresses,
    track: &TrackView,
    beside: Beside,
    release_artist: Option<&str>,
    held: Option<&str>,
) -> Markup {
    html! {
        li.track data-track=(track.key) data-id=(track.id) data-cid=(track.cid) data-did=(track.did)
            data-cover=(at.cover(track)) data-album=[track.album.as_deref()] data-duration=[track.duration]
            data-waveform=[at.waveform(track)] data-lyrics=[at.lyrics(track)] data-audio=[own_audio(at, track)]
            data-sealed[track.is_sealed()] {
            @match beside {
                Beside::Number => span.track-number aria-hidden="true" {
                    @if let Some(number) = track.number { (format!("{number:.0}")) }
                },
                Beside::Cover => img.track-cover src=(at.cover(track)) alt="" width="56" height="56" loading="lazy"
                    decoding="async";,
            }
            @if !track.is_sealed() { (play_button(at, track, "")) }
            p.track-name {
                a href=(at.track(&track.key)) data-shows="title" { bdi { (track.title) } }
                @if release_artist != Some(track.artist.as_str()) {
                    a.track-artist href=(at.artist(&track.did)) data-shows="artist" { bdi { (track.artist) } }
                }
                @if let Some(held) = held { span.track-held data-held { (held) } }
            }
            span.mark data-mark {}
            @if let Some(seconds) = track.duration {
                time.track-length datetime=(format!("PT{seconds:.0}S")) { (clock(seconds)) }
            }
        }
    }
}

/// Where the audio is, for scripts; they know a node's own address of it.
#[must_use]
pub fn own_audio(at: &Addresses, track: &TrackView) -> Option<Link> {
    at.is_files().then(|| at.audio(track))
}

/// The button that the player brings to life; without it there is nothing to press, so it stays hidden.
#[must_use]
pub fn play_button(at: &Addresses, track: &TrackView, class: &str) -> Markup {
    let t = at.t();
    html! {
        button.play.(class) type="button" data-play hidden aria-label=((t.row.play)(&track.name(t))) {
            span.glyph aria-hidden="true" {}
        }
    }
}

/// The button that keeps every track that the page can play on this device; hidden until the script runs.
#[must_use]
pub fn keep_button(at: &Addresses) -> Markup {
    html! {
        button.button.keep type="button" data-keep hidden { (at.t().row.keep) }
    }
}
