//! The info dictionary from peers (BEP 9).
//!
//! Peers say how long it is. Each length that is said (at most [`MAX_METADATA_SIZES`] at once) has an assembly of its
//! own, filled by the peers that say so, so that a liar delays nobody. When the parts hash to the infohash, that was
//! it. When they don't and one peer alone sent them, it lied; when several did, the next try is from one alone, and
//! whoever sent another part before is found by comparing.

use super::{
    blame::Sender,
    budget::{MAX_METADATA_SIZES, METADATA_TIMEOUT},
};
use crate::{
    ids::ConnId,
    time::Time,
    wire::extension::{MAX_METADATA_BYTES, METADATA_PART},
};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Parts asked of one peer at once.
const PARTS_AT_ONCE: usize = 4;

/// One part.
#[derive(Clone, Debug, Default)]
enum Part {
    #[default]
    Free,
    Asked(ConnId, Time),
    Got(Sender, Bytes),
}

/// The parts of a dictionary of one length.
#[derive(Clone, Debug)]
struct Assembly {
    parts: Vec<Part>,
    /// One alone may send it, because it came out wrong before; `Some(None)`: nobody chosen yet.
    only: Option<Option<ConnId>>,
    /// Who sent which part of the first try that came out wrong, and a keyed digest of it: at most one for each part.
    suspects: Vec<(usize, Sender, u64)>,
}

/// What came of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Assembled {
    /// More has to come, or it was not asked for.
    NotYet,
    /// All is there: the bytes and who sent them.
    Whole(Vec<u8>, Vec<Sender>),
    /// It is not what was asked for.
    Broken,
}

#[derive(Default)]
pub(crate) struct MetadataFetch {
    assemblies: BTreeMap<u32, Assembly>,
}

impl MetadataFetch {
    /// The parts to ask of a peer that says the dictionary has `size` bytes.
    pub(crate) fn next_parts(&mut self, conn: ConnId, size: u32, now: Time) -> Vec<u32> {
        if size == 0 || size > MAX_METADATA_BYTES {
            return Vec::new();
        }
        if !self.assemblies.contains_key(&size) {
            if self.assemblies.len() >= MAX_METADATA_SIZES {
                return Vec::new();
            }
            let parts = vec![Part::Free; (size as usize).div_ceil(METADATA_PART)];
            self.assemblies.insert(size, Assembly { parts, only: None, suspects: Vec::new() });
        }
        let Some(assembly) = self.assemblies.get_mut(&size) else { return Vec::new() };
        match &mut assembly.only {
            Some(Some(only)) if *only != conn => return Vec::new(),
            Some(chosen) => *chosen = Some(conn),
            None => {}
        }
        let asked = |part: &Part| matches!(part, Part::Asked(by, _) if *by == conn);
        let mut room = PARTS_AT_ONCE.saturating_sub(assembly.parts.iter().filter(|p| asked(p)).count());
        let mut out = Vec::new();
        for (index, part) in assembly.parts.iter_mut().enumerate() {
            if room == 0 {
                break;
            }
            if matches!(part, Part::Free) {
                *part = Part::Asked(conn, now);
                out.push(index as u32);
                room -= 1;
            }
        }
        out
    }

    /// A part came. `size` is what the sender said before, `total` what the message says.
    pub(crate) fn arrived(
        &mut self,
        conn: ConnId,
        sender: Sender,
        size: u32,
        total: u32,
        part: u32,
        data: Bytes,
    ) -> Assembled {
        let Some(assembly) = self.assemblies.get_mut(&size) else { return Assembled::NotYet };
        let count = assembly.parts.len();
        let Some(slot) = assembly.parts.get_mut(part as usize) else { return Assembled::Broken };
        if !matches!(slot, Part::Asked(by, _) if *by == conn) {
            return Assembled::NotYet;
        }
        let start = part as usize * METADATA_PART;
        let expected = METADATA_PART.min(size as usize - start);
        if total != size || data.len() != expected {
            *slot = Part::Free;
            return Assembled::Broken;
        }
        *slot = Part::Got(sender, data);
        let got: Vec<(&Sender, &Bytes)> = assembly
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Got(sender, data) => Some((sender, data)),
                _ => None,
            })
            .collect();
        if got.len() < count {
            return Assembled::NotYet;
        }
        let mut whole = Vec::with_capacity(size as usize);
        let mut senders: Vec<Sender> = Vec::new();
        for (sender, data) in got {
            whole.extend_from_slice(data);
            if !senders.contains(sender) {
                senders.push(sender.clone());
            }
        }
        Assembled::Whole(whole, senders)
    }

    /// The parts do not hash to the infohash. Gives the liar, if there is no doubt.
    pub(crate) fn wrong(&mut self, size: u32, digest: impl Fn(&[u8]) -> u64) -> Option<Sender> {
        let assembly = self.assemblies.get_mut(&size)?;
        let mut senders: Vec<Sender> = Vec::new();
        let mut sent = Vec::new();
        for (index, part) in assembly.parts.iter_mut().enumerate() {
            if let Part::Got(sender, data) = std::mem::take(part) {
                if !senders.contains(&sender) {
                    senders.push(sender.clone());
                }
                sent.push((index, sender, digest(&data)));
            }
        }
        assembly.only = Some(None);
        if let [liar] = senders.as_slice() {
            return Some(liar.clone());
        }
        // The first try is enough to tell them apart by.
        if assembly.suspects.is_empty() {
            assembly.suspects = sent;
        }
        None
    }

    /// The dictionary is known. Gives whoever sent another part of it before, and forgets everything.
    pub(crate) fn right(&mut self, metadata: &[u8], digest: impl Fn(&[u8]) -> u64) -> Vec<Sender> {
        let mut liars: Vec<Sender> = Vec::new();
        let truth: Vec<u64> = metadata.chunks(METADATA_PART).map(digest).collect();
        let all = std::mem::take(&mut self.assemblies);
        for assembly in all.into_iter().filter(|(size, _)| *size as usize == metadata.len()).map(|(_, a)| a) {
            for (index, sender, sent) in assembly.suspects {
                if truth.get(index) != Some(&sent) && !liars.contains(&sender) {
                    liars.push(sender);
                }
            }
        }
        liars
    }

    /// A peer does not give this part, or any (`None`): others are asked.
    pub(crate) fn refused(&mut self, conn: ConnId, which: Option<u32>) {
        for assembly in self.assemblies.values_mut() {
            for (index, part) in assembly.parts.iter_mut().enumerate() {
                let named = which.is_none_or(|which| which as usize == index);
                if named && matches!(part, Part::Asked(by, _) if *by == conn) {
                    *part = Part::Free;
                }
            }
            if assembly.only == Some(Some(conn)) {
                assembly.only = Some(None);
                assembly.parts.fill(Part::Free);
            }
        }
    }

    /// The peers that owe a part for too long; they are not waited for any more.
    pub(crate) fn expire(&mut self, now: Time) -> Vec<ConnId> {
        let mut late = Vec::new();
        for part in self.assemblies.values().flat_map(|assembly| &assembly.parts) {
            if let Part::Asked(by, at) = part
                && now.since(*at) >= METADATA_TIMEOUT
                && !late.contains(by)
            {
                late.push(*by);
            }
        }
        for conn in &late {
            self.refused(*conn, None);
        }
        late
    }

    /// Lengths that are believed at the moment.
    pub(crate) fn lengths(&self) -> usize {
        self.assemblies.len()
    }

    /// Forgets lengths that nobody says any more.
    pub(crate) fn keep_sizes(&mut self, said: impl Fn(u32) -> bool) {
        self.assemblies.retain(|size, _| said(*size));
    }

    /// Bytes held: of parts, and of what is remembered of those who sent wrong ones.
    pub(crate) fn held(&self) -> usize {
        let parts = self.assemblies.values().flat_map(|assembly| &assembly.parts);
        let got = parts.map(|part| if let Part::Got(_, data) = part { data.len() } else { 0 });
        let suspects = self.assemblies.values().map(|a| a.suspects.len() * size_of::<(usize, Sender, u64)>());
        got.chain(suspects).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Origin;

    fn sender(conn: u64) -> Sender {
        Sender { origin: Origin::Peer(ConnId(conn)), kind: None, peer_id: None, address: None }
    }

    fn part(fetch: &mut MetadataFetch, conn: u64, size: u32, part: u32, fill: u8) -> Assembled {
        let len = METADATA_PART.min(size as usize - part as usize * METADATA_PART);
        let data = Bytes::from(vec![fill; len]);
        fetch.arrived(ConnId(conn), sender(conn), size, size, part, data)
    }

    const SIZE: u32 = 40_000;

    fn digest(data: &[u8]) -> u64 {
        crate::engine::blame::Blame::new(1).digest(data)
    }

    #[test]
    fn what_came_out_wrong_is_not_held_beside_what_comes_again() {
        let mut fetch = MetadataFetch::default();
        let size = MAX_METADATA_BYTES;
        let parts = (size as usize).div_ceil(METADATA_PART);
        let bound = size as usize + parts * size_of::<(usize, Sender, u64)>();
        let mut came = 0;
        for conn in [1, 2].into_iter().cycle() {
            for at in fetch.next_parts(ConnId(conn), size, Time::ZERO) {
                part(&mut fetch, conn, size, at, 9);
                came += 1;
            }
            if came == parts {
                break;
            }
        }
        assert_eq!(fetch.wrong(size, digest), None, "it came from two");
        // The second try, but for its last part.
        for _ in 1..parts {
            let at = fetch.next_parts(ConnId(1), size, Time::ZERO);
            at.into_iter().filter(|at| *at as usize != parts - 1).for_each(|at| {
                part(&mut fetch, 1, size, at, 9);
            });
            assert!(fetch.held() <= bound, "{} bytes", fetch.held());
        }
        assert!(fetch.held() > size as usize - 2 * METADATA_PART, "it has come far");
    }

    #[test]
    fn parts_come_from_several_peers_and_a_late_one_is_replaced() {
        let mut fetch = MetadataFetch::default();
        assert_eq!(fetch.next_parts(ConnId(1), SIZE, Time::ZERO), [0, 1, 2]);
        assert_eq!(fetch.next_parts(ConnId(2), SIZE, Time::ZERO), [0u32; 0]);
        assert_eq!(part(&mut fetch, 1, SIZE, 0, 1), Assembled::NotYet);
        assert_eq!(fetch.expire(Time::ZERO + METADATA_TIMEOUT), [ConnId(1)]);
        assert_eq!(fetch.next_parts(ConnId(2), SIZE, Time::ZERO), [1, 2]);
        assert_eq!(part(&mut fetch, 2, SIZE, 1, 1), Assembled::NotYet);
        assert_eq!(
            part(&mut fetch, 2, SIZE, 2, 1),
            Assembled::Whole(vec![1; SIZE as usize], vec![sender(1), sender(2)])
        );
    }

    #[test]
    fn of_several_senders_of_a_false_dictionary_only_the_liar_is_named() {
        let mut fetch = MetadataFetch::default();
        fetch.next_parts(ConnId(1), SIZE, Time::ZERO);
        part(&mut fetch, 1, SIZE, 0, 1);
        fetch.refused(ConnId(1), None);
        fetch.next_parts(ConnId(2), SIZE, Time::ZERO);
        part(&mut fetch, 2, SIZE, 1, 9);
        part(&mut fetch, 2, SIZE, 2, 1);
        assert_eq!(fetch.wrong(SIZE, digest), None, "nobody is blamed yet");
        assert_eq!(fetch.next_parts(ConnId(1), SIZE, Time::ZERO), [0, 1, 2]);
        assert_eq!(fetch.next_parts(ConnId(2), SIZE, Time::ZERO), [0u32; 0], "one alone");
        assert_eq!(fetch.right(&[1; SIZE as usize], digest), [sender(2)]);
    }

    #[test]
    fn lengths_are_bounded_in_size_and_number() {
        let mut fetch = MetadataFetch::default();
        for size in [0, MAX_METADATA_BYTES + 1, u32::MAX] {
            assert!(fetch.next_parts(ConnId(1), size, Time::ZERO).is_empty());
        }
        for size in 1..100 {
            fetch.next_parts(ConnId(u64::from(size)), size, Time::ZERO);
        }
        assert_eq!(fetch.assemblies.len(), MAX_METADATA_SIZES);
        assert_eq!(fetch.held(), 0);
        fetch.keep_sizes(|size| size == 2);
        assert_eq!(fetch.assemblies.len(), 1);
    }

    #[test]
    fn a_part_of_another_length_is_no_part() {
        let mut fetch = MetadataFetch::default();
        fetch.next_parts(ConnId(1), SIZE, Time::ZERO);
        let short = fetch.arrived(ConnId(1), sender(1), SIZE, SIZE, 0, Bytes::from_static(b"x"));
        assert_eq!(short, Assembled::Broken);
        let other = fetch.arrived(ConnId(1), sender(1), SIZE, 5, 1, Bytes::from(vec![0; METADATA_PART]));
        assert_eq!(other, Assembled::Broken);
    }
}
