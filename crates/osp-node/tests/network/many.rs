//! Many nodes: every lookup finds every provider that lives, also when a third of the nodes is gone, and then more of
//! them.

use crate::members::{Member, QUIC, song, until};
use futures_util::{StreamExt as _, stream};
use osp_discovery::IndexKey;
use osp_p2p::PeerId;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// Nodes that have each track.
const HOLDERS: usize = 3;

/// A network whose nodes hold tracks.
pub struct Many {
    /// `None` for those that are gone.
    pub members: Vec<Option<Member>>,
    /// Of each track: its key, and the numbers of the nodes that hold it.
    pub tracks: Vec<(IndexKey, Vec<usize>)>,
}

/// What lookups found.
#[derive(Debug, Default)]
pub struct Tally {
    /// Lookups that found every provider that lives.
    pub whole: usize,
    /// Lookups of keys of which some provider lives.
    pub lookups: usize,
    /// How long each took until the first provider was named.
    pub first: Vec<Duration>,
}

impl Many {
    /// Starts `count` nodes that begin with one of the first few, each with a handful of others' tracks.
    pub async fn start(count: usize, tracks: usize) -> Self {
        let mut members = Vec::with_capacity(count);
        for n in 0..count {
            let begin: Vec<String> = match n {
                0 => Vec::new(),
                _ => {
                    let first: &Option<Member> = &members[n % n.min(10)];
                    vec![first.as_ref().unwrap().address.clone()]
                }
            };
            let begin: Vec<&str> = begin.iter().map(String::as_str).collect();
            members.push(Some(Member::start_on(QUIC, &begin).await));
        }
        let mut many = Self { members, tracks: Vec::new() };
        for n in 0..count {
            until("a table", || async {
                many.member(n).network.status().await.kad.peers >= count.min(20) / 2
            })
            .await;
            // An estimate from a few looks, made while the network grows, may be a good deal too low, which only makes
            // regions larger.
            until("the size of the network", || async {
                many.member(n).network.status().await.members.is_some_and(|peers| peers > count as f64 / 4.0)
            })
            .await;
        }
        for n in 0..tracks {
            let title = format!("Track {n}");
            let holders: Vec<usize> = (0..HOLDERS).map(|part| (n * 7 + part * 31) % count).collect();
            for holder in &holders {
                many.member(*holder).put(&song(&title)).await;
            }
            many.tracks.push((IndexKey::title(&title).unwrap(), holders));
        }
        for holder in many.tracks.iter().flat_map(|(_, holders)| holders) {
            until("all of it announced", || async {
                let now = many.member(*holder).network.status().await.announcements.unwrap_or_default();
                now.keys > 0 && now.waiting == 0
            })
            .await;
        }
        many
    }

    fn member(&self, n: usize) -> &Member {
        self.members[n].as_ref().unwrap()
    }

    fn alive(&self) -> Vec<usize> {
        (0..self.members.len()).filter(|n| self.members[*n].is_some()).collect()
    }

    /// Stops nodes until only this share of the first number lives.
    pub async fn shrink_to(&mut self, share: f64) {
        let left = (self.members.len() as f64 * share).round() as usize;
        // In an order that has nothing to do with who holds what.
        let count = self.members.len();
        for n in (0..count).map(|n| (n * 37 + 11) % count) {
            if self.alive().len() <= left {
                return;
            }
            if let Some(member) = self.members[n].take() {
                member.stop().await;
            }
        }
    }

    /// Looks each track up once, from different nodes, `at_once` of them.
    pub async fn look_up(&self, at_once: usize) -> Tally {
        let all = self.tracks.iter().enumerate().filter_map(|(n, (key, holders))| {
            let living = holders.iter().filter_map(|holder| Some(self.members[*holder].as_ref()?.peer()));
            let living: BTreeSet<PeerId> = living.collect();
            let mut strangers = self.alive();
            strangers.retain(|n| !holders.contains(n));
            let asker = self.member(strangers[n * 13 % strangers.len()]);
            (!living.is_empty()).then(|| one(asker, key, living))
        });
        let done: Vec<(bool, Option<Duration>)> = stream::iter(all).buffer_unordered(at_once).collect().await;
        let mut first: Vec<Duration> = done.iter().filter_map(|(_, first)| *first).collect();
        first.sort_unstable();
        Tally { whole: done.iter().filter(|(whole, _)| *whole).count(), lookups: done.len(), first }
    }
}

/// One lookup: whether it found all these, and when the first provider was named.
async fn one(asker: &Member, key: &IndexKey, living: BTreeSet<PeerId>) -> (bool, Option<Duration>) {
    let begun = Instant::now();
    let mut providers = asker.network.providers(key.clone());
    let (mut found, mut first) = (BTreeSet::new(), None);
    while let Some(provider) = providers.next().await {
        first.get_or_insert_with(|| begun.elapsed());
        found.insert(provider.peer);
    }
    (living.is_subset(&found), first)
}

/// Few enough to take seconds, and more than a region holds. A lookup in which somebody was too slow is made again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_lookup_finds_everybody_who_lives() {
    let mut many = Many::start(24, 20).await;
    for left in [1.0, 0.7, 0.4] {
        many.shrink_to(left).await;
        until("everybody who lives", || async {
            let tally = many.look_up(20).await;
            assert!(tally.lookups >= 10, "{tally:?}");
            tally.whole == tally.lookups
        })
        .await;
    }
}

/// More of them, and figures:
/// `OSP_NODES=300 cargo test --release -p osp-node --test network -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
#[allow(clippy::print_stdout)]
async fn figures_of_many_nodes() {
    let count = std::env::var("OSP_NODES").map_or(100, |text| text.parse().unwrap());
    let begun = Instant::now();
    let mut many = Many::start(count, 50).await;
    println!("{count} nodes know each other and have announced 50 tracks: {:?}", begun.elapsed());
    for left in [1.0, 0.7, 0.4] {
        many.shrink_to(left).await;
        let tally = many.look_up(2).await;
        let at = |part: usize| tally.first.get(tally.first.len() * part / 100);
        println!(
            "{:.0} % live: {} of {} lookups found all; first provider p50 {:?}, p90 {:?}",
            left * 100.0,
            tally.whole,
            tally.lookups,
            at(50),
            at(90)
        );
    }
}
