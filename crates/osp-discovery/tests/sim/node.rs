//! A node: its table of buckets, and what was announced to it.

use osp_discovery::{
    DhtKey, Point,
    lookup::{Book, Contact, Density, Group, K},
};
use std::{collections::BTreeSet, rc::Rc};

pub type Id = u32;
pub type Peer = Contact<Id>;

/// What a node does when it is asked.
#[derive(Clone, Debug)]
pub enum Manner {
    Honest,
    /// Names only its own crowd, keeps nothing.
    Crowd(Rc<[Peer]>),
    /// Names this many peers that do not exist, as near to what was asked as can be.
    Inventor(usize),
}

pub struct Node {
    pub point: Point,
    pub alive: bool,
    pub manner: Manner,
    pub group: Option<Group>,
    /// Peers by how many bits they share with this node; at most K each.
    buckets: Vec<Vec<Id>>,
    pub connected: BTreeSet<Id>,
    /// Sorted keys, and who has them.
    pub store: Vec<(Rc<[DhtKey]>, Id)>,
    pub book: Book<Id>,
    pub density: Density,
    pub requests: usize,
}

impl Node {
    pub fn new(point: Point, manner: Manner, group: Option<Group>) -> Self {
        Self {
            point,
            alive: true,
            manner,
            group,
            buckets: Vec::new(),
            connected: BTreeSet::new(),
            store: Vec::new(),
            book: Book::new(),
            density: Density::new(),
            requests: 0,
        }
    }

    /// It heard of this peer from that peer itself: an old one keeps its place, so a full bucket takes nobody.
    pub fn met(&mut self, peer: Id, point: &Point) {
        let shared = self.point.common_prefix(point) as usize;
        if shared >= 256 {
            return;
        }
        if self.buckets.len() <= shared {
            self.buckets.resize(shared + 1, Vec::new());
        }
        let bucket = &mut self.buckets[shared];
        if bucket.len() < K && !bucket.contains(&peer) {
            bucket.push(peer);
        }
    }

    /// It did not answer.
    pub fn missed(&mut self, peer: Id, point: &Point) {
        if let Some(bucket) = self.buckets.get_mut(self.point.common_prefix(point) as usize) {
            bucket.retain(|known| *known != peer);
        }
        self.connected.remove(&peer);
    }

    pub fn known(&self) -> impl Iterator<Item = Id> + '_ {
        self.buckets.iter().flatten().copied()
    }

    /// How many buckets are worth a look.
    pub fn depth(&self) -> usize {
        self.buckets.len()
    }

    pub fn providers(&self, key: &[u8]) -> BTreeSet<Id> {
        let Some(key) = DhtKey::from_bytes(key) else { return BTreeSet::new() };
        self.store.iter().filter(|(keys, _)| keys.binary_search(&key).is_ok()).map(|(_, who)| *who).collect()
    }
}
