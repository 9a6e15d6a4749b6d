//! Who is how near to the user of this home: for ranking what strangers may flood.

use crate::Node;
use osp_core::did::Did;
use osp_store::{RecordIndex, Social, StoreError, TrustRanks};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long an answer is used although an identity may have been added since. Anything else that changes it changes the
/// generation of the index.
const RECENT: Duration = Duration::from_secs(10);

/// The last answer, when it was made, and for which generation.
#[derive(Default)]
pub(crate) struct KeptRanks(Mutex<Option<(Instant, u64, Arc<TrustRanks>)>>);

/// Levels of everybody who has one: own identities and the trust list, whom own identities follow, whom those follow.
/// At most 11,000 artists (`osp_store::social` says how many of each level); whoever is not there is a stranger. Cheap:
/// worked out again only when records, blocks or the trust list have changed.
///
/// # Errors
/// [`StoreError`]. Identities that cannot be read count as none.
pub async fn trust_ranks(node: &Node) -> Result<Arc<TrustRanks>, StoreError> {
    let generation = node.store().generation().await?;
    let kept = node.ranks().0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((_, _, ranks)) = kept.filter(|(at, of, _)| *of == generation && at.elapsed() < RECENT) {
        return Ok(ranks);
    }
    let identities: Vec<Did> = match node.identities().list() {
        Ok(identities) => {
            identities.into_iter().flat_map(|own| std::iter::once(own.did).chain(own.web)).collect()
        }
        Err(error) => {
            tracing::warn!(%error, "identities cannot be read; results are ranked by the trust list alone");
            Vec::new()
        }
    };
    let ranks = Arc::new(node.store().trust_ranks(&identities).await?);
    let keep = Some((Instant::now(), generation, Arc::clone(&ranks)));
    *node.ranks().0.lock().unwrap_or_else(PoisonError::into_inner) = keep;
    Ok(ranks)
}
