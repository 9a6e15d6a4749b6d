//! What is answered.

use super::{
    MAX_ANSWER_BYTES, MAX_CURSOR_BYTES, MAX_ID_BYTES, MAX_RECORD_BYTES, MessageError, PAGE,
    bounded::{List, Text},
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Room that the end of an answer may need: `],"next":"…"}` with a cursor escaped at its worst.
const TAIL: usize = 32 + 6 * MAX_CURSOR_BYTES;

/// Why a peer gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalReason {
    /// `busy`: ask later.
    Busy,
    /// `cursor`: the peer does not know the cursor (any more); begin anew.
    Cursor,
    /// `unsupported`: the peer does not answer such requests.
    Unsupported,
    /// A word that this version does not know.
    Other,
}

impl RefusalReason {
    /// The word in the message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Cursor => "cursor",
            Self::Unsupported => "unsupported",
            Self::Other => "other",
        }
    }

    fn of(word: &str) -> Self {
        [Self::Busy, Self::Cursor, Self::Unsupported]
            .into_iter()
            .find(|r| r.as_str() == word)
            .unwrap_or(Self::Other)
    }
}

/// A page. Nothing in it has been verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Records as JSON texts, each of at most [`MAX_RECORD_BYTES`].
    pub records: Vec<Vec<u8>>,
    /// Ids, when they were asked for and the peer knows that wish.
    pub ids: Vec<String>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// Why there is nothing.
    pub refused: Option<RefusalReason>,
}

impl Answer {
    /// A refusal.
    #[must_use]
    pub fn refusal(reason: RefusalReason) -> Self {
        Self { refused: Some(reason), ..Self::default() }
    }

    /// Reads the JSON of a frame. A record over its limit makes the whole answer refused: no honest peer has one.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn parse(json: &[u8]) -> Result<Self, MessageError> {
        if json.len() > MAX_ANSWER_BYTES {
            return Err(MessageError::TooLong(json.len()));
        }
        let read: Read<'_> = serde_json::from_slice(json).map_err(|e| MessageError::Json(e.to_string()))?;
        let records = read.records.unwrap_or_default().0;
        if records.iter().any(|record| record.get().len() > MAX_RECORD_BYTES) {
            return Err(MessageError::OverLimit("a record"));
        }
        Ok(Self {
            records: records.into_iter().map(|record| record.get().as_bytes().to_vec()).collect(),
            ids: read.ids.unwrap_or_default().0.into_iter().map(|id| id.0).collect(),
            next: read.next.map(|cursor| cursor.0),
            refused: read.refused.map(|word| RefusalReason::of(&word.0)),
        })
    }

    /// The JSON of a frame. Use [`AnswerBuilder`] to fill a page no further than it may be filled.
    ///
    /// # Errors
    /// [`MessageError`] when something is over its limit, or a record is no JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, MessageError> {
        let over = MessageError::OverLimit;
        if self.records.len() > PAGE || self.ids.len() > PAGE {
            return Err(over("the page"));
        }
        if self.next.as_ref().is_some_and(|cursor| cursor.len() > MAX_CURSOR_BYTES) {
            return Err(over("the cursor"));
        }
        if self.ids.iter().any(|id| id.len() > MAX_ID_BYTES) {
            return Err(over("an id"));
        }
        let json = |e: serde_json::Error| MessageError::Json(e.to_string());
        let mut out = Vec::with_capacity(256 + self.records.iter().map(|r| r.len() + 1).sum::<usize>());
        out.extend_from_slice(b"{\"records\":[");
        for (n, record) in self.records.iter().enumerate() {
            if record.len() > MAX_RECORD_BYTES {
                return Err(over("a record"));
            }
            let _: &RawValue = serde_json::from_slice(record).map_err(json)?;
            if n > 0 {
                out.push(b',');
            }
            out.extend_from_slice(record);
        }
        out.push(b']');
        if !self.ids.is_empty() {
            out.extend_from_slice(b",\"ids\":");
            serde_json::to_writer(&mut out, &self.ids).map_err(json)?;
        }
        if let Some(cursor) = &self.next {
            out.extend_from_slice(b",\"next\":");
            serde_json::to_writer(&mut out, cursor).map_err(json)?;
        }
        if let Some(reason) = self.refused {
            out.extend_from_slice(b",\"refused\":");
            serde_json::to_writer(&mut out, reason.as_str()).map_err(json)?;
        }
        out.push(b'}');
        if out.len() > MAX_ANSWER_BYTES { Err(MessageError::TooLong(out.len())) } else { Ok(out) }
    }
}

/// Fills a page until it is full.
#[derive(Debug)]
pub struct AnswerBuilder {
    answer: Answer,
    limit: usize,
    bytes: usize,
}

impl AnswerBuilder {
    /// A page of at most `limit` items (and at most [`PAGE`]).
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { answer: Answer::default(), limit: limit.clamp(1, PAGE), bytes: 32 + TAIL }
    }

    /// Adds a record; `false` when the page has no room for it: then the page ends before it. A record longer than any
    /// may be is left out, and the page goes on.
    pub fn record(&mut self, json: &[u8]) -> bool {
        if json.len() > MAX_RECORD_BYTES {
            return true;
        }
        let fits = self.take(json.len() + 1);
        if fits {
            self.answer.records.push(json.to_vec());
        }
        fits
    }

    /// Adds an id; `false` when the page has no room for it.
    pub fn id(&mut self, id: &str) -> bool {
        // Escaping makes a byte six at most; ids as they are need none.
        let fits = self.take(6 * id.len() + 3);
        if fits {
            self.answer.ids.push(id.to_owned());
        }
        fits
    }

    fn take(&mut self, bytes: usize) -> bool {
        let full = self.answer.records.len() + self.answer.ids.len() >= self.limit;
        if full || self.bytes + bytes > MAX_ANSWER_BYTES {
            return false;
        }
        self.bytes += bytes;
        true
    }

    /// The page, and where the next one begins.
    #[must_use]
    pub fn finish(mut self, next: Option<String>) -> Answer {
        self.answer.next = next;
        self.answer
    }
}

#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    records: Option<List<&'a RawValue, PAGE>>,
    ids: Option<List<Text<MAX_ID_BYTES>, PAGE>>,
    next: Option<Text<MAX_CURSOR_BYTES>>,
    refused: Option<Text<64>>,
}
