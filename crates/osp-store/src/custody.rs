//! Why a blob is kept: the node's own, or a guest that may be given up when room is needed.
//!
//! ```text
//!  own      published or uploaded here           never given up
//!  guest    fetched to be played or seeded       given up when the quota asks for it, the least wanted first
//!  pinned   a guest that was pinned              never given up
//! ```
//!
//! How much a guest is wanted is one number, its *rank*: the logarithm of its plays, each counting double for every
//! [`HALF_LIFE`] that it is later. Old plays so count less and less without anything being rewritten: only
//! differences between ranks mean something, and they do not change with time.

use crate::StoreError;
use async_trait::async_trait;
use osp_core::Cid;

/// Seconds after which a play counts half: a week.
pub const HALF_LIFE: u64 = 7 * 24 * 3600;

/// A blob that is kept for others.
#[derive(Clone, Debug, PartialEq)]
pub struct Guest {
    /// Its primary name.
    pub cid: Cid,
    /// Bytes.
    pub size: u64,
    /// Never to be given up.
    pub pinned: bool,
    /// When it came, in seconds since 1970.
    pub since: u64,
    /// When it was last wanted, in seconds since 1970.
    pub wanted: u64,
    /// How much it is wanted; see the module's text.
    pub rank: f64,
}

/// Guests in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuestTotals {
    /// Guests, pinned ones included.
    pub blobs: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Bytes in pinned ones.
    pub pinned_bytes: u64,
}

/// Something a seeding node keeps: a REF, and where to ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The REF as text.
    pub reference: String,
    /// What it leads to is pinned.
    pub pinned: bool,
    /// Since when, in seconds since 1970.
    pub since: u64,
    /// Base URLs of nodes to ask, in order.
    pub sources: Vec<String>,
}

/// Guests and followed REFs. Times are seconds since 1970, handed in.
#[async_trait]
pub trait Custody: Send + Sync + 'static {
    /// Makes a blob that came just now a guest. Nothing changes for one that is a guest already. `false` if the blob is
    /// not there.
    async fn receive_guest(&self, cid: &Cid, now: u64) -> Result<bool, StoreError>;

    /// Makes a blob the node's own. `false` if it was no guest.
    async fn make_own(&self, cid: &Cid) -> Result<bool, StoreError>;

    /// Pins or unpins a guest. `false` if it is no guest.
    async fn pin(&self, cid: &Cid, pinned: bool) -> Result<bool, StoreError>;

    /// Counts `plays` of a blob at `now`; parts of plays count as parts. Nothing happens for one that is no guest.
    async fn count_plays(&self, cid: &Cid, plays: f64, now: u64) -> Result<(), StoreError> {
        self.count_plays_of(&[(*cid, plays)], now).await
    }

    /// Counts plays of several blobs, as [`Self::count_plays`] does, in one write.
    async fn count_plays_of(&self, plays: &[(Cid, f64)], now: u64) -> Result<(), StoreError>;

    /// Guests in numbers.
    async fn guest_totals(&self) -> Result<GuestTotals, StoreError>;

    /// Guests that are not pinned, the least wanted first, after `skip` of them, at most `limit`.
    async fn least_wanted(&self, skip: usize, limit: usize) -> Result<Vec<Guest>, StoreError>;

    /// The guest under this name, if it is one.
    async fn guest(&self, cid: &Cid) -> Result<Option<Guest>, StoreError>;

    /// Adds or replaces a followed REF; `since` of one that is there stays.
    async fn follow(&self, followed: &Followed) -> Result<(), StoreError>;

    /// Stops following. `false` if it was not followed.
    async fn unfollow(&self, reference: &str) -> Result<bool, StoreError>;

    /// All followed REFs, oldest first.
    async fn followed(&self) -> Result<Vec<Followed>, StoreError>;
}

/// The rank after `plays` more plays at `now`; `before` is `None` for the first ones.
#[must_use]
pub fn rank_after(before: Option<f64>, plays: f64, now: u64) -> f64 {
    let now = now as f64 / HALF_LIFE as f64 + plays.max(f64::MIN_POSITIVE).log2();
    match before {
        None => now,
        // log2(2^a + 2^b) without leaving the range of numbers.
        Some(before) => {
            let (high, low) = if before > now { (before, now) } else { (now, before) };
            high + (1.0 + (low - high).exp2()).log2()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_play_counts_half_as_much_after_a_half_life() {
        let two_old = rank_after(Some(rank_after(None, 1.0, 0)), 1.0, 0);
        let one_new = rank_after(None, 1.0, HALF_LIFE);
        assert!((two_old - one_new).abs() < 1e-9, "{two_old} {one_new}");
        assert!(rank_after(Some(two_old), 1.0, HALF_LIFE) > one_new);
    }

    #[test]
    fn a_play_of_nothing_changes_next_to_nothing() {
        let rank = rank_after(None, 1.0, 1000);
        assert!((rank_after(Some(rank), 0.0, 1000) - rank).abs() < 1e-9);
    }
}
