//! `/embed/{id}?size=card|compact|strip`: a player for other people's pages.
//!
//! ```text
//!  card     cover above, name, player, list of the album if asked for      300 wide, 480 high and more
//!  compact  cover beside name and player                                   any width, 152 high
//!  strip    player and name in one line                                    any width, 64 high
//! ```
//!
//! The page is sandboxed by its own policy ([`super::security::EMBED_POLICY`]): whatever frames it, it has an origin of its own,
//! with no storage, and cannot reach the site it comes from. Without JavaScript there is the browser's own player.

use super::{
    addresses::{Addresses, Link},
    assets::{self, Client},
    row::play_button,
    view::{TrackView, clock},
};
use maud::{DOCTYPE, Markup, html};
use osp_core::media::http_content_type;

/// How much room there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// A sleeve.
    #[default]
    Card,
    /// A box in a column of text.
    Compact,
    /// One line.
    Strip,
}

impl Size {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Card, Self::Compact, Self::Strip];

    /// By its name in the address; anything else is a card.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "compact" => Self::Compact,
            "strip" => Self::Strip,
            _ => Self::Card,
        }
    }

    /// Its name in the address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Compact => "compact",
            Self::Strip => "strip",
        }
    }

    /// The largest that fits below a height in CSS pixels.
    #[must_use]
    pub fn fitting(height: u32) -> Self {
        [Self::Card, Self::Compact]
            .into_iter()
            .find(|size| size.height(false) <= height)
            .unwrap_or(Self::Strip)
    }

    /// In CSS pixels.
    #[must_use]
    pub fn width(self) -> u32 {
        match self {
            Self::Card => 360,
            Self::Compact | Self::Strip => 600,
        }
    }

    /// In CSS pixels; a card that lists an album is higher, and scrolls.
    #[must_use]
    pub fn height(self, album: bool) -> u32 {
        match self {
            Self::Card if album => 640,
            Self::Card => 500,
            Self::Compact => 152,
            Self::Strip => 64,
        }
    }
}

/// What is played.
#[derive(Clone, Debug)]
pub struct Embed {
    /// First.
    pub track: TrackView,
    /// The whole album in order, if it was asked for; else empty.
    pub album: Vec<TrackView>,
    /// How much room there is.
    pub size: Size,
    /// Where to begin, in seconds.
    pub start: Option<f64>,
}

/// The element for other people's pages, `width` and `height` in CSS pixels.
#[must_use]
pub fn frame(
    at: &Addresses,
    track: &TrackView,
    album: bool,
    size: Size,
    (width, height): (u32, u32),
) -> Markup {
    let src = at.embed(track, album, size);
    let title = match (album, &track.album) {
        (true, Some(name)) => (at.t().by)(name, &track.artist),
        _ => track.name(at.t()),
    };
    html! {
        iframe src=(src.best()) title=(title) width=(width) height=(height) loading="lazy" style="border:0;max-width:100%" {}
    }
}

/// The page.
#[must_use]
pub fn embed(at: &Addresses, about: &Embed) -> Markup {
    let (track, entry) = (&about.track, assets::entry(Client::Embed));
    // Links lead out of the frame: addresses of their own, where they are known.
    let whole = |link: Link| link.best().to_owned();
    html! {
        (DOCTYPE)
        html lang=(at.t().code) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (track.name(at.t())) " · OpenSound" }
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                link rel="canonical" href=(whole(at.track(&track.key)));
                @if let Some(entry) = &entry {
                    @for style in &entry.styles { link rel="stylesheet" href=(at.file(style)); }
                    @for script in &entry.scripts { script type="module" src=(at.file(script)) {} }
                }
            }
            body.embed.{ "embed-" (about.size.name()) } data-embed data-start=[about.start] {
                a.embed-cover href=(whole(at.track(&track.key))) target="_blank" rel="noopener" tabindex="-1" aria-hidden="true" {
                    img src=(at.cover(track)) alt="" width="600" height="600" decoding="async";
                }
                main.embed-main {
                    div.embed-head {
                        @if !track.is_sealed() { (play_button(at, track, "")) }
                        div.embed-names {
                            h1 { a href=(whole(at.track(&track.key))) target="_blank" rel="noopener" data-title { bdi { (track.title) } } }
                            p { a href=(whole(at.artist(&track.did))) target="_blank" rel="noopener" { bdi { (track.artist) } } }
                        }
                        a.embed-home href=(whole(at.home())) target="_blank" rel="noopener" aria-label="OpenSound" {
                            span.wordmark-disc aria-hidden="true" {}
                        }
                    }
                    @if track.is_sealed() {
                        p.note {
                            a href=(whole(at.fan_with(track))) target="_blank" rel="noopener" {
                                (at.t().offers.open)
                            }
                        }
                    } @else {
                        audio controls preload="none" {
                            source src=(at.audio(track)) type=(http_content_type(&track.format));
                        }
                        div.embed-progress hidden data-progress data-duration=[track.duration] {}
                    }
                    @if !about.album.is_empty() { (list(at, about)) }
                    p.visually-hidden role="status" data-status {}
                }
            }
        }
    }
}

fn list(at: &Addresses, about: &Embed) -> Markup {
    html! {
        ol.embed-list role="list" {
            @for track in about.album.iter().filter(|track| !track.is_sealed()) {
                li data-audio=(at.audio(track)) data-name=(track.title) data-length=[track.duration]
                    aria-current=[(track.id == about.track.id).then_some("true")] {
                    button type="button" data-choose {
                        bdi { (track.title) }
                        @if let Some(seconds) = track.duration { span.size { (clock(seconds)) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn what_fits_is_chosen() {
        assert_eq!(Size::fitting(600), Size::Card);
        assert_eq!(Size::fitting(499), Size::Compact);
        assert_eq!(Size::fitting(40), Size::Strip);
        assert_eq!(Size::named("strip").name(), "strip");
    }
}
