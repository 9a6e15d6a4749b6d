//! The order of results is the listener's, whatever strangers send.
use osp_discovery::trust::{Caps, Circle, Degree, Hit, Results, rank};
use proptest::prelude::*;
use std::collections::BTreeSet;

const SALT: [u8; 32] = [7; 32];

fn hit(id: &str, artist: &str, provider: u32, relevance: u32) -> Hit<u32> {
    Hit { id: id.into(), artist: artist.into(), providers: BTreeSet::from([provider]), relevance }
}

fn ids(hits: &[&Hit<u32>]) -> Vec<String> {
    hits.iter().map(|hit| hit.id.clone()).collect()
}

#[test]
fn ten_thousand_spam_records_change_none_of_the_first_ten() {
    let mut circle = Circle::new();
    circle.choose("did:key:followed");
    circle.set_follows("did:key:followed", ["did:key:friend".into()]);
    let mut results = Results::new(200, Caps::default(), SALT);
    for n in 0..12 {
        results.insert(hit(&format!("followed {n}"), "did:key:followed", 1, n), &circle);
    }
    results.insert(hit("friend", "did:key:friend", 2, 0), &circle);
    let before = ids(&results.top(13, &circle));
    for n in 0..10_000u32 {
        // Each by an artist of its own, more relevant than all, from twenty providers.
        results
            .insert(hit(&format!("spam {n}"), &format!("did:key:spam{n}"), 100 + n % 20, u32::MAX), &circle);
        assert!(results.len() <= 400);
    }
    assert_eq!(ids(&results.top(13, &circle)), before);
    assert_eq!(before.last().unwrap(), "friend");
}

#[test]
fn one_artist_and_one_provider_do_not_fill_the_page() {
    let circle = Circle::new();
    let mut hits: Vec<Hit<u32>> = (0..100).map(|n| hit(&format!("a{n}"), "did:key:a", n, 9)).collect();
    hits.extend((0..100).map(|n| hit(&format!("b{n}"), &format!("did:key:b{n}"), 1000, 9)));
    hits.push(hit("lonely", "did:key:c", 2000, 0));
    let order = rank(&hits, &circle, &Caps::default(), &SALT);
    let first: Vec<&str> = order[..9].iter().map(|n| hits[*n].id.as_str()).collect();
    assert_eq!(first.iter().filter(|id| id.starts_with('a')).count(), 3);
    assert_eq!(first.iter().filter(|id| id.starts_with('b')).count(), 5);
    assert!(first.contains(&"lonely"));
}

#[test]
fn what_the_node_holds_itself_has_no_provider_to_cap() {
    let mut results = Results::new(100, Caps::default(), SALT);
    let circle = Circle::new();
    results.insert(hit("x", "did:key:x", 5, 1), &circle);
    results.insert(Hit { providers: BTreeSet::new(), ..hit("x", "did:key:x", 5, 0) }, &circle);
    results.insert(hit("x", "did:key:x", 6, 0), &circle);
    let top = results.top(10, &circle);
    assert_eq!((top.len(), top[0].relevance, top[0].providers.len()), (1, 1, 0));
    assert!(results.remove("x").is_some() && results.is_empty());
}

#[test]
fn a_circle_ends_with_whom_the_chosen_follow() {
    let mut circle = Circle::new();
    circle.choose("a");
    circle.set_follows("a", ["b".into(), "c".into()]);
    circle.set_follows("b", ["d".into()]);
    circle.set_follows("stranger", ["e".into()]);
    let degrees = |circle: &Circle| ["a", "b", "d", "e"].map(|did| circle.degree(did));
    use Degree::{Chosen, Second, Stranger};
    assert_eq!(degrees(&circle), [Chosen, Second, Stranger, Stranger]);
    circle.set_follows("a", ["c".into()]);
    assert_eq!(circle.degree("b"), Stranger);
    circle.drop("a");
    assert_eq!((circle.degree("a"), circle.degree("c")), (Stranger, Stranger));
    circle.befriend("f");
    circle.set_follows("a", []);
    assert_eq!((circle.degree("f"), circle.degree("e")), (Second, Stranger));
    circle.choose("a");
    circle.set_follows("a", (0..5000).map(|n| format!("x{n}")));
    assert_eq!((0..5000).filter(|n| circle.degree(&format!("x{n}")) == Second).count(), 1000);
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(
        hits in prop::collection::vec((0u32..40, 0u32..6, 0u32..5, 0u32..3), 0..40),
        chosen in 0u32..6,
        seed in any::<u64>(),
    ) {
        let mut circle = Circle::new();
        circle.choose(format!("did:key:{chosen}"));
        let mut hits: Vec<Hit<u32>> = hits.into_iter().map(|(id, artist, by, fits)| hit(&format!("{artist} {id}"), &format!("did:key:{artist}"), by, fits)).collect();
        hits.sort_by(|a, b| a.id.cmp(&b.id));
        hits.dedup_by(|a, b| a.id == b.id);
        let names = |hits: &[Hit<u32>]| -> Vec<String> {
            rank(hits, &circle, &Caps::default(), &SALT).into_iter().map(|n| hits[n].id.clone()).collect()
        };
        let first = names(&hits);
        prop_assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), hits.len());
        let mut turned = hits.clone();
        turned.rotate_left(if hits.is_empty() { 0 } else { seed as usize % hits.len() });
        turned.reverse();
        prop_assert_eq!(&names(&turned), &first);
        // The chosen come first.
        let own = format!("{chosen} ");
        let last_own = first.iter().rposition(|id| id.starts_with(&own)).map_or(0, |n| n + 1);
        prop_assert!(first[..last_own].iter().all(|id| id.starts_with(&own)));
    }
}
