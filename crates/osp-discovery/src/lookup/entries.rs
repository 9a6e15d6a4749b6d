//! The contacts a lookup knows, nearest first, within their bounds.

use super::{
    Contact, Region,
    config::limits::{CONTACTS_OUTSIDE, LAYERS},
};
use crate::key::{Distance, Point};

/// What is known of whether a contact answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not asked yet, or no answer yet.
    Fresh,
    /// It has answered.
    Good,
    /// It failed: not asked again by this lookup.
    Failed,
}

#[derive(Clone, Debug)]
pub(super) struct Entry<P, A> {
    pub(super) contact: Contact<P, A>,
    /// To the lookup's target; names the entry.
    pub(super) distance: Distance,
    pub(super) standing: Standing,
    /// One bit for each probe it was asked about.
    pub(super) asked: u32,
    pub(super) answered: u32,
    /// A request to it is taking long.
    pub(super) slow: bool,
    /// Contacts it brought in.
    pub(super) brought: usize,
    /// Providers it named.
    pub(super) named: usize,
    /// How many named it.
    pub(super) known_by: u32,
    /// Given to the driver as a member of the region.
    pub(super) given: bool,
}

/// In order of distance to the target.
#[derive(Clone, Debug)]
pub(super) struct Entries<P, A> {
    target: Point,
    list: Vec<Entry<P, A>>,
}

impl<P, A> Entries<P, A> {
    pub(super) fn new(target: Point) -> Self {
        Self { target, list: Vec::new() }
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Entry<P, A>> {
        self.list.iter()
    }

    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Entry<P, A>> {
        self.list.iter_mut()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get_mut(&mut self, distance: &Distance) -> Option<&mut Entry<P, A>> {
        let at = self.list.binary_search_by(|e| e.distance.cmp(distance)).ok()?;
        self.list.get_mut(at)
    }

    pub(super) fn get(&self, distance: &Distance) -> Option<&Entry<P, A>> {
        let at = self.list.binary_search_by(|e| e.distance.cmp(distance)).ok()?;
        self.list.get(at)
    }

    /// Adds a contact, or counts that somebody else names it too. Says whether it was new and there was room.
    pub(super) fn add(&mut self, contact: Contact<P, A>, region: Option<&Region>) -> bool {
        let distance = self.target.distance(&contact.point);
        let Err(mut at) = self.list.binary_search_by(|e| e.distance.cmp(&distance)) else {
            if let Some(known) = self.get_mut(&distance) {
                known.known_by = known.known_by.saturating_add(1);
            }
            return false;
        };
        let layer = layer(&distance, region);
        let cap = layer.map_or(CONTACTS_OUTSIDE, |n| room(n, region));
        let same = |e: &Entry<P, A>| self::layer(&e.distance, region) == layer;
        if self.list.iter().filter(|e| same(e)).count() >= cap {
            // Inside the region first come, first served: the far ones are as good as the near. Outside the nearer one
            // leads somewhere.
            if layer.is_some() {
                return false;
            }
            let idle = |e: &Entry<P, A>| same(e) && e.standing == Standing::Fresh && e.asked == 0;
            let Some(farthest) = self.list.iter().rposition(idle).filter(|farthest| *farthest >= at) else {
                return false;
            };
            self.list.remove(farthest);
            at = at.min(self.list.len());
        }
        let entry = Entry {
            contact,
            distance,
            standing: Standing::Fresh,
            asked: 0,
            answered: 0,
            slow: false,
            brought: 0,
            named: 0,
            known_by: 1,
            given: false,
        };
        self.list.insert(at, entry);
        true
    }

    /// The `width` entries nearest to a point among those that pass, nearest first.
    pub(super) fn nearest(
        &self,
        to: &Point,
        width: usize,
        pass: impl Fn(&Entry<P, A>) -> bool,
    ) -> Vec<&Entry<P, A>> {
        if *to == self.target {
            return self.list.iter().filter(|e| pass(e)).take(width).collect();
        }
        let mut best: Vec<(Distance, &Entry<P, A>)> = Vec::with_capacity(width + 1);
        for entry in self.list.iter().filter(|e| pass(e)) {
            let distance = entry.contact.point.distance(to);
            let at = best.partition_point(|(d, _)| *d < distance);
            if at < width {
                best.insert(at, (distance, entry));
                best.truncate(width);
            }
        }
        best.into_iter().map(|(_, entry)| entry).collect()
    }
}

/// In which layer of the region something at this distance lies: 0 is the outermost half; `None` outside of it.
pub(super) fn layer(distance: &Distance, region: Option<&Region>) -> Option<usize> {
    let deeper = distance.leading_zeros().checked_sub(u32::from(region?.prefix.length()))?;
    Some((deeper as usize).min(LAYERS - 1))
}

/// Peers that a layer should hold.
pub(super) fn expected(layer: usize, region: &Region) -> f64 {
    // The last one holds what is left, as much as the one before it.
    region.expected / 2f64.powi(layer.min(LAYERS - 2) as i32 + 1)
}

/// Requests that the members of a layer get: any crowd is cut here, and no honest number comes near it.
pub(super) fn budget(layer: usize, region: &Region) -> usize {
    (2.0 * expected(layer, region)) as usize + 8
}

/// Contacts that are kept of a layer.
fn room(layer: usize, region: Option<&Region>) -> usize {
    32 + region.map_or(0, |region| (4.0 * expected(layer, region)) as usize)
}
