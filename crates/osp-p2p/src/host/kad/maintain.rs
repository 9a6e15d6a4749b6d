//! The store's maintenance, off libp2p's task.

use osp_store::DiscoveryStore;
use std::time::Duration;
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::{MissedTickBehavior, interval, sleep},
};

/// Between two rounds.
const ROUND: Duration = Duration::from_secs(1);

/// Between two batches of what has expired, so that libp2p's task gets at the store.
const PAUSE: Duration = Duration::from_millis(20);

/// Maintains the store until the set is dropped.
pub(super) fn maintain(store: DiscoveryStore) -> JoinSet<()> {
    let mut task = JoinSet::new();
    task.spawn(async move {
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            loop {
                let store = store.clone();
                match spawn_blocking(move || store.maintain()).await {
                    Ok(Ok(done)) if done.more => sleep(PAUSE).await,
                    Ok(Ok(_)) => break,
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "the store of provider records could not be maintained");
                        break;
                    }
                    // The program ends.
                    Err(_) => return,
                }
            }
        }
    });
    task
}
