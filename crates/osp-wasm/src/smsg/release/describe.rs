//! What a file says of itself, and what a licence does, as JSON for the page.

use super::bytes::to_json;
use serde::Serialize;
use smsg::v3::{
    grant::Grant,
    header::{Cut, Part, Track},
    open::{Front, Session},
    passphrase::{Slot, Stretch},
    ranges::Ranges,
    signing::Standing,
    table::Head,
    terms::Terms,
};
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireRelease<'f> {
    /// H in hexadecimal.
    id: String,
    artist: &'f str,
    /// The `did:key` that signed for the artist, if their DID is none.
    key: Option<&'f str>,
    /// Whether it was checked that this key is the artist's.
    artist_checked: bool,
    title: &'f str,
    created: u64,
    key_prefix: Option<&'f str>,
    /// The artist signed what the chunks are.
    digests: bool,
    length: u64,
    parts: Vec<WirePart<'f>>,
    tracks: Vec<WireTrack<'f>>,
    cuts: Vec<WireCut<'f>>,
    links: BTreeMap<&'f str, &'f str>,
    /// Keys of the table in the file.
    keys: u32,
    slots: Vec<WireSlot>,
    /// Terms of what keys of the table lead to, and whether no key is needed.
    grants: Vec<WireGrant<'f>>,
}

#[derive(Serialize)]
struct WirePart<'f> {
    name: &'f str,
    mime: &'f str,
    tier: Option<&'f str>,
    bytes: u64,
    seconds: Option<f64>,
    /// Its chunks.
    chunks: (u32, u32),
}

#[derive(Serialize)]
struct WireTrack<'f> {
    title: &'f str,
    artist: Option<&'f str>,
    mix: Option<&'f str>,
    /// Milliseconds.
    start: u64,
    end: u64,
    #[serde(rename = "loop")]
    repeat: Option<(u64, u64)>,
    ranges: Option<Pairs>,
}

#[derive(Serialize)]
struct WireCut<'f> {
    name: &'f str,
    title: Option<&'f str>,
    ranges: Pairs,
}

/// How a passphrase is stretched: `argon2id` with KiB, passes, lanes; `scrypt` with N, r, p.
#[derive(Serialize)]
struct WireSlot {
    kdf: &'static str,
    cost: [u64; 3],
    salt: [u8; 16],
}

#[derive(Serialize)]
struct WireGrant<'f> {
    open: bool,
    terms: WireTerms<'f>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireTerms<'f> {
    licence: &'f str,
    ranges: Pairs,
    cut: Option<&'f str>,
    tier: Option<&'f str>,
    issued: Option<u64>,
    not_before: Option<u64>,
    not_after: Option<u64>,
    period: Option<u64>,
    buyer: Option<&'f str>,
    sale: Option<&'f str>,
}

/// Plaintext bytes of a part that the keys open, without a gap.
#[derive(Serialize)]
struct WireStretch {
    part: usize,
    from: u64,
    to: u64,
    chunks: (u32, u32),
    /// When the first frame plays and the last one ends, as far as the index says.
    seconds: (f64, Option<f64>),
}

type Pairs = Vec<(u32, u32)>;

/// `WireRelease`.
pub(super) fn front(front: &Front) -> String {
    let header = &front.header;
    let table = front.table.as_ref();
    to_json(&WireRelease {
        id: header.id().0.iter().map(|byte| format!("{byte:02x}")).collect(),
        artist: header.artist(),
        key: header.key(),
        artist_checked: header.standing() == Standing::Proven,
        title: &header.title,
        created: header.created,
        key_prefix: header.key_prefix.as_deref(),
        digests: header.has_digests(),
        length: front.file_length(),
        parts: header.parts().iter().enumerate().map(|(at, part)| wire_part(front, at, part)).collect(),
        tracks: header.tracks.iter().map(wire_track).collect(),
        cuts: header.cuts.iter().map(wire_cut).collect(),
        links: header.links.iter().map(|(name, url)| (name.as_str(), url.as_str())).collect(),
        keys: table.map_or(0, Head::count),
        slots: table.map_or_else(Vec::new, |table| table.slots.iter().map(wire_slot).collect()),
        grants: table.map_or_else(Vec::new, |table| table.grants.iter().map(wire_grant).collect()),
    })
}

/// `WireTerms`.
pub(super) fn terms(terms: &Terms) -> String {
    to_json(&wire_terms(terms))
}

/// `WireStretch[]`: of each part, in order.
pub(super) fn stretches(session: &Session<'_>) -> String {
    let header = &session.front().header;
    let mut found: Vec<WireStretch> = Vec::new();
    for (part, said) in header.parts().iter().enumerate() {
        let mut last_opened = None;
        for chunk in header.geometry().part(part).unwrap_or_default() {
            let Some(place) = session.place(chunk).filter(|_| session.opens(chunk)) else { continue };
            match found.last_mut().filter(|_| last_opened.is_some_and(|last: u32| last + 1 == chunk)) {
                Some(stretch) => {
                    stretch.to = place.plain.end;
                    stretch.chunks.1 = chunk + 1;
                    stretch.seconds.1 = seconds_at(said, place.plain.end, true);
                }
                None => found.push(WireStretch {
                    part,
                    from: place.plain.start,
                    to: place.plain.end,
                    chunks: (chunk, chunk + 1),
                    seconds: (
                        seconds_at(said, place.plain.start, false).unwrap_or(0.0),
                        seconds_at(said, place.plain.end, true),
                    ),
                }),
            }
            last_opened = Some(chunk);
        }
    }
    to_json(&found)
}

fn wire_part<'f>(front: &'f Front, at: usize, part: &'f Part) -> WirePart<'f> {
    let geometry = front.header.geometry();
    let chunks = geometry.part(at).unwrap_or_default();
    WirePart {
        name: &part.name,
        mime: &part.mime,
        tier: part.tier.as_deref(),
        bytes: geometry.part_bytes(at).unwrap_or(0),
        seconds: part.duration.and_then(|ticks| seconds(part, ticks)),
        chunks: (chunks.start, chunks.end),
    }
}

/// When the first frame plays that begins at or behind a byte; with `or_end`, the part's end where none does.
fn seconds_at(part: &Part, byte: u64, or_end: bool) -> Option<f64> {
    let marks = part.index.marks();
    let mark = marks.get(marks.partition_point(|mark| mark.byte < byte)).map(|mark| mark.ticks);
    seconds(part, mark.or(part.duration.filter(|_| or_end))?)
}

#[allow(clippy::cast_precision_loss, reason = "both are below 2^53")]
fn seconds(part: &Part, ticks: u64) -> Option<f64> {
    Some(ticks as f64 / part.scale? as f64)
}

fn wire_track(track: &Track) -> WireTrack<'_> {
    WireTrack {
        title: &track.title,
        artist: track.artist.as_deref(),
        mix: track.mix.as_deref(),
        start: track.start,
        end: track.end,
        repeat: track.repeat,
        ranges: track.ranges.as_ref().map(pairs),
    }
}

fn wire_cut(cut: &Cut) -> WireCut<'_> {
    WireCut { name: &cut.name, title: cut.title.as_deref(), ranges: pairs(&cut.ranges) }
}

fn wire_slot(slot: &Slot) -> WireSlot {
    let (kdf, cost) = match slot.stretch {
        Stretch::Argon2id { memory, passes, lanes } => ("argon2id", [memory, passes, lanes]),
        Stretch::Scrypt { n, r, p } => ("scrypt", [n, r, p]),
    };
    WireSlot { kdf, cost, salt: slot.salt }
}

fn wire_grant(grant: &Grant) -> WireGrant<'_> {
    WireGrant { open: grant.is_open(), terms: wire_terms(&grant.terms) }
}

fn wire_terms(terms: &Terms) -> WireTerms<'_> {
    WireTerms {
        licence: terms.kind.as_str(),
        ranges: pairs(&terms.ranges),
        cut: terms.cut.as_deref(),
        tier: terms.tier.as_deref(),
        issued: terms.issued,
        not_before: terms.not_before,
        not_after: terms.not_after,
        period: terms.period,
        buyer: terms.buyer.as_deref(),
        sale: terms.sale.as_deref(),
    }
}

fn pairs(ranges: &Ranges) -> Pairs {
    ranges.as_slice().iter().map(|range| (range.start, range.end)).collect()
}
