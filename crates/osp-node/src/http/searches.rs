//! How many searches in the network run at once, because somebody asked over HTTP: each costs dozens of requests to other
//! people's nodes.

use super::ApiError;
use crate::crowd::{Crowd, Place};
use axum::http::{StatusCode, header};
use std::{net::IpAddr, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Searches in all.
const MAX_RUNNING: usize = 32;
/// Searches of one client other than this machine (IPv6: of one /64).
const MAX_PER_CLIENT: usize = 4;

/// See the module's text.
pub(super) struct Searches {
    room: Arc<Semaphore>,
    crowd: Crowd,
}

/// One search's place; dropping it frees the place.
pub(crate) struct Turn {
    _room: OwnedSemaphorePermit,
    _place: Place,
}

impl Default for Searches {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(MAX_RUNNING)), crowd: Crowd::new(MAX_PER_CLIENT) }
    }
}

impl Searches {
    /// A place for a search that `client` asked for, if there is one.
    pub(super) fn admit(&self, client: IpAddr) -> Option<Turn> {
        let place = self.crowd.admit(client)?;
        let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
        Some(Turn { _room: room, _place: place })
    }
}

/// 503: no place.
pub(super) fn busy() -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too many searches in the network run already")
        .hint("end one, or try again in a few seconds; scope=local is always answered")
        .header(header::RETRY_AFTER, "5")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_client_has_its_part_and_all_together_have_a_bound() {
        let searches = Searches::default();
        let client = |n: u8| IpAddr::from([198, 51, 100, n]);
        let mut turns: Vec<Turn> = (0..MAX_PER_CLIENT).map(|_| searches.admit(client(1)).unwrap()).collect();
        assert!(searches.admit(client(1)).is_none());
        turns.pop();
        assert!(searches.admit(client(1)).is_some(), "a search that is over makes room");
        let others = (2..).flat_map(|n| std::iter::repeat_n(client(n), MAX_PER_CLIENT));
        turns.extend(others.map_while(|client| searches.admit(client)));
        assert_eq!(turns.len(), MAX_RUNNING);
        assert!(searches.admit(IpAddr::from([127, 0, 0, 1])).is_none(), "not even this machine has more");
    }
}
