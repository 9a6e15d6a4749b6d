//! One provider in one gathering.

use super::Limits;
use crate::{
    exchange::{MAX_IDS, PAGE, Query, Request},
    key::IndexKey,
    lookup::Group,
};
use std::collections::{BTreeMap, BTreeSet};

/// Where a provider comes from: nobody's providers get many turns before others'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin<P> {
    /// Who named it; `None` for one that the user configured.
    pub named_by: Option<P>,
    /// With whom it may share an owner, by its addresses.
    pub group: Option<Group>,
}

impl<P> Origin<P> {
    /// A provider that the user configured.
    pub const CONFIGURED: Self = Self { named_by: None, group: None };
}

/// How many of each origin.
#[derive(Clone, Debug)]
pub(super) struct Turns<P> {
    groups: BTreeMap<Group, usize>,
    namers: BTreeMap<Option<P>, usize>,
}

impl<P> Default for Turns<P> {
    fn default() -> Self {
        Self { groups: BTreeMap::new(), namers: BTreeMap::new() }
    }
}

impl<P: Ord + Clone> Turns<P> {
    pub(super) fn count(&mut self, origin: &Origin<P>) {
        if let Some(group) = origin.group {
            *self.groups.entry(group).or_default() += 1;
        }
        *self.namers.entry(origin.named_by.clone()).or_default() += 1;
    }

    /// Of its group, and of who named it.
    pub(super) fn of(&self, origin: &Origin<P>) -> (usize, usize) {
        let group = origin.group.and_then(|group| self.groups.get(&group));
        let namer = self.namers.get(&origin.named_by);
        (group.copied().unwrap_or(0), namer.copied().unwrap_or(0))
    }
}

/// What it is asked next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    /// A first page; of what kind is decided when it is asked.
    First,
    /// The page of ids behind this cursor.
    Ids(String),
    Nothing,
}

#[derive(Clone, Debug)]
pub(super) struct Provider<P> {
    pub(super) peer: P,
    pub(super) origin: Origin<P>,
    /// In order of being named.
    pub(super) number: usize,
    next: Next,
    /// Ids it has and nobody has sent yet.
    wanted: Vec<String>,
    /// A request to it is under way.
    pub(super) busy: bool,
    /// Ids and records it has sent.
    pub(super) taken: usize,
    pub(super) bad: u32,
    /// Answers it has given.
    pub(super) pages: usize,
}

impl<P> Provider<P> {
    pub(super) fn new(peer: P, origin: Origin<P>, number: usize) -> Self {
        Self {
            peer,
            origin,
            number,
            next: Next::First,
            wanted: Vec::new(),
            busy: false,
            taken: 0,
            bad: 0,
            pages: 0,
        }
    }

    pub(super) fn is_new(&self) -> bool {
        self.next == Next::First
    }

    /// Whether it has something to be asked for.
    pub(super) fn is_open(&self) -> bool {
        !self.busy && (self.next != Next::Nothing || !self.wanted.is_empty())
    }

    /// Nothing more is asked of it.
    pub(super) fn close(&mut self) {
        self.next = Next::Nothing;
        self.wanted.clear();
    }

    /// Drops from what it is wanted for whatever has come from others.
    pub(super) fn prune(&mut self, known: impl Fn(&str) -> bool) {
        self.wanted.retain(|id| !known(id));
    }

    /// The next request: missing records first, but for those that somebody else is being asked for; then further ids.
    pub(super) fn request(
        &mut self,
        key: &IndexKey,
        whole: bool,
        asked_for: &BTreeSet<&str>,
        limits: &Limits,
    ) -> Option<Request> {
        let (ids, rest): (Vec<String>, Vec<String>) =
            self.wanted.drain(..).partition(|id| !asked_for.contains(id.as_str()));
        self.wanted = rest;
        if !ids.is_empty() {
            let mut ids = ids;
            self.wanted.extend(ids.split_off(ids.len().min(MAX_IDS)));
            return Some(Request::new(Query::Ids(ids)));
        }
        let page = Request::new(Query::Key(key.clone()));
        match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::First if whole => Some(Request { limit: limits.first_page.clamp(1, PAGE), ..page }),
            Next::First => Some(Request { ids_only: true, ..page }),
            Next::Ids(cursor) => Some(Request { ids_only: true, after: Some(cursor), ..page }),
            Next::Nothing => None,
        }
    }

    /// It has these, and there is more behind the cursor.
    pub(super) fn offers(
        &mut self,
        ids: impl IntoIterator<Item = String>,
        next: Option<String>,
        limits: &Limits,
    ) {
        for id in ids {
            if self.taken >= limits.per_provider {
                break;
            }
            self.taken += 1;
            self.wanted.push(id);
        }
        if let Some(cursor) = next.filter(|_| self.taken < limits.per_provider) {
            self.next = Next::Ids(cursor);
        }
    }
}
