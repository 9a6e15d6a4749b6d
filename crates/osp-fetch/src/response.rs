//! Answers, read within their limits.

use crate::{FetchError, Limits, Target, client::transport_error};
use bytes::{Bytes, BytesMut};
use reqwest::{StatusCode, header::HeaderMap};
use tokio::time::{Instant, timeout_at};

/// An answer whose head has come. Dropping it closes the transfer.
pub struct Response {
    pub(crate) inner: reqwest::Response,
    pub(crate) target: Target,
    pub(crate) limits: Limits,
    pub(crate) deadline: Instant,
    pub(crate) received: u64,
}

impl Response {
    /// The status. Answers of every status are given back as they are; redirects were followed.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// One header, if it is there and text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.inner.headers().get(name)?.to_str().ok()
    }

    /// The media type, without parameters, in lower case.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let text = self.header("content-type")?;
        Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// Bytes of body as announced.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// Where the answer came from, after redirects.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Tightens the limits once it is known how much is still to come: `bytes` from now, in the time that
    /// [`Limits::content`] gives them. Limits are never widened.
    pub fn expect_at_most(&mut self, bytes: u64) {
        let limits = Limits::content(bytes);
        self.limits.max_bytes = self.limits.max_bytes.min(self.received.saturating_add(bytes));
        self.deadline = self.deadline.min(Instant::now() + limits.total);
    }

    /// The next part of the body; `None` at its end.
    ///
    /// # Errors
    /// [`FetchError::TooBig`], [`FetchError::Timeout`], [`FetchError::Broken`]; a body shorter than announced is
    /// broken.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        let Limits { max_bytes, idle, total } = self.limits;
        let idle_end = Instant::now() + idle;
        let timeout = |what, after| FetchError::Timeout { url: self.target.to_string(), what, after };
        let chunk = match timeout_at(idle_end.min(self.deadline), self.inner.chunk()).await {
            Err(_) if idle_end < self.deadline => return Err(timeout("sent nothing", idle)),
            Err(_) => return Err(timeout("was not done", total)),
            Ok(chunk) => chunk.map_err(|e| transport_error(&self.target, &e))?,
        };
        self.received += chunk.as_ref().map_or(0, |bytes| bytes.len() as u64);
        if self.received > max_bytes {
            return Err(FetchError::TooBig { url: self.target.to_string(), limit: max_bytes });
        }
        Ok(chunk)
    }

    /// The whole body.
    ///
    /// # Errors
    /// As [`Response::chunk`].
    pub async fn bytes(mut self) -> Result<Bytes, FetchError> {
        // Capacity follows what arrives, not what is announced.
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}
