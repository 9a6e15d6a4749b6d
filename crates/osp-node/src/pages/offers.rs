//! What a sealed release has inside, and where keys to it are sold: what the artist signed in the record, without any promise of ours.

use super::{
    addresses::Addresses,
    view::{TrackView, clock},
};
use maud::{Markup, html};
use osp_core::record::{Offer, Sealed};

/// How to hear it: with a key, or the preview without one. The page for sealed files does it in the browser; the script frames it
/// in this page, below the link.
#[must_use]
pub fn open(at: &Addresses, track: &TrackView) -> Markup {
    let preview = track.sealed.as_ref().and_then(|sealed| sealed.previews.first());
    html! {
        a.button href=(at.fan_with(track)) data-unlock=(at.fan_frame_with(track)) {
            @match preview {
                Some(preview) => {
                    "Hear the preview"
                    @if let Some(seconds) = preview.duration { " (" (clock(seconds)) ")" }
                }
                None => "Open with a key",
            }
        }
    }
}

/// The section about prices; nothing when none were signed.
#[must_use]
pub fn offers(track: &TrackView) -> Markup {
    html! {
        @if !track.offers.is_empty() {
            section.offers aria-labelledby="offers" {
                h2 #offers { "Keys to this release" }
                ul role="list" {
                    @for offer in &track.offers { (one(offer, track.sealed.as_ref())) }
                }
                p {
                    "A key opens what it was sold for, and nothing else of the file. Prices are what the artist asked when this was "
                    "signed; the page behind the link decides."
                }
                @if track.offers.iter().any(|offer| offer.period.is_some()) {
                    p { "Time limits are requests of the artist that honest programs keep to, not locks." }
                }
            }
        }
    }
}

fn one(offer: &Offer, sealed: Option<&Sealed>) -> Markup {
    html! {
        li {
            strong { (offer.price) " " (offer.currency) }
            " for " (what(offer, sealed))
            @if let Some(licence) = &offer.licence { ", " bdi { (licence) } }
            @if let Some(period) = offer.period { ", asked for " (length(period)) " from first use" }
            ": "
            a href=(offer.url) rel="noopener noreferrer nofollow" { bdi { (host(&offer.url)) } }
        }
    }
}

fn what(offer: &Offer, sealed: Option<&Sealed>) -> Markup {
    let cut = offer.cut.as_ref().map(|name| {
        let seconds =
            sealed.and_then(|sealed| sealed.cuts.iter().find(|(cut, _)| cut == name)).and_then(|cut| cut.1);
        (name, seconds)
    });
    html! {
        @match (&cut, &offer.tier) {
            (None, None) => "everything",
            (Some((name, seconds)), _) => {
                "the cut " bdi { (name) }
                @if let Some(seconds) = seconds { " (" (clock(*seconds)) ")" }
            }
            (None, Some(tier)) => { "the tier " bdi { (tier) } (formats(tier, sealed)) }
        }
    }
}

/// ` (FLAC, ZIP)`: media types of a tier, each once.
fn formats(tier: &str, sealed: Option<&Sealed>) -> Markup {
    let mut formats: Vec<&str> = Vec::new();
    for part in sealed.iter().flat_map(|sealed| &sealed.parts) {
        if part.tier.as_deref() == Some(tier) && !formats.contains(&part.format.as_str()) {
            formats.push(&part.format);
        }
    }
    html! { @if !formats.is_empty() { " (" bdi { (formats.join(", ")) } ")" } }
}

fn length(seconds: u64) -> String {
    match seconds {
        86_400 => "24 hours".to_owned(),
        days if days % 86_400 == 0 => format!("{} days", days / 86_400),
        other => format!("{other} seconds"),
    }
}

/// Where a link leads, for people to see before they follow it.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// The first offer as a button, and a link to all of them.
#[must_use]
pub fn shop(at: &Addresses, track: &TrackView) -> Markup {
    html! {
        @if let Some(offer) = track.offers.first() {
            p.shop {
                a.button.buy href=(offer.url) rel="noopener noreferrer nofollow" {
                    span { "Buy at " bdi { (host(&offer.url)) } ", " (offer.price) " " (offer.currency) }
                }
                a href=(at.track(&track.key).with("#offers")) {
                    @match track.offers.len() {
                        1 => "What the key opens",
                        n => { "All " (n) " offers" }
                    }
                }
            }
        }
    }
}

/// What an album's sleeve says of prices: the first track that is sold, and where to read more.
#[must_use]
pub fn line(at: &Addresses, tracks: &[TrackView]) -> Markup {
    let sold = tracks.iter().find(|track| !track.offers.is_empty());
    html! {
        @if let Some(track) = sold {
            p.sold {
                a href=(at.track(&track.key).with("#offers")) {
                    "Keys: "
                    @for (place, offer) in track.offers.iter().take(3).enumerate() {
                        @if place > 0 { ", " }
                        (offer.price) " " (offer.currency)
                    }
                    @if track.offers.len() > 3 { ", …" }
                }
            }
        }
    }
}
