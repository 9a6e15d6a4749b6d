//! Giving up guests: the blob, and the torrent that was open for it.

use super::{Copies, GiveWay, Room, SeenCopies, make_room};
use crate::Node;
use osp_store::{BlobMeta, StoreError};
use osp_swarm::InfoHash;
use std::sync::{Arc, atomic::Ordering::Relaxed};

/// [`make_room`] in a node: torrents of what is given up are closed, and it is counted.
pub(super) async fn room_in(
    node: &Node,
    copies: &dyn Copies,
    quota: u64,
    incoming: u64,
    who: GiveWay,
) -> Result<Room, StoreError> {
    let room = make_room(node.store(), node.blobs().as_ref(), copies, quota, incoming, who).await?;
    for blob in &room.evicted {
        shut(node, blob);
    }
    node.tally().evictions.fetch_add(room.evicted.len() as u64, Relaxed);
    Ok(room)
}

/// Removes a blob, and no longer gives it to peers. `false` if it was not there.
pub(super) async fn remove(node: &Node, blob: &BlobMeta) -> Result<bool, StoreError> {
    let removed = node.blobs().remove(blob).await?;
    shut(node, blob);
    Ok(removed)
}

fn shut(node: &Node, blob: &BlobMeta) {
    if let Some(torrent) = node.hub().and_then(|hub| hub.find(InfoHash(blob.infohash))) {
        torrent.shut();
    }
}

/// Brings what was fetched within `quota` again, as far as there are other copies; the nodes `from` may have some. Where
/// a node or `osp seed` runs on this home it does that, and nothing happens here.
///
/// # Errors
/// [`StoreError`].
pub async fn trim(node: &Arc<Node>, from: &[String], quota: u64) -> Result<Room, StoreError> {
    let Ok(Some(_lock)) = node.home().lock_seeding() else { return Ok(Room::default()) };
    let copies = SeenCopies::new(Arc::clone(node), from, &[]);
    room_in(node, &copies, quota, 0, GiveWay::Any).await
}
