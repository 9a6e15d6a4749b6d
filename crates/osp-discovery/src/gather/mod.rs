//! From providers to verified records: whom to ask next, what to believe, what replaces what (spec section 13.5).
//!
//! ```text
//!  lookup ── provider ──> add_provider                    Gather             poll ──> Ask(request)     /osp/records
//!                                                           │                     ──> Found(record)    verified, new
//!  driver ── answer ────> answered ── parse, verify ────────┤                     ──> Also(id)         another has it too
//!                         failed                            │                     ──> Gone(id)         superseded, withdrawn
//!                                                           │                     ──> KeysOf(did)      a did:web to look up
//!                                                           └                     ──> Done
//! ```
//!
//! - The first few providers are asked for whole records, a short page, so that something shows at once. The others
//!   are asked for ids first, and for the records that are still missing: of ten providers with the same hundred
//!   records nine send a list of names.
//! - Providers that gave good records before come first ([`Reputation`]), then those nobody knows, by turns of the
//!   networks they are in and of who named them ([`Origin`]): a peer that names sixty of its own gets no more turns than
//!   one that names two.
//! - Each record is parsed and verified here, once, whoever sends it. One that does not verify, or that is not under
//!   the key that was asked for, costs its provider; after [`BAD_ENOUGH`] of them nothing more is taken from it.
//! - What a provider sent and was bad is remembered by its bytes and by provider and id: it is not verified again, and
//!   that provider is not asked for it again. It is *not* remembered by id alone. Whoever spoils the signature of a
//!   good record keeps its id, and could so make others refuse the good one.
//! - A record that another of the same artist supersedes, or a retraction withdraws, is not shown (section 4.9),
//!   whichever comes first.
//!
//! Everything is bounded: see [`Limits`].

mod current;
mod engine;
mod lru;
mod provider;
mod reputation;

pub use engine::{AskId, Gather, Step, Summary};
pub use provider::Origin;
pub use reputation::{BAD_ENOUGH, Reputation};

use std::time::Duration;

/// What one gathering may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Providers asked at once; one that takes long makes room for another.
    pub parallel: usize,
    /// Providers in all. What is beyond is forgotten.
    pub providers: usize,
    /// Records in the first page.
    pub first_page: usize,
    /// How many are asked for whole records at first.
    pub whole: usize,
    /// Ids or records of one provider.
    pub per_provider: usize,
    /// Records of one artist, unless it is the artist that was asked for.
    pub per_artist: usize,
    /// Records in all.
    pub records: usize,
    /// When a request is given up.
    pub timeout: Duration,
    /// When a request makes room for another.
    pub slow: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            parallel: 4,
            providers: 64,
            first_page: 20,
            whole: 3,
            per_provider: 500,
            per_artist: 200,
            records: 2000,
            timeout: Duration::from_secs(8),
            slow: Duration::from_millis(800),
        }
    }
}
