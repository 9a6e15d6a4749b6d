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
    assets::{self, Client},
    row::play_button,
    view::{TrackView, clock, segment},
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

/// Path and query of an embed.
#[must_use]
pub fn path(track: &TrackView, album: bool, size: Size) -> String {
    let list = if album { "&list=album" } else { "" };
    format!("/embed/{}?size={}{list}", segment(&track.key), size.name())
}

/// The element for other people's pages, `width` and `height` in CSS pixels.
#[must_use]
pub fn frame(
    public_url: &str,
    track: &TrackView,
    album: bool,
    size: Size,
    (width, height): (u32, u32),
) -> Markup {
    let src = format!("{public_url}{}", path(track, album, size));
    let title = match (album, &track.album) {
        (true, Some(name)) => format!("{name} by {}", track.artist),
        _ => track.name(),
    };
    html! {
        iframe src=(src) title=(title) width=(width) height=(height) loading="lazy" style="border:0;max-width:100%" {}
    }
}

/// The page.
#[must_use]
pub fn embed(public_url: &str, about: &Embed) -> Markup {
    let (track, entry) = (&about.track, assets::entry(Client::Embed));
    let whole = |path: &str| format!("{public_url}{path}");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (track.name()) " · OpenSound" }
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                link rel="canonical" href=(whole(&track.path()));
                @if let Some(entry) = &entry {
                    @for style in &entry.styles { link rel="stylesheet" href=(style); }
                    @for script in &entry.scripts { script type="module" src=(script) {} }
                }
            }
            body.embed.{ "embed-" (about.size.name()) } data-embed data-start=[about.start] {
                a.embed-cover href=(whole(&track.path())) target="_blank" rel="noopener" tabindex="-1" aria-hidden="true" {
                    img src=(track.cover()) alt="" width="600" height="600" decoding="async";
                }
                main.embed-main {
                    div.embed-head {
                        @if !track.is_sealed() { (play_button(track, "")) }
                        div.embed-names {
                            h1 { a href=(whole(&track.path())) target="_blank" rel="noopener" data-title { bdi { (track.title) } } }
                            p { a href=(whole(&track.artist_path())) target="_blank" rel="noopener" { bdi { (track.artist) } } }
                        }
                        a.embed-home href=(whole("/")) target="_blank" rel="noopener" aria-label="OpenSound" {
                            span.wordmark-disc aria-hidden="true" {}
                        }
                    }
                    @if track.is_sealed() {
                        p.note {
                            a href={ (whole("/fan")) "#url=" (segment(&track.audio())) } target="_blank" rel="noopener" {
                                "Open with a key"
                            }
                        }
                    } @else {
                        audio controls preload="none" {
                            source src=(track.audio()) type=(http_content_type(&track.format));
                        }
                        div.embed-progress hidden data-progress data-duration=[track.duration] {}
                    }
                    @if !about.album.is_empty() { (list(about)) }
                    p.visually-hidden role="status" data-status {}
                }
            }
        }
    }
}

fn list(about: &Embed) -> Markup {
    html! {
        ol.embed-list role="list" {
            @for track in about.album.iter().filter(|track| !track.is_sealed()) {
                li data-audio=(track.audio()) data-name=(track.title) data-length=[track.duration]
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
