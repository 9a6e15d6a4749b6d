//! `/artist/{did}`: everything of one artist that this node holds, and below it what else the network has.

use super::{
    addresses::{Addresses, Link, List},
    feeds,
    home::older_link,
    layout::{Kind, Meta, page},
    lead,
    network::{self, Question, Section},
    profile::ProfileView,
    release::{Release, releases, sleeves},
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
    network: &Section,
) -> Markup {
    let name = match (profile, tracks.first()) {
        (Some(profile), _) => profile.name.clone(),
        (None, Some(track)) => track.artist.clone(),
        (None, None) => short_did(did),
    };
    let groups = releases(tracks);
    let list = List::Artist(did.to_owned());
    let meta = Meta {
        description: (at.t().artist.description)(&name, &short_did(did)),
        page: at.list(&list),
        image: profile
            .and_then(|profile| profile.avatar_at(at))
            .or_else(|| groups.first().map(|release| at.cover(release.lead()))),
        kind: Kind::Profile,
        title: name.clone(),
        head: feeds::head(at, &list, &name),
        ..Meta::default()
    };
    let lead = profile.and_then(|_| lead::of(&groups)).cloned();
    // A single that the page begins with is not shown twice.
    let shown = |release: &Release| {
        lead.as_ref().is_none_or(|lead| release.tracks.iter().any(|track| track.key != lead.key))
    };
    let groups: Vec<Release> = groups.into_iter().filter(shown).collect();
    let identity = identifier(at, did, &short_did(did));
    let rest = html! {
        (sleeves(at, &groups))
        (older_link(at, next.as_ref()))
        (network::section(at, &Question::artist(at, did), network))
        @if lead.is_some() || !groups.is_empty() { (feeds::links(at, &list)) }
    };
    let main = match profile {
        Some(profile) => html! {
            (profile.banner(at))
            div.artist {
                header.artist-side {
                    (profile.avatar(at))
                    h1 { bdi { (name) } }
                    p { (identity) }
                    (profile.elsewhere(at))
                }
                div.artist-main {
                    @if let Some(track) = &lead { (lead::lead(at, track)) }
                    (profile.about(at))
                }
            }
            (rest)
        },
        None => html! {
            div.intro {
                h1 { bdi { (name) } }
                p { (identity) }
            }
            (rest)
        },
    };
    page(at, &meta, &main)
}

/// A long identifier: short to read, whole on hover, and a button that copies it.
#[must_use]
pub fn identifier(at: &Addresses, whole: &str, short: &str) -> Markup {
    let t = &at.t().artist;
    html! {
        span.identity {
            code title=(whole) { (short) }
            button.quiet type="button" data-copy=(whole) hidden aria-label=((t.copy_of)(whole)) { (t.copy) }
        }
    }
}
