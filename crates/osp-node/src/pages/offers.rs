//! What a sealed release has inside, and where keys to it are sold: what the artist signed in the record, without any promise of ours.

use super::{
    addresses::Addresses,
    messages,
    view::{TrackView, clock},
};
use maud::{Markup, html};
use osp_core::record::{Offer, Sealed};

/// How to hear it: with a key, or the preview without one. The page for sealed files does it in the browser; the script frames it
/// in this page, below the link.
#[must_use]
pub fn open(at: &Addresses, track: &TrackView) -> Markup {
    let preview = track.sealed.as_ref().and_then(|sealed| sealed.previews.first());
    let t = &at.t().offers;
    html! {
        a.button href=(at.fan_with(track)) data-unlock=(at.fan_frame_with(track)) {
            @match preview {
                Some(preview) => {
                    (t.preview)
                    @if let Some(seconds) = preview.duration { " (" (clock(seconds)) ")" }
                }
                None => (t.open),
            }
        }
    }
}

/// The section about prices; nothing when none were signed.
#[must_use]
pub fn offers(at: &Addresses, track: &TrackView) -> Markup {
    let t = &at.t().offers;
    html! {
        @if !track.offers.is_empty() {
            section.offers aria-labelledby="offers" {
                h2 #offers { (t.title) }
                ul role="list" {
                    @for offer in &track.offers { (one(t, offer, track.sealed.as_ref())) }
                }
                p { (t.meaning) }
                @if track.offers.iter().any(|offer| offer.period.is_some()) {
                    p { (t.limits) }
                }
            }
        }
    }
}

fn one(t: &messages::Offers, offer: &Offer, sealed: Option<&Sealed>) -> Markup {
    let price = html! { strong { (offer.price) " " (offer.currency) } };
    html! {
        li {
            ((t.price)(&price, &what(t, offer, sealed)))
            @if let Some(licence) = &offer.licence { ", " bdi { (licence) } }
            @if let Some(period) = offer.period { ", " ((t.period)(&length(t, period))) }
            ": "
            a href=(offer.url) rel="noopener noreferrer nofollow" { bdi { (host(&offer.url)) } }
        }
    }
}

fn what(t: &messages::Offers, offer: &Offer, sealed: Option<&Sealed>) -> Markup {
    let cut = offer.cut.as_ref().map(|name| {
        let seconds =
            sealed.and_then(|sealed| sealed.cuts.iter().find(|(cut, _)| cut == name)).and_then(|cut| cut.1);
        (name, seconds)
    });
    html! {
        @match (&cut, &offer.tier) {
            (None, None) => (t.everything),
            (Some((name, seconds)), _) => {
                ((t.cut)(&html! { bdi { (name) } }))
                @if let Some(seconds) = seconds { " (" (clock(*seconds)) ")" }
            }
            (None, Some(tier)) => { ((t.tier)(&html! { bdi { (tier) } })) (formats(tier, sealed)) }
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

fn length(t: &messages::Offers, seconds: u64) -> String {
    if seconds.is_multiple_of(86_400) { (t.days)(seconds / 86_400) } else { (t.seconds)(seconds) }
}

/// Where a link leads, for people to see before they follow it.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// The first offer as a button, and a link to all of them.
#[must_use]
pub fn shop(at: &Addresses, track: &TrackView) -> Markup {
    let t = &at.t().offers;
    html! {
        @if let Some(offer) = track.offers.first() {
            p.shop {
                a.button.buy href=(offer.url) rel="noopener noreferrer nofollow" {
                    span { ((t.buy)(&html! { bdi { (host(&offer.url)) } })) ", " (offer.price) " " (offer.currency) }
                }
                a href=(at.track(&track.key).with("#offers")) {
                    @match track.offers.len() {
                        1 => (t.opens),
                        n => ((t.all)(n as u64)),
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
                    (at.t().offers.keys) " "
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
