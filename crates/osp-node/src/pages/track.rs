//! `/track/{key}`: one track with everything its record says.

use super::{
    addresses::{Addresses, Link},
    artist::identifier,
    layout::{Kind, Meta, page},
    messages, oembed, offers,
    release::front,
    row::{Beside, keep_button, own_audio, play_button, row},
    view::{TrackView, Use, bytes, clock, short_did},
};
use crate::filename;
use maud::{Markup, html};
use osp_core::media::http_content_type;

/// What the page is about.
#[derive(Clone, Debug)]
pub struct TrackPage {
    /// The track.
    pub track: TrackView,
    /// Its album in order, itself included; empty when it has none.
    pub album: Vec<TrackView>,
    /// The page of the record that stands in its place, if there is one.
    pub newer: Option<Link>,
}

/// The page.
#[must_use]
pub fn track(at: &Addresses, about: &TrackPage) -> Markup {
    let (track, t) = (&about.track, &at.t().track);
    let own = at.track(&track.key);
    let meta = Meta {
        title: track.name(at.t()),
        description: description(at, track),
        head: head(at, track, &own),
        page: own,
        image: Some(at.cover(track)),
        kind: Kind::Song(track.duration),
        hidden: about.newer.is_some(),
        ..Meta::default()
    };
    let main = html! { div data-release {
        article.record data-track=(track.key) data-id=(track.id) data-cid=(track.cid) data-did=(track.did)
            data-cover=(at.cover(track)) data-album=[track.album.as_deref()] data-duration=[track.duration] data-cue
            data-waveform=[at.waveform(track)] data-lyrics=[at.lyrics(track)] data-audio=[own_audio(at, track)] data-magnet=[track.magnet.as_deref()]
            data-sealed[track.is_sealed()] {
            (front(at, track, "eager"))
            div.record-notes {
                @if let Some(newer) = &about.newer {
                    p.notice { (t.replaced) " " a href=(newer) { (t.newer) } }
                }
                h1 data-shows="title" { bdi { (track.title) } }
                p.by { a href=(at.artist(&track.did)) data-shows="artist" { bdi { (track.artist) } } }
                (listen(at, track))
                (offers::offers(at, track))
                div data-island="verify" {
                    p.proof-line {
                        @if at.is_files() { (t.checked_before) } @else { (t.checked_by_node) }
                    }
                }
                (facts(at, track))
            }
        }
        @if about.album.len() > 1 { (rest_of_album(at, about)) }
    } };
    page(at, &meta, &main)
}

/// What programs find the track by: as a player to embed, and as the record itself.
fn head(at: &Addresses, track: &TrackView, own: &Link) -> Markup {
    html! {
        (oembed::link(at, own))
        link rel="alternate" type="application/json" title=(at.t().track.signed_record) href=(at.record(track));
    }
}

/// The player's button, or how to open it; the browser's own controls without script; the file.
pub(super) fn listen(at: &Addresses, track: &TrackView) -> Markup {
    html! {
        div.listen {
            @if track.is_sealed() {
                (offers::open(at, track))
            } @else {
                (play_button(at, track, "play-large"))
                (keep_button(at))
                audio controls preload="metadata" data-without-script {
                    source src=(at.audio(track)) type=(http_content_type(&track.format));
                }
            }
            a.button href=(at.audio(track)) download=(file_name(track)) { (at.t().track.download) }
            @if let Some(size) = track.size { span.size { (bytes(size, at.t())) } }
        }
    }
}

fn facts(at: &Addresses, track: &TrackView) -> Markup {
    let t = &at.t().track;
    html! {
        dl.facts {
            @if let (Some(album), Some(path)) = (&track.album, at.album(track)) {
                dt { (t.album) }
                dd {
                    a href=(path) { bdi { (album) } }
                    @if let Some(number) = track.number { ", " ((t.number)(&format!("{number:.0}"))) }
                }
            }
            @if let Some(date) = &track.released { dt { (t.released) } dd { time datetime=(date) { (at.t().date(date)) } } }
            @if let Some(seconds) = track.duration { dt { (t.length) } dd { (clock(seconds)) } }
            @if !track.genres.is_empty() {
                dt { (t.genre) }
                dd { ul.tags role="list" {
                    @for genre in &track.genres {
                        li { a href=(at.genre(genre)) { bdi { (genre) } } }
                    }
                } }
            }
            @if let Some(license) = &track.license {
                dt { (t.licence) }
                dd {
                    @match &license.url {
                        Some(url) => a href=(url) rel="license noopener noreferrer" { (license.label) },
                        None => bdi { (license.label) },
                    }
                }
            }
            @if !track.consent.is_empty() {
                dt { (t.says) }
                dd { ul.tags role="list" {
                    @for (what, allowed) in &track.consent {
                        li { (name_of(t, *what)) ": " @if *allowed { (t.allowed) } @else { (t.not_allowed) } }
                    }
                } }
            }
            dt { (t.identity) } dd { (identifier(at, &track.did, &short_did(&track.did))) }
            dt { (t.content) } dd { (identifier(at, &track.cid, &shortened(&track.cid))) }
            dt { (t.record) }
            dd { a href=(at.record(track)) { (t.signed_record) } }
            @if let Some(magnet) = &track.magnet { dt { "BitTorrent" } dd { a href=(magnet) { (t.magnet) } } }
            @if let Some(torrent) = at.torrent(track) { dt { (t.torrent) } dd { a href=(torrent) { (t.torrent_file) } } }
            dt { (t.format) } dd { (track.format) }
        }
    }
}

fn name_of(t: &messages::Track, what: Use) -> &'static str {
    match what {
        Use::Stream => t.streaming,
        Use::Mirror => t.mirroring,
        Use::AiTraining => t.ai_training,
    }
}

fn rest_of_album(at: &Addresses, about: &TrackPage) -> Markup {
    let artist = &about.track.artist;
    html! {
        section.album aria-labelledby="album" {
            h2 #album { ((at.t().track.on)(&html! { bdi { (about.track.album.as_deref().unwrap_or_default()) } })) }
            ol.tracks role="list" {
                @for track in &about.album { (row(at, track, Beside::Number, Some(artist))) }
            }
        }
    }
}

fn description(at: &Addresses, track: &TrackView) -> String {
    let mut parts = vec![track.name(at.t())];
    if let Some(album) = &track.album {
        parts.push((at.t().track.from)(album));
    }
    if let Some(seconds) = track.duration {
        parts.push(clock(seconds));
    }
    if let Some(license) = &track.license {
        parts.push(license.label.clone());
    }
    parts.join(", ")
}

/// `Max McCracken - Awakening.opus`
fn file_name(track: &TrackView) -> String {
    let extension = filename::extension(http_content_type(&track.format));
    format!("{} - {}{extension}", filename::safe(&track.artist), filename::safe(&track.title))
}

fn shortened(cid: &str) -> String {
    match (cid.get(..12), cid.get(cid.len().saturating_sub(6)..)) {
        (Some(start), Some(end)) if cid.len() > 24 => format!("{start}…{end}"),
        _ => cid.to_owned(),
    }
}
