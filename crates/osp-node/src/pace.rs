//! How fast a node goes through all that it has: listeners come first.

use std::time::Instant;

/// A pause as long as the work since `begun` took, so that what goes through a large home takes half a processor at most.
pub(crate) async fn rest_after(begun: Instant) {
    tokio::time::sleep(begun.elapsed()).await;
}
