//! The client: one request, its redirects, its answer.

use crate::{
    Body, FetchError, Limits, Request, Response, SetupError, Target, Trust,
    resolve::{Lookup, OnlySpecial, Resolver, SystemLookup},
    tls,
};
use reqwest::{
    Client, Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_LENGTH, LOCATION},
};
use std::{error::Error as _, path::PathBuf, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Most redirects that are followed for one request.
pub const MAX_REDIRECTS: usize = 5;

/// What an operator decides.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Learned addresses may be private too (`--allow-private`, `OSP_ALLOW_PRIVATE=1`).
    pub allow_private: bool,
    /// A PEM file with certificate authorities to trust beside the system's.
    pub extra_ca: Option<PathBuf>,
}

/// The guarded client. Cheap to clone; one per process, so that connections are reused.
#[derive(Clone)]
pub struct Fetcher {
    /// For typed addresses. Its connections are never used for learned ones.
    open: Client,
    /// For learned addresses: special ones are not resolved.
    guarded: Client,
    allow_private: bool,
    /// For connections that are not requests ([`Fetcher::connect`]).
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) tls: Arc<rustls::ClientConfig>,
}

impl Fetcher {
    /// A client by this policy.
    ///
    /// # Errors
    /// [`SetupError`]
    pub fn new(policy: &Policy) -> Result<Self, SetupError> {
        Self::with_lookup(policy, Arc::new(SystemLookup))
    }

    /// A client with another resolver.
    ///
    /// # Errors
    /// [`SetupError`]
    pub fn with_lookup(policy: &Policy, lookup: Arc<dyn Lookup>) -> Result<Self, SetupError> {
        let tls = tls::config(policy.extra_ca.as_deref())?;
        let client = |guarded: bool| {
            Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(Arc::new(Resolver { lookup: Arc::clone(&lookup), guarded }))
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .user_agent(concat!("osp/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(Duration::from_secs(10))
                .pool_idle_timeout(Duration::from_secs(30))
                .pool_max_idle_per_host(4)
                .http2_max_header_list_size(64 * 1024)
                .build()
                .map_err(|e| SetupError::Tls(root_cause(&e)))
        };
        let (open, guarded) = (client(false)?, client(true)?);
        let mut tls = tls;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { open, guarded, allow_private: policy.allow_private, lookup, tls: Arc::new(tls) })
    }

    /// Whether learned addresses may be private.
    #[must_use]
    pub fn allows_private(&self) -> bool {
        self.allow_private
    }

    /// GET with nothing special about it.
    ///
    /// # Errors
    /// As [`Fetcher::send`].
    pub async fn get(&self, target: Target, limits: Limits) -> Result<Response, FetchError> {
        self.send(Request::get(target, limits)).await
    }

    /// Sends a request, follows redirects (of GET and HEAD only: a body is not sent twice) and waits for the head
    /// of the answer. Answers of every other status are given back.
    ///
    /// # Errors
    /// [`FetchError`]
    pub async fn send(&self, request: Request) -> Result<Response, FetchError> {
        let Request { method, mut target, headers, mut bearer, mut body, limits } = request;
        let deadline = Instant::now() + limits.total;
        for _ in 0..=MAX_REDIRECTS {
            let open = self.allow_private || target.trust() == Trust::Typed;
            if !open {
                target.check_literal()?;
            }
            let client = if open { &self.open } else { &self.guarded };
            let mut outgoing = client.request(method.clone(), target.url().clone()).headers(headers.clone());
            if let Some(token) = &bearer {
                outgoing = outgoing.header(AUTHORIZATION, token.clone());
            }
            // An upload is silent from this side until it is done.
            let idle = if body.is_some() { limits.total } else { limits.idle };
            outgoing = match body.take() {
                None => outgoing,
                Some(Body::Bytes(bytes)) => outgoing.body(bytes),
                Some(Body::Stream { stream, len }) => {
                    outgoing.header(CONTENT_LENGTH, len).body(reqwest::Body::wrap_stream(stream))
                }
            };
            tracing::debug!(%method, url = %target, "request");
            let until = deadline.min(Instant::now() + idle);
            let inner = timeout_at(until, outgoing.send())
                .await
                .map_err(|_| FetchError::Timeout {
                    url: target.to_string(),
                    what: "gave no answer",
                    after: idle.min(limits.total),
                })?
                .map_err(|e| transport_error(&target, &e))?;
            let Some(location) = redirect_of(&inner) else {
                return answer(inner, &method, target, limits, deadline);
            };
            let refuse =
                |reason: &str| FetchError::Redirect { url: target.to_string(), reason: reason.into() };
            if method != Method::GET && method != Method::HEAD {
                return Err(refuse("nothing is sent to where a redirect leads; give the final address"));
            }
            let location = location.ok_or_else(|| refuse("it says not where to"))?;
            let next = target.redirect(&location)?;
            if next.url().origin() != target.url().origin() {
                bearer = None;
            }
            target = next;
        }
        let reason = format!("it is the {}th in a row", MAX_REDIRECTS + 1);
        Err(FetchError::Redirect { url: target.to_string(), reason })
    }
}

/// Refuses at once what announces that it is too big.
fn answer(
    inner: reqwest::Response,
    method: &Method,
    target: Target,
    limits: Limits,
    deadline: Instant,
) -> Result<Response, FetchError> {
    let response = Response { inner, target, limits, deadline, received: 0 };
    let announced = response.content_length().unwrap_or(0);
    if method != Method::HEAD && announced > limits.max_bytes {
        return Err(FetchError::TooBig { url: response.target.to_string(), limit: limits.max_bytes });
    }
    Ok(response)
}

/// `Some` for a redirect, with its `Location` if that is there and readable.
fn redirect_of(response: &reqwest::Response) -> Option<Option<String>> {
    matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
    .then(|| response.headers().get(LOCATION)?.to_str().ok().map(str::to_owned))
}

/// What a library error means to us.
pub(crate) fn transport_error(target: &Target, error: &reqwest::Error) -> FetchError {
    let url = target.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(OnlySpecial { address, kind }) = inner.downcast_ref() {
            return FetchError::Private { url, address: *address, kind };
        }
        cause = inner.source();
    }
    let reason = root_cause(error);
    if error.is_connect() { FetchError::Connect { url, reason } } else { FetchError::Broken { url, reason } }
}

/// The innermost message: the outer ones repeat the URL, which may carry what must not be shown.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if std::ptr::addr_eq(cause, error) {
        "the request could not be made".to_owned()
    } else {
        cause.to_string()
    }
}
