//! From a tracker to a client.

use super::{Description, MAX_SCRAPE, Offer, OfferId, WsError, json, object};
use crate::{Interval, Stats, latin1::Latin1};
use osp_swarm::{InfoHash, PeerId};
use serde::{Deserialize, Deserializer, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// Longest failure reason that is kept, in characters.
const MAX_REASON: usize = 200;

/// A message from a tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To an announce.
    Announced {
        /// The swarm.
        infohash: InfoHash,
        /// How many are in it.
        stats: Stats,
        /// When to announce next.
        interval: Interval,
    },
    /// Somebody's offer, to be answered.
    Offer {
        /// The swarm.
        infohash: InfoHash,
        /// Who offers.
        peer_id: PeerId,
        /// The offer.
        offer: Offer,
    },
    /// Somebody's answer to an offer of ours.
    Answer {
        /// The swarm.
        infohash: InfoHash,
        /// Who answers.
        peer_id: PeerId,
        /// Which offer.
        offer_id: OfferId,
        /// The session description.
        sdp: String,
    },
    /// To a scrape.
    Scraped(Vec<(InfoHash, Stats)>),
    /// The tracker refuses.
    Failure {
        /// Which swarm, if it says so.
        infohash: Option<InfoHash>,
        /// Why, in its words, shortened.
        reason: String,
    },
}

#[derive(Deserialize)]
struct In {
    action: Option<String>,
    info_hash: Option<Latin1>,
    #[serde(default, deserialize_with = "whole")]
    complete: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    incomplete: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    interval: Option<u64>,
    #[serde(rename = "min interval", default, deserialize_with = "whole")]
    min_interval: Option<u64>,
    peer_id: Option<Latin1>,
    offer: Option<Description>,
    answer: Option<Description>,
    offer_id: Option<Latin1>,
    files: Option<BTreeMap<String, File>>,
    #[serde(rename = "failure reason")]
    failure: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct File {
    #[serde(default)]
    complete: u32,
    #[serde(default)]
    incomplete: u32,
    #[serde(default)]
    downloaded: u32,
}

fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = Option::<serde_json::Number>::deserialize(deserializer)?;
    Ok(value.and_then(|number| number.as_u64().or_else(|| number.as_f64().map(|float| float as u64))))
}

#[derive(Serialize)]
struct Out {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    info_hash: Option<Latin1>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Rest {
    Announced {
        complete: u32,
        incomplete: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        interval: Option<u64>,
        #[serde(rename = "min interval", skip_serializing_if = "Option::is_none")]
        min_interval: Option<u64>,
    },
    Offer {
        peer_id: Latin1,
        offer_id: Latin1,
        offer: Description,
    },
    Answer {
        peer_id: Latin1,
        offer_id: Latin1,
        answer: Description,
    },
    Scraped {
        files: BTreeMap<String, File>,
    },
    Failure {
        #[serde(rename = "failure reason")]
        reason: String,
    },
}

impl Reply {
    /// Reads a message.
    ///
    /// # Errors
    /// [`WsError`]; nothing of such a message is used.
    pub fn parse(text: &str) -> Result<Self, WsError> {
        let message: In = object(text)?;
        let infohash = message.info_hash.map(|hash| InfoHash(hash.0));
        if let Some(reason) = message.failure {
            let reason = reason.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
            return Ok(Self::Failure { infohash, reason });
        }
        match message.action.as_deref() {
            Some("announce") => message.announce(infohash.ok_or(WsError::Missing("info_hash"))?),
            Some("scrape") => {
                let files = message.files.ok_or(WsError::Missing("files"))?;
                if files.len() > MAX_SCRAPE {
                    return Err(WsError::TooMany("infohashes"));
                }
                let one = |(key, file): (String, File)| {
                    let hash = Latin1::parse(&key).ok_or(WsError::Missing("info_hash"))?;
                    let File { complete, incomplete, downloaded } = file;
                    Ok((InfoHash(hash.0), Stats { complete, incomplete, downloaded }))
                };
                files.into_iter().map(one).collect::<Result<_, _>>().map(Self::Scraped)
            }
            _ => Err(WsError::Action),
        }
    }

    /// The message as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let hash = |infohash: &InfoHash| Some(Latin1(infohash.0));
        let announce = |info_hash, rest| json(&Out { action: "announce", info_hash, rest });
        match self {
            Self::Announced { infohash, stats, interval } => {
                let rest = Rest::Announced {
                    complete: stats.complete,
                    incomplete: stats.incomplete,
                    interval: interval.usual.map(|i| i.as_secs()),
                    min_interval: interval.min.map(|i| i.as_secs()),
                };
                announce(hash(infohash), rest)
            }
            Self::Offer { infohash, peer_id, offer } => {
                let rest = Rest::Offer {
                    peer_id: Latin1(peer_id.0),
                    offer_id: Latin1(offer.id.0),
                    offer: Description::new("offer", &offer.sdp),
                };
                announce(hash(infohash), rest)
            }
            Self::Answer { infohash, peer_id, offer_id, sdp } => {
                let rest = Rest::Answer {
                    peer_id: Latin1(peer_id.0),
                    offer_id: Latin1(offer_id.0),
                    answer: Description::new("answer", sdp),
                };
                announce(hash(infohash), rest)
            }
            Self::Scraped(all) => {
                let file = |(hash, stats): &(InfoHash, Stats)| {
                    let Stats { complete, incomplete, downloaded } = *stats;
                    (Latin1(hash.0).text(), File { complete, incomplete, downloaded })
                };
                let rest = Rest::Scraped { files: all.iter().map(file).collect() };
                json(&Out { action: "scrape", info_hash: None, rest })
            }
            Self::Failure { infohash, reason } => {
                announce(infohash.as_ref().and_then(hash), Rest::Failure { reason: reason.clone() })
            }
        }
    }
}

impl In {
    fn announce(self, infohash: InfoHash) -> Result<Reply, WsError> {
        let peer_id = self.peer_id.map(|id| PeerId(id.0)).ok_or(WsError::Missing("peer_id"));
        let offer_id = self.offer_id.map(|id| OfferId(id.0)).ok_or(WsError::Missing("offer_id"));
        if let Some(offer) = self.offer {
            let offer = Offer { id: offer_id?, sdp: offer.sdp("offer")? };
            return Ok(Reply::Offer { infohash, peer_id: peer_id?, offer });
        }
        if let Some(answer) = self.answer {
            let sdp = answer.sdp("answer")?;
            return Ok(Reply::Answer { infohash, peer_id: peer_id?, offer_id: offer_id?, sdp });
        }
        let few = |count: Option<u64>| u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX);
        Ok(Reply::Announced {
            infohash,
            stats: Stats { complete: few(self.complete), incomplete: few(self.incomplete), downloaded: 0 },
            interval: Interval {
                usual: self.interval.map(Duration::from_secs),
                min: self.min_interval.map(Duration::from_secs),
            },
        })
    }
}
