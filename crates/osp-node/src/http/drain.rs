//! The rest of a request body that nobody wants.
//!
//! A refusal (401, 413, …) is decided before the body has been read. Closing the connection then makes the system
//! send a reset, and a client that sends everything before it reads never sees the answer. So the answer goes out at
//! once, and what still comes is read and thrown away meanwhile:
//!
//! ```text
//!  client   head, body ─────────────────────────────────▶ body ends   reads 413
//!  node           └─ 413 at once    (body to nowhere)          └─ next request, or close
//! ```
//!
//! Who waits for leave to send (`Expect: 100-continue`) and has not got it sends nothing: there is nothing to drain.

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::header,
};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, timeout, timeout_at};

/// Longest silence while the rest is awaited.
const IDLE: Duration = Duration::from_secs(10);
/// Longest time for all of the rest; it costs no memory, whatever its size.
const TOTAL: Duration = Duration::from_secs(60);

/// Middleware: whatever a handler leaves of the request body is drained.
pub(super) async fn rest_of(request: Request) -> Request {
    let waits = request.headers().contains_key(header::EXPECT);
    request.map(|body| {
        if body.is_end_stream() {
            return body;
        }
        Body::new(Drained { body: Some(body), coming: !waits })
    })
}

/// A body that is read to its end after it was dropped.
struct Drained {
    /// `None` once its end was reached.
    body: Option<Body>,
    /// Whether the client is sending.
    coming: bool,
}

impl HttpBody for Drained {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // Asking for the body is what gives a waiting client leave to send it.
        self.coming = true;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        if self.coming
            && let Some(body) = self.body.take().filter(|body| !body.is_end_stream())
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(drain(body));
        }
    }
}

async fn drain(mut body: Body) {
    let until = Instant::now() + TOTAL;
    let rest = async {
        while let Ok(Some(Ok(_))) =
            timeout(IDLE, std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx))).await
        {}
    };
    // Out of time: the connection closes, as it would have without us.
    let _ = timeout_at(until, rest).await;
}
