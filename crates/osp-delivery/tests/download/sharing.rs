//! Several readers of one download, downloads by magnet, and what is left when nobody waits any more.

use crate::server::{Reply, Server};
use crate::support::*;
use osp_core::unixfs::Profile;
use osp_delivery::{
    DeliveryError,
    download::{BlockingReader, DownloadRequest, WhenLeft},
};
use std::{io::SeekFrom, sync::Arc};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

fn track() -> Track {
    Track::new(Profile::V1_2025, 3 * MIB + 77)
}

#[tokio::test]
async fn two_that_want_the_same_share_one_download() {
    let track = track();
    let server = honest(&track).await;
    let bench = Bench::new();
    let one = bench.downloads.open(track.by_record(&[mirror(&server)]));
    let other = bench.downloads.open(track.by_cid(&[node(&server)]));
    let (a, b) = tokio::join!(read_all(&one), read_all(&other));
    assert!(a.unwrap() == track.file.bytes && b.unwrap() == track.file.bytes);
    let (a, b) = (one.finished().await.unwrap(), other.finished().await.unwrap());
    assert!(Arc::ptr_eq(&a, &b));
    assert_eq!(bench.kept().len(), 1);
    assert!(bench.downloads.running().is_empty());
}

#[tokio::test]
async fn a_second_request_brings_its_sources_along() {
    let track = track();
    let (silent, good) = (silent(&track).await, honest(&track).await);
    let bench = Bench::new();
    let one = bench.downloads.open(track.by_record(&[mirror(&silent)]));
    let other = bench.downloads.open(track.by_record(&[mirror(&good)]));
    assert!(read_all(&one).await.unwrap() == track.file.bytes);
    drop(other);
}

#[tokio::test]
async fn readers_seek_as_they_like() {
    let track = track();
    let server = honest(&track).await;
    let bench = Bench::new();
    let download = bench.downloads.open(track.by_record(&[mirror(&server)]));
    let mut reader = download.reader();
    let bytes = &track.file.bytes;
    let mut part = [0; 1000];
    for at in [2 * MIB, 17, 3 * MIB + 77 - 1000, 18, MIB - 500] {
        reader.seek(SeekFrom::Start(at as u64)).await.unwrap();
        reader.read_exact(&mut part).await.unwrap();
        assert!(part[..] == bytes[at..at + 1000], "at {at}");
    }
    assert_eq!(reader.seek(SeekFrom::End(-10)).await.unwrap(), track.info.length - 10);
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, bytes[bytes.len() - 10..]);
    assert_eq!(reader.seek(SeekFrom::Current(-5)).await.unwrap(), track.info.length - 5);
    assert!(reader.seek(SeekFrom::Current(-(1 << 40))).await.is_err());
    reader.seek(SeekFrom::Start(1 << 40)).await.unwrap();
    assert_eq!(reader.read(&mut part).await.unwrap(), 0, "beyond the end there is nothing");
}

#[tokio::test]
async fn a_decoder_on_its_own_thread_reads_too() {
    use std::io::{Read as _, Seek as _};
    let track = track();
    let server = honest(&track).await;
    let bench = Bench::new();
    let download = bench.downloads.open(track.by_record(&[mirror(&server)]));
    let mut reader = BlockingReader::new(Arc::new(download.position()), tokio::runtime::Handle::current());
    let read = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        reader.seek(SeekFrom::End(-100)).unwrap();
        reader.read_to_end(&mut all).unwrap();
        reader.seek(SeekFrom::Start(0)).unwrap();
        reader.read_to_end(&mut all).unwrap();
        all
    });
    let all = read.await.unwrap();
    assert!(all[..100] == track.file.bytes[track.file.bytes.len() - 100..] && all[100..] == track.file.bytes);
}

#[tokio::test]
async fn a_magnet_alone_names_its_content() {
    for profile in [Profile::V1_2025, Profile::V0_2015] {
        let track = Track::new(profile, 3 * MIB + 77);
        let server = honest(&track).await;
        let bench = Bench::new();
        let mut request = DownloadRequest::of_magnet(track.magnet());
        request.http.push(node(&server));
        let download = bench.downloads.open(request);
        let finished = download.finished().await.unwrap();
        assert_eq!(finished.cid.to_string(), track.info.name);
        assert!(bench.kept() == [track.file.bytes]);
    }
    let track = track();
    let nobody = Server::start(|_| Reply::status(404)).await;
    let mut request = DownloadRequest::of_magnet(track.magnet());
    request.http.push(node(&nobody));
    let error = Bench::new().downloads.open(request).finished().await.unwrap_err();
    assert!(matches!(*error, DeliveryError::NoMetadata { .. }), "{error}");
    assert!(error.to_string().contains(&track.magnet().infohash_hex()), "{error}");
}

/// An artist's mistake: the torrent in the record is of another file. The CID decides.
#[tokio::test]
async fn a_torrent_of_other_content_gives_way_to_the_cid() {
    let (track, other) = (track(), Track::new(Profile::V1_2025, 2 * MIB));
    let server = serving(&track, |seen| seen.path.contains(".torrent").then(|| Reply::status(404))).await;
    let torrents =
        serving(&other, |seen| (!seen.path.contains(".torrent")).then(|| Reply::status(404))).await;
    let request = track.by_cid(&[node(&server), mirror(&torrents)]).with_magnet(other.magnet());
    let bench = Bench::new();
    let download = bench.downloads.open(request);
    download.finished().await.unwrap();
    assert!(bench.kept() == [track.file.bytes]);
}

#[tokio::test]
async fn what_is_left_is_stopped_or_finished_as_was_asked() {
    let track = track();
    let (silent, good) = (silent(&track).await, honest(&track).await);
    let bench = Bench::new();
    let mut request = track.by_record(&[mirror(&silent)]);
    request.when_left = WhenLeft::Stop;
    drop(bench.downloads.open(request));
    while !bench.downloads.running().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(bench.kept().is_empty());
    drop(bench.downloads.open(track.by_record(&[mirror(&good)])));
    while !bench.downloads.running().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(bench.kept() == [track.file.bytes]);
}

#[tokio::test]
async fn one_that_is_given_up_ends_for_everybody_and_can_be_begun_anew() {
    let track = track();
    let (silent, good) = (silent(&track).await, honest(&track).await);
    let bench = Bench::new();
    let download = bench.downloads.open(track.by_record(&[mirror(&silent)]));
    let watch = download.watch();
    assert!(!watch.is_over() && !watch.is_left());
    watch.stop();
    let error = read_all(&download).await.unwrap_err();
    assert!(matches!(*download.finished().await.unwrap_err(), DeliveryError::Stopped), "{error}");
    bench.delivers(&track, track.by_record(&[mirror(&good)])).await;
    drop(download);
    assert!(watch.is_over() && watch.is_left());
}

#[tokio::test]
async fn no_unfinished_file_has_a_name() {
    let track = track();
    let server = serving(&track, |seen| {
        let late = range_of(seen).is_some_and(|(_, to)| to >= 3 * MIB);
        (is_file(seen) && late).then(|| cut(Reply::status(206), 0, crate::server::Then::Hang))
    })
    .await;
    let bench = Bench::new();
    let download = bench.downloads.open(track.by_record(&[mirror(&server)]));
    download.size().await.unwrap();
    assert!(cfg!(windows) || std::fs::read_dir(bench.folder.path()).unwrap().next().is_none());
}
