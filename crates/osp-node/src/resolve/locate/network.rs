//! Asking the network of nodes, for what has no address.

use super::{ResolveError, Search};
use crate::{
    discovery::network::{Found, Network},
    publish::tracks_of,
};
use osp_core::{
    Cid,
    content::same_block,
    did::Did,
    record::{Record, RecordId, Verified},
};
use osp_delivery::Outcome;
use osp_discovery::key::IndexKey;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long the network is asked for what is nowhere else.
const ALONE: Duration = Duration::from_secs(20);
/// How long it is asked for more, where there is something already, or since something came last.
const BESIDE: Duration = Duration::from_secs(3);
/// How long it is asked for the record of bare content, which can be fetched without.
const CONTENT: Duration = Duration::from_secs(5);

impl Search<'_> {
    /// A record that no node which was named has.
    pub(super) async fn find_record(&mut self, id: &RecordId) -> Option<Verified<Record>> {
        let network = self.node.network().await?;
        let found = tokio::time::timeout(ALONE, network.record(id)).await.ok().flatten();
        if found.is_none() {
            self.not_in(&network).await;
        }
        found
    }

    /// What the network has of an artist: tracks, and what replaces and withdraws them.
    pub(super) async fn find_artist(&mut self, did: &Did) -> Result<Vec<Verified<Record>>, ResolveError> {
        let (Some(network), Ok(key)) = (self.node.network().await, IndexKey::artist(did)) else {
            return Ok(Vec::new());
        };
        let here = !tracks_of(self.node, did).await?.is_empty();
        let mut finding = network.find(vec![key]);
        let mut end = Instant::now() + if here { BESIDE } else { ALONE };
        let mut records = Vec::new();
        while let Ok(Some(found)) = timeout_at(end, finding.next()).await {
            match found {
                Found::Record { record, .. } if record.artist() == *did => {
                    records.push(*record);
                    if !here {
                        end = Instant::now() + BESIDE;
                    }
                }
                Found::Done(_) => break,
                _ => {}
            }
        }
        if records.is_empty() && !here {
            self.not_in(&network).await;
        }
        Ok(records)
    }

    /// The current record of this content, or with this id, if nobody was named who is to be asked for it.
    pub(super) async fn find_by_cid(&mut self, cid: &Cid) -> Option<Verified<Record>> {
        if self.named {
            return None;
        }
        let network = self.node.network().await?;
        let id = RecordId::parse(&format!("osp:track:{cid}")).ok();
        let keys = [IndexKey::content(cid).ok(), id.as_ref().and_then(|id| IndexKey::track(id).ok())];
        let mut finding = network.find(keys.into_iter().flatten().collect());
        let end = Instant::now() + CONTENT;
        while let Ok(Some(found)) = timeout_at(end, finding.next()).await {
            match found {
                Found::Record { record, current: true, .. } => {
                    let content = record.as_track().map(osp_core::record::TrackRecord::content);
                    let named = id.as_ref().is_some_and(|id| record.id().same_record(id));
                    if named || content.is_some_and(|content| same_block(cid, &content)) {
                        return Some(*record);
                    }
                }
                Found::Done(_) => break,
                _ => {}
            }
        }
        None
    }

    async fn not_in(&mut self, network: &Network) {
        let known = network.status().await.kad.peers;
        let reason = match known {
            0 => "none of its members answers; name one that runs with --bootstrap MULTIADDR".to_owned(),
            n => format!(
                "nobody there has announced it ({n} {} known); name a node that has it with --from URL, or a member of \
                 the network near to it with --bootstrap MULTIADDR",
                if n == 1 { "member is" } else { "members are" }
            ),
        };
        self.note("the network", Outcome::Absent(reason));
    }
}
