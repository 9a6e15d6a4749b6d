//! Server-sent events (HTML Living Standard, section 9.2): an answer that goes on while there is something to tell.
//!
//! ```text
//!  event: track
//!  data: {"record":…}          one line: JSON as it is written here has no line ends
//!
//!  : still here                a comment after some silence, so that nobody takes the connection for dead
//! ```
//!
//! What tells runs as a task that ends when it is done, when the client has gone, or when the node stops.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use std::{convert::Infallible, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::sleep,
};

/// Longest silence.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Events that wait for a client who reads slowly; then whoever tells waits.
const AHEAD: usize = 16;

/// The client reads no more.
#[derive(Debug)]
pub(crate) struct Unheard;

/// Tells one client.
pub(crate) struct Teller(mpsc::Sender<Bytes>);

impl Teller {
    /// Tells of one event; `json` has no line ends.
    pub(crate) async fn say(&self, event: &str, json: &[u8]) -> Result<(), Unheard> {
        let mut frame = Vec::with_capacity(json.len() + event.len() + 16);
        frame.extend_from_slice(b"event: ");
        frame.extend_from_slice(event.as_bytes());
        frame.extend_from_slice(b"\ndata: ");
        frame.extend_from_slice(json);
        frame.extend_from_slice(b"\n\n");
        self.0.send(frame.into()).await.map_err(|_| Unheard)
    }
}

/// An answer of events, as `tell` tells them. It ends with `tell`, and when `stopping` becomes true.
pub(crate) fn answer<F>(stopping: watch::Receiver<bool>, tell: impl FnOnce(Teller) -> F) -> Response
where
    F: Future<Output = Result<(), Unheard>> + Send + 'static,
{
    let (sender, told) = mpsc::channel(AHEAD);
    let mut task = JoinSet::new();
    task.spawn(tell(Teller(sender)));
    // The task lives as long as the body does.
    let body = stream::unfold((told, stopping, task), |(mut told, mut stopping, task)| async move {
        let frame = tokio::select! {
            biased;
            frame = told.recv() => frame?,
            () = sleep(HEARTBEAT) => Bytes::from_static(b": still here\n\n"),
            _ = stopping.wait_for(|stop| *stop) => return None,
        };
        Some((Ok::<_, Infallible>(frame), (told, stopping, task)))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies of the nginx kind would wait for more.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(body)).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use futures_util::StreamExt as _;
    use std::sync::Arc;
    use tokio::sync::Notify;

    async fn next(body: &mut axum::body::BodyDataStream) -> Option<String> {
        body.next().await.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_filled_and_the_end_is_the_tellers() {
        let (go, stop) = (Arc::new(Notify::new()), watch::Sender::new(false));
        let told = Arc::clone(&go);
        let response = answer(stop.subscribe(), |teller| async move {
            teller.say("local", b"{}").await?;
            told.notified().await;
            teller.say("done", b"null").await
        });
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut body = response.into_body().into_data_stream();
        assert_eq!(next(&mut body).await.unwrap(), "event: local\ndata: {}\n\n");
        assert_eq!(next(&mut body).await.unwrap(), ": still here\n\n");
        go.notify_one();
        assert_eq!(next(&mut body).await.unwrap(), "event: done\ndata: null\n\n");
        assert_eq!(next(&mut body).await, None);
    }

    #[tokio::test]
    async fn whoever_tells_ends_with_the_client_and_with_the_node() {
        let (alive, stop) = (Arc::new(()), watch::Sender::new(false));
        let forever = || {
            let alive = Arc::clone(&alive);
            answer(stop.subscribe(), |teller| async move {
                teller.say("local", b"{}").await?;
                std::future::pending::<()>().await;
                drop((alive, teller));
                Ok(())
            })
        };
        let mut left = forever().into_body().into_data_stream();
        let mut stays = forever().into_body().into_data_stream();
        assert!(next(&mut left).await.is_some() && next(&mut stays).await.is_some());
        drop(left);
        stop.send_replace(true);
        assert_eq!(next(&mut stays).await, None);
        drop(stays);
        // Both tasks let go of it.
        while Arc::strong_count(&alive) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
