//! `sealed` and `offers` of a Track Record: what is inside a sealed release, and where keys to it are sold (spec section 4.13).
//!
//! ```json
//! "sealed": {"file": "<H>", "version": "3.0", "parts": [{"format": "audio/flac", "tier": "premium", "duration": 208.4}],
//!            "cuts": [{"name": "drop"}], "previews": [{"ranges": [[0, 8]], "duration": 30}]},
//! "offers": [{"type": "Offer", "price": "5.00", "priceCurrency": "EUR", "url": "https://...", "licence": "perpetual"}]
//! ```
//!
//! Records with anything in these members were well-formed before the members meant something, and stay so: what does not have
//! the form is passed over, never refused. So whatever is returned here is bounded and safe to show.

use super::{TrackRecord, words};
use crate::json::{Json, Object};

/// Offers that are read; more are passed over. Parts, cuts and previews as well.
pub const MAX_OFFERS: usize = 64;
/// Most characters of a name or word in `sealed` and `offers`.
pub const MAX_WORD_CHARS: usize = 100;
/// Most characters of a price.
pub const MAX_PRICE_CHARS: usize = 32;

/// Something that can be bought: schema.org's Offer, and what it opens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Decimal digits, perhaps with a point: `5.00`. Text, because it is no binary fraction.
    pub price: String,
    /// Three capital letters (ISO 4217).
    pub currency: String,
    /// Where: http or https.
    pub url: String,
    /// Kind of licence: `perpetual`, `rental`, `stream`, `preview`, or another word.
    pub licence: Option<String>,
    /// Seconds from first use that a licence asks to be kept to.
    pub period: Option<u64>,
    /// The cut that it opens; without cut and tier, everything.
    pub cut: Option<String>,
    /// The tier that it opens.
    pub tier: Option<String>,
}

/// What a sealed file has inside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sealed {
    /// The file's id: 32 bytes in base64url without padding (spec/SMSG.md 19.1).
    pub file: String,
    /// Version of the format, such as `3.0`.
    pub version: String,
    /// Media files.
    pub parts: Vec<SealedPart>,
    /// Names of parts that can be sold alone, and how long they play.
    pub cuts: Vec<(String, Option<f64>)>,
    /// What is open to all.
    pub previews: Vec<Preview>,
}

/// A media file inside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SealedPart {
    /// Media type.
    pub format: String,
    /// Which price buys it.
    pub tier: Option<String>,
    /// Seconds.
    pub duration: Option<f64>,
}

/// Chunks that need no key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    /// `[a, b)`, as in the file's own table.
    pub ranges: Vec<(u32, u32)>,
    /// Seconds that they play.
    pub duration: Option<f64>,
}

impl TrackRecord {
    /// `offers`, as far as they can be understood.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        Offer::list(self.members().get("offers"))
    }

    /// `sealed`, if it can be understood.
    #[must_use]
    pub fn sealed(&self) -> Option<Sealed> {
        Sealed::parse(self.members().get("sealed")?)
    }
}

impl Offer {
    /// The offers of a member: the first [`MAX_OFFERS`] entries, without those that do not have the form.
    #[must_use]
    pub fn list(value: Option<&Json>) -> Vec<Self> {
        let entries = value.and_then(Json::as_array).unwrap_or_default();
        entries.iter().take(MAX_OFFERS).filter_map(Self::parse).collect()
    }

    fn parse(value: &Json) -> Option<Self> {
        let object = value.as_object()?;
        let text = |member: &str| object.get(member).and_then(Json::as_str);
        let url = text("url").filter(|url| words::is_web_url(url))?;
        let currency = text("priceCurrency")?;
        let capital = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
        let price = text("price").filter(|price| is_price(price))?;
        (text("type")? == "Offer" && capital).then_some(())?;
        Some(Self {
            price: price.to_owned(),
            currency: currency.to_owned(),
            url: url.to_owned(),
            licence: word(object, "licence")?,
            period: match object.get("period") {
                None => None,
                Some(period) => Some(whole(period, MAX_SECONDS)?),
            },
            cut: word(object, "cut")?,
            tier: word(object, "tier")?,
        })
    }

    /// As it stands in a record.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut object = Object::new();
        let texts = [
            ("type", "Offer"),
            ("price", &self.price),
            ("priceCurrency", &self.currency),
            ("url", &self.url),
        ];
        object.extend(texts.map(|(member, text)| (member.to_owned(), text.into())));
        for (member, text) in [("licence", &self.licence), ("cut", &self.cut), ("tier", &self.tier)] {
            object.extend(text.as_ref().map(|text| (member.to_owned(), text.as_str().into())));
        }
        object.extend(self.period.map(|period| ("period".to_owned(), number(period as f64))));
        Json::Object(object)
    }
}

/// A hundred years.
const MAX_SECONDS: f64 = 3_155_760_000.0;
/// Chunks that a sealed file can have.
const MAX_CHUNK: f64 = 262_144.0;

impl Sealed {
    fn parse(value: &Json) -> Option<Self> {
        let object = value.as_object()?;
        let text = |member: &str| object.get(member).and_then(Json::as_str);
        let file = text("file")?;
        let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (file.len() == 43 && file.bytes().all(base64url)).then_some(())?;
        let list = |member: &str| {
            object
                .get(member)
                .and_then(Json::as_array)
                .unwrap_or_default()
                .iter()
                .take(MAX_OFFERS)
                .filter_map(Json::as_object)
        };
        Some(Self {
            file: file.to_owned(),
            version: text("version").filter(|version| words::is_line(version, MAX_WORD_CHARS))?.to_owned(),
            parts: list("parts").filter_map(SealedPart::parse).collect(),
            cuts: list("cuts").filter_map(|cut| Some((word(cut, "name")??, seconds(cut)))).collect(),
            previews: list("previews").filter_map(Preview::parse).collect(),
        })
    }

    /// As it stands in a record.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let object = |members: Vec<Option<(&str, Json)>>| {
            Json::Object(
                members.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect(),
            )
        };
        let duration = |seconds: Option<f64>| seconds.map(|seconds| ("duration", number(seconds)));
        let parts = self.parts.iter().map(|part| {
            object(vec![
                Some(("format", part.format.as_str().into())),
                part.tier.as_ref().map(|tier| ("tier", tier.as_str().into())),
                duration(part.duration),
            ])
        });
        let cuts = self
            .cuts
            .iter()
            .map(|(name, seconds)| object(vec![Some(("name", name.as_str().into())), duration(*seconds)]));
        let pair = |(a, b): &(u32, u32)| Json::Array(vec![number(f64::from(*a)), number(f64::from(*b))]);
        let previews = self.previews.iter().map(|preview| {
            let ranges = Json::Array(preview.ranges.iter().map(pair).collect());
            object(vec![Some(("ranges", ranges)), duration(preview.duration)])
        });
        let list = |name, items: Vec<Json>| (!items.is_empty()).then_some((name, Json::Array(items)));
        object(vec![
            Some(("file", self.file.as_str().into())),
            Some(("version", self.version.as_str().into())),
            list("parts", parts.collect()),
            list("cuts", cuts.collect()),
            list("previews", previews.collect()),
        ])
    }
}

impl SealedPart {
    fn parse(object: &Object) -> Option<Self> {
        Some(Self {
            format: word(object, "format")??,
            tier: word(object, "tier")?,
            duration: seconds(object),
        })
    }
}

impl Preview {
    fn parse(object: &Object) -> Option<Self> {
        let pair = |value: &Json| match value.as_array()? {
            [a, b] => Some((whole(a, MAX_CHUNK)? as u32, whole(b, MAX_CHUNK)? as u32)).filter(|(a, b)| a < b),
            _ => None,
        };
        let ranges: Option<Vec<_>> =
            object.get("ranges")?.as_array()?.iter().take(MAX_OFFERS).map(pair).collect();
        let ranges = ranges.filter(|ranges| !ranges.is_empty())?;
        Some(Self { ranges, duration: seconds(object) })
    }
}

/// A word of one line; `Some(None)` if the member is not there, `None` if it is something else.
#[allow(clippy::option_option)]
fn word(object: &Object, member: &str) -> Option<Option<String>> {
    match object.get(member) {
        None => Some(None),
        Some(value) => value
            .as_str()
            .filter(|text| words::is_line(text, MAX_WORD_CHARS))
            .map(|text| Some(text.to_owned())),
    }
}

fn seconds(object: &Object) -> Option<f64> {
    object.get("duration").and_then(Json::as_f64).filter(|seconds| (0.0..=MAX_SECONDS).contains(seconds))
}

fn whole(value: &Json, most: f64) -> Option<u64> {
    value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..=most).contains(n)).map(|n| n as u64)
}

fn is_price(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.len() <= MAX_PRICE_CHARS && digits(whole) && digits(fraction)
}

fn number(n: f64) -> Json {
    Json::Number(n)
}
