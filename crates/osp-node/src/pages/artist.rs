//! `/artist/{did}`: everything of one artist that this node holds.

use super::{
    home::older_link,
    layout::{Kind, Meta, page},
    release::{releases, sleeves},
    view::{TrackView, segment, short_did},
};
use maud::{Markup, html};

/// The page; `tracks` is not empty.
#[must_use]
pub fn artist(public_url: &str, did: &str, tracks: Vec<TrackView>, next: Option<&str>) -> Markup {
    let name = tracks.first().map_or_else(|| short_did(did), |track| track.artist.clone());
    let groups = releases(tracks);
    let path = format!("/artist/{}", segment(did));
    let meta = Meta {
        description: format!("Tracks by {name}, signed with {}.", short_did(did)),
        path: path.clone(),
        image: groups.first().map(|release| release.lead().cover()),
        kind: Kind::Profile,
        title: name.clone(),
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { bdi { (name) } }
            p { (identifier(did, &short_did(did))) }
        }
        (sleeves(&groups))
        (older_link(&path, &[], next))
    };
    page(public_url, &meta, &main)
}

/// A long identifier: short to read, whole on hover, and a button that copies it.
#[must_use]
pub fn identifier(whole: &str, short: &str) -> Markup {
    html! {
        span.identity {
            code title=(whole) { (short) }
            button.quiet type="button" data-copy=(whole) hidden aria-label={ "Copy " (whole) } { "Copy" }
        }
    }
}
