//! One announce over HTTP.

use super::polled::{AnnounceError, Job, Outcome};
use osp_fetch::{Fetcher, Limits, StatusCode, Target};
use osp_tracker::http::{AnnounceQuery, AnnounceReply, MAX_REPLY_BYTES};

/// Announces, and waits for the answer.
pub(super) async fn announce(
    fetcher: &Fetcher,
    job: &Job,
    query: &AnnounceQuery,
) -> Result<Outcome, AnnounceError> {
    let url = &job.url;
    let between = if url.query().is_some() { '&' } else { '?' };
    let target = Target::parse(&format!("{url}{between}{}", query.to_query()), job.trust)?;
    let response = fetcher.get(target, Limits::document(MAX_REPLY_BYTES as u64)).await?;
    if response.status() != StatusCode::OK {
        return Err(AnnounceError::Status(response.status().as_u16()));
    }
    let reply = AnnounceReply::parse(&response.bytes().await?)?;
    let addresses = reply.peers.into_iter().map(|(address, _)| address).collect();
    Ok(Outcome { interval: reply.interval, addresses })
}
