//! `/oembed?url=…`: how other people's programs turn a link into a player (oembed.com, version 1.0).

use super::{
    addresses::{Addresses, Link},
    embed::{self, Size},
    view::TrackView,
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// Of a page of this node.
    pub url: String,
    /// Most CSS pixels.
    pub maxwidth: Option<u32>,
    /// Most CSS pixels.
    pub maxheight: Option<u32>,
    /// `json`, which is also what nobody asks for; `xml` is not offered.
    pub format: Option<String>,
}

/// The answer: a frame.
#[derive(Debug, Serialize)]
pub struct Rich {
    version: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    provider_name: &'static str,
    provider_url: String,
    title: String,
    author_name: String,
    author_url: String,
    html: String,
    width: u32,
    height: u32,
    /// Seconds.
    cache_age: u32,
}

/// Of a track, or with `album` of the album that it is the first of.
#[must_use]
pub fn rich(at: &Addresses, track: &TrackView, album: bool, asked: &Asked) -> Rich {
    let size = asked.maxheight.map_or(Size::Card, Size::fitting);
    // "The HTML must fit within" what was asked for.
    let width = asked.maxwidth.unwrap_or(u32::MAX).min(size.width());
    let height = asked.maxheight.unwrap_or(u32::MAX).min(size.height(album));
    let title = match (album, &track.album) {
        (true, Some(name)) => name.clone(),
        _ => track.title.clone(),
    };
    Rich {
        version: "1.0",
        kind: "rich",
        provider_name: "OpenSound",
        provider_url: at.home().best().to_owned(),
        title,
        author_name: track.artist.clone(),
        author_url: at.artist(&track.did).best().to_owned(),
        html: embed::frame(at, track, album, size, (width, height)).into_string(),
        width,
        height,
        cache_age: 3600,
    }
}

/// The link by which programs find out that a page can be embedded.
#[must_use]
pub fn link(at: &Addresses, page: &Link) -> Markup {
    html! {
        @if let Some(found) = at.oembed(page) {
            link rel="alternate" type="application/json+oembed" href=(found.best());
        }
    }
}
