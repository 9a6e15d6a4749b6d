//! What the network has, below what this node has: `/search/events` or `/artist/{did}/events`, which the page's island
//! listens to, and the same rendered at once for browsers without JavaScript (`…&network=1`).
//!
//! ```text
//!  event: row     {"id":"osp:track:…","html":"<li …>","before":"osp:track:…"|null}    a track, and which row it goes before
//!  event: held    {"id":"osp:track:…","text":"found in the network, 3 peers have it"}
//!  event: gone    {"id":"osp:track:…"}
//!  event: done    {"text":"4 tracks found in the network"}
//! ```
//!
//! Rows keep their places once they are shown: only new ones come between.

use super::{
    addresses::{Addresses, Link},
    row::found_row,
    search::Asked,
    view::{TrackView, segment},
};
use maud::{Markup, html};

/// What is asked of the network: the page that waits for its answer, and the events.
#[derive(Clone, Debug)]
pub struct Question {
    plain: Link,
    events: Link,
    /// For a link to the page that waits.
    offer: &'static str,
}

impl Question {
    /// Words, a genre.
    #[must_use]
    pub fn search(at: &Addresses, asked: &Asked) -> Self {
        let given =
            [("q", &asked.q), ("genre", &asked.genre)].into_iter().filter(|(_, value)| !value.is_empty());
        let query =
            given.map(|(name, value)| format!("{name}={}", segment(value))).collect::<Vec<_>>().join("&");
        Self {
            plain: at.search().with(&format!("?{query}&network=1")),
            events: at.search().with(&format!("/events?{query}")),
            offer: at.t().network.search,
        }
    }

    /// Whatever else there is of an artist.
    #[must_use]
    pub fn artist(at: &Addresses, did: &str) -> Self {
        Self {
            plain: at.artist(did).with("?network=1"),
            events: at.artist(did).with("/events"),
            offer: at.t().network.more,
        }
    }
}

/// The network's part of a page.
#[derive(Clone, Debug)]
pub enum Section {
    /// Nothing is searched there: nothing was asked for, or this node knows nobody.
    None,
    /// It is searched when the page is shown, or when somebody follows the link.
    Offered,
    /// It was searched: tracks, each with how many peers have it.
    Searched(Vec<(TrackView, usize)>),
    /// Too many searches run.
    Busy,
}

/// The section, if there is one. Its links are not for search engines: each costs others a search.
#[must_use]
pub fn section(at: &Addresses, asked: &Question, section: &Section) -> Markup {
    let t = &at.t().network;
    let (status, rows) = match section {
        Section::None => return html! {},
        Section::Offered => (html! { a href=(asked.plain) rel="nofollow" { (asked.offer) } }, &[][..]),
        Section::Searched(found) => (html! { ((t.found)(found.len() as u64)) }, &found[..]),
        Section::Busy => {
            let again = html! { a href=(asked.plain) rel="nofollow" { (t.again) } };
            (html! { (t.busy) " " (again) }, &[][..])
        }
    };
    let events = matches!(section, Section::Offered).then(|| asked.events.href());
    html! {
        section.network data-network=[events] aria-labelledby="network" {
            div.intro {
                h2 #network { (t.title) }
                p data-network-status { (status) }
            }
            ol.tracks.results role="list" data-network-rows {
                @for (track, peers) in rows { (found_row(at, track, &(t.held)(*peers as u64))) }
            }
        }
    }
}
