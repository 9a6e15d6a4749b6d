//! What a client is told when a request fails.
//!
//! ```text
//!  {"error":{"code":404,"class":"not-found","message":"…","hint":"…"}}          code is the HTTP status
//!  {"error":{…,"class":"retracted"},"retraction":{…}}                          410, with the artist's own word
//! ```

use crate::verify::VerifyError;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use osp_core::record::Refusal;
use osp_store::StoreError;

/// A failed request: status, class word, a sentence for a person, and what to do next.
#[derive(Clone, Debug)]
pub struct ApiError {
    status: StatusCode,
    class: &'static str,
    message: String,
    hint: Option<&'static str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    retraction: Option<Bytes>,
}

impl ApiError {
    /// An error with a status and a class of spec/schemas/error.json.
    #[must_use]
    pub fn new(status: StatusCode, class: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, class, message, hint: None, headers: Vec::new(), retraction: None }
    }

    /// 400: a parameter cannot be read.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "usage", message)
    }

    /// 404: not here.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", message)
    }

    /// 410: the operator does not serve it.
    #[must_use]
    pub fn blocked() -> Self {
        Self::new(StatusCode::GONE, "blocked", "the operator of this node does not serve it")
            .hint("another node may")
    }

    /// 403: the operator does not take it.
    #[must_use]
    pub fn refused_by_operator() -> Self {
        Self::new(StatusCode::FORBIDDEN, "blocked", "the operator of this node has blocked it")
            .hint("«osp block list» on the node shows what is blocked, «osp block remove» lifts it")
    }

    /// 410: the artist withdrew it. The signed retraction goes along, so that nobody need believe the node.
    #[must_use]
    pub fn retracted(retraction: Bytes) -> Self {
        let mut error = Self::new(StatusCode::GONE, "retracted", "the artist has withdrawn this track");
        error.retraction = Some(retraction);
        error
    }

    /// 410: content of which every record was withdrawn. Which one is meant is not said: there may be several.
    #[must_use]
    pub fn content_retracted() -> Self {
        Self::new(StatusCode::GONE, "retracted", "every record that names this content has been withdrawn")
            .hint("ask for the record: its answer carries the artist's signed retraction")
    }

    /// 401: no token, or not this node's.
    #[must_use]
    pub fn unauthorized(message: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
            .hint("send «Authorization: Bearer TOKEN» with the text of the file api-token in the node's home")
            .header(header::WWW_AUTHENTICATE, "Bearer")
    }

    /// 416: none of the `size` bytes is in the range asked for.
    #[must_use]
    pub fn no_such_range(size: u64) -> Self {
        Self::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "range",
            format!("there are {size} bytes, none of them in that range"),
        )
        .header(header::CONTENT_RANGE, &format!("bytes */{size}"))
    }

    /// 406: no such representation.
    #[must_use]
    pub fn not_acceptable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "unsupported", message)
            .hint("use ?format=raw, ?format=car (version 1), or neither for the file")
    }

    /// 413: over a limit.
    #[must_use]
    pub fn too_large(class: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, class, message)
    }

    /// 500: the node's own fault. What exactly is for its log.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "local", "the node failed to answer")
            .hint("its log says why")
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Adds a header; a value that is not one is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    fn to_json(&self) -> Vec<u8> {
        let error = serde_json::json!({
            "code": self.status.as_u16(),
            "class": self.class,
            "message": self.message,
            "hint": self.hint,
        });
        let mut out = format!("{{\"error\":{error}").into_bytes();
        if let Some(retraction) = &self.retraction {
            // Canonical JSON as the store verified it: passed on byte for byte.
            out.extend_from_slice(b",\"retraction\":");
            out.extend_from_slice(retraction);
        }
        out.push(b'}');
        out
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.to_json()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.extend(self.headers);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // An error of today says nothing about tomorrow: content arrives, blocks are lifted.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
        match error {
            StoreError::Full { .. } => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "local", "the node's disk is full")
                    .hint("its operator has to free some space; nothing was lost")
            }
            StoreError::Corrupt { cid } => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "local",
                format!("the node's copy of {cid} is damaged and is not served"),
            )
            .hint("fetch it from another node; the operator can run «osp doctor --scrub»"),
            _ => Self::internal(),
        }
    }
}

impl From<VerifyError> for ApiError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Refused(refusal) => refusal.into(),
            // Not the sender's fault, and perhaps gone in a minute: 422 would tell it never to come back.
            other => Self::new(StatusCode::BAD_GATEWAY, "unreachable", other.to_string())
                .hint("send the record again when the artist's web server answers"),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, refusal.class.as_str(), refusal.message)
            .hint("«osp verify FILE» says the same of the record before it is sent")
    }
}
