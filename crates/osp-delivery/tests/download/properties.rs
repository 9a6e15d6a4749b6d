//! Whatever sources send, a reader sees the original or an error.

use crate::server::{Reply, Seen, Server, Then};
use crate::support::*;
use osp_core::unixfs::Profile;
use proptest::prelude::*;

/// What a server does to what it should send.
#[derive(Clone, Debug)]
enum Habit {
    Honest,
    /// One bit of every answer's body is turned.
    Flip(usize),
    /// The last bytes of every answer are missing.
    Cut(usize),
    /// The same bytes for every question, as the file, a proof, whatever.
    Garbage(Vec<u8>, String),
    Status(u16),
    /// Another part than was asked for, under the name of the right one.
    Shifted(usize),
    /// Ranges are not looked at.
    Whole,
    /// The file is good, proofs are turned bits.
    BadProofs(usize),
}

fn habit() -> impl Strategy<Value = Habit> {
    const KINDS: [&str; 4] =
        ["text/html", "application/x-bittorrent", "application/vnd.ipld.raw", "application/vnd.ipld.car"];
    prop_oneof![
        Just(Habit::Honest),
        any::<usize>().prop_map(Habit::Flip),
        (1..3000_usize).prop_map(Habit::Cut),
        (proptest::collection::vec(any::<u8>(), 0..300), proptest::sample::select(&KINDS[..]))
            .prop_map(|(bytes, kind)| Habit::Garbage(bytes, kind.to_owned())),
        proptest::sample::select(&[206_u16, 301, 404, 410, 416, 500, 503][..]).prop_map(Habit::Status),
        (1..100_000_usize).prop_map(Habit::Shifted),
        Just(Habit::Whole),
        any::<usize>().prop_map(Habit::BadProofs),
    ]
}

fn turned(mut reply: Reply, at: usize) -> Reply {
    let head = reply.bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    let body = &mut reply.bytes[head..];
    if !body.is_empty() {
        let at = at % body.len();
        body[at] ^= 1 << (at % 8);
    }
    reply
}

fn answer(track: &Track, habit: &Habit, seen: &Seen) -> Reply {
    let good = track.answer(seen);
    match habit {
        Habit::Honest => good,
        Habit::Flip(at) => turned(good, *at),
        Habit::Cut(missing) => cut(good, *missing, Then::Close),
        Habit::Garbage(bytes, kind) => Reply::new(200, &[("content-type", kind)], bytes),
        Habit::Status(status) => Reply::status(*status),
        Habit::Shifted(by) if is_file(seen) => {
            let mut bytes = track.file.bytes.clone();
            let by = by % bytes.len().max(1);
            bytes.rotate_left(by);
            ranges(&bytes, seen)
        }
        Habit::Whole if is_file(seen) => Reply::ok(&track.file.bytes),
        Habit::BadProofs(at) if is_proof(seen) => turned(good, *at),
        _ => good,
    }
}

async fn play(track: Track, habits: Vec<(Habit, bool)>, by_record: bool) {
    let mut servers = Vec::new();
    let mut sources = Vec::new();
    for (habit, as_node) in habits.clone() {
        let track = track.clone();
        let server = Server::start(move |seen| answer(&track, &habit, seen)).await;
        sources.push(if as_node { node(&server) } else { mirror(&server) });
        servers.push(server);
    }
    let bench = Bench::new();
    let request = if by_record { track.by_record(&sources) } else { track.by_cid(&sources) };
    let download = bench.downloads.open(request);
    let read = read_all(&download).await;
    if let Ok(bytes) = &read {
        assert!(*bytes == track.file.bytes, "a reader saw other bytes");
    }
    let finished = download.finished().await;
    for kept in bench.kept() {
        assert!(kept == track.file.bytes, "other bytes were kept");
    }
    if habits.iter().any(|(habit, _)| matches!(habit, Habit::Honest)) {
        assert!(finished.is_ok() && read.is_ok(), "{:?}", finished.err().map(|e| e.to_string()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 20, ..ProptestConfig::default() })]
    #[test]
    fn bytes_are_right_or_there_are_none(
        size in prop_oneof![0..3000_usize, 60_000..140_000_usize, 1_000_000..2_200_000_usize],
        profile in proptest::sample::select(&Profile::ALL[..]),
        habits in proptest::collection::vec((habit(), any::<bool>()), 1..4),
        by_record in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(play(Track::new(profile, size), habits, by_record));
    }
}
