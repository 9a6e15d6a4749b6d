//! A Track Record as a reader sees it.

use super::{
    addresses::List,
    license::{License, license},
    messages::Messages,
};
use osp_core::{
    content,
    record::{Offer, Sealed, TrackRecord},
    text::normalise,
};

/// What an artist may allow or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// `stream`
    Stream,
    /// `mirror`
    Mirror,
    /// `aiTraining`
    AiTraining,
}

/// One track, ready for the templates.
#[derive(Clone, Debug)]
pub struct TrackView {
    /// CID part of the record's id: how our URLs name the track.
    pub key: String,
    /// The whole id.
    pub id: String,
    /// `title`
    pub title: String,
    /// `artistName`, else the shortened DID.
    pub artist: String,
    /// `artist`
    pub did: String,
    /// `album`
    pub album: Option<String>,
    /// `trackNumber`
    pub number: Option<f64>,
    /// `discNumber`
    pub disc: Option<f64>,
    /// `duration`, seconds
    pub duration: Option<f64>,
    /// `size`, bytes
    pub size: Option<f64>,
    /// `format`, as the record says it.
    pub format: String,
    /// `cid` of the audio, as the record writes it.
    pub cid: String,
    /// `artwork`
    pub artwork: Option<String>,
    /// `waveform`
    pub waveform: Option<String>,
    /// `lyrics`
    pub lyrics: Option<String>,
    /// Seed of the cover that is drawn when there is no artwork here.
    pub seed: String,
    /// `released`
    pub released: Option<String>,
    /// `license`
    pub license: Option<License>,
    /// `genre`
    pub genres: Vec<String>,
    /// `consent`: what, and whether it is allowed.
    pub consent: Vec<(Use, bool)>,
    /// `torrent`, when it is a magnet link.
    pub magnet: Option<String>,
    /// `sealed`: what is inside a sealed release.
    pub sealed: Option<Sealed>,
    /// `offers`: where keys to it are sold.
    pub offers: Vec<Offer>,
}

impl TrackView {
    /// Reads a record.
    #[must_use]
    pub fn new(record: &TrackRecord) -> Self {
        let id = record.id();
        let did = record.artist().to_string();
        let cid = record.text("cid").unwrap_or_default().to_owned();
        let album = record.text("album").map(str::to_owned);
        let seed = seed(&match &album {
            Some(album) => format!("{did}\n{}", normalise(album)),
            None => cid.clone(),
        });
        Self {
            key: id.cid_text().to_owned(),
            id: id.as_str().to_owned(),
            title: record.title().to_owned(),
            artist: record.text("artistName").map_or_else(|| short_did(&did), str::to_owned),
            album,
            number: record.number("trackNumber"),
            disc: record.number("discNumber"),
            duration: record.number("duration"),
            size: record.number("size"),
            format: record.format().to_owned(),
            artwork: record.text("artwork").map(str::to_owned),
            waveform: record.text("waveform").map(str::to_owned),
            lyrics: record.text("lyrics").map(str::to_owned),
            released: record.text("released").map(str::to_owned),
            license: record.text("license").map(license),
            genres: record.genres().into_iter().map(str::to_owned).collect(),
            consent: consent(record),
            magnet: record.text("torrent").filter(|t| t.starts_with("magnet:?")).map(str::to_owned),
            sealed: record.sealed(),
            offers: record.offers(),
            did,
            cid,
            seed,
        }
    }

    /// Whether its audio is a sealed file.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.format.eq_ignore_ascii_case("application/vnd.smsg")
    }

    /// The album it is on.
    #[must_use]
    pub fn as_album(&self) -> Option<List> {
        Some(List::Album(self.did.clone(), self.album.clone()?))
    }

    /// `Awakening by Max McCracken`
    pub(crate) fn name(&self, t: &Messages) -> String {
        (t.by)(&self.title, &self.artist)
    }

    /// The year of `released`.
    #[must_use]
    pub fn year(&self) -> Option<&str> {
        self.released.as_deref().and_then(|date| date.get(..4))
    }
}

/// The start says the method, the end tells two apart.
#[must_use]
pub fn short_did(did: &str) -> String {
    let chars: Vec<char> = did.chars().collect();
    if chars.len() <= 28 {
        return did.to_owned();
    }
    chars[..16].iter().chain(&['…']).chain(&chars[chars.len() - 6..]).collect()
}

/// `208.4` is `3:28`.
#[must_use]
pub fn clock(seconds: f64) -> String {
    // Saturates: a record may claim any length.
    let whole = seconds.max(0.0) as u64;
    let (h, m, s) = (whole / 3600, whole / 60 % 60, whole % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// `1.4 MB`: decimal units.
pub(crate) fn bytes(size: f64, t: &Messages) -> String {
    let units = [t.bytes, "kB", "MB", "GB", "TB"];
    let mut value = size.max(0.0);
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 || value >= 100.0 {
        format!("{value:.0} {}", units[unit])
    } else {
        format!("{value:.1} {}", units[unit]).replace('.', &t.decimal.to_string())
    }
}

/// One path segment of a URL, percent-encoded (RFC 3986, `pchar` without `%`-forms, `&`, `'` and the like).
#[must_use]
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// 16 hexadecimal digits that stand for a text.
#[must_use]
pub fn seed(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&content::sha256(text.as_bytes())[..8])
}

fn consent(record: &TrackRecord) -> Vec<(Use, bool)> {
    let Some(said) = record.members().get("consent").and_then(|value| value.as_object()) else {
        return Vec::new();
    };
    [("stream", Use::Stream), ("mirror", Use::Mirror), ("aiTraining", Use::AiTraining)]
        .into_iter()
        .filter_map(|(member, what)| match said.get(member)?.as_str()? {
            "allow" => Some((what, true)),
            "deny" => Some((what, false)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{
        super::messages::{DE, EN},
        *,
    };

    #[test]
    fn lengths_and_sizes_read_like_on_a_sleeve() {
        assert_eq!(clock(208.4), "3:28");
        assert_eq!(clock(3668.0), "1:01:08");
        assert_eq!(clock(f64::MAX), "5124095576030431:00:15");
        assert_eq!(bytes(999.0, &EN), "999 bytes");
        assert_eq!(bytes(1_449_000.0, &EN), "1.4 MB");
        assert_eq!(bytes(1_449_000.0, &DE), "1,4 MB");
    }

    #[test]
    fn a_path_segment_cannot_leave_its_place() {
        assert_eq!(segment("did:web:example.org%3A8443:a"), "did:web:example.org%253A8443:a");
        assert_eq!(segment("../\"<é"), "..%2F%22%3C%C3%A9");
    }

    #[test]
    fn a_long_did_keeps_its_method_and_its_end() {
        let did = "did:key:z6MkrqUgqhucdzuMWss3xSkBheW9ZXFNpPdaout8TAe2DbGy";
        assert_eq!(short_did(did), "did:key:z6MkrqUg…e2DbGy");
        assert_eq!(short_did("did:web:example.org"), "did:web:example.org");
    }
}
