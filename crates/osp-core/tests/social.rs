//! Profiles and follows as our own writer makes them, and which of several counts.

#![allow(clippy::unwrap_used)]

mod common;

use osp_core::{
    context,
    did::Did,
    json::{Json, Object},
    key::ArtistKey,
    record::{
        Follow, FollowState, Link, ProfileDraft, Record, RefusalClass, Verified,
        newest::{MAX_AHEAD_SECONDS, Place, next_update},
    },
};
use proptest::prelude::*;
use std::collections::HashMap;

const CID: &str = "bafkreicm63aemklh3n6weljbrqfwrdwu26ck4fmyffshexgam25dry6bau";
const UPDATED: &str = "2026-01-15T12:00:00Z";
const UPDATED_UNIX: u64 = 1_768_478_400;

fn key(n: u8) -> ArtistKey {
    ArtistKey::from_seed(&[n; 32])
}

fn link(name: &str, url: &str) -> Link {
    Link { name: name.into(), url: url.into() }
}

fn draft() -> ProfileDraft {
    ProfileDraft {
        name: "Ana".into(),
        bio: Some("One line.\nAnother.".into()),
        avatar: Some(CID.into()),
        banner: Some(CID.into()),
        links: vec![link("Website", "https://ana.example")],
        donations: vec![link("Bitcoin", "bitcoin:bc1qexample")],
        others: Object::from([("pronouns".to_owned(), "she".into())]),
    }
}

fn follow(who: &ArtistKey, whom: &Did, state: FollowState, updated: &str) -> Verified<Record> {
    Follow::sign(whom, state, who, updated).unwrap()
}

#[test]
fn a_profile_of_ours_reads_back() {
    let signed = draft().sign(&key(1), UPDATED).unwrap();
    let read = Record::parse(&signed.to_bytes()).unwrap().verify().unwrap();
    let profile = read.as_profile().unwrap();
    assert_eq!(
        (profile.name(), profile.bio(), profile.updated()),
        ("Ana", Some("One line.\nAnother."), UPDATED)
    );
    assert_eq!((profile.avatar(), profile.banner()), (CID.parse().ok(), CID.parse().ok()));
    assert_eq!((profile.links(), profile.donations()), (draft().links, draft().donations));
    assert!(profile.links()[0].is_web() && !profile.donations()[0].is_web());
    assert!(profile.id().as_str().starts_with("osp:profile:bafkrei"));
    assert_eq!(profile.artist(), key(1).did());
    assert_eq!(read.members()["@context"].as_str(), Some(&*context::social_uri()));
    let cid = context::social_uri().strip_prefix("ipfs://").unwrap().parse().unwrap();
    assert_eq!(context::document(&cid), Some(context::SOCIAL_DOCUMENT));
}

#[test]
fn editing_a_profile_keeps_what_is_not_edited() {
    let first = draft().sign(&key(1), UPDATED).unwrap();
    let mut next = first.as_profile().unwrap().to_draft();
    next.bio = None;
    let second = next.sign(&key(1), "2026-01-16T12:00:00Z").unwrap();
    let mut expected = first.members().clone();
    for member in ["bio", "id", "signature", "proof", "updated"] {
        expected.remove(member);
    }
    let mut rest = second.members().clone();
    for member in ["id", "signature", "proof", "updated"] {
        assert_ne!(rest.remove(member).as_ref(), first.members().get(member), "{member}");
    }
    assert_eq!(rest, expected);
}

#[test]
fn drafts_that_would_not_be_profiles_are_refused() {
    let with = |change: fn(&mut ProfileDraft)| {
        let mut draft = draft();
        change(&mut draft);
        draft.sign(&key(1), UPDATED).map(drop).map_err(|refusal| refusal.class)
    };
    assert_eq!(with(|_| ()), Ok(()));
    let changes: [fn(&mut ProfileDraft); 8] = [
        |d| d.name = String::new(),
        |d| d.name = "n".repeat(101),
        |d| d.bio = Some("\u{202e}".into()),
        |d| d.avatar = Some("avatar.png".into()),
        |d| d.links = vec![link("Click", "javascript:alert(1)")],
        |d| d.links = vec![link("Pay", "bitcoin:bc1qexample")],
        |d| drop(d.others.insert("name".into(), "Bob".into())),
        |d| drop(d.others.insert("signature".into(), Json::Null)),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        assert_eq!(with(change), Err(RefusalClass::Malformed), "{n}");
    }
    for updated in ["", "2026-01-15", "2026-01-15T12:00:00+00:00"] {
        assert_eq!(draft().sign(&key(1), updated).unwrap_err().class, RefusalClass::Malformed, "{updated}");
    }
    assert_eq!(draft().sign_as(&key(2).did(), &key(1), UPDATED).unwrap_err().class, RefusalClass::Signature);
}

#[test]
fn a_follow_of_ours_reads_back() {
    let whom = Did::parse("did:web:bob.example").unwrap();
    for state in [FollowState::Follow, FollowState::Unfollow] {
        let signed = follow(&key(1), &whom, state, UPDATED);
        let read = Record::parse(&signed.to_bytes()).unwrap().verify().unwrap();
        let follow = read.as_follow().unwrap();
        assert_eq!((follow.artist(), follow.follows(), follow.state()), (key(1).did(), &whom, state));
        assert!(follow.id().as_str().starts_with("osp:follow:bafkrei"));
    }
}

#[test]
fn places_are_one_profile_each_and_one_follow_for_each_pair() {
    let [ana, bob] = [key(1), key(2)];
    let place = |record: &Record| record.place().unwrap().0;
    let profile = draft().sign(&ana, UPDATED).unwrap();
    assert_eq!(place(&profile), Place::Profile(ana.did()));
    let one = follow(&ana, &bob.did(), FollowState::Follow, UPDATED);
    let stop = follow(&ana, &bob.did(), FollowState::Unfollow, UPDATED);
    let other = follow(&bob, &ana.did(), FollowState::Follow, UPDATED);
    assert_eq!(place(&one), place(&stop));
    assert_ne!(place(&one), place(&other));
}

#[test]
fn a_record_is_early_when_it_is_more_than_a_day_ahead() {
    let (_, rank) = draft().sign(&key(1), UPDATED).unwrap().place().unwrap();
    assert!(!rank.is_early(UPDATED_UNIX));
    assert!(!rank.is_early(UPDATED_UNIX - MAX_AHEAD_SECONDS));
    assert!(rank.is_early(UPDATED_UNIX - MAX_AHEAD_SECONDS - 1));
    assert!(!rank.is_early(u64::MAX));
}

#[test]
fn the_newest_of_each_place_counts() {
    let file = common::vectors("newest.json");
    assert_eq!(file["now"], UPDATED);
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() >= 7);
    for case in cases {
        let records = case["records"].as_array().unwrap().iter();
        let mut records: Vec<_> = records
            .map(|record| Record::parse(&serde_json::to_vec(record).unwrap()).unwrap().verify().unwrap())
            .collect();
        for _ in 0..records.len() {
            records.rotate_left(1);
            let mut current = HashMap::new();
            for (place, rank) in records.iter().filter_map(|record| record.place()) {
                if !rank.is_early(UPDATED_UNIX) && current.get(&place).is_none_or(|held| *held < rank) {
                    current.insert(place, rank);
                }
            }
            let taken = records
                .iter()
                .filter(|r| current.values().any(|rank| Some(rank) == r.place().map(|p| p.1).as_ref()));
            let mut ids: Vec<_> = taken.map(|record| record.id().as_str().to_owned()).collect();
            ids.sort();
            assert_eq!(serde_json::json!(ids), case["current"], "{}", case["name"]);
        }
    }
}

#[test]
fn a_writer_signs_with_the_present_or_just_after_the_newest() {
    assert_eq!(next_update(UPDATED, None), UPDATED);
    assert_eq!(next_update(UPDATED, Some("2026-01-15T11:59:58Z")), UPDATED);
    assert_eq!(next_update(UPDATED, Some(UPDATED)), "2026-01-15T12:00:01Z");
    assert_eq!(next_update(UPDATED, Some("2026-12-31T23:59:59Z")), "2027-01-01T00:00:00Z");
    assert_eq!(next_update(UPDATED, Some("9999-12-31T23:59:59Z")), UPDATED);
}

proptest! {
    /// Ranks are in the order of time, and among equals in that of ids, which never are equal.
    #[test]
    fn ranks_are_in_the_order_of_time(a in 0u32..400_000, b in 0u32..400_000) {
        let time = |n: u32| format!("2026-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            1 + n / 40_000, 1 + n / 2_000 % 20, n / 100 % 20, n / 10 % 10, n % 10);
        let record = |n, state| follow(&key(1), &key(2).did(), state, &time(n));
        let (first, second) = (record(a, FollowState::Follow), record(b, FollowState::Unfollow));
        let (one, two) = (first.place().unwrap().1, second.place().unwrap().1);
        let by_id = first.id().cmp(&second.id());
        prop_assert_eq!(one.cmp(&two), a.cmp(&b).then(by_id));
    }
}
