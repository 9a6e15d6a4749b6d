//! The pages of any query are the whole, once.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
#[path = "contract/samples.rs"]
mod samples;

use osp_core::record::{Record, Verified};
use osp_store::{Query, RecordIndex, TrustLevel, TrustRanks, embedded::EmbeddedStore};
use proptest::prelude::*;
use samples::{artist, track};
use std::{collections::HashMap, sync::Arc};

const WORDS: [&str; 6] = ["love", "lovely", "night", "nightfall", "blue", "moonlight"];

fn phrase() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS.to_vec()), 1..3).prop_map(|words| words.join(" "))
}

#[derive(Clone, Debug)]
struct Song {
    title: String,
    name: String,
    album: Option<String>,
    genre: String,
    number: Option<u8>,
    artist: u8,
}

fn song() -> impl Strategy<Value = Song> {
    let word = || prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned);
    (phrase(), phrase(), prop::option::of(word()), word(), prop::option::of(0..4_u8), 1..4_u8).prop_map(
        |(title, name, album, genre, number, artist)| Song { title, name, album, genre, number, artist },
    )
}

fn sign(n: usize, song: &Song) -> Verified<Record> {
    let mut track = track(&song.title)
        .text("artistName", &song.name)
        .genre(&[&song.genre])
        .text("released", &format!("{}", 1000 + n)); // no two records alike
    if let Some(album) = &song.album {
        track = track.text("album", album);
    }
    if let Some(number) = song.number {
        track = track.number("trackNumber", number.into());
    }
    track.sign(&artist(song.artist))
}

fn query() -> impl Strategy<Value = Query> {
    let text = prop::sample::select(vec![
        "l",
        "lo",
        "love",
        "night",
        "lovely n",
        "blue love",
        "moonlihgt",
        "blue night l",
    ]);
    let word = || prop::option::weighted(0.2, prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned));
    (prop::option::weighted(0.7, text), prop::option::weighted(0.2, 1..5_u8), word(), word(), word())
        .prop_map(|(text, by, title, genre, album)| Query {
            text: text.map(str::to_owned),
            artist: by.map(|n| artist(n).did()),
            title,
            genre,
            album,
            ..Query::default()
        })
}

/// Ids of all pages of `limit`.
async fn pages(store: &EmbeddedStore, query: &Query, limit: usize) -> Vec<String> {
    let mut query = Query { limit, cursor: None, ..query.clone() };
    let mut ids = Vec::new();
    loop {
        let page = store.search(&query).await.unwrap();
        assert!(page.records.len() <= limit);
        assert!(page.next.is_none() || page.records.len() == limit, "only the last page is short");
        ids.extend(page.records.iter().map(|r| r.id.as_str().to_owned()));
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return ids,
        }
    }
}

/// The third artist near, the first farther, the second a stranger.
fn ranks() -> Arc<TrustRanks> {
    let mut ranks = TrustRanks::default();
    ranks.add(artist(3).did(), TrustLevel::Own);
    ranks.add(artist(1).did(), TrustLevel::Beyond);
    // Somebody without a track.
    ranks.add(artist(9).did(), TrustLevel::Followed);
    Arc::new(ranks)
}

async fn check(songs: &[Song], queries: &[Query], limits: &[usize]) {
    let home = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(home.path()).unwrap();
    let records: Vec<_> = songs.iter().enumerate().map(|(n, song)| sign(n, song)).collect();
    store.put(&records).await.unwrap();
    let by: HashMap<String, u8> =
        records.iter().zip(songs).map(|(r, song)| (r.id().as_str().to_owned(), song.artist)).collect();
    for query in queries {
        let whole = pages(&store, query, 500).await;
        let mut once = whole.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), whole.len(), "a record twice: {query:?}");
        // The same in another order, in which every artist's own tracks stay as they were.
        let trusting = Query { trust: Some(ranks()), ..query.clone() };
        let ranked = pages(&store, &trusting, 500).await;
        for n in 1..4 {
            let of = |ids: &[String]| ids.iter().filter(|id| by[*id] == n).cloned().collect::<Vec<_>>();
            assert_eq!(of(&ranked), of(&whole), "artist {n}: {query:?}");
        }
        assert_eq!(ranked.len(), whole.len(), "{query:?}");
        for limit in limits {
            assert_eq!(pages(&store, query, *limit).await, whole, "pages of {limit}: {query:?}");
            assert_eq!(pages(&store, &trusting, *limit).await, ranked, "pages of {limit}: {trusting:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pages_are_the_whole(
        songs in prop::collection::vec(song(), 0..40),
        queries in prop::collection::vec(query(), 8),
        limit in 1..9_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(check(&songs, &queries, &[limit]));
    }
}

/// More matches than are ranked one by one.
#[tokio::test]
async fn pages_of_many_matches() {
    let songs: Vec<Song> = (0..2000_usize)
        .map(|n| Song {
            title: WORDS[n % 5].to_owned() + [" night", " blue", ""][n % 3],
            name: WORDS[(n / 7) % 6].to_owned(),
            album: (n % 2 == 0).then(|| WORDS[(n / 11) % 6].to_owned()),
            genre: WORDS[(n / 13) % 6].to_owned(),
            number: Some(u8::try_from(n % 9).unwrap()),
            artist: u8::try_from(1 + n % 3).unwrap(),
        })
        .collect();
    let text = |text: &str| Query { text: Some(text.into()), ..Query::default() };
    let queries = [
        text("night"),
        text("l"),
        text("blue nig"),
        text("lovve"),
        Query { artist: Some(artist(1).did()), ..text("night") },
        Query { genre: Some("blue".into()), ..Query::default() },
        Query { genre: Some("blue".into()), ..text("l") },
        Query { title: Some("night blue".into()), ..Query::default() },
        Query { artist: Some(artist(2).did()), ..Query::default() },
        Query::default(),
    ];
    check(&songs, &queries, &[7, 50]).await;
}
