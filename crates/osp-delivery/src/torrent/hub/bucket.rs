//! A rate that many share.

use std::time::Duration;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};

/// How much of the rate may be saved up while nobody uses it.
const BURST: Duration = Duration::from_millis(500);

/// So many bytes a second, for whoever asks first.
pub struct Bucket {
    rate: Option<u64>,
    /// From when on the rate is free. The lock is held while waiting, so that nobody is overtaken.
    free_at: Mutex<Instant>,
}

impl Bucket {
    /// `None`: no bound.
    #[must_use]
    pub fn new(rate: Option<u64>) -> Self {
        Self { rate: rate.map(|rate| rate.max(1)), free_at: Mutex::new(Instant::now()) }
    }

    /// Waits until `bytes` may be sent.
    pub async fn take(&self, bytes: usize) {
        let Some(rate) = self.rate else { return };
        let mut free_at = self.free_at.lock().await;
        let now = Instant::now();
        if let Some(wait) = free_at.checked_duration_since(now) {
            sleep(wait).await;
        }
        // What was saved up is at most the burst.
        let floor = now.checked_sub(BURST).unwrap_or(now);
        *free_at = (*free_at).max(floor) + Duration::from_secs_f64(bytes as f64 / rate as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_rate_holds_over_all_who_ask() {
        let bucket = std::sync::Arc::new(Bucket::new(Some(1000)));
        let start = Instant::now();
        let askers: Vec<_> = (0..10)
            .map(|_| {
                let bucket = std::sync::Arc::clone(&bucket);
                tokio::spawn(async move {
                    for _ in 0..10 {
                        bucket.take(100).await;
                    }
                })
            })
            .collect();
        for asker in askers {
            assert!(asker.await.is_ok());
        }
        // 10,000 bytes at 1,000 a second; the last 100 are let go before their time is up.
        let seconds = start.elapsed().as_secs_f64();
        assert!((9.0..=10.0).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_bound_waits_for_nothing() {
        let bucket = Bucket::new(None);
        let start = Instant::now();
        for _ in 0..1000 {
            bucket.take(usize::MAX).await;
        }
        assert_eq!(Instant::now(), start);
    }
}
