//! The network of nodes as one process takes part in it: the composition of `osp-discovery`, which decides, `osp-p2p`,
//! which carries, and the home's store.
//!
//! ```text
//!   find(keys) ── seek: lookup ─▶ providers ─▶ gather ─▶ verified records ── blocked ones out ─▶ Finding, shelf
//!   providers(key) ── lookup ─▶ who has it
//!   announce ◀── holdings ◀── store          what is here, told to the regions of its keys
//!   serve ◀── others who ask for records     from the store
//!   bootstrap                                meets the network, and stays in it
//! ```
//!
//! | who | takes part as |
//! |---|---|
//! | `osp node` | a server, if others reach it (else a client): answers, keeps provider records, announces |
//! | other commands | a client, started when something is first looked for; announces nothing |
//!
//! All of a process share one host, and what was learned of peers: who answers how fast, whose records were good.

mod announce;
mod bootstrap;
mod driver;
mod find;
mod holdings;
mod join;
pub mod report;
mod seek;
mod serve;
pub mod shelf;
mod state;
pub mod status;

pub use announce::Announcements;
pub use find::{DEADLINE, FindSummary, Finding, Found, MAX_KEYS, NamedProvider, Providers};
pub(crate) use join::{Joining, client};
pub(crate) use serve::StoreRecords;
pub use status::NetworkStatus;

use self::state::State;
use crate::Node;
use osp_fetch::DidWebResolver;
use osp_p2p::{Kad, Multiaddr, P2p};
use osp_store::{RecordIndex, embedded::EmbeddedStore};
use shelf::Shelf;
use std::sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed};
use tokio::task::JoinSet;

/// The network as this process takes part in it. Cheap to clone.
#[derive(Clone)]
pub struct Network(Arc<Inner>);

struct Inner {
    state: Arc<State>,
    store: EmbeddedStore,
    records: Arc<dyn RecordIndex>,
    did_web: DidWebResolver,
    shelf: Shelf,
    /// Answers others, where this host does.
    server: Option<Arc<StoreRecords>>,
    /// What goes on by itself, until the last clone is dropped or [`Network::stop`].
    tasks: Mutex<JoinSet<()>>,
}

impl Network {
    /// Takes part with a host that is running. `server` answers for it.
    fn start(
        node: &Node,
        host: P2p,
        kad: Kad,
        bootstrap: Vec<Multiaddr>,
        server: Option<Arc<StoreRecords>>,
    ) -> Self {
        let walled = !bootstrap.is_empty() && !bootstrap.iter().any(|named| host.guard().shareable(named));
        if walled {
            tracing::warn!(
                "the members named with --bootstrap are at private addresses, which nobody passes on: a network of your own \
                 needs --allow-private (or OSP_ALLOW_PRIVATE=1) on all its nodes"
            );
        }
        let state = Arc::new(State::new(host, kad, walled));
        let mut tasks = JoinSet::new();
        tasks.spawn(bootstrap::stay(Arc::clone(&state), bootstrap));
        if server.is_some() {
            tasks.spawn(announce::Announcer::new(Arc::clone(&state), node.store().clone()).run());
        }
        Self(Arc::new(Inner {
            state,
            store: node.store().clone(),
            records: Arc::clone(node.records()),
            did_web: node.did_web().clone(),
            shelf: Shelf::default(),
            server,
            tasks: Mutex::new(tasks),
        }))
    }

    /// Ends what goes on by itself, and writes down what is to be known at the next start.
    pub(crate) async fn stop(&self) {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        let store = self.0.state.kad.store().clone();
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || store.flush()).await {
            tracing::warn!(%error, "the store of provider records could not be written");
        }
    }

    /// Records that searches found.
    #[must_use]
    pub fn shelf(&self) -> &Shelf {
        &self.0.shelf
    }

    /// Whether any member of the network is known at this moment: else nothing can be found.
    pub async fn knows_somebody(&self) -> bool {
        self.state().knows_somebody().await
    }

    fn state(&self) -> &Arc<State> {
        &self.0.state
    }
    fn store(&self) -> &EmbeddedStore {
        &self.0.store
    }
    fn records(&self) -> &Arc<dyn RecordIndex> {
        &self.0.records
    }
    fn did_web(&self) -> &DidWebResolver {
        &self.0.did_web
    }

    /// Requests for records answered since the start.
    fn answered(&self) -> u64 {
        self.0.server.as_ref().map_or(0, |server| server.answered.load(Relaxed))
    }
}
