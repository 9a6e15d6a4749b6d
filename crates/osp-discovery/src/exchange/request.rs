//! What is asked.

use super::{
    MAX_CURSOR_BYTES, MAX_ID_BYTES, MAX_IDS, MAX_REQUEST_BYTES, MessageError, PAGE,
    bounded::{List, Text},
};
use crate::key::{IndexKey, MAX_KEY_BYTES};
use serde::{Deserialize, Serialize};

/// Which records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Those under a key.
    Key(IndexKey),
    /// Those with these ids: 1 to [`MAX_IDS`] of at most [`MAX_ID_BYTES`] each.
    Ids(Vec<String>),
    /// All that the peer gives to others, in the order in which it learned of them.
    Feed,
}

/// A request for one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which records.
    pub query: Query,
    /// Most items wanted, 1 to [`PAGE`].
    pub limit: usize,
    /// The `next` of the page before; not for [`Query::Ids`].
    pub after: Option<String>,
    /// Whether ids will do.
    pub ids_only: bool,
}

impl Request {
    /// Asks for a first page of whole records, as long as can be.
    #[must_use]
    pub fn new(query: Query) -> Self {
        Self { query, limit: PAGE, after: None, ids_only: false }
    }

    /// Reads the JSON of a frame. A `limit` of 0 or over [`PAGE`] is taken for the nearest that can be.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn parse(json: &[u8]) -> Result<Self, MessageError> {
        if json.len() > MAX_REQUEST_BYTES {
            return Err(MessageError::TooLong(json.len()));
        }
        let read: Read = serde_json::from_slice(json).map_err(|e| MessageError::Json(e.to_string()))?;
        let query = match (read.key, read.ids, read.feed.unwrap_or(false)) {
            (Some(key), None, false) => Query::Key(IndexKey::parse(&key.0)?),
            (None, Some(ids), false) if !ids.0.is_empty() => {
                Query::Ids(ids.0.into_iter().map(|id| id.0).collect())
            }
            (None, None, true) => Query::Feed,
            _ => return Err(MessageError::NoQuery),
        };
        Ok(Self {
            query,
            limit: read.limit.map_or(PAGE, |n| usize::try_from(n).unwrap_or(PAGE).clamp(1, PAGE)),
            after: read.after.map(|cursor| cursor.0),
            ids_only: read.only.is_some_and(|only| only.0 == "ids"),
        })
    }

    /// The JSON of a frame.
    ///
    /// # Errors
    /// [`MessageError::OverLimit`] when the ids or the cursor are more or longer than others read.
    pub fn to_json(&self) -> Result<Vec<u8>, MessageError> {
        let mut out = Write { limit: (self.limit != PAGE).then_some(self.limit), ..Write::default() };
        match &self.query {
            Query::Key(key) => out.key = Some(key.as_str()),
            Query::Ids(ids) => {
                if ids.is_empty() || ids.len() > MAX_IDS || ids.iter().any(|id| id.len() > MAX_ID_BYTES) {
                    return Err(MessageError::OverLimit("the list of ids"));
                }
                out.ids = Some(ids);
            }
            Query::Feed => out.feed = Some(true),
        }
        out.after = self.after.as_deref();
        if out.after.is_some_and(|cursor| cursor.len() > MAX_CURSOR_BYTES) {
            return Err(MessageError::OverLimit("the cursor"));
        }
        out.only = self.ids_only.then_some("ids");
        let json = serde_json::to_vec(&out).map_err(|e| MessageError::Json(e.to_string()))?;
        // Control characters take six bytes each.
        if json.len() > MAX_REQUEST_BYTES { Err(MessageError::TooLong(json.len())) } else { Ok(json) }
    }
}

/// `only` of a later version may be longer than `ids`; it is read and means nothing.
const MAX_WORD: usize = 32;

#[derive(Deserialize)]
struct Read {
    key: Option<Text<MAX_KEY_BYTES>>,
    ids: Option<List<Text<MAX_ID_BYTES>, MAX_IDS>>,
    feed: Option<bool>,
    limit: Option<u64>,
    after: Option<Text<MAX_CURSOR_BYTES>>,
    only: Option<Text<MAX_WORD>>,
}

#[derive(Default, Serialize)]
struct Write<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    only: Option<&'a str>,
}
