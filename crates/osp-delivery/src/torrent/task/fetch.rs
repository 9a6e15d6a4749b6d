//! One fetch from a web seed.

use super::messages::Input;
use crate::{Outcome, torrent::RangeSource};
use bytes::Bytes;
use osp_swarm::{FetchId, WebSeedId};
use std::{ops::Range, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};

/// Fetches a range and hands its bytes on as they come. A source that gives nothing for as long as `patience` has
/// failed; time in which we hold it back is not counted.
pub(super) async fn fetch(
    source: Arc<dyn RangeSource>,
    (seed, fetch): (WebSeedId, FetchId),
    range: Range<u64>,
    patience: Duration,
    input: mpsc::Sender<Input>,
) {
    let give = |bytes: Bytes| input.send(Input::Fetched(seed, fetch, bytes));
    let result = run(&*source, range, patience, give).await;
    let _ = input.send(Input::FetchEnded(seed, fetch, result)).await;
}

async fn run<F: Future<Output = Result<(), mpsc::error::SendError<Input>>>>(
    source: &dyn RangeSource,
    range: Range<u64>,
    patience: Duration,
    give: impl Fn(Bytes) -> F,
) -> Result<(), Outcome> {
    let stalled = |_| Outcome::Failed(format!("it sent nothing for {} s", patience.as_secs_f32()));
    let mut left = range.end.saturating_sub(range.start);
    let mut body = timeout(patience, source.fetch(range)).await.map_err(stalled)??;
    while left > 0 {
        let next = timeout(patience, body.next()).await.map_err(stalled)??;
        let Some(mut bytes) = next else {
            return Err(Outcome::Failed(format!("it broke off {left} bytes before the end")));
        };
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        left -= bytes.len() as u64;
        if !bytes.is_empty() && give(bytes).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}
