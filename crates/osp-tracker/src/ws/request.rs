//! From a client to a tracker.

use super::{Description, MAX_OFFERS, MAX_SCRAPE, Offer, OfferId, WsError, json, object};
use crate::{Event, latin1::Latin1};
use osp_swarm::{InfoHash, PeerId};
use serde::{Deserialize, Deserializer, Serialize};

/// A message to a tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Being in a swarm.
    Announce(Announce),
    /// An answer to an offer that came.
    Answer(Answer),
    /// How many are in these swarms.
    Scrape(Vec<InfoHash>),
}

/// An announce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announce {
    /// The swarm.
    pub infohash: InfoHash,
    /// Who.
    pub peer_id: PeerId,
    /// What it reports.
    pub event: Event,
    /// Bytes sent to peers.
    pub uploaded: u64,
    /// Bytes from peers.
    pub downloaded: u64,
    /// Bytes still to come; `None` when that is not known (there is no metadata yet).
    pub left: Option<u64>,
    /// Offers, one for each peer that is wanted.
    pub offers: Vec<Offer>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The swarm.
    pub infohash: InfoHash,
    /// Who answers.
    pub peer_id: PeerId,
    /// Who offered.
    pub to: PeerId,
    /// The offer.
    pub offer_id: OfferId,
    /// The session description.
    pub sdp: String,
}

#[derive(Deserialize)]
struct In {
    action: Option<String>,
    info_hash: Option<OneOrMany>,
    peer_id: Option<Latin1>,
    event: Option<String>,
    #[serde(default, deserialize_with = "count")]
    uploaded: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    downloaded: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    left: Option<u64>,
    offers: Option<Vec<InOffer>>,
    answer: Option<Description>,
    to_peer_id: Option<Latin1>,
    offer_id: Option<Latin1>,
}

#[derive(Deserialize)]
struct InOffer {
    offer: Description,
    offer_id: Latin1,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Latin1),
    Many(Vec<Latin1>),
}

/// A number of bytes. JavaScript also writes `null` (for `Infinity`), and fractions come about by division.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = Option::<serde_json::Number>::deserialize(deserializer)?;
    // Negative ones and NaN become 0, what is too large the largest.
    Ok(value.and_then(|number| number.as_u64().or_else(|| number.as_f64().map(|float| float as u64))))
}

#[derive(Serialize)]
struct Out<'a> {
    action: &'static str,
    info_hash: Latin1,
    peer_id: Latin1,
    #[serde(flatten)]
    rest: Rest<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Rest<'a> {
    Announce {
        uploaded: u64,
        downloaded: u64,
        left: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        event: Option<&'static str>,
        numwant: usize,
        offers: Vec<OutOffer>,
    },
    Answer {
        to_peer_id: Latin1,
        answer: &'a Description,
        offer_id: Latin1,
    },
}

#[derive(Serialize)]
struct OutOffer {
    offer: Description,
    offer_id: Latin1,
}

impl Request {
    /// Reads a message.
    ///
    /// # Errors
    /// [`WsError`]; nothing of such a message is used.
    pub fn parse(text: &str) -> Result<Self, WsError> {
        let message: In = object(text)?;
        match message.action.as_deref() {
            Some("announce") => message.announce(),
            Some("scrape") => {
                let all = match message.info_hash {
                    None => return Err(WsError::Missing("info_hash")),
                    Some(OneOrMany::One(one)) => vec![one],
                    Some(OneOrMany::Many(many)) => many,
                };
                if all.len() > MAX_SCRAPE {
                    return Err(WsError::TooMany("infohashes"));
                }
                Ok(Self::Scrape(all.into_iter().map(|hash| InfoHash(hash.0)).collect()))
            }
            _ => Err(WsError::Action),
        }
    }

    /// The message as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        match self {
            Self::Announce(a) => json(&Out {
                action: "announce",
                info_hash: Latin1(a.infohash.0),
                peer_id: Latin1(a.peer_id.0),
                rest: Rest::Announce {
                    uploaded: a.uploaded,
                    downloaded: a.downloaded,
                    left: a.left,
                    event: a.event.name(),
                    numwant: a.offers.len(),
                    offers: a
                        .offers
                        .iter()
                        .map(|o| OutOffer {
                            offer: Description::new("offer", &o.sdp),
                            offer_id: Latin1(o.id.0),
                        })
                        .collect(),
                },
            }),
            Self::Answer(a) => json(&Out {
                action: "announce",
                info_hash: Latin1(a.infohash.0),
                peer_id: Latin1(a.peer_id.0),
                rest: Rest::Answer {
                    to_peer_id: Latin1(a.to.0),
                    answer: &Description::new("answer", &a.sdp),
                    offer_id: Latin1(a.offer_id.0),
                },
            }),
            Self::Scrape(all) => {
                let all: Vec<Latin1> = all.iter().map(|hash| Latin1(hash.0)).collect();
                json(&serde_json::json!({ "action": "scrape", "info_hash": all }))
            }
        }
    }
}

impl In {
    fn announce(self) -> Result<Request, WsError> {
        let Some(OneOrMany::One(infohash)) = self.info_hash else {
            return Err(WsError::Missing("info_hash"));
        };
        let infohash = InfoHash(infohash.0);
        let peer_id = PeerId(self.peer_id.ok_or(WsError::Missing("peer_id"))?.0);
        if let Some(answer) = self.answer {
            return Ok(Request::Answer(Answer {
                infohash,
                peer_id,
                to: PeerId(self.to_peer_id.ok_or(WsError::Missing("to_peer_id"))?.0),
                offer_id: OfferId(self.offer_id.ok_or(WsError::Missing("offer_id"))?.0),
                sdp: answer.sdp("answer")?,
            }));
        }
        let offers = self.offers.unwrap_or_default();
        if offers.len() > MAX_OFFERS {
            return Err(WsError::TooMany("offers"));
        }
        let offer = |o: InOffer| Ok(Offer { id: OfferId(o.offer_id.0), sdp: o.offer.sdp("offer")? });
        Ok(Request::Announce(Announce {
            infohash,
            peer_id,
            event: self.event.as_deref().map(Event::from_name).unwrap_or_default(),
            uploaded: self.uploaded.unwrap_or(0),
            downloaded: self.downloaded.unwrap_or(0),
            left: self.left,
            offers: offers.into_iter().map(offer).collect::<Result<_, _>>()?,
        }))
    }
}
