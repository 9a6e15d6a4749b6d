//! The places a region is looked at from.
//!
//! A probe is a part of the key space and a key in it. Once the peers nearest to that key have named the twenty nearest
//! they know, every peer of the part is known, unless the part holds twenty or more: then it is halved. The half with
//! the key keeps the answers it has, the other half gets a key of its own.

use super::{
    K, Region, Rpc, Target,
    config::limits::PROBES,
    entries::{Entries, Standing},
};
use crate::{
    key::{DhtKey, Prefix},
    rng::Rng,
};

/// A part is looked at in halves even if few peers show in it, when this many should be there: a crowd around the key
/// could otherwise keep silent about the rest.
const SURELY_HALVE: f64 = 16.0;
/// A part that should hold fewer than this is not halved, however many show in it: a crowd would only make this node
/// hash for ever longer keys, to find a peer or two.
const NEVER_HALVE: f64 = 4.0;

#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub(super) part: Prefix,
    pub(super) target: Target,
    pub(super) done: bool,
}

/// The first one is about the lookup's own target.
#[derive(Clone, Debug)]
pub(super) struct Probes {
    list: Vec<Probe>,
    rng: Rng,
}

impl Probes {
    pub(super) fn new(target: Target, part: Prefix, seed: u64) -> Self {
        Self { list: vec![Probe { part, target, done: false }], rng: Rng::new(seed) }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Probe)> {
        self.list.iter().enumerate()
    }

    pub(super) fn get(&self, probe: usize) -> Option<&Probe> {
        self.list.get(probe)
    }

    /// Has nothing more to look for.
    pub(super) fn finish(&mut self, probe: usize) {
        self.list[probe].done = true;
    }

    pub(super) fn main(&self) -> &Probe {
        &self.list[0]
    }

    pub(super) fn all_done(&self) -> bool {
        self.list.iter().all(|probe| probe.done)
    }

    /// The request that a probe makes.
    pub(super) fn rpc(&self, probe: usize, providers: bool) -> Rpc {
        let target = self.list[probe].target.clone();
        if providers && probe == 0 { Rpc::GetProviders(target) } else { Rpc::FindNode(target) }
    }

    /// Says what the first probe is about, once it is known.
    pub(super) fn set_part(&mut self, part: Prefix) {
        self.list[0].part = part;
    }

    /// Looks at another part as well.
    pub(super) fn add(&mut self, part: Prefix) {
        if self.list.len() < PROBES {
            let target = DhtKey::within(part, self.rng.next()).into();
            self.list.push(Probe { part, target, done: false });
        }
    }

    /// The peers nearest to the probe's key have answered: halves its part until nothing more can be in it.
    pub(super) fn converged<P, A>(&mut self, probe: usize, entries: &Entries<P, A>, region: &Region) {
        loop {
            let part = self.list[probe].part;
            let depth = part.length().saturating_sub(region.prefix.length());
            let expected = region.expected / 2f64.powi(depth.into());
            let known = entries
                .iter()
                .filter(|e| e.standing != Standing::Failed && part.contains(&e.contact.point))
                .count();
            let may_hide_more = (known >= K && expected >= NEVER_HALVE) || expected >= SURELY_HALVE;
            let halves = part.halves().filter(|_| may_hide_more && self.list.len() < PROBES);
            let Some([low, high]) = halves else { break };
            let own = low.contains(&self.list[probe].target.point());
            let (own, other) = if own { (low, high) } else { (high, low) };
            self.list[probe].part = own;
            self.add(other);
        }
        self.finish(probe);
    }
}
