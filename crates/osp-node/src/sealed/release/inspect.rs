//! What a release says, and who signed it; with a key, what that key is a licence for.

use super::{ReleaseFile, open::Opened};
use crate::sealed::{inspect::Remark, signing};
use serde::Serialize;
use serde_json::{Map, Value};
use smsg::{
    UnixTime,
    v3::{
        header::Part,
        ranges::Ranges,
        signing::Standing,
        terms::{Asked, Terms},
    },
};

/// What a release says (`spec/schemas/inspect-release.json`). Everything up to `table` was verified to be the artist's.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseReport {
    /// `release`.
    pub format: &'static str,
    /// `3.0`.
    pub version: &'static str,
    /// The file's id (H), base64url.
    pub file: String,
    /// The DID whose signature holds, as far as [`artist_checked`](Self::artist_checked) says.
    pub artist: String,
    /// The `did:key` that signed for it, of a `did:web`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether it was checked that this key is the artist's: for a `did:web`, by its document.
    pub artist_checked: bool,
    /// Title.
    pub title: String,
    /// When it was sealed, Unix seconds.
    pub created: u64,
    /// How this artist's keys begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_prefix: Option<String>,
    /// Whether the artist signed what the chunks are.
    pub digests: bool,
    /// Media files.
    pub parts: Vec<PartReport>,
    /// Marks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<TrackReport>,
    /// Cuts that were declared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<CutReport>,
    /// Name to URL.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub links: Map<String, Value>,
    /// Members of the header that version 3.0 does not define: artistName, album, genre...
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub more: Map<String, Value>,
    /// The table of keys in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<TableReport>,
    /// Chunks of 64 KiB and less.
    pub chunks: u32,
    /// Bytes of the file.
    pub size: u64,
    /// With a key: what it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<LicenceReport>,
    /// What to know before trusting it.
    pub warnings: Vec<Remark>,
}

/// A media file.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names are the format's")]
pub struct PartReport {
    pub name: String,
    pub mime: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    pub size: u64,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// Whether a player finds a time in it without reading all before.
    pub seekable: bool,
}

/// A mark, times in milliseconds.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names are the format's")]
pub struct TrackReport {
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mix: Option<String>,
    pub start: u64,
    pub end: u64,
    #[serde(rename = "loop", skip_serializing_if = "Option::is_none")]
    pub repeat: Option<(u64, u64)>,
}

/// A cut.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names are the format's")]
pub struct CutReport {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub ranges: Vec<(u32, u32)>,
}

/// The table of keys.
#[derive(Clone, Debug, Serialize)]
pub struct TableReport {
    /// Its number.
    pub seq: u64,
    /// Keys in it.
    pub keys: u32,
    /// Passphrases.
    pub passphrases: usize,
    /// What keys lead to.
    pub grants: Vec<GrantReport>,
}

/// Something that is sold, or open to all.
#[derive(Clone, Debug, Serialize)]
pub struct GrantReport {
    /// Whether it needs no key.
    pub open: bool,
    /// For what.
    pub terms: TermsReport,
}

/// What a key opens.
#[derive(Clone, Debug, Serialize)]
pub struct LicenceReport {
    /// The seller's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<u32>,
    /// Whether the time that the artist asks for is over, or not begun.
    pub asked: &'static str,
    /// For what.
    pub terms: TermsReport,
}

/// Terms. `ranges` and what follows from them is enforced by keys; everything about time is asked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are the format's")]
pub struct TermsReport {
    pub licence: String,
    /// Chunks, enforced.
    pub ranges: Vec<(u32, u32)>,
    /// Whether these are all.
    pub everything: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale: Option<String>,
}

impl TermsReport {
    /// Of terms in a file of so many chunks.
    #[must_use]
    pub fn of(terms: &Terms, chunks: u32) -> Self {
        Self {
            licence: terms.kind.as_str().to_owned(),
            ranges: pairs(&terms.ranges),
            everything: terms.ranges == Ranges::all(chunks),
            cut: terms.cut.clone(),
            tier: terms.tier.clone(),
            issued: terms.issued,
            not_before: terms.not_before,
            not_after: terms.not_after,
            period: terms.period,
            buyer: terms.buyer.clone(),
            sale: terms.sale.clone(),
        }
    }
}

fn pairs(ranges: &Ranges) -> Vec<(u32, u32)> {
    ranges.as_slice().iter().map(|range| (range.start, range.end)).collect()
}

/// What a file says; `opened` is what a key made of it.
#[must_use]
pub fn report(file: &ReleaseFile, opened: Option<&Opened>, now: UnixTime) -> ReleaseReport {
    let front = file.front();
    let header = &front.header;
    let chunks = header.geometry().chunks();
    let grants = |table: &smsg::v3::table::Head| {
        let grant = |grant: &smsg::v3::grant::Grant| GrantReport {
            open: grant.is_open(),
            terms: TermsReport::of(&grant.terms, chunks),
        };
        table.grants.iter().map(grant).collect()
    };
    ReleaseReport {
        format: "release",
        version: "3.0",
        file: super::id_text(header.id()),
        artist: header.artist().to_owned(),
        key: header.key().map(str::to_owned),
        artist_checked: header.standing() == Standing::Proven,
        title: header.title.clone(),
        created: header.created,
        key_prefix: header.key_prefix.clone(),
        digests: header.has_digests(),
        parts: header
            .parts()
            .iter()
            .enumerate()
            .map(|(at, p)| part(p, header.geometry().part_bytes(at).unwrap_or(0)))
            .collect(),
        tracks: header
            .tracks
            .iter()
            .map(|track| TrackReport {
                title: track.title.clone(),
                artist: track.artist.clone(),
                mix: track.mix.clone(),
                start: track.start,
                end: track.end,
                repeat: track.repeat,
            })
            .collect(),
        cuts: header
            .cuts
            .iter()
            .map(|cut| CutReport {
                name: cut.name.clone(),
                title: cut.title.clone(),
                ranges: pairs(&cut.ranges),
            })
            .collect(),
        links: header.links.iter().map(|(name, url)| (name.clone(), url.clone().into())).collect(),
        more: header
            .more()
            // The name of the part with the message, which is shown as such.
            .filter(|(name, _)| *name != "message")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        table: front.table.as_ref().map(|table| TableReport {
            seq: table.seq,
            keys: table.count(),
            passphrases: table.slots.len(),
            grants: grants(table),
        }),
        chunks,
        size: file.size(),
        licence: opened.map(|opened| LicenceReport {
            serial: opened.granted.serial,
            asked: match opened.granted.terms.asked(u64::try_from(now.0).unwrap_or(0), None) {
                Asked::Nothing => "nothing",
                Asked::Wait(_) => "wait",
                Asked::Over(_) => "over",
            },
            terms: TermsReport::of(&opened.granted.terms, chunks),
        }),
        warnings: warnings(file, opened),
    }
}

fn part(part: &Part, size: u64) -> PartReport {
    // A length in seconds needs no more than a double holds.
    #[allow(clippy::cast_precision_loss)]
    let seconds = part.duration.zip(part.scale).map(|(ticks, scale)| ticks as f64 / scale as f64);
    PartReport {
        name: part.name.clone(),
        mime: part.mime.clone(),
        tier: part.tier.clone(),
        size,
        duration: seconds.map(|seconds| (seconds * 1000.0).round() / 1000.0),
        seekable: !part.index.marks().is_empty(),
    }
}

fn warnings(file: &ReleaseFile, opened: Option<&Opened>) -> Vec<Remark> {
    let header = &file.front().header;
    let mut remarks = Vec::new();
    let mut remark = |class, message: &str| remarks.push(Remark { class, message: message.to_owned() });
    if let Some(doubt) = signing::doubt(header) {
        remark("artist_not_checked", &doubt);
    }
    if !header.has_digests() {
        remark(
            "chunks_not_signed",
            "The artist did not sign what the music is: who bought a key can have put other sound into this copy.",
        );
    }
    let grants = file.front().table.iter().flat_map(|table| &table.grants).map(|grant| &grant.terms);
    let mut all = grants.chain(opened.map(|opened| &opened.granted.terms));
    if all.any(|t| t.not_after.is_some() || t.not_before.is_some() || t.period.is_some()) {
        remark(
            "expiry_is_a_request",
            "What a licence says about time is a request of the artist, not a lock.",
        );
    }
    remarks
}
