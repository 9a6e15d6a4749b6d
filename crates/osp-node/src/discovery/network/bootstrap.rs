//! Meeting the network and staying in it: the members that the settings name, and those known from before.
//!
//! - At the start, and again while nobody is known, after pauses that grow.
//! - After the machine slept or its clock jumped: connections are gone, addresses may have changed.
//! - From time to time in any case: parts of a network that was torn apart find each other by the members they share.

use super::state::State;
use osp_p2p::{Multiaddr, PeerId};
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout},
};

/// After an attempt that met nobody: this long, then twice as long each time, up to the other.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(120);
/// How often it is looked whether there is somebody.
const LOOK: Duration = Duration::from_secs(5);
/// How often the members named in the settings are met again.
const AGAIN: Duration = Duration::from_secs(10 * 60);
/// Clocks that go apart by more than this have jumped, or the machine slept.
const JUMP: Duration = Duration::from_secs(30);
/// How long a peer that was met has to say what it speaks.
const INTRODUCTION: Duration = Duration::from_secs(3);
/// Known peers that are tried at once when the settings name nobody.
const TRIED: usize = 20;

/// Works until it is dropped.
pub(super) async fn stay(state: Arc<State>, named: Vec<Multiaddr>) {
    let mut clocks = Clocks::now();
    let (mut pause, mut last) = (FIRST_PAUSE, None::<Instant>);
    loop {
        let jumped = clocks.jumped();
        let lonely = !state.knows_somebody().await;
        let due = last.is_none_or(|at| at.elapsed() > AGAIN);
        if lonely || jumped || due {
            if jumped {
                tracing::info!("the clock has jumped, or the machine slept: the network is met again");
            }
            state.set_joining(true);
            let met = meet(&state, &named, lonely || jumped).await;
            state.set_joining(false);
            last = Some(Instant::now());
            if met {
                pause = FIRST_PAUSE;
                let store = state.kad.store().clone();
                // For the next start, should this one end soon.
                let _ = spawn_blocking(move || store.flush()).await;
            }
        }
        if state.knows_somebody().await {
            sleep(LOOK).await;
        } else {
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Says whether somebody was met.
async fn meet(state: &State, named: &[Multiaddr], others: bool) -> bool {
    let mut met = !state.kad.bootstrap(named).await.is_empty();
    if !met && others {
        met = known(state).await;
    }
    if !met {
        return false;
    }
    let introduced = async {
        while !state.knows_somebody().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(INTRODUCTION, introduced).await.is_ok()
}

/// Tries peers of before.
async fn known(state: &State) -> bool {
    let store = state.kad.store().clone();
    let Ok(Ok(known)) = spawn_blocking(move || store.known_peers(TRIED)).await else { return false };
    let calls = known.into_iter().filter_map(|known| {
        let peer = PeerId::from_bytes(&known.peer).ok()?;
        let addresses: Vec<Multiaddr> =
            known.addresses.into_iter().filter_map(|bytes| Multiaddr::try_from(bytes).ok()).collect();
        Some(async move { state.host.reach(peer, &addresses).await.is_ok() })
    });
    futures_util::future::join_all(calls).await.into_iter().any(|reached| reached)
}

/// Two clocks: one stands still while the machine sleeps, the other can be set.
struct Clocks {
    steady: Instant,
    wall: SystemTime,
}

impl Clocks {
    fn now() -> Self {
        Self { steady: Instant::now(), wall: SystemTime::now() }
    }

    /// Whether they have gone apart since it was last asked.
    fn jumped(&mut self) -> bool {
        let now = Self::now();
        let steady = now.steady.duration_since(self.steady);
        let jumped = match now.wall.duration_since(self.wall) {
            Ok(wall) => wall.abs_diff(steady) > JUMP,
            Err(back) => back.duration() > JUMP,
        };
        *self = now;
        jumped
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_jump_is_noticed_once_in_either_direction() {
        let mut clocks = Clocks::now();
        assert!(!clocks.jumped());
        for hours in [1, -1] {
            let hour = Duration::from_secs(3600);
            clocks.wall = if hours > 0 { clocks.wall - hour } else { clocks.wall + hour };
            assert!(clocks.jumped());
            assert!(!clocks.jumped());
        }
    }
}
