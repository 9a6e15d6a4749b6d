//! Extended M3U: a line of facts and an address for each track.

use super::Listing;
use crate::pages::addresses::Addresses;
use std::fmt::Write as _;

/// The playlist.
#[must_use]
pub fn write(at: &Addresses, listing: &Listing) -> String {
    let mut out = String::from("#EXTM3U\n");
    // Writing to a String cannot fail.
    let _ = writeln!(out, "#PLAYLIST:{}", line(&listing.title));
    for track in listing.tracks.iter().map(|entry| &entry.view).filter(|track| !track.is_sealed()) {
        let seconds = track.duration.map_or(-1.0, f64::round);
        let _ = writeln!(out, "#EXTINF:{seconds},{} - {}", line(&track.artist), line(&track.title));
        if let Some(album) = &track.album {
            let _ = writeln!(out, "#EXTALB:{}", line(album));
        }
        let _ = writeln!(out, "{}", at.audio(track).best());
    }
    out
}

/// A record's text on one line: what comes after a line break would be a line of the playlist.
fn line(text: &str) -> String {
    text.split(|c: char| c.is_control() || "\u{2028}\u{2029}".contains(c)).collect::<Vec<_>>().join(" ")
}
