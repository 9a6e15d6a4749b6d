//! Magnet links, as far as OSP uses them (BEP 9, 19).

use super::piece::Sha1Digest;
use std::fmt::{self, Write as _};

/// Longest magnet that is read, in bytes: no record can hold a longer one.
pub const MAX_MAGNET_BYTES: usize = 64 * 1024;

/// A magnet link, as far as OSP uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Magnet {
    /// `xt=urn:btih:` (40 hex digits, either case, or 32 base32 characters)
    pub infohash: Sha1Digest,
    /// `xl`
    pub size: Option<u64>,
    /// `ws`
    pub web_seeds: Vec<String>,
    /// `tr`
    pub trackers: Vec<String>,
}

impl Magnet {
    /// Parses a magnet URI; unknown parameters, and further `xt` and `xl`, are ignored. `None` when there is no
    /// `xt=urn:btih:`, when one of the parameters we know cannot be read, or beyond [`MAX_MAGNET_BYTES`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_MAGNET_BYTES || !text.get(..8)?.eq_ignore_ascii_case("magnet:?") {
            return None;
        }
        let mut infohash = None;
        let mut magnet = Self { infohash: [0; 20], size: None, web_seeds: Vec::new(), trackers: Vec::new() };
        for parameter in text[8..].split('&') {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name {
                // Other hashes (btmh and the like) may stand beside ours.
                "xt" if infohash.is_none() => infohash = btih(&percent_decode(value)?)?,
                "xl" if magnet.size.is_none() => magnet.size = Some(decimal(value)?),
                "ws" => magnet.web_seeds.push(percent_decode(value)?),
                "tr" => magnet.trackers.push(percent_decode(value)?),
                _ => {}
            }
        }
        magnet.infohash = infohash?;
        Some(magnet)
    }

    /// The infohash as 40 lower-case hex digits.
    #[must_use]
    pub fn infohash_hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.infohash)
    }
}

/// `magnet:?xt=urn:btih:<40 lower-case hex>&xl=<bytes>&ws=…&tr=…`, URLs percent-encoded.
impl fmt::Display for Magnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "magnet:?xt=urn:btih:{}", self.infohash_hex())?;
        if let Some(size) = self.size {
            write!(f, "&xl={size}")?;
        }
        for (name, values) in [("ws", &self.web_seeds), ("tr", &self.trackers)] {
            for value in values {
                write!(f, "&{name}=")?;
                percent_encode(f, value)?;
            }
        }
        Ok(())
    }
}

/// `Some(None)` for a URN of another kind, `None` for a broken btih.
fn btih(urn: &str) -> Option<Option<Sha1Digest>> {
    const PREFIX: &str = "urn:btih:";
    let text = match urn.split_at_checked(PREFIX.len()) {
        Some((prefix, text)) if prefix.eq_ignore_ascii_case(PREFIX) => text,
        _ => return Some(None),
    };
    let encoding = match text.len() {
        40 => data_encoding::HEXLOWER_PERMISSIVE,
        32 => data_encoding::BASE32_NOPAD,
        _ => return None,
    };
    let bytes = encoding.decode(text.to_ascii_uppercase().as_bytes()).ok()?;
    Some(Some(bytes.try_into().ok()?))
}

/// Digits only: `parse` alone would take a plus sign too.
fn decimal(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Everything but RFC 3986 unreserved characters is escaped, as `encodeURIComponent` does (which leaves a few
/// more). A plus is a plus: magnets are no HTML forms.
fn percent_encode(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                f.write_char(byte.into())?
            }
            _ => write!(f, "%{byte:02X}")?,
        }
    }
    Ok(())
}

/// `None` when an escape is broken or the result is not UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push((high * 16 + low) as u8);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}
