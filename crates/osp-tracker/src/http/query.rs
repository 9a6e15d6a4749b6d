//! What is asked: the query of the GET.

use super::MAX_SCRAPE;
use crate::{AnnounceKey, Event};
use osp_swarm::{InfoHash, PeerId};

/// Longest query that is read, in bytes: a scrape of [`MAX_SCRAPE`] infohashes.
const MAX_QUERY_BYTES: usize = 8 * 1024;

/// An announce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnounceQuery {
    /// The swarm.
    pub infohash: InfoHash,
    /// Who.
    pub peer_id: PeerId,
    /// Where it takes connections.
    pub port: u16,
    /// Bytes sent to peers.
    pub uploaded: u64,
    /// Bytes from peers.
    pub downloaded: u64,
    /// Bytes still to come; `None` when it does not say.
    pub left: Option<u64>,
    /// What it reports.
    pub event: Event,
    /// Most peers that are wanted; `None`: as many as the tracker likes.
    pub want: Option<u32>,
    /// Whether addresses are wanted in their compact form. Clients that do not say so get it as well (BEP 23 allows
    /// that); only an explicit 0 is heeded.
    pub compact: bool,
    /// What only the client itself knows: by it a later announce is known to be its own.
    pub key: Option<AnnounceKey>,
}

/// A scrape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrapeQuery {
    /// The swarms that are asked about.
    pub infohashes: Vec<InfoHash>,
}

/// Why a query cannot be answered. The messages go back as failure reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Longer than any such query.
    #[error("the query is too long")]
    TooLong,
    /// A parameter that has to be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A parameter that cannot be read.
    #[error("{0} cannot be read")]
    Invalid(&'static str),
    /// More than [`MAX_SCRAPE`] infohashes.
    #[error("too many infohashes")]
    TooMany,
}

impl AnnounceQuery {
    /// Reads a query, without its question mark. Unknown parameters are ignored; of one given twice the last counts.
    ///
    /// # Errors
    /// [`QueryError`]
    pub fn parse(query: &str) -> Result<Self, QueryError> {
        let (mut infohash, mut peer_id, mut port) = (None, None, None);
        let (mut uploaded, mut downloaded, mut left) = (0, 0, None);
        let (mut event, mut want, mut compact, mut key) = (Event::Update, None, true, None);
        for (name, value) in parameters(query)? {
            match name {
                "info_hash" => infohash = Some(InfoHash(twenty(value, "info_hash")?)),
                "peer_id" => peer_id = Some(PeerId(twenty(value, "peer_id")?)),
                "port" => port = Some(port_of(value)?),
                "uploaded" => uploaded = number(value, "uploaded")?,
                "downloaded" => downloaded = number(value, "downloaded")?,
                // Clients without metadata send words, or -1.
                "left" => left = number(value, "left").ok(),
                "event" => event = Event::from_name(value),
                // -1 means: as many as you like.
                "numwant" => want = number(value, "numwant").ok().map(|n| n.min(u64::from(u32::MAX)) as u32),
                "compact" => compact = value != "0",
                "key" => key = AnnounceKey::of_text(value),
                _ => {}
            }
        }
        Ok(Self {
            infohash: infohash.ok_or(QueryError::Missing("info_hash"))?,
            peer_id: peer_id.ok_or(QueryError::Missing("peer_id"))?,
            port: port.ok_or(QueryError::Missing("port"))?,
            uploaded,
            downloaded,
            left,
            event,
            want,
            compact,
            key,
        })
    }

    /// The query, without a question mark.
    #[must_use]
    pub fn to_query(&self) -> String {
        let mut out = String::with_capacity(300);
        out.push_str("info_hash=");
        percent_encode(&mut out, &self.infohash.0);
        out.push_str("&peer_id=");
        percent_encode(&mut out, &self.peer_id.0);
        for (name, value) in
            [("port", u64::from(self.port)), ("uploaded", self.uploaded), ("downloaded", self.downloaded)]
        {
            out.push_str(&format!("&{name}={value}"));
        }
        if let Some(left) = self.left {
            out.push_str(&format!("&left={left}"));
        }
        if let Some(event) = self.event.name() {
            out.push_str(&format!("&event={event}"));
        }
        if let Some(want) = self.want {
            out.push_str(&format!("&numwant={want}"));
        }
        out.push_str(if self.compact { "&compact=1" } else { "&compact=0" });
        if let Some(key) = self.key {
            out.push_str(&format!("&key={:016x}", key.0));
        }
        out
    }
}

impl ScrapeQuery {
    /// Reads a query, without its question mark.
    ///
    /// # Errors
    /// [`QueryError`]; also without any infohash, since a tracker does not tell everything it has.
    pub fn parse(query: &str) -> Result<Self, QueryError> {
        let mut infohashes = Vec::new();
        for (name, value) in parameters(query)? {
            if name == "info_hash" {
                infohashes.push(InfoHash(twenty(value, "info_hash")?));
            }
        }
        match infohashes.len() {
            0 => Err(QueryError::Missing("info_hash")),
            n if n > MAX_SCRAPE => Err(QueryError::TooMany),
            _ => Ok(Self { infohashes }),
        }
    }

    /// The query, without a question mark.
    #[must_use]
    pub fn to_query(&self) -> String {
        let mut out = String::new();
        for hash in &self.infohashes {
            out.push_str(if out.is_empty() { "info_hash=" } else { "&info_hash=" });
            percent_encode(&mut out, &hash.0);
        }
        out
    }
}

fn parameters(query: &str) -> Result<impl Iterator<Item = (&str, &str)>, QueryError> {
    if query.len() > MAX_QUERY_BYTES {
        return Err(QueryError::TooLong);
    }
    Ok(query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))))
}

fn number(text: &str, name: &'static str) -> Result<u64, QueryError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().ok_or(QueryError::Invalid(name))
}

fn port_of(text: &str) -> Result<u16, QueryError> {
    let port = number(text, "port")?;
    u16::try_from(port).ok().filter(|port| *port != 0).ok_or(QueryError::Invalid("port"))
}

/// Twenty bytes: escaped, or one by one as they are.
fn twenty(text: &str, name: &'static str) -> Result<[u8; 20], QueryError> {
    let invalid = QueryError::Invalid(name);
    let mut out = [0; 20];
    let mut bytes = text.bytes();
    for slot in &mut out {
        *slot = match bytes.next().ok_or(invalid)? {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let high = digit(bytes.next()).ok_or(invalid)?;
                let low = digit(bytes.next()).ok_or(invalid)?;
                (high * 16 + low) as u8
            }
            b'+' => b' ',
            byte => byte,
        };
    }
    bytes.next().is_none().then_some(out).ok_or(invalid)
}

/// Everything but the unreserved characters of RFC 3986.
fn percent_encode(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}
