//! Downloads from HTTP sources, honest and otherwise.

use crate::server::{Reply, Server, Then};
use crate::support::*;
use osp_core::unixfs::Profile;
use osp_delivery::DeliveryError;

fn track() -> Track {
    Track::new(Profile::V1_2025, 3 * MIB + 77)
}

#[tokio::test]
async fn files_of_every_shape_come_by_cid_alone() {
    for profile in Profile::ALL {
        for size in [0, 1, 70_000, MIB, MIB + 1, 3 * MIB + 5] {
            let track = Track::new(profile, size);
            let server = honest(&track).await;
            let bench = Bench::new();
            let download = bench.delivers(&track, track.by_cid(&[node(&server)])).await;
            assert!(download.attempts().is_empty(), "{profile:?} {size}: {:?}", download.attempts());
            let roots = download.finished().await.unwrap().roots.clone();
            assert!(roots.contains(&track.file.cid()));
        }
    }
}

#[tokio::test]
async fn a_torrent_beside_a_mirror_proves_its_pieces() {
    let track = track();
    let server = serving(&track, |seen| seen.path.contains("/ipfs/").then(|| Reply::status(404))).await;
    let bench = Bench::new();
    bench.delivers(&track, track.by_record(&[mirror(&server)])).await;
    assert!(server.seen().iter().any(|seen| seen.path == "/track.opus.torrent"));
}

#[tokio::test]
async fn interior_blocks_prove_a_file_without_a_torrent() {
    for profile in Profile::ALL {
        let track = Track::new(profile, 3 * MIB + 77);
        let server =
            serving(&track, |seen| seen.path.contains("format=car").then(|| Reply::status(404))).await;
        let bench = Bench::new();
        bench.delivers(&track, track.by_cid(&[node(&server)])).await;
        let blocks = server.seen().iter().filter(|seen| seen.path.contains("format=raw")).count();
        assert_eq!(blocks, 1, "the root alone names all leaves");
    }
}

#[tokio::test]
async fn the_first_range_waits_for_no_proof() {
    let track = track();
    // Every proof hangs.
    let server = serving(&track, |seen| is_proof(seen).then(Reply::silence)).await;
    let bench = Bench::new();
    let download = bench.downloads.open(track.by_record(&[mirror(&server)]));
    while asked(&server).is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(download.bytes().1, 0, "and nothing of it is given out");
}

#[tokio::test]
async fn a_seek_is_answered_before_the_beginning() {
    use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
    let track = Track::new(Profile::V1_2025, 20 * MIB);
    for by_record in [true, false] {
        // Whoever waits for the first half waits for ever.
        let server = serving(&track, |seen| {
            let early = range_of(seen).is_some_and(|(from, _)| from < 10 * MIB);
            (is_file(seen) && early).then(Reply::silence)
        })
        .await;
        let bench = Bench::new();
        let sources = [node(&server)];
        let mut request = if by_record { track.by_record(&sources) } else { track.by_cid(&sources) };
        request.size = Some(20 * MIB as u64);
        let download = bench.downloads.open(request);
        let mut reader = download.reader();
        reader.seek(std::io::SeekFrom::Start(15 * MIB as u64 + 5)).await.unwrap();
        let mut part = vec![0; 100_000];
        reader.read_exact(&mut part).await.unwrap();
        assert!(part == track.file.bytes[15 * MIB + 5..][..100_000]);
        let first = asked(&server)[0].0;
        assert!((15 * MIB - MIB..=15 * MIB + 5).contains(&first), "it began at {first}");
    }
}

#[tokio::test]
async fn an_honest_node_delivers_beside_a_lying_mirror() {
    let track = track();
    for by_record in [true, false] {
        let (liar, honest) = (lying(&track, 2 * MIB + 9).await, honest(&track).await);
        let bench = Bench::new();
        let sources = [mirror(&liar), node(&honest)];
        let mut request = if by_record { track.by_record(&sources) } else { track.by_cid(&sources) };
        request.size = Some(track.info.length);
        let download = bench.delivers(&track, request).await;
        assert_eq!(said(&download, &honest), None, "{by_record}");
    }
}

#[tokio::test]
async fn a_lying_mirror_is_named() {
    let track = track();
    for by_record in [true, false] {
        let liar = lying(&track, 2 * MIB + 9).await;
        // It has proofs and the CAR, but gives no ranges: the liar must be asked.
        let honest = serving(&track, |seen| is_file(seen).then(|| Reply::status(404))).await;
        let bench = Bench::new();
        let sources = [mirror(&liar), node(&honest)];
        let mut request = if by_record { track.by_record(&sources) } else { track.by_cid(&sources) };
        request.size = Some(track.info.length);
        let download = bench.delivers(&track, request).await;
        assert!(said(&download, &liar).is_some_and(|outcome| outcome.is_lie()), "{by_record}");
    }
}

/// Without a torrent a leaf of 1 MiB is proven, and it may hold pieces of several mirrors.
#[tokio::test]
async fn beside_a_liar_honest_mirrors_keep_their_place_where_only_leaves_prove() {
    let track = Track::new(Profile::V1_2025, 9 * MIB + 77);
    for at in [5, 4 * MIB, 8 * MIB + 600_000] {
        let proofs = serving(&track, |seen| is_file(seen).then(|| Reply::status(404))).await;
        let (liar, one, other) = (lying(&track, at).await, plain(&track).await, plain(&track).await);
        let bench = Bench::new();
        let sources = [mirror(&one), mirror(&liar), mirror(&other), node(&proofs)];
        let mut request = track.by_cid(&sources);
        request.size = Some(track.info.length);
        let download = bench.delivers(&track, request).await;
        for honest in [&one, &other] {
            assert_eq!(said(&download, honest), None, "{at}");
        }
        if let Some(outcome) = said(&download, &liar) {
            assert!(outcome.is_lie(), "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn a_liar_alone_gives_nobody_a_false_byte() {
    let track = track();
    for at in [0, MIB, 3 * MIB + 76] {
        let liar = lying(&track, at).await;
        let proofs = serving(&track, |seen| is_file(seen).then(|| Reply::status(404))).await;
        let bench = Bench::new();
        // By the signed torrent, and by nothing at all.
        for request in [track.by_record(&[mirror(&liar), mirror(&proofs)]), track.by_record(&[mirror(&liar)])]
        {
            let download = bench.downloads.open(request);
            let error = read_all(&download).await.unwrap_err();
            assert!(error.to_string().contains(&liar.url("/track.opus")), "{error}");
            let error = download.finished().await.unwrap_err();
            assert!(matches!(*error, DeliveryError::Lied { .. }), "{error}");
            assert!(bench.kept().is_empty());
        }
    }
}

#[tokio::test]
async fn a_web_page_in_place_of_the_file_is_a_lie() {
    let track = track();
    let page = Server::start(|_| Reply::new(200, &[("content-type", "text/html")], b"<h1>Moved</h1>")).await;
    let bench = Bench::new();
    let error = bench.downloads.open(track.by_record(&[mirror(&page)])).finished().await.unwrap_err();
    assert!(matches!(*error, DeliveryError::Lied { .. }), "{error}");
    assert!(error.to_string().contains("web page"), "{error}");
    let good = honest(&track).await;
    let download = bench.delivers(&track, track.by_record(&[mirror(&page), mirror(&good)])).await;
    assert!(said(&download, &page).is_some_and(|outcome| outcome.is_lie()));
}

#[tokio::test]
async fn a_mirror_that_stalls_or_breaks_off_loses_its_turn() {
    let track = track();
    let whole = track.clone();
    let breaking = Server::start(move |seen| {
        if is_file(seen) { cut(whole.answer(seen), 100_000, Then::Close) } else { Reply::status(404) }
    })
    .await;
    let whole = track.clone();
    let stalling = Server::start(move |seen| {
        if is_file(seen) { cut(whole.answer(seen), 100_000, Then::Hang) } else { Reply::status(404) }
    })
    .await;
    let bench = Bench::new();
    for bad in [&silent(&track).await, &breaking, &stalling] {
        let good = honest(&track).await;
        let download = bench.delivers(&track, track.by_record(&[mirror(bad), mirror(&good)])).await;
        assert!(!said(&download, bad).is_some_and(|outcome| outcome.is_lie()), "being slow is no lie");
        assert_eq!(said(&download, &good), None);
    }
}

#[tokio::test]
async fn a_file_of_another_size_is_not_taken() {
    let track = track();
    let short = Track::new(Profile::V1_2025, 2 * MIB);
    let other = plain(&short).await;
    let (bench, good) = (Bench::new(), honest(&track).await);
    let download = bench.delivers(&track, track.by_record(&[mirror(&other), node(&good)])).await;
    assert!(said(&download, &other).is_none_or(|outcome| outcome.reason().contains("bytes")));
    let proofs = serving(&track, |seen| is_file(seen).then(|| Reply::status(404))).await;
    let request = track.by_record(&[mirror(&other), mirror(&proofs)]);
    let error = bench.downloads.open(request).finished().await.unwrap_err();
    assert!(matches!(*error, DeliveryError::Lied { .. }), "{error}");
}

#[tokio::test]
async fn a_server_without_ranges_still_serves() {
    let track = Track::new(Profile::V1_2025, 6 * MIB + 5);
    let body = track.file.bytes.clone();
    let server = serving(&track, move |seen| is_file(seen).then(|| Reply::ok(&body))).await;
    let bench = Bench::new();
    bench.delivers(&track, track.by_record(&[mirror(&server)])).await;
    let requests = server.seen().iter().filter(|seen| is_file(seen)).count();
    assert!(requests <= 4, "{requests} times the whole file");
}

#[tokio::test]
async fn a_long_file_comes_from_one_answer_of_a_server_without_ranges() {
    use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
    let track = Track::new(Profile::V1_2025, 24 * MIB + 5);
    let body = track.file.bytes.clone();
    let server = serving(&track, move |seen| is_file(seen).then(|| Reply::ok(&body))).await;
    for at in [0, 20 * MIB] {
        let before = asked(&server).len();
        let bench = Bench::new();
        let download = bench.downloads.open(track.by_record(&[mirror(&server)]));
        let mut reader = download.reader();
        // A seek far beyond what is skipped in vain.
        reader.seek(std::io::SeekFrom::Start(at as u64)).await.unwrap();
        let mut part = vec![0; 100_000];
        reader.read_exact(&mut part).await.unwrap();
        assert!(part == track.file.bytes[at..][..100_000]);
        assert!(read_all(&download).await.unwrap() == track.file.bytes);
        download.finished().await.unwrap();
        assert!(download.attempts().is_empty(), "{:?}", download.attempts());
        // Two ranges are asked for before it is known what the server does with them.
        let times = asked(&server).len() - before;
        assert!(times <= 2, "{times} times the whole file");
    }
}

#[tokio::test]
async fn an_answer_without_ranges_that_breaks_off_is_read_on_where_it_ended() {
    let track = Track::new(Profile::V1_2025, 12 * MIB + 5);
    let whole = track.file.bytes.clone();
    let times = std::sync::atomic::AtomicUsize::new(0);
    let server = serving(&track, move |seen| {
        let broken = || times.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 2;
        is_file(seen).then(|| {
            let missing = if broken() { 4 * MIB } else { 0 };
            cut(Reply::ok(&whole), missing, Then::Close)
        })
    })
    .await;
    let bench = Bench::new();
    bench.delivers(&track, track.by_record(&[mirror(&server)])).await;
    assert_eq!(asked(&server).len(), 3, "it is asked once more, not for every range");
}

#[tokio::test]
async fn a_plain_mirror_is_believed_at_its_end_only() {
    for profile in [Profile::V1_2025, Profile::V0_2015] {
        let track = Track::new(profile, 3 * MIB + 77);
        let server = plain(&track).await;
        let bench = Bench::new();
        bench.delivers(&track, track.by_cid(&[mirror(&server)])).await;
        bench.delivers(&track, track.by_record(&[mirror(&server)])).await;
    }
}

#[tokio::test]
async fn a_wrong_size_in_a_record_changes_nothing() {
    let track = Track::new(Profile::V1_2025, 3_000_000);
    let server = honest(&track).await;
    for size in [0, 1, u64::MAX, u64::MAX / 9 * 8, 3_000_001, 9_000_000] {
        let mut request = track.by_cid(&[node(&server)]);
        request.size = Some(size);
        let bench = Bench::new();
        let download = bench.downloads.open(request);
        download.finished().await.unwrap();
        assert!(bench.kept() == [track.file.bytes.clone()], "size {size}");
    }
}

#[tokio::test]
async fn when_no_source_is_left_all_are_named() {
    let track = track();
    let gone = Server::start(|_| Reply::status(404)).await;
    let broken = Server::start(|_| Reply::status(500)).await;
    let bench = Bench::new();
    let download = bench.downloads.open(track.by_record(&[mirror(&gone), node(&broken)]));
    let error = read_all(&download).await.unwrap_err().to_string();
    assert!(error.contains(&gone.url("/track.opus")) && error.contains(&broken.url("/")), "{error}");
    let error = download.finished().await.unwrap_err();
    assert!(matches!(*error, DeliveryError::NotFound { .. }), "{error}");
    // Nobody at all
    let error = bench.downloads.open(track.by_record(&[])).finished().await.unwrap_err();
    assert!(matches!(*error, DeliveryError::NotFound { .. }), "{error}");
}
