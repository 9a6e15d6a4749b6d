//! `/artist/{did}`: everything of one artist that this node holds.

use super::{
    addresses::{Addresses, Link, List},
    feeds,
    home::older_link,
    layout::{Kind, Meta, page},
    profile::ProfileView,
    release::{releases, sleeves},
    view::{TrackView, short_did},
};
use maud::{Markup, html};

/// The page. There are tracks, a profile, or both; the profile's word for the artist goes before that of a track.
#[must_use]
pub fn artist(
    at: &Addresses,
    did: &str,
    profile: Option<&ProfileView>,
    tracks: Vec<TrackView>,
    next: Option<Link>,
) -> Markup {
    let name = match (profile, tracks.first()) {
        (Some(profile), _) => profile.name.clone(),
        (None, Some(track)) => track.artist.clone(),
        (None, None) => short_did(did),
    };
    let groups = releases(tracks);
    let list = List::Artist(did.to_owned());
    let meta = Meta {
        description: format!("Tracks by {name}, signed with {}.", short_did(did)),
        page: at.list(&list),
        image: profile
            .and_then(|profile| profile.avatar_at(at))
            .or_else(|| groups.first().map(|release| at.cover(release.lead()))),
        kind: Kind::Profile,
        title: name.clone(),
        head: feeds::head(at, &list, &name),
        ..Meta::default()
    };
    let main = html! {
        @if let Some(profile) = profile { (profile.pictures(at)) }
        div.intro {
            h1 { bdi { (name) } }
            p { (identifier(did, &short_did(did))) }
        }
        @if let Some(profile) = profile { div.profile { (profile.about()) } }
        (sleeves(at, &groups))
        (older_link(next.as_ref()))
        @if !groups.is_empty() { (feeds::links(at, &list)) }
    };
    page(at, &meta, &main)
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
