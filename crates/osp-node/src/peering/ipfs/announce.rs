//! What is told to the public DHT of IPFS: the roots of what was published here, as long as it may be served.

use crate::Node;
use osp_core::{Cid, record::Record};
use osp_store::{Custody as _, Query, StoreError};
use std::{collections::HashSet, sync::Arc, time::Duration};

/// How often the store is asked whether anything has changed.
const LOOK: Duration = Duration::from_millis(500);
/// Tracks asked for at once.
const PAGE: usize = 200;
/// Most roots that are announced, the newest ones: what the schedule can keep up (see
/// [`osp_p2p::host::public_dht`]).
const MAX_ROOTS: usize = 8000;

/// Keeps the DHT told, for as long as it is polled. Nothing happens when the setting is off.
pub(crate) async fn announce(node: Arc<Node>) {
    let Some(dht) = node.ipfs().serving().and_then(|host| host.public_dht()).cloned() else { return };
    let mut seen = None;
    loop {
        let generation = node.records().generation().await.ok();
        if generation != seen
            && let Ok(roots) = published(&node).await
        {
            dht.announce(roots).await;
            seen = generation;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The content of current tracks that nobody blocked, the newest first; what is kept for others is left out.
async fn published(node: &Node) -> Result<Vec<Cid>, StoreError> {
    let (mut roots, mut known, mut cursor) = (Vec::new(), HashSet::new(), None);
    loop {
        let page = node.records().search(&Query { limit: PAGE, cursor, ..Query::default() }).await?;
        for stored in page.records {
            let Ok(Record::Track(track)) = Record::parse(&stored.json) else { continue };
            let cid = track.content();
            let Some(blob) = node.blobs().find(&cid).await? else { continue };
            let own = node.store().guest(&blob.cid).await?.is_none();
            if own && known.insert(cid) {
                roots.push(cid);
            }
            if roots.len() == MAX_ROOTS {
                return Ok(roots);
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(roots);
        }
    }
}
