//! What a release says about itself, in the clear and signed; and what its keys are sold for.

use serde_json::{Map, Value};
use smsg::{
    Manifest,
    v3::{
        header::Track,
        ranges::Ranges,
        terms::{Kind, Terms},
    },
};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Shortest and longest rental, days.
pub const RENTAL_DAYS: std::ops::RangeInclusive<u64> = 7..=90;

/// How long a licence to stream asks to be used for, seconds from first use.
pub const STREAM_PERIOD: u64 = DAY;

/// Of a licence of type preview, the seconds from the beginning that it opens.
pub const PREVIEW_SECONDS: u64 = 30;

/// What stands in the header besides the music.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// Title of the release.
    pub title: String,
    /// Marks; their chunks are found when the files are known.
    pub tracks: Vec<Track>,
    /// Name to URL.
    pub links: Vec<(String, String)>,
    /// Other members: `artistName`, `album`, `genre`...
    pub more: Map<String, Value>,
}

impl About {
    /// From the manifest of older formats, whose words are kept under the header's way of writing them.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        let mut more = Map::new();
        let texts = [
            ("artistName", &manifest.artist),
            ("album", &manifest.album),
            ("genre", &manifest.genre),
            ("releaseType", &manifest.release_type),
            ("mediaFormat", &manifest.format),
        ];
        for (member, text) in texts {
            if !text.is_empty() {
                more.insert(member.into(), text.clone().into());
            }
        }
        if let Ok(year @ 1..) = u64::try_from(manifest.year) {
            more.insert("year".into(), year.into());
        }
        if !manifest.tags.is_empty() {
            more.insert("tags".into(), manifest.tags.clone().into());
        }
        if !manifest.extra.is_empty() {
            let extra: Map<_, _> =
                manifest.extra.iter().map(|(name, text)| (name.clone(), text.clone().into())).collect();
            more.insert("extra".into(), extra.into());
        }
        let links = manifest.links.iter().map(|(name, url)| (name.clone(), url.clone())).collect();
        Self { title: manifest.title.clone(), tracks: tracks(manifest), links, more }
    }
}

/// Marks in milliseconds. A mark without an end goes to the next one, the last to the end of the release, if that is said.
fn tracks(manifest: &Manifest) -> Vec<Track> {
    // Times of music are far below 2^52 ms; what is not is cut off by the cast, and refused by the header's bounds.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let millis = |seconds: f64| (seconds.max(0.0) * 1000.0).round() as u64;
    let end_of_all = u64::try_from(manifest.duration).unwrap_or(0).saturating_mul(1000);
    let starts: Vec<u64> = manifest.tracks.iter().map(|track| millis(track.start)).collect();
    let ends = starts.iter().skip(1).copied().chain([end_of_all]);
    manifest
        .tracks
        .iter()
        .zip(starts.iter().zip(ends))
        .map(|(track, (&start, next))| {
            let end = if track.end > 0.0 { millis(track.end) } else { next };
            let mix = (!track.kind.is_empty()).then(|| track.kind.clone());
            // 0: to the end of the file, as soon as that is known.
            let end = if end > start { end } else { 0 };
            Track { title: track.title.clone(), artist: None, mix, start, end, repeat: None, ranges: None }
        })
        .collect()
}

/// What a key is sold for; which chunks it opens is said elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Kind.
    pub kind: Kind,
    /// When it was sold, Unix seconds.
    pub issued: Option<u64>,
    /// Not after, Unix seconds. A request.
    pub not_after: Option<u64>,
    /// Seconds from first use. A request.
    pub period: Option<u64>,
}

/// A licence type that asks for something it does not say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSale {
    /// Without a length.
    #[error("a rental needs its length; write rental:30 for 30 days from first use, or give --expires")]
    RentalWithoutEnd,
    /// Too short or too long.
    #[error("a rental of {0:?} days cannot be sold; write 7 to 90, as in rental:30")]
    RentalDays(String),
}

impl Default for Sale {
    fn default() -> Self {
        Self { kind: Kind::Perpetual, issued: None, not_after: None, period: None }
    }
}

impl Sale {
    /// From a type as people write it: `perpetual`, `rental:DAYS`, `stream`, `preview`, or anything; empty is perpetual.
    ///
    /// # Errors
    /// [`BadSale`].
    pub fn parse(text: &str, issued: Option<u64>, not_after: Option<u64>) -> Result<Self, BadSale> {
        let (word, days) = text.split_once(':').map_or((text, None), |(word, days)| (word, Some(days)));
        let kind = match word {
            "" => Kind::Perpetual,
            word => Kind::from_word(word),
        };
        let period = match (&kind, days) {
            (Kind::Rental, Some(days)) => {
                let number = days.parse().ok().filter(|days| RENTAL_DAYS.contains(days));
                Some(number.ok_or_else(|| BadSale::RentalDays(days.to_owned()))? * DAY)
            }
            (Kind::Rental, None) if not_after.is_none() => return Err(BadSale::RentalWithoutEnd),
            (Kind::Stream, _) => Some(STREAM_PERIOD),
            _ => None,
        };
        let kind = if let Kind::Other(_) = kind { Kind::Other(text.to_owned()) } else { kind };
        Ok(Self { kind, issued, not_after, period })
    }

    /// As terms that open these chunks.
    #[must_use]
    pub fn terms(&self, ranges: Ranges) -> Terms {
        let mut terms = Terms::new(self.kind.clone(), ranges);
        terms.issued = self.issued;
        terms.not_after = self.not_after;
        terms.period = self.period;
        terms
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{About, BadSale, Sale};
    use smsg::{Manifest, manifest, v3::terms::Kind};

    #[test]
    fn licence_types() {
        let parse = |text: &str| Sale::parse(text, None, None);
        assert_eq!(parse(""), Ok(Sale::default()));
        assert_eq!(parse("perpetual"), Ok(Sale::default()));
        assert_eq!(parse("stream").unwrap().period, Some(86_400));
        assert_eq!(parse("rental:7").unwrap().period, Some(7 * 86_400));
        assert_eq!(parse("rental"), Err(BadSale::RentalWithoutEnd));
        assert_eq!(Sale::parse("rental", None, Some(5)).unwrap().not_after, Some(5));
        for days in ["6", "91", "", "x", "-1"] {
            assert_eq!(parse(&format!("rental:{days}")), Err(BadSale::RentalDays(days.into())), "{days}");
        }
        assert_eq!(parse("dj:set").unwrap().kind, Kind::Other("dj:set".into()));
    }

    #[test]
    fn marks_end_where_the_next_begins() {
        let mark =
            |start, end| manifest::Track { title: "t".into(), start, end, ..manifest::Track::default() };
        let manifest = Manifest {
            duration: 100,
            tracks: vec![mark(0.0, 0.0), mark(10.5, 20.0), mark(30.0, 0.0)],
            ..Manifest::default()
        };
        let marks: Vec<_> = About::of(&manifest).tracks.iter().map(|t| (t.start, t.end)).collect();
        assert_eq!(marks, [(0, 10_500), (10_500, 20_000), (30_000, 100_000)]);
        let unknown = About::of(&Manifest { duration: 0, ..manifest });
        assert_eq!(unknown.tracks[2].end, 0);
    }
}
