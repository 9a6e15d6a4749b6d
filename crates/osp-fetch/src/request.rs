//! What is asked, and how much is taken for an answer.

use crate::Target;
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt as _};
use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE},
};
use std::{io, time::Duration};

/// The slowest a long transfer may be on the whole, in bytes a second.
const SLOWEST: u64 = 16 * 1024;

/// How much is read, and how long is waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of body.
    pub max_bytes: u64,
    /// Longest silence: before the answer starts and between two parts of it.
    pub idle: Duration,
    /// Longest time for everything, redirects included.
    pub total: Duration,
}

impl Limits {
    /// For something small that is wanted now (a record, a DID document): 10 s of silence, 30 s in all.
    #[must_use]
    pub fn document(max_bytes: u64) -> Self {
        Self { max_bytes, idle: Duration::from_secs(10), total: Duration::from_secs(30) }
    }

    /// For content: 20 s of silence; in all a minute, and what `max_bytes` take at 16 KiB a second, so that nobody
    /// can hold a transfer for ever with a byte now and then.
    #[must_use]
    pub fn content(max_bytes: u64) -> Self {
        let total = Duration::from_secs(60 + max_bytes / SLOWEST);
        Self { max_bytes, idle: Duration::from_secs(20), total }
    }
}

/// What is sent along.
pub enum Body {
    /// Bytes at hand.
    Bytes(Bytes),
    /// Bytes from a stream, with their number.
    Stream {
        /// The bytes.
        stream: BoxStream<'static, io::Result<Bytes>>,
        /// How many there are.
        len: u64,
    },
}

impl Body {
    /// A body of `len` bytes from a stream.
    pub fn stream(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static, len: u64) -> Self {
        Self::Stream { stream: stream.boxed(), len }
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stream { len, .. } => *len,
        }
    }
}

/// One request.
pub struct Request {
    pub(crate) method: Method,
    pub(crate) target: Target,
    pub(crate) headers: HeaderMap,
    pub(crate) bearer: Option<HeaderValue>,
    pub(crate) body: Option<Body>,
    pub(crate) limits: Limits,
}

impl Request {
    fn new(method: Method, target: Target, limits: Limits, body: Option<Body>) -> Self {
        Self { method, target, headers: HeaderMap::new(), bearer: None, body, limits }
    }

    /// GET.
    #[must_use]
    pub fn get(target: Target, limits: Limits) -> Self {
        Self::new(Method::GET, target, limits, None)
    }

    /// HEAD.
    #[must_use]
    pub fn head(target: Target) -> Self {
        Self::new(Method::HEAD, target, Limits::document(0), None)
    }

    /// PUT. The time limit allows for the body at the rate of [`Limits::content`]; an answer of 64 KiB is read.
    #[must_use]
    pub fn put(target: Target, body: Body) -> Self {
        Self::write(Method::PUT, target, body)
    }

    /// POST; limits as for [`Request::put`].
    #[must_use]
    pub fn post(target: Target, body: Body) -> Self {
        Self::write(Method::POST, target, body)
    }

    fn write(method: Method, target: Target, body: Body) -> Self {
        let limits = Limits { max_bytes: 64 * 1024, ..Limits::content(body.len()) };
        Self::new(method, target, limits, Some(body))
    }

    /// `Accept`
    #[must_use]
    pub fn accept(self, media_type: &'static str) -> Self {
        self.header(ACCEPT, HeaderValue::from_static(media_type))
    }

    /// `Content-Type` of the body.
    #[must_use]
    pub fn content_type(self, media_type: &'static str) -> Self {
        self.header(CONTENT_TYPE, HeaderValue::from_static(media_type))
    }

    /// `Range: bytes=<from>-[<last>]`, `last` included. The answer may be the whole body: look at the status.
    #[must_use]
    pub fn range(self, from: u64, last: Option<u64>) -> Self {
        let text = last.map_or_else(|| format!("bytes={from}-"), |last| format!("bytes={from}-{last}"));
        self.header(RANGE, HeaderValue::try_from(text).expect("digits and hyphens are a header value"))
    }

    /// Any other header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// `Authorization: Bearer …`, for the target's origin only, never for where it redirects to. A token with
    /// characters that no header may have is left out, and the server will say that it is missing.
    #[must_use]
    pub fn bearer(mut self, token: &str) -> Self {
        self.bearer = HeaderValue::try_from(format!("Bearer {}", token.trim())).ok();
        if let Some(value) = &mut self.bearer {
            value.set_sensitive(true);
        }
        self
    }
}
