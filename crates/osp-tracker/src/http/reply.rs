//! What is answered: a bencoded dictionary.

use super::{MAX_PEERS, MAX_SCRAPE};
use crate::{
    Interval, Stats,
    latin1::Latin1,
    udp::{addresses, compact},
};
use osp_core::bencode::{self, Dict, DictWriter, KeyOrder, Value};
use osp_swarm::{InfoHash, PeerId};
use std::{net::SocketAddr, time::Duration};

/// Longest reply that is read, in bytes: 10,000 peers in their long form, of which [`MAX_PEERS`] are taken.
pub const MAX_REPLY_BYTES: usize = 1024 * 1024;
/// Longest failure reason that is kept, in characters.
const MAX_REASON: usize = 200;

/// The answer to an announce.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnnounceReply {
    /// When to announce next.
    pub interval: Interval,
    /// How many are in the swarm.
    pub stats: Stats,
    /// Some of them. Of a reply in the long form, those with an IP address and not a name.
    pub peers: Vec<(SocketAddr, Option<PeerId>)>,
}

/// Why an answer is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// Not a bencoded dictionary, or too long.
    #[error("the tracker's answer is no bencoded dictionary")]
    Malformed,
    /// The tracker refuses.
    #[error("the tracker refuses: {0}")]
    Failure(String),
}

impl AnnounceReply {
    /// Reads an answer. What has a wrong type is taken as missing, and dictionaries need not be sorted: some
    /// trackers' are not.
    ///
    /// # Errors
    /// [`ReplyError`]
    pub fn parse(body: &[u8]) -> Result<Self, ReplyError> {
        let dict = dictionary(body)?;
        let seconds =
            |key: &[u8]| dict.integer(key).and_then(|n| u64::try_from(n).ok()).map(Duration::from_secs);
        let mut peers = Vec::new();
        for (key, ipv6) in [(&b"peers"[..], false), (b"peers6", true)] {
            match dict.get(key) {
                Some(Value::Bytes(bytes)) => {
                    let bytes = &bytes[..bytes.len().min(MAX_PEERS * if ipv6 { 18 } else { 6 })];
                    peers.extend(addresses(bytes, ipv6).into_iter().map(|peer| (peer, None)));
                }
                Some(Value::List(list)) => peers.extend(list.iter().filter_map(long).take(MAX_PEERS)),
                _ => {}
            }
        }
        peers.truncate(MAX_PEERS);
        Ok(Self {
            interval: Interval { usual: seconds(b"interval"), min: seconds(b"min interval") },
            stats: stats(dict),
            peers,
        })
    }

    /// The body of an answer: compact, or in the long form.
    #[must_use]
    pub fn to_bytes(&self, compact_form: bool) -> Vec<u8> {
        let form = |ipv6: bool| {
            let mut out = Vec::new();
            compact(&mut out, self.peers.iter().map(|(a, _)| a).filter(|a| a.is_ipv6() == ipv6));
            out
        };
        bencode::dict(|dict| {
            dict.integer(b"complete", self.stats.complete.into());
            dict.integer(b"incomplete", self.stats.incomplete.into());
            if let Some(usual) = self.interval.usual {
                dict.integer(b"interval", usual.as_secs().try_into().unwrap_or(i64::MAX));
            }
            if let Some(min) = self.interval.min {
                dict.integer(b"min interval", min.as_secs().try_into().unwrap_or(i64::MAX));
            }
            if compact_form {
                dict.bytes(b"peers", &form(false)).bytes(b"peers6", &form(true));
                return;
            }
            dict.list(b"peers", |list| {
                for (address, id) in &self.peers {
                    list.dict(|peer| {
                        peer.bytes(b"ip", address.ip().to_string().as_bytes());
                        if let Some(id) = id {
                            peer.bytes(b"peer id", &id.0);
                        }
                        peer.integer(b"port", address.port().into());
                    });
                }
            });
        })
    }
}

/// A refusal.
#[must_use]
pub fn failure(reason: &str) -> Vec<u8> {
    bencode::dict(|dict: &mut DictWriter<'_>| {
        dict.bytes(b"failure reason", reason.as_bytes());
    })
}

/// The answer to a scrape. Each infohash must be there once, in ascending order.
#[must_use]
pub fn scrape_reply(all: &std::collections::BTreeMap<InfoHash, Stats>) -> Vec<u8> {
    bencode::dict(|dict| {
        dict.dict(b"files", |files| {
            for (hash, stats) in all {
                files.dict(&hash.0, |file| {
                    file.integer(b"complete", stats.complete.into())
                        .integer(b"downloaded", stats.downloaded.into())
                        .integer(b"incomplete", stats.incomplete.into());
                });
            }
        });
    })
}

/// Reads the answer to a scrape: at most [`MAX_SCRAPE`] swarms.
///
/// # Errors
/// [`ReplyError`]
pub fn scraped(body: &[u8]) -> Result<Vec<(InfoHash, Stats)>, ReplyError> {
    let files = dictionary(body)?.dict(b"files").ok_or(ReplyError::Malformed)?;
    let one = |(key, value): (&[u8], Value<'_>)| {
        // `bittorrent-tracker` writes the bytes of an infohash as if they were characters, in UTF-8.
        let latin1 = || Latin1::parse(std::str::from_utf8(key).ok()?).map(|text| text.0);
        let hash = key.try_into().ok().or_else(latin1)?;
        Some((InfoHash(hash), stats(value.dict()?)))
    };
    Ok(files.iter().take(MAX_SCRAPE).filter_map(one).collect())
}

fn dictionary(body: &[u8]) -> Result<Dict<'_>, ReplyError> {
    if body.len() > MAX_REPLY_BYTES {
        return Err(ReplyError::Malformed);
    }
    // Some trackers end their answers with a line break.
    let (value, _) = bencode::read_first(body, KeyOrder::Any).map_err(|_| ReplyError::Malformed)?;
    let dict = value.dict().ok_or(ReplyError::Malformed)?;
    match dict.bytes(b"failure reason") {
        Some(reason) => {
            let reason = String::from_utf8_lossy(&reason[..reason.len().min(4 * MAX_REASON)]);
            let reason = reason.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
            Err(ReplyError::Failure(reason))
        }
        None => Ok(dict),
    }
}

fn stats(dict: Dict<'_>) -> Stats {
    let count = |key: &[u8]| u32::try_from(dict.integer(key).unwrap_or(0).max(0)).unwrap_or(u32::MAX);
    Stats { complete: count(b"complete"), incomplete: count(b"incomplete"), downloaded: count(b"downloaded") }
}

/// A peer in the long form.
fn long(value: Value<'_>) -> Option<(SocketAddr, Option<PeerId>)> {
    let peer = value.dict()?;
    let ip = peer.text(b"ip")?.trim_matches(['[', ']']).parse().ok()?;
    let port = u16::try_from(peer.integer(b"port")?).ok().filter(|port| *port != 0)?;
    let id = peer.bytes(b"peer id").and_then(|id| id.try_into().ok()).map(PeerId);
    Some((SocketAddr::new(ip, port), id))
}
