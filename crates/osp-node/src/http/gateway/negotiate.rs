//! Which representation a gateway request asks for.
//!
//! ```text
//!  ?format=raw    Accept: application/vnd.ipld.raw                              one block
//!  ?format=car    Accept: application/vnd.ipld.car; version=1; order=dfs; dups=n    a CARv1 stream
//!  neither        anything else                                                 the file
//! ```
//!
//! `format` wins over `Accept`, and `car-version`, `car-order` and `car-dups` over the parameters of the type.

use crate::http::ApiError;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use std::ops::Range;

/// The query of a gateway request, as far as it is known here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::http) struct GatewayQuery {
    format: Option<String>,
    dag_scope: Option<String>,
    entity_bytes: Option<String>,
    car_version: Option<String>,
    car_order: Option<String>,
    car_dups: Option<String>,
    /// Name for `Content-Disposition`.
    pub(super) filename: Option<String>,
    /// `true`: save instead of show.
    pub(super) download: Option<String>,
}

/// A representation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The bytes of the file.
    File,
    /// One block.
    Raw,
    /// Blocks of the DAG.
    Car(CarParams),
}

/// What a CAR holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CarParams {
    pub(super) scope: Scope,
    /// Only the blocks that cover this part of the file.
    pub(super) bytes: Option<EntityBytes>,
    /// Whether a block is sent each time it occurs.
    pub(super) duplicates: bool,
}

/// How much of the DAG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The root block.
    Block,
    /// The file: here the same as all.
    Entity,
    /// All of it.
    All,
}

impl Scope {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Entity => "entity",
            Self::All => "all",
        }
    }
}

/// `from:to` of a file: both inclusive, negative from the end, `*` the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EntityBytes {
    from: i64,
    /// `None` is `*`.
    to: Option<i64>,
}

impl EntityBytes {
    fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(':')?;
        let from = integer(from)?;
        let to = if to == "*" { None } else { Some(integer(to)?) };
        // Both counted from the same end can be compared before the size is known.
        match to {
            Some(to) if (from < 0) == (to < 0) && to < from => None,
            _ => Some(Self { from, to }),
        }
    }

    /// The bytes of a file of `size` that are meant; empty when none of them is there.
    pub(super) fn resolve(self, size: u64) -> Range<u64> {
        let from_end = |n: i64| size.saturating_sub(n.unsigned_abs());
        let start = if self.from < 0 { from_end(self.from) } else { self.from.unsigned_abs() };
        let end = match self.to {
            None => size,
            // -size-1 and below lie before the first byte: an empty range, unlike -size, which is byte 0.
            Some(to) if to < 0 && to.unsigned_abs() > size => 0,
            Some(to) if to < 0 => from_end(to) + 1,
            Some(to) => to.unsigned_abs().saturating_add(1).min(size),
        };
        if start < end { start..end } else { 0..0 }
    }
}

impl std::fmt::Display for EntityBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.to {
            Some(to) => write!(f, "{}:{to}", self.from),
            None => write!(f, "{}:*", self.from),
        }
    }
}

/// An optional minus and digits, nothing else (`FromStr` also takes a plus).
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Chooses the representation.
///
/// # Errors
/// 406 for one that is not to be had here, 400 for parameters that cannot be read.
pub(super) fn negotiate(query: &GatewayQuery, headers: &HeaderMap) -> Result<Format, ApiError> {
    let accepted = accepted(headers);
    match query.format.as_deref().filter(|f| !f.is_empty()) {
        Some("raw") => Ok(Format::Raw),
        Some("car") => {
            let params =
                accepted.into_iter().find(|a| a.essence == CAR).map(|a| a.params).unwrap_or_default();
            car(query, &params).map(Format::Car)
        }
        Some(other) => {
            let other: String = other.chars().take(40).collect();
            Err(ApiError::not_acceptable(format!("format {other} is not served here")))
        }
        None => by_accept(query, accepted),
    }
}

const RAW: &str = "application/vnd.ipld.raw";
const CAR: &str = "application/vnd.ipld.car";
/// Entries of `Accept` that are looked at.
const MAX_ACCEPT: usize = 32;

/// The best acceptable representation; a CAR in a variant that is not made here gives way to the next entry.
fn by_accept(query: &GatewayQuery, accepted: Vec<Accepted>) -> Result<Format, ApiError> {
    if accepted.is_empty() {
        return Ok(Format::File);
    }
    let mut refusal = ApiError::not_acceptable("none of the types in Accept is served here");
    for entry in accepted {
        match entry.essence.as_str() {
            RAW => return Ok(Format::Raw),
            CAR => match car(query, &entry.params) {
                Ok(params) => return Ok(Format::Car(params)),
                Err(error) => refusal = error,
            },
            // Other verifiable formats (dag-json, IPNS records, TAR) must not be answered with something else.
            other if other.starts_with("application/vnd.ip") || other == "application/x-tar" => {}
            _ => return Ok(Format::File),
        }
    }
    Err(refusal)
}

fn car(query: &GatewayQuery, params: &Params) -> Result<CarParams, ApiError> {
    let value = |from_query: &Option<String>, name| {
        from_query.as_deref().or_else(|| params.get(name)).unwrap_or_default().to_owned()
    };
    let version = value(&query.car_version, "version");
    if !matches!(version.as_str(), "" | "1") {
        return Err(ApiError::not_acceptable("only CAR version 1 is served here"));
    }
    if !matches!(value(&query.car_order, "order").as_str(), "" | "dfs" | "unk") {
        return Err(ApiError::not_acceptable("CARs are ordered dfs here"));
    }
    let duplicates = match value(&query.car_dups, "dups").as_str() {
        "" | "n" => false,
        "y" => true,
        _ => return Err(ApiError::not_acceptable("dups is neither y nor n")),
    };
    let mut scope = match query.dag_scope.as_deref().unwrap_or_default() {
        "" | "all" => Scope::All,
        "entity" => Scope::Entity,
        "block" => Scope::Block,
        _ => return Err(ApiError::usage("dag-scope is none of block, entity and all")),
    };
    let bytes = match query.entity_bytes.as_deref() {
        None => None,
        Some(text) => Some(EntityBytes::parse(text).ok_or_else(|| {
            ApiError::usage("entity-bytes cannot be read")
                .hint("the form is from:to with from no greater than to; both inclusive, -1 is the last byte, * the end")
        })?),
    };
    // A part of the entity is meant, whatever the scope says, unless it asks for the root alone.
    if bytes.is_some() && scope == Scope::All {
        scope = Scope::Entity;
    }
    Ok(CarParams { scope, bytes, duplicates })
}

/// One entry of `Accept`.
#[derive(Debug, Default)]
struct Accepted {
    essence: String,
    params: Params,
}

/// Parameters of a media type, names in lower case.
#[derive(Debug, Default)]
struct Params(Vec<(String, String)>);

impl Params {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// The entries of `Accept`, best first (RFC 9110 section 12.5.1); those with `q=0` left out.
fn accepted(headers: &HeaderMap) -> Vec<Accepted> {
    let mut entries: Vec<(u16, Accepted)> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .take(MAX_ACCEPT)
        .filter_map(entry)
        .filter(|(quality, _)| *quality > 0)
        .collect();
    // Stable: of equals the first one stays first.
    entries.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    entries.into_iter().map(|(_, accepted)| accepted).collect()
}

/// `type/subtype; name=value; q=0.5` as thousandths of quality, type and parameters.
fn entry(text: &str) -> Option<(u16, Accepted)> {
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().filter(|e| !e.is_empty())?.to_ascii_lowercase();
    let params: Vec<(String, String)> = parts
        .filter_map(|part| part.split_once('='))
        .map(|(n, v)| (n.trim().to_ascii_lowercase(), v.trim().trim_matches('"').to_owned()))
        .collect();
    let params = Params(params);
    let quality = match params.get("q").map(str::parse::<f32>) {
        None => 1000,
        // Clamped before the cast, so it fits; NaN becomes 0.
        Some(Ok(q)) => (q.clamp(0.0, 1.0) * 1000.0) as u16,
        Some(Err(_)) => return None,
    };
    Some((quality, Accepted { essence, params }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, StatusCode};
    use proptest::prelude::*;

    fn ask(format: Option<&str>, accept: Option<&'static str>) -> Result<Format, StatusCode> {
        let query = GatewayQuery { format: format.map(str::to_owned), ..GatewayQuery::default() };
        let headers = accept.map(|a| (header::ACCEPT, HeaderValue::from_static(a)));
        negotiate(&query, &headers.into_iter().collect()).map_err(|e| e.status())
    }

    const PLAIN_CAR: CarParams = CarParams { scope: Scope::All, bytes: None, duplicates: false };

    #[test]
    fn format_wins_over_accept_and_quality_orders_accept() {
        use Format::{Car, File, Raw};
        let dups = Car(CarParams { duplicates: true, ..PLAIN_CAR });
        let cases = [
            (None, None, Ok(File)),
            (None, Some("*/*"), Ok(File)),
            (None, Some("text/html,application/xhtml+xml,*/*;q=0.8"), Ok(File)),
            (None, Some("application/vnd.ipld.raw"), Ok(Raw)),
            (None, Some("Application/VND.ipld.raw, */*"), Ok(Raw)),
            (None, Some("application/vnd.ipld.raw;q=0.1, application/vnd.ipld.car"), Ok(Car(PLAIN_CAR))),
            (None, Some("application/vnd.ipld.car; version=1; order=dfs; dups=y"), Ok(dups.clone())),
            (
                None,
                Some("application/vnd.ipld.car;order=foo, application/vnd.ipld.car;dups=y;q=0.5"),
                Ok(dups),
            ),
            (None, Some("application/vnd.ipld.car;version=2"), Err(StatusCode::NOT_ACCEPTABLE)),
            (None, Some("application/vnd.ipfs.ipns-record"), Err(StatusCode::NOT_ACCEPTABLE)),
            (None, Some("application/vnd.ipld.dag-json, audio/*;q=0.1"), Ok(File)),
            (None, Some("application/vnd.ipld.raw;q=0, */*"), Ok(File)),
            (Some("car"), Some("application/vnd.ipld.raw"), Ok(Car(PLAIN_CAR))),
            (Some("raw"), Some("application/vnd.ipld.car"), Ok(Raw)),
            (Some("dag-json"), None, Err(StatusCode::NOT_ACCEPTABLE)),
            (Some("tar"), Some("*/*"), Err(StatusCode::NOT_ACCEPTABLE)),
        ];
        for (format, accept, want) in cases {
            assert_eq!(ask(format, accept), want, "{format:?} {accept:?}");
        }
    }

    #[test]
    fn entity_bytes_as_in_the_specification() {
        let resolve = |text: &str| EntityBytes::parse(text).map(|e| e.resolve(10));
        assert_eq!(resolve("0:*"), Some(0..10));
        assert_eq!(resolve("-4:*"), Some(6..10));
        assert_eq!(resolve("4:-3"), Some(4..8));
        assert_eq!(resolve("0:0"), Some(0..1));
        assert_eq!(resolve("-20:3"), Some(0..4));
        assert_eq!(resolve("5:200"), Some(5..10));
        for beyond in ["10:*", "20:30", "0:-11", "8:-5", "-1:0"] {
            assert_eq!(resolve(beyond), Some(0..0), "{beyond}");
        }
        for bad in [
            "",
            ":",
            "1",
            "*:1",
            "1:",
            ":1",
            "5:4",
            "-1:-2",
            "a:b",
            "+1:2",
            "0:1:2",
            "--1:2",
            "99999999999999999999:*",
        ] {
            assert_eq!(resolve(bad), None, "{bad}");
        }
    }

    proptest! {
        /// Against the definition, byte by byte.
        #[test]
        fn entity_bytes_hold_exactly_the_bytes_between_both_ends(from in -30i64..30, to in proptest::option::of(-30i64..30), size in 0u64..20) {
            let text = to.map_or(format!("{from}:*"), |to| format!("{from}:{to}"));
            if let Some(e) = EntityBytes::parse(&text) {
                let absolute = |n: i64| if n < 0 { n + size as i64 } else { n };
                let got = e.resolve(size);
                for byte in 0..size {
                    let b = byte as i64;
                    let inside = absolute(from) <= b && to.is_none_or(|to| b <= absolute(to));
                    prop_assert_eq!(got.contains(&byte), inside, "{} of {} at {}", text, size, byte);
                }
            }
        }
    }
}
