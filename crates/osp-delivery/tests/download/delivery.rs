//! Honest, broken and lying sources, alone and in a row.

use crate::server::{Reply, Server, Then};
use crate::sink::{CAR, File, Memory, RAW, as_v0, car_of};
use osp_core::{
    Cid,
    content::{parse_cid, raw_cid, sha256},
    unixfs::Profile,
};
use osp_delivery::{Delivery, DeliveryError, Fetched, HttpSource, Outcome, Want};
use osp_fetch::{Fetcher, Policy, Target};

const MIB: usize = 1 << 20;

fn delivery() -> Delivery {
    Delivery::new(Fetcher::new(&Policy::default()).unwrap())
}
fn node(server: &Server) -> HttpSource {
    HttpSource::Node(Target::typed(&server.url("")).unwrap())
}
fn mirror(server: &Server) -> HttpSource {
    HttpSource::Mirror(Target::typed(&server.url("/track.opus")).unwrap())
}
async fn fetch(cid: Cid, sources: &[HttpSource]) -> (Result<Fetched, DeliveryError>, Memory) {
    let mut sink = Memory::default();
    let result = delivery().fetch(&Want::new(cid), sources, &mut sink).await;
    (result, sink)
}
/// Fetches what must come out whole; gives what was said on the way.
async fn delivers(file: &File, sources: &[HttpSource]) -> Fetched {
    let (result, sink) = fetch(file.cid(), sources).await;
    let fetched = result.unwrap();
    assert!(sink.bytes == file.bytes, "the sink has other bytes");
    assert_eq!(fetched.layout, file.layout);
    assert_eq!(fetched.bytes_by_source.iter().map(|c| c.bytes).sum::<u64>(), file.bytes.len() as u64);
    fetched
}
async fn honest(file: &File) -> Server {
    let file = file.clone();
    Server::start(move |seen| file.gateway(seen)).await
}
/// Serves a body as a CAR whatever is asked for.
async fn serving_car(body: Vec<u8>) -> Server {
    Server::start(move |_| Reply::new(200, &[CAR], &body)).await
}
/// The only attempt's outcome.
fn outcome(error: &DeliveryError) -> &Outcome {
    match error {
        DeliveryError::NotFound { attempts, .. } | DeliveryError::Lied { attempts, .. } => {
            assert_eq!(attempts.len(), 1);
            &attempts[0].outcome
        }
        other => panic!("{other}"),
    }
}
/// A source alone that must be found lying, with nothing false in the sink.
async fn lies(file: &File, source: HttpSource) -> String {
    let (result, sink) = fetch(file.cid(), &[source]).await;
    let error = result.unwrap_err();
    assert!(matches!(error, DeliveryError::Lied { .. }), "{error}");
    assert!(file.bytes.starts_with(&sink.bytes) && sink.spooled == 0, "false bytes in the sink");
    outcome(&error).reason().to_owned()
}

#[tokio::test]
async fn honest_gateways_deliver_files_of_every_shape() {
    for profile in Profile::ALL {
        for size in [0, 1, MIB, MIB + 1, 3 * MIB + 5] {
            let file = File::varied(profile, size);
            let server = honest(&file).await;
            let fetched = delivers(&file, &[node(&server)]).await;
            assert!(fetched.attempts.is_empty());
            let seen = server.seen();
            assert_eq!(seen.len(), 1, "one request for {size} bytes");
            assert!(seen[0].header("accept").unwrap().contains("dups=y"));
        }
    }
}

#[tokio::test]
async fn a_cid_may_be_written_in_either_version() {
    for (file, asked) in [
        (
            File::varied(Profile::V0_2015, MIB),
            parse_cid("bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku").unwrap(),
        ),
        (File::varied(Profile::V1_2025, 2 * MIB), raw_cid([0; 32])),
    ] {
        let digest = osp_core::content::digest_of(&file.cid()).unwrap();
        let asked = if asked.codec() == osp_core::content::RAW {
            as_v0(&file.cid())
        } else {
            osp_core::content::dag_pb_cid(digest)
        };
        assert_ne!(asked, file.cid());
        let server = honest(&file).await;
        let (result, sink) = fetch(asked, &[node(&server)]).await;
        assert_eq!(result.unwrap().layout.root, asked);
        assert!(sink.bytes == file.bytes);
    }
}

#[tokio::test]
async fn files_that_repeat_themselves_arrive_with_and_without_duplicates() {
    // Nine equal chunks between two others; the equal ones stand once in the second CAR.
    let mut bytes = vec![0; 9 * MIB];
    bytes.splice(0..0, vec![1; MIB]);
    bytes.extend(vec![2; 7]);
    for profile in [Profile::V1_2025, Profile::V0_2015] {
        let file = File::new(profile, bytes.clone());
        delivers(&file, &[node(&honest(&file).await)]).await;
        let mut once: Vec<(Cid, Vec<u8>)> = Vec::new();
        for (cid, block, _) in file.blocks() {
            if !once.iter().any(|(known, _)| *known == cid) {
                once.push((cid, block));
            }
        }
        assert!(once.len() < file.blocks().len());
        let server = serving_car(car_of(&file.cid(), once)).await;
        delivers(&file, &[node(&server)]).await;
        assert_eq!(server.seen().len(), 1, "repeats came from memory");
    }
}

#[tokio::test]
async fn a_repeat_from_long_ago_is_asked_for_again() {
    let mut bytes = File::varied(Profile::V1_2025, 8 * MIB).bytes;
    bytes.extend_from_within(..MIB);
    bytes.push(7);
    let file = File::new(Profile::V1_2025, bytes);
    let serving = file.clone();
    let server = Server::start(move |seen| {
        if seen.path.contains("format=raw") {
            return serving.gateway(seen);
        }
        let mut blocks: Vec<_> = serving.blocks().into_iter().map(|(c, b, _)| (c, b)).collect();
        blocks.remove(9);
        Reply::new(200, &[CAR], &car_of(&serving.cid(), blocks))
    })
    .await;
    delivers(&file, &[node(&server)]).await;
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_gateway_without_car_is_asked_block_by_block() {
    let file = File::varied(Profile::V0_2015, 600_000);
    for status in [200, 400, 406, 415, 501] {
        let serving = file.clone();
        let server = Server::start(move |seen| {
            if seen.path.contains("format=raw") {
                serving.gateway(seen)
            } else {
                Reply::new(status, &[], b"no")
            }
        })
        .await;
        delivers(&file, &[node(&server)]).await;
        assert_eq!(server.seen().len(), 1 + 4);
    }
}

#[tokio::test]
async fn a_server_that_knows_only_files_still_serves() {
    for profile in [Profile::V1_2025, Profile::V0_2015] {
        let file = File::varied(profile, 3 * MIB);
        let body = file.bytes.clone();
        let server = Server::start(move |_| Reply::ok(&body)).await;
        delivers(&file, &[node(&server)]).await;
    }
}

#[tokio::test]
async fn a_flipped_bit_anywhere_is_a_lie_and_reaches_nobody() {
    let file = File::varied(Profile::V1_2025, 2 * MIB + 9);
    let car = file.car(0);
    for at in [70, 100, 300, MIB, 2 * MIB, car.len() - 1] {
        let mut damaged = car.clone();
        damaged[at] ^= 0x10;
        let server = serving_car(damaged).await;
        let (result, sink) = fetch(file.cid(), &[node(&server)]).await;
        assert!(matches!(result.unwrap_err(), DeliveryError::Lied { .. }), "byte {at}");
        assert!(file.bytes.starts_with(&sink.bytes), "byte {at}");
    }
}

#[tokio::test]
async fn other_content_is_a_lie_however_it_is_dressed() {
    let file = File::varied(Profile::V1_2025, 2 * MIB);
    let other = File::varied(Profile::V1_2025, MIB + 1);
    let reason = lies(&file, node(&serving_car(other.car(0)).await)).await;
    assert_eq!(reason, "its CAR is of other content");
    // The root asked for, other blocks
    let blocks: Vec<_> = other.blocks().into_iter().map(|(c, b, _)| (c, b)).collect();
    let reason = lies(&file, node(&serving_car(car_of(&file.cid(), blocks)).await)).await;
    assert_eq!(reason, "its CAR does not begin with the block that was asked for");
    // The CID asked for, other bytes
    let dressed = car_of(&file.cid(), [(file.cid(), other.block(&other.cid()).unwrap())]);
    let reason = lies(&file, node(&serving_car(dressed).await)).await;
    assert!(reason.contains("does not hash to its CID"), "{reason}");
    // Something else that calls itself a CAR
    lies(&file, node(&serving_car(vec![0xff; 5000]).await)).await;
    lies(&file, node(&serving_car(b"\x01\xa0".to_vec()).await)).await;
    // Raw blocks that are others
    let raw = Server::start(|seen| {
        if seen.path.contains("format=raw") { Reply::new(200, &[RAW], b"other") } else { Reply::status(406) }
    });
    lies(&file, node(&raw.await)).await;
    // A page for everybody
    let page = Server::start(|_| Reply::new(200, &[("content-type", "text/html")], b"<h1>Hello</h1>"));
    lies(&file, node(&page.await)).await;
}

#[tokio::test]
async fn a_car_of_identity_and_unordered_blocks_is_not_followed() {
    let file = File::varied(Profile::V1_2025, 3 * MIB);
    let mut blocks: Vec<_> = file.blocks().into_iter().map(|(c, b, _)| (c, b)).collect();
    blocks.swap(1, 3);
    let (serving, car) = (file.clone(), car_of(&file.cid(), blocks));
    let server = Server::start(move |seen| {
        if seen.path.contains("format=raw") { serving.gateway(seen) } else { Reply::new(200, &[CAR], &car) }
    })
    .await;
    delivers(&file, &[node(&server)]).await;

    let identity = Cid::try_from(&b"\x01\x55\x00\x05hello"[..]).unwrap();
    let (result, _) = fetch(identity, &[node(&server)]).await;
    assert!(matches!(result.unwrap_err(), DeliveryError::NotAFile { .. }));
}

#[tokio::test]
async fn a_source_that_breaks_off_is_continued_by_the_next() {
    let file = File::varied(Profile::V1_2025, 5 * MIB);
    let car = file.car(0);
    let head = format!("HTTP/1.1 200 X\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n", CAR.1, car.len());
    let broken = Server::start(move |_| Reply {
        bytes: [head.as_bytes(), &car[..2 * MIB + MIB / 2]].concat(),
        then: Then::Close,
    })
    .await;
    let second = honest(&file).await;
    let fetched = delivers(&file, &[node(&broken), node(&second)]).await;
    assert_eq!(fetched.bytes_by_source.iter().map(|c| c.bytes).collect::<Vec<_>>(), [2 << 20, 3 << 20]);
    assert!(matches!(fetched.attempts[0].outcome, Outcome::Failed(_)));
    let asked = &second.seen()[0].path;
    assert!(asked.ends_with(&format!("&entity-bytes={}:*", 2 * MIB)), "{asked}");

    // Alone it is no lie, and what it sent is verified.
    let (result, sink) = fetch(file.cid(), &[node(&broken)]).await;
    assert!(matches!(result.unwrap_err(), DeliveryError::NotFound { .. }));
    assert!(sink.bytes == file.bytes[..2 * MIB]);
}

#[tokio::test]
async fn a_liar_is_named_and_the_next_one_goes_on() {
    let file = File::varied(Profile::V1_2025, 3 * MIB);
    let mut damaged = file.car(0);
    let at = damaged.len() - 5;
    damaged[at] ^= 1;
    let liar = serving_car(damaged).await;
    let absent = Server::start(|_| Reply::status(404)).await;
    let honest = honest(&file).await;
    let fetched = delivers(&file, &[node(&absent), node(&liar), node(&honest)]).await;
    let said: Vec<_> = fetched.attempts.iter().map(ToString::to_string).collect();
    assert!(said[1].starts_with(&format!("{} lied: ", liar.url("/"))), "{said:?}");
    assert!(matches!(fetched.attempts[0].outcome, Outcome::Absent(_)), "{said:?}");

    let (result, _) = fetch(file.cid(), &[node(&absent), node(&liar)]).await;
    assert!(matches!(result.unwrap_err(), DeliveryError::Lied { .. }));
    let (result, _) = fetch(file.cid(), &[node(&absent)]).await;
    assert!(matches!(result.unwrap_err(), DeliveryError::NotFound { .. }));
    let (result, _) = fetch(file.cid(), &[]).await;
    assert!(matches!(result.unwrap_err(), DeliveryError::NotFound { .. }));
}

#[tokio::test]
async fn what_never_ends_is_cut_off() {
    let file = File::varied(Profile::V1_2025, 2 * MIB);
    // After the file: nobody reads on. Before it: zeros are no CAR.
    let car = file.car(0);
    let after = Server::start(move |_| Reply::unbounded(&[CAR], &car, Then::Endless)).await;
    delivers(&file, &[node(&after)]).await;
    let zeros = Server::start(|_| Reply::unbounded(&[CAR], b"", Then::Endless)).await;
    lies(&file, node(&zeros)).await;
    // The same verified blocks again and again
    let first: Vec<_> = file.blocks().into_iter().take(2).map(|(c, b, _)| (c, b)).collect();
    let looping = car_of(&file.cid(), first.iter().cycle().take(2 + 2 * 70).cloned());
    let serving = file.clone();
    let server = Server::start(move |seen| {
        if seen.path.contains("format=raw") {
            serving.gateway(seen)
        } else {
            Reply::new(200, &[CAR], &looping)
        }
    })
    .await;
    delivers(&file, &[node(&server)]).await;
    // A mirror larger than the size that is wanted
    let endless = Server::start(|_| Reply::unbounded(&[], b"", Then::Endless)).await;
    let mut sink = Memory::default();
    let want = Want::new(file.cid()).with_size(Some(file.bytes.len() as u64));
    let error = delivery().fetch(&want, &[mirror(&endless)], &mut sink).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Lied { .. }), "{error}");
    assert!(sink.bytes.is_empty());
}

#[tokio::test]
async fn mirrors_are_believed_at_the_end_only() {
    for profile in Profile::ALL {
        for size in [0, 9, 3 * MIB + 1] {
            let file = File::varied(profile, size);
            let body = file.bytes.clone();
            let honest = Server::start(move |_| Reply::ok(&body)).await;
            delivers(&file, &[mirror(&honest)]).await;
        }
    }
    let file = File::varied(Profile::V1_2025, 3 * MIB);
    let mut damaged = file.bytes.clone();
    damaged[2 * MIB] ^= 1;
    let liar = Server::start(move |_| Reply::ok(&damaged)).await;
    let short = file.bytes[..2 * MIB].to_vec();
    let short = Server::start(move |_| Reply::ok(&short)).await;
    for server in [&liar, &short] {
        let reason = lies(&file, mirror(server)).await;
        assert!(reason.contains("does not hash to"), "{reason}");
    }
    // After a liar the sink starts anew, and nodes come before mirrors.
    let body = file.bytes.clone();
    let good = Server::start(move |_| Reply::ok(&body)).await;
    let (result, sink) = fetch(file.cid(), &[mirror(&liar), mirror(&good)]).await;
    assert_eq!(result.unwrap().bytes_by_source.len(), 1);
    assert_eq!((sink.restarts, sink.bytes == file.bytes), (1, true));
    let gateway = honest(&file).await;
    let before = liar.seen().len();
    delivers(&file, &[mirror(&liar), node(&gateway)]).await;
    assert_eq!(liar.seen().len(), before);
}

#[tokio::test]
async fn a_mirror_goes_on_where_a_gateway_stopped_and_is_checked_leaf_by_leaf() {
    for (profile, ranges) in [(Profile::V1_2025, true), (Profile::V1_2025, false), (Profile::V0_2015, true)] {
        let file = File::varied(profile, 5 * MIB);
        let part = car_of(&file.cid(), file.blocks().into_iter().take(3).map(|(c, b, _)| (c, b)));
        let stopping = Server::start(move |seen| {
            if seen.path.contains("format=raw") { Reply::status(404) } else { Reply::new(200, &[CAR], &part) }
        })
        .await;
        let serve = |mut body: Vec<u8>, flip: Option<usize>| {
            if let Some(at) = flip {
                body[at] ^= 1;
            }
            Server::start(move |seen| match seen.header("range") {
                Some(range) if ranges => {
                    let from: usize =
                        range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap();
                    let content_range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
                    Reply::new(206, &[("content-range", &content_range)], &body[from..])
                }
                _ => Reply::ok(&body),
            })
        };
        let mirrored = serve(file.bytes.clone(), None).await;
        let (result, sink) = fetch(file.cid(), &[node(&stopping), mirror(&mirrored)]).await;
        assert_eq!(result.unwrap().layout, file.layout);
        assert_eq!((sink.restarts, sink.bytes == file.bytes), (0, true));

        let lying = serve(file.bytes.clone(), Some(4 * MIB)).await;
        let (result, sink) = fetch(file.cid(), &[node(&stopping), mirror(&lying)]).await;
        assert!(matches!(result.unwrap_err(), DeliveryError::Lied { .. }));
        assert!(file.bytes.starts_with(&sink.bytes), "false bytes in the sink");
    }
}

#[tokio::test]
async fn directories_and_giants_are_no_file_whoever_sends_them() {
    // {"Data": UnixFS directory}
    let directory = b"\x0a\x02\x08\x01".to_vec();
    let cid = osp_core::content::dag_pb_cid(sha256(&directory));
    let server = serving_car(car_of(&cid, [(cid, directory)])).await;
    let (result, _) = fetch(cid, &[node(&server)]).await;
    let error = result.unwrap_err();
    assert!(matches!(error, DeliveryError::NotAFile { .. }), "{error}");
    assert!(error.to_string().contains("directory"), "{error}");

    let file = File::varied(Profile::V1_2025, 2 * MIB);
    let server = honest(&file).await;
    let want = Want { max_size: MIB as u64, ..Want::new(file.cid()) };
    let error = delivery().fetch(&want, &[node(&server)], &mut Memory::default()).await.unwrap_err();
    assert!(matches!(error, DeliveryError::NotAFile { .. }), "{error}");
}

#[tokio::test]
async fn a_full_sink_ends_the_delivery_with_its_own_error() {
    let file = File::varied(Profile::V1_2025, 3 * MIB);
    let server = honest(&file).await;
    let mut sink = Memory { full_at: Some(MIB), ..Memory::default() };
    let sources = [node(&server), node(&server)];
    let error = delivery().fetch(&Want::new(file.cid()), &sources, &mut sink).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Local(_)), "{error}");
    assert_eq!(error.to_string(), "the disk is full");
    assert_eq!(server.seen().len(), 1, "the second source is not asked");
}

/// A record's `size` is its artist's word: absurd or merely wrong, the CID decides.
#[tokio::test]
async fn a_wrong_size_in_a_record_changes_nothing() {
    let file = File::varied(Profile::V1_2025, 3_000_000);
    let server = honest(&file).await;
    for size in [0, 1, u64::MAX, u64::MAX / 9 * 8, 3_000_001] {
        let want = Want::new(file.cid()).with_size(Some(size));
        let mut sink = Memory::default();
        delivery().fetch(&want, &[node(&server)], &mut sink).await.unwrap();
        assert_eq!(sink.bytes, file.bytes, "size {size}");
    }
}
