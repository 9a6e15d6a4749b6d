//! How fast a node goes through all that it has: listeners come first.

use std::time::Instant;

/// A pause as long as the work since `begun` took: each pass through a large home works half the time at most. There are two of them
/// at a start, which may fall together.
pub(crate) async fn rest_after(begun: Instant) {
    tokio::time::sleep(begun.elapsed()).await;
}
