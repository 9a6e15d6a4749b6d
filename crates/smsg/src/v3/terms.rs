//! What was sold. The chunks are enforced by keys; everything about time is a request of the artist.

use super::{
    error::Refused,
    json::{self, Members, Object},
    limits::MAX_INTEGER,
    ranges::Ranges,
};
use sha2::{Digest as _, Sha256};

const TERMS: &str = "the terms";

/// Members that this text defines.
const KNOWN: [&str; 11] = [
    "buyer",
    "crit",
    "cut",
    "issued",
    "licence",
    "notAfter",
    "notBefore",
    "period",
    "ranges",
    "sale",
    "tier",
];

/// Kind of licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// For ever.
    Perpetual,
    /// For some days.
    Rental,
    /// For listening online, some hours.
    Stream,
    /// A taste.
    Preview,
    /// In the seller's words.
    Other(String),
}

impl Kind {
    /// The word in terms.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Perpetual => "perpetual",
            Self::Rental => "rental",
            Self::Stream => "stream",
            Self::Preview => "preview",
            Self::Other(word) => word,
        }
    }

    /// From the word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "perpetual" => Self::Perpetual,
            "rental" => Self::Rental,
            "stream" => Self::Stream,
            "preview" => Self::Preview,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Terms of a grant or licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Kind.
    pub kind: Kind,
    /// What the keys open. Enforced.
    pub ranges: Ranges,
    /// Name of a cut in the header.
    pub cut: Option<String>,
    /// Name of a tier in the header.
    pub tier: Option<String>,
    /// When it was sold, Unix seconds.
    pub issued: Option<u64>,
    /// Not before, Unix seconds. A request.
    pub not_before: Option<u64>,
    /// Not after, Unix seconds. A request.
    pub not_after: Option<u64>,
    /// Seconds from first use. A request.
    pub period: Option<u64>,
    /// Who bought it.
    pub buyer: Option<String>,
    /// The seller's number for it.
    pub sale: Option<String>,
    /// Members that this crate does not know. They are kept, and bound like the others.
    pub more: Object,
}

/// What the artist asks at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Play.
    Nothing,
    /// Wait until then, Unix seconds.
    Wait(u64),
    /// It is over since then, Unix seconds.
    Over(u64),
}

impl Terms {
    /// Terms that say only what they open.
    #[must_use]
    pub fn new(kind: Kind, ranges: Ranges) -> Self {
        Self {
            kind,
            ranges,
            cut: None,
            tier: None,
            issued: None,
            not_before: None,
            not_after: None,
            period: None,
            buyer: None,
            sale: None,
            more: Object::new(),
        }
    }

    /// What is asked at `now`; `first_use` counts for a period.
    #[must_use]
    pub fn asked(&self, now: u64, first_use: Option<u64>) -> Asked {
        let period_ends = self.period.zip(first_use).map(|(period, first)| first.saturating_add(period));
        let end = [self.not_after, period_ends].into_iter().flatten().min();
        match (self.not_before, end) {
            (Some(begin), _) if now < begin => Asked::Wait(begin),
            (_, Some(end)) if now > end => Asked::Over(end),
            _ => Asked::Nothing,
        }
    }

    pub(super) fn parse(object: &Object, chunks: u32) -> Result<Self, Refused> {
        let members = Members::of(object, TERMS);
        members.critical(&KNOWN)?;
        let terms = Self {
            kind: Kind::from_word(&members.name("licence")?),
            ranges: Ranges::parse(&members, chunks)?,
            cut: members.maybe("cut", Members::owned)?,
            tier: members.maybe("tier", Members::owned)?,
            issued: members.maybe("issued", Members::integer)?,
            not_before: members.maybe("notBefore", Members::integer)?,
            not_after: members.maybe("notAfter", Members::integer)?,
            period: members.maybe("period", Members::integer)?,
            buyer: members.maybe("buyer", Members::owned)?,
            sale: members.maybe("sale", Members::owned)?,
            more: object
                .iter()
                .filter(|(name, _)| !KNOWN.contains(&name.as_str()) || *name == "crit")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        };
        match (terms.not_before, terms.not_after) {
            (Some(begin), Some(end)) if begin > end => Err(members.bad("notAfter")),
            _ => Ok(terms),
        }
    }

    pub(super) fn to_json(&self) -> Object {
        let mut object = self.more.clone();
        object.insert("licence".into(), self.kind.as_str().into());
        object.insert("ranges".into(), self.ranges.to_json());
        let texts = [("cut", &self.cut), ("tier", &self.tier), ("buyer", &self.buyer), ("sale", &self.sale)];
        for (member, text) in texts {
            if let Some(text) = text {
                object.insert(member.into(), text.clone().into());
            }
        }
        let numbers = [
            ("issued", self.issued),
            ("notBefore", self.not_before),
            ("notAfter", self.not_after),
            ("period", self.period),
        ];
        for (member, number) in numbers {
            if let Some(number) = number {
                object.insert(member.into(), number.min(MAX_INTEGER).into());
            }
        }
        object
    }
}

/// What a grant's key is bound to.
pub(super) fn hash(terms: &Object) -> [u8; 32] {
    Sha256::digest(json::canonical(terms)).into()
}
