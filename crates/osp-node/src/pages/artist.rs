//! `/artist/{did}`: everything of one artist that this node holds.

use super::{
    feeds,
    home::older_link,
    layout::{Kind, Meta, page},
    profile::ProfileView,
    release::{releases, sleeves},
    view::{TrackView, segment, short_did},
};
use maud::{Markup, html};

/// The page. There are tracks, a profile, or both; the profile's word for the artist goes before that of a track.
#[must_use]
pub fn artist(
    public_url: &str,
    did: &str,
    profile: Option<&ProfileView>,
    tracks: Vec<TrackView>,
    next: Option<&str>,
) -> Markup {
    let name = match (profile, tracks.first()) {
        (Some(profile), _) => profile.name.clone(),
        (None, Some(track)) => track.artist.clone(),
        (None, None) => short_did(did),
    };
    let groups = releases(tracks);
    let path = format!("/artist/{}", segment(did));
    let meta = Meta {
        description: format!("Tracks by {name}, signed with {}.", short_did(did)),
        path: path.clone(),
        image: profile
            .and_then(ProfileView::avatar_path)
            .or_else(|| groups.first().map(|release| release.lead().cover())),
        kind: Kind::Profile,
        title: name.clone(),
        head: feeds::head(&path, &name),
        ..Meta::default()
    };
    let main = html! {
        @if let Some(profile) = profile { (profile.pictures()) }
        div.intro {
            h1 { bdi { (name) } }
            p { (identifier(did, &short_did(did))) }
        }
        @if let Some(profile) = profile { div.profile { (profile.about()) } }
        (sleeves(&groups))
        (older_link(&path, &[], next))
        @if !groups.is_empty() { (feeds::links(&path)) }
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
