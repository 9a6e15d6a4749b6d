//! The track that an artist's page begins with, if the artist has a profile: a player under its cover, and where it is
//! sold. It is what the page is about, so an address with `?t=1m08s` starts it there.

use super::{
    addresses::Addresses,
    offers,
    release::{Release, front},
    row::own_audio,
    track::listen,
    view::TrackView,
};
use maud::{Markup, html};

/// The newest track that is sold, for a page is how an artist lives; else the newest of all.
#[must_use]
pub(super) fn of(releases: &[Release]) -> Option<&TrackView> {
    let sold = releases.iter().flat_map(|release| &release.tracks).find(|track| !track.offers.is_empty());
    sold.or_else(|| releases.first().map(Release::lead))
}

/// The block at the head of the page.
#[must_use]
pub(super) fn lead(at: &Addresses, track: &TrackView) -> Markup {
    html! {
        article.lead data-release data-track=(track.key) data-id=(track.id) data-cid=(track.cid) data-did=(track.did)
            data-cover=(at.cover(track)) data-album=[track.album.as_deref()] data-duration=[track.duration] data-cue
            data-waveform=[at.waveform(track)] data-lyrics=[at.lyrics(track)] data-audio=[own_audio(at, track)] data-magnet=[track.magnet.as_deref()]
            data-sealed[track.is_sealed()] {
            (front(at, track, "eager"))
            div.lead-notes {
                h2 data-shows="title" { a href=(at.track(&track.key)) { bdi { (track.title) } } }
                p.by { span data-shows="artist" { bdi { (track.artist) } } }
                (offers::shop(at, track))
                (listen(at, track))
            }
        }
    }
}
