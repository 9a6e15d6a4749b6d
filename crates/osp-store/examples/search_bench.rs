//! Search over many records: how long each kind of query takes.
//!
//! `cargo run --release -p osp-store --example search_bench [RECORDS] [HOME]`
//!
//! The records are made up with a fixed seed: words are distributed as in languages (the n-th most common one n
//! times rarer than the first), as are artists and genres. With HOME a filled store is kept for the next run.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use osp_core::{json::Json, key::ArtistKey, record::TrackDraft};
use osp_store::{Query, RecordIndex, embedded::EmbeddedStore};
use std::{path::PathBuf, time::Instant};

const ROUNDS: usize = 300;

/// xorshift64*
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 11) as usize % n
    }
    /// Zipf's law: rank r with weight 1/r.
    fn rank(&mut self, n: usize) -> usize {
        let u = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        (((n as f64).ln() * u).exp() as usize).clamp(1, n) - 1
    }
}

/// The n-th word.
fn word(mut n: usize) -> String {
    const SYLLABLES: [&str; 24] = [
        "lo", "ve", "ni", "ght", "sun", "ra", "in", "da", "nce", "my", "he", "art", "blue", "st", "ar", "fi",
        "re", "dre", "am", "mo", "on", "wa", "ter", "ka",
    ];
    let mut word = SYLLABLES[n % 24].to_owned();
    loop {
        n /= 24;
        word.push_str(SYLLABLES[(n * 7 + 5) % 24]);
        if n == 0 {
            return word;
        }
    }
}

fn words(random: &mut Random, count: usize) -> String {
    (0..count).map(|_| word(random.rank(30_000))).collect::<Vec<_>>().join(" ")
}

async fn fill(store: &EmbeddedStore, records: usize) {
    let mut random = Random(42);
    let artists: Vec<(ArtistKey, String)> = (0..3_000_u64)
        .map(|n| {
            let mut seed = [7; 32];
            seed[..8].copy_from_slice(&n.to_le_bytes());
            (ArtistKey::from_seed(&seed), words(&mut random, 2))
        })
        .collect();
    let albums: Vec<String> = (0..12_000).map(|_| words(&mut random, 2)).collect();
    let started = Instant::now();
    let mut batch = Vec::new();
    for n in 0..records {
        let (key, name) = &artists[random.rank(artists.len())];
        let title_words = 1 + random.below(5);
        let mut draft = TrackDraft {
            title: words(&mut random, title_words),
            format: "audio/opus".into(),
            cid: osp_core::content::raw_cid(osp_core::content::sha256(&n.to_le_bytes())).to_string(),
            ..TrackDraft::default()
        };
        draft.set("artistName", Json::String(name.clone()));
        draft.set("album", Json::String(albums[random.below(albums.len())].clone()));
        draft.set("trackNumber", Json::Number((1 + n % 14) as f64));
        draft.set("genre", Json::Array(vec![Json::String(word(random.rank(60)))]));
        draft.set("released", Json::String("2026-01-01".into()));
        draft.set("duration", Json::Number(200.0));
        batch.push(draft.sign(key, Some("2026-01-01T00:00:00Z")).unwrap());
        if batch.len() == 1_000 || n + 1 == records {
            store.put(&batch).await.unwrap();
            batch.clear();
        }
    }
    println!("filled {records} records in {:.1} s", started.elapsed().as_secs_f64());
}

struct Bench<'a> {
    store: &'a EmbeddedStore,
    worst: f64,
}

impl Bench<'_> {
    async fn run(&mut self, name: &str, mut query: impl FnMut(usize) -> Query) {
        let (mut times, mut found, mut empty) = (Vec::new(), 0, 0);
        for round in 0..ROUNDS {
            let query = query(round);
            let started = Instant::now();
            let page = self.store.search(&query).await.unwrap();
            times.push(started.elapsed().as_secs_f64() * 1e3);
            found += page.records.len();
            empty += usize::from(page.records.is_empty());
        }
        self.report(name, times, found, empty);
    }

    fn report(&mut self, name: &str, mut times: Vec<f64>, found: usize, empty: usize) {
        times.sort_by(f64::total_cmp);
        let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize];
        self.worst = self.worst.max(at(0.99));
        println!(
            "{name:<34} p50 {:>7.3} ms   p99 {:>7.3} ms   max {:>7.3} ms   {:>5.1} found, {empty} empty",
            at(0.5),
            at(0.99),
            at(1.0),
            found as f64 / times.len() as f64
        );
    }

    /// All pages of one query.
    async fn pages(&mut self, name: &str, mut query: Query, most: usize) {
        let (mut times, mut found) = (Vec::new(), 0);
        loop {
            let started = Instant::now();
            let page = self.store.search(&query).await.unwrap();
            times.push(started.elapsed().as_secs_f64() * 1e3);
            found += page.records.len();
            query.cursor = page.next;
            if query.cursor.is_none() || times.len() >= most {
                break;
            }
        }
        let name = format!("{name} ({} pages)", times.len());
        self.report(&name, times, found, 0);
    }
}

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let records = args.next().map_or(100_000, |n| n.parse().unwrap());
    let temp = tempfile::tempdir().unwrap();
    let home = args.next().map_or(temp.path().to_owned(), PathBuf::from);
    {
        let store = EmbeddedStore::open(&home).unwrap();
        let stored = store.counts().await.unwrap().tracks;
        if (stored as usize) < records {
            fill(&store, records).await;
        }
    }
    let size = std::fs::metadata(home.join("store/index.sqlite3")).unwrap().len();
    println!("index {:.1} MB", size as f64 / 1e6);
    let started = Instant::now();
    let store = EmbeddedStore::open(&home).unwrap();
    println!("open {:.2} ms", started.elapsed().as_secs_f64() * 1e3);
    let started = Instant::now();
    store.counts().await.unwrap();
    println!("first counts {:.2} ms", started.elapsed().as_secs_f64() * 1e3);
    let started = Instant::now();
    store.warm().await.unwrap();
    println!("warm {:.2} ms", started.elapsed().as_secs_f64() * 1e3);

    let mut bench = Bench { store: &store, worst: 0.0 };
    let base = || Query { limit: 20, ..Query::default() };
    let text = |text: String| Query { text: Some(text), ..base() };
    let mut random = Random(7);
    let artist = |n: usize| {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&(n as u64).to_le_bytes());
        ArtistKey::from_seed(&seed).did()
    };
    bench.run("common word", |n| text(word(n % 20))).await;
    bench.run("middling word", |n| text(word(300 + n))).await;
    bench.run("rare word", |n| text(word(29_000 - 7 * n))).await;
    bench.run("one letter", |n| text("lnsdhbfmwkavri"[n % 14..=n % 14].to_owned())).await;
    bench.run("two letters", |n| text(word(n % 60)[..2].to_owned())).await;
    bench.run("three letters", |n| text(word(n % 300)[..3].to_owned())).await;
    bench.run("four letters", |n| text(word(n).chars().take(4).collect())).await;
    bench.run("five letters", |n| text(word(n).chars().take(5).collect())).await;
    bench.run("word and one letter", |n| text(format!("{} {}", word(n), &word(n / 2)[..1]))).await;
    bench.run("two common words", |n| text(format!("{} {}", word(n % 17), word(n % 23)))).await;
    bench.run("two words", |n| text(format!("{} {}", word(n), word(n * 3)))).await;
    bench.run("common and rare word", |n| text(format!("{} {}", word(n % 10), word(20_000 + n)))).await;
    bench.run("rare word and one letter", |n| text(format!("{} l", word(20_000 + n)))).await;
    bench.run("three words", |n| text(format!("{} {} {}", word(n % 9), word(n % 11), word(n % 13)))).await;
    bench
        .run("a whole title's words", |_| {
            text(format!("{} {}", word(random.rank(3_000)), word(random.rank(3_000))))
        })
        .await;
    let typo = |word: String| {
        let mut letters: Vec<char> = word.chars().collect();
        let middle = letters.len() / 2;
        letters[middle] = 'x';
        letters.into_iter().collect::<String>()
    };
    bench.run("typing error, common word", |n| text(typo(word(24 + n % 200)))).await;
    bench.run("typing error, rare word", |n| text(typo(word(15_000 + 9 * n)))).await;
    bench
        .run("two words, one with an error", |n| text(format!("{} {}", word(n % 20), typo(word(24 + n)))))
        .await;
    bench.run("nothing like it", |n| text(format!("zzqxj{n}wvq"))).await;
    bench
        .run("existing words never together", |n| text(format!("{} {}", word(29_000 - n), word(28_000 - n))))
        .await;
    bench.run("genre", |n| Query { genre: Some(word(n % 60)), ..base() }).await;
    bench.run("genre and word", |n| Query { genre: Some(word(n % 60)), ..text(word(n)) }).await;
    bench.run("artist", |n| Query { artist: Some(artist(n)), ..base() }).await;
    bench
        .run("artist and common word", |n| Query { artist: Some(artist(n * 3)), ..text(word(n % 10)) })
        .await;
    bench.run("artist and one letter", |n| Query { artist: Some(artist(n * 3)), ..text("l".into()) }).await;
    bench
        .run("artist and genre", |n| Query { artist: Some(artist(n)), genre: Some(word(n % 60)), ..base() })
        .await;
    bench.run("title", |n| Query { title: Some(word(n)), ..base() }).await;
    bench.run("newest", |_| base()).await;
    bench.pages("paging, common word", text(word(0)), 5_000).await;
    bench.pages("paging, one letter", text("l".into()), 1_000).await;
    bench.pages("paging, one artist", Query { artist: Some(artist(0)), ..base() }, 5_000).await;
    bench.pages("paging, newest", base(), 1_000).await;
    println!("worst p99 {:.3} ms", bench.worst);
    let started = Instant::now();
    for _ in 0..10_000 {
        store.generation().await.unwrap();
    }
    println!("generation {:.2} us", started.elapsed().as_secs_f64() * 1e6 / 1e4);
}
