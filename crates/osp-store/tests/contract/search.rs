use super::samples::{artist, retraction, track};
use osp_core::record::Record;
use osp_store::{Query, RecordIndex, StoreError, TrustLevel, TrustRanks};
use std::sync::Arc;

/// Titles that a query finds, in order.
pub async fn titles(store: &impl RecordIndex, query: Query) -> Vec<String> {
    let query = Query { limit: 50, ..query };
    let page = store.search(&query).await.unwrap();
    page.records
        .iter()
        .map(|r| Record::parse(&r.json).unwrap().as_track().unwrap().title().to_owned())
        .collect()
}

async fn by_text(store: &impl RecordIndex, text: &str) -> Vec<String> {
    titles(store, Query { text: Some(text.to_owned()), ..Query::default() }).await
}

pub async fn best_matches_first(store: &impl RecordIndex) {
    let key = artist(1);
    let records = [
        track("genre only").genre(&["Night"]).sign(&key),
        track("album only").text("album", "Night").sign(&key),
        track("artist only").text("artistName", "Night").sign(&key),
        track("All night").sign(&key),
        track("Night drive").sign(&key),
        track("Night").sign(&key),
        track("Nightfall").sign(&key),
        track("Another").sign(&key),
    ];
    store.put(&records).await.unwrap();
    let best = ["Night", "Night drive", "All night", "artist only", "album only", "genre only", "Nightfall"];
    assert_eq!(by_text(store, "night").await, best);
    assert_eq!(by_text(store, "NIGHT d").await, ["Night drive"]);
    assert_eq!(by_text(store, "drive night").await, ["Night drive"]);
    assert_eq!(by_text(store, "nigh").await.len(), 7);
    assert_eq!(by_text(store, "night genre").await, ["genre only"]);
    assert_eq!(by_text(store, "night zebra").await, [""; 0]);
    // No text is no condition.
    assert_eq!(by_text(store, "  ").await.len(), 8);
}

pub async fn typing_errors(store: &impl RecordIndex) {
    let key = artist(1);
    let records = [
        track("Endgame Singularity").text("artistName", "Max McCracken").sign(&key),
        track("Cat").sign(&key),
    ];
    store.put(&records).await.unwrap();
    for text in ["singularty", "singluarity", "Endgmae", "endgame singulrity", "mccraken", "siguluarity"] {
        assert_eq!(by_text(store, text).await, ["Endgame Singularity"], "{text}");
    }
    for text in ["cta", "sngulrty", "xyzzy", "endxxme", "endgame xyzzy"] {
        assert_eq!(by_text(store, text).await, [""; 0], "{text}");
    }
}

pub async fn folds_case_and_marks(store: &impl RecordIndex) {
    let key = artist(1);
    let records = [
        track("J\u{f3}ga").text("artistName", "Bj\u{f6}rk").sign(&key),
        track("Stra\u{df}e").sign(&key),
        track("\u{611b}\u{3057}\u{3066}\u{308b}").sign(&key),
        track("!!!").sign(&key),
    ];
    store.put(&records).await.unwrap();
    for (text, title) in [
        ("joga", "J\u{f3}ga"),
        ("BJORK", "J\u{f3}ga"),
        ("bjo\u{308}rk", "J\u{f3}ga"),
        ("STRASSE", "Stra\u{df}e"),
        ("\u{3057}\u{3066}", "\u{611b}\u{3057}\u{3066}\u{308b}"),
        ("!!!", "!!!"),
    ] {
        assert_eq!(by_text(store, text).await, [title], "{text}");
    }
}

pub async fn filters_combine(store: &impl RecordIndex) {
    let (ann, bob) = (artist(1), artist(2));
    let records = [
        track("Night").genre(&["Rock", "Dub"]).text("album", "Dark").sign(&ann),
        track("Night").genre(&["Rock"]).text("album", "Light").sign(&bob),
        track("Day").genre(&["Dub"]).text("album", "Dark").sign(&bob),
    ];
    store.put(&records).await.unwrap();
    let q = Query::default;
    let some = |text: &str| Some(text.to_owned());
    let cases = [
        (Query { artist: Some(bob.did()), ..q() }, 2),
        (Query { artist: Some(artist(3).did()), ..q() }, 0),
        (Query { title: some("NIGHT"), ..q() }, 2),
        (Query { title: some("nigh"), ..q() }, 0),
        (Query { genre: some("rock"), ..q() }, 2),
        (Query { genre: some("dub"), artist: Some(bob.did()), ..q() }, 1),
        (Query { genre: some("dub"), title: some("night"), ..q() }, 1),
        (Query { album: some("dark"), ..q() }, 2),
        (Query { album: some("dark"), artist: Some(ann.did()), title: some("Night"), ..q() }, 1),
        (Query { text: some("night"), artist: Some(bob.did()), ..q() }, 1),
        (Query { text: some("night"), album: some("Dark"), ..q() }, 1),
        (Query { text: some("night"), genre: some("Rock"), ..q() }, 2),
        (Query { text: some("dark"), title: some("Day"), ..q() }, 1),
        (Query { text: some("day"), title: some("Night"), ..q() }, 0),
        (Query { text: some("nihgt"), artist: Some(ann.did()), ..q() }, 1),
    ];
    for (query, count) in cases {
        assert_eq!(titles(store, query.clone()).await.len(), count, "{query:?}");
    }
}

pub async fn an_album_is_in_track_order(store: &impl RecordIndex) {
    let key = artist(1);
    let song = |title: &str, album: &str, disc: f64, number: f64| {
        track(title).text("album", album).number("discNumber", disc).number("trackNumber", number).sign(&key)
    };
    let records = [
        song("B 1", "B", 1.0, 1.0),
        song("A 2-1", "A", 2.0, 1.0),
        song("A 1-10", "A", 1.0, 10.0),
        song("A 1-2", "A", 1.0, 2.0),
        track("A 1-3").text("album", "a").number("trackNumber", 3.0).sign(&key),
        track("A last").text("album", "A").sign(&key),
    ];
    store.put(&records).await.unwrap();
    let album = ["A 1-2", "A 1-3", "A 1-10", "A last", "A 2-1"];
    assert_eq!(titles(store, Query { album: Some("A".into()), ..Query::default() }).await, album);
    let mut everything = album.to_vec();
    everything.push("B 1");
    assert_eq!(titles(store, Query { artist: Some(key.did()), ..Query::default() }).await, everything);
}

pub async fn newest_first_without_text(store: &impl RecordIndex) {
    let key = artist(1);
    for n in 0..5 {
        store.put(&[track(&format!("T{n}")).genre(&["Rock"]).sign(&key)]).await.unwrap();
    }
    let newest = ["T4", "T3", "T2", "T1", "T0"];
    assert_eq!(titles(store, Query::default()).await, newest);
    assert_eq!(titles(store, Query { genre: Some("rock".into()), ..Query::default() }).await, newest);
}

pub async fn nothing_typed_is_syntax(store: &impl RecordIndex) {
    store.put(&[track("a b").sign(&artist(1))]).await.unwrap();
    for text in
        ["\"", "title:b", "a AND", "NOT b", "a*", "^", "(", "{}", "-", "NEAR(", "\0", "a\"b", "'", "%", "*"]
    {
        for query in [
            Query { text: Some(text.into()), limit: 5, ..Query::default() },
            Query { title: Some(text.into()), genre: Some(text.into()), limit: 5, ..Query::default() },
            Query { album: Some(text.into()), text: Some(text.into()), limit: 5, ..Query::default() },
        ] {
            store.search(&query).await.unwrap();
        }
    }
    let long = "word ".repeat(100_000);
    assert_eq!(by_text(store, &long).await, [""; 0]);
}

pub async fn foreign_cursors_are_refused(store: &impl RecordIndex) {
    for cursor in ["", "x", "-", "1.2", "1.2.3.4", "1.4.3", "0x1.1.1"] {
        let query = Query { cursor: Some(cursor.into()), limit: 5, ..Query::default() };
        assert!(matches!(store.search(&query).await, Err(StoreError::Cursor(_))), "{cursor}");
    }
}

pub async fn withdrawn_tracks_are_not_found(store: &impl RecordIndex) {
    let key = artist(1);
    let old = track("Night old").sign(&key);
    let new = track("Night new").supersedes(&old.id()).sign(&key);
    let gone = track("Night gone").sign(&key);
    store.put(&[old, new, gone.clone(), retraction(&gone.id(), &key)]).await.unwrap();
    assert_eq!(by_text(store, "night").await, ["Night new"]);
    assert_eq!(titles(store, Query { artist: Some(key.did()), ..Query::default() }).await, ["Night new"]);
}

pub async fn the_nearest_artists_come_first_among_equal_matches(store: &impl RecordIndex) {
    let titled = |title: &str, n: u8, m: usize| {
        track(title).genre(&["techno"]).text("isrcCode", &m.to_string()).text("album", &format!("{n} {m}"))
    };
    let (own, followed, beyond, stranger) = (1, 2, 3, 4);
    let mut records = Vec::new();
    for (m, n) in [own, followed, beyond].into_iter().enumerate() {
        records.push(titled("Night", n, m).sign(&artist(n)));
        records.push(titled("Late night", n, m).sign(&artist(n)));
    }
    // More than are ranked one by one.
    records.extend((0..300).map(|m| titled("Night", stranger, m).sign(&artist(stranger))));
    records.extend((0..300).map(|m| titled("Late night", stranger, m).sign(&artist(stranger))));
    store.put(&records).await.unwrap();
    let mut ranks = TrustRanks::default();
    for (n, level) in [own, followed, beyond].into_iter().zip(TrustLevel::ALL) {
        ranks.add(artist(n).did(), level);
    }
    let ranks = Arc::new(ranks);
    for query in [
        Query { text: Some("night".into()), ..Query::default() },
        Query { genre: Some("techno".into()), title: Some("night".into()), ..Query::default() },
    ] {
        let query = Query { limit: 5, trust: Some(Arc::clone(&ranks)), ..query };
        let page = store.search(&query).await.unwrap();
        let artists: Vec<_> = page.records.iter().map(|r| Record::parse(&r.json).unwrap().artist()).collect();
        let expected = [own, followed, beyond, stranger, stranger].map(|n| artist(n).did());
        assert_eq!(artists, expected, "{query:?}");
        assert_eq!(
            titles(store, Query { limit: 5, ..query }).await[..5],
            ["Night"; 5],
            "the better match first"
        );
    }
    // By genre alone all are equal, and what strangers add changes nothing in front.
    let genre = Query { genre: Some("techno".into()), trust: Some(ranks), ..Query::default() };
    let first = titles(store, genre.clone()).await[..6].to_vec();
    assert_eq!(first, ["Late night", "Night", "Late night", "Night", "Late night", "Night"]);
    let spam: Vec<_> = (300..600).map(|m| titled("Buy", stranger, m).sign(&artist(stranger))).collect();
    store.put(&spam).await.unwrap();
    assert_eq!(titles(store, genre).await[..6], first);
    // Without ranks: the newest.
    let plain = Query { genre: Some("techno".into()), ..Query::default() };
    assert_eq!(titles(store, plain).await[0], "Buy");
}
