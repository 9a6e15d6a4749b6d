//! Content handed in over HTTP, and torrents made of it.

use crate::support::{MAX_BLOB, PUBLIC_URL, Server, TOKEN, noise, request, track};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use osp_core::{
    Cid,
    content::{dag_pb_cid, digest_of, raw_cid, sha256},
    unixfs::{Importer, Profile},
};
use osp_store::Block;

fn cid(bytes: &[u8], profile: Profile) -> Cid {
    let mut importer = Importer::new(profile);
    importer.update(bytes);
    importer.finish()
}

#[tokio::test]
async fn content_is_kept_under_any_profile_that_gives_its_cid() {
    let server = Server::new();
    for (size, seed) in [(0, 1), (1, 2), (262_144, 3), (1_048_577, 4), (3_000_000, 5)] {
        let bytes = noise(size, seed);
        for profile in Profile::ALL {
            let cid = cid(&bytes, profile).to_string();
            let answer = server.put(&cid, &bytes).await;
            assert!(matches!(answer.status, StatusCode::CREATED | StatusCode::OK), "{size} {profile:?}");
            assert_eq!(answer.json(), serde_json::json!({ "cid": cid, "size": size }));
            assert!(server.get(&format!("/ipfs/{cid}")).await.body == bytes, "{size} {profile:?}");
            assert_eq!(server.put(&cid, &bytes).await.status, StatusCode::OK, "known now");
        }
    }
}

#[tokio::test]
async fn a_v0_root_may_be_written_as_version_1() {
    let server = Server::new();
    let bytes = noise(600_000, 6);
    let v0 = cid(&bytes, Profile::V0_2015);
    let as_v1 = dag_pb_cid(digest_of(&v0).unwrap());
    assert_eq!(server.put(&as_v1.to_string(), &bytes).await.status, StatusCode::CREATED);
    for name in [v0, as_v1, cid(&bytes, Profile::V1_2025)] {
        assert!(server.get(&format!("/ipfs/{name}")).await.body == bytes, "{name}");
    }
}

#[tokio::test]
async fn other_bytes_are_refused_and_nothing_of_them_stays() {
    let server = Server::new();
    let (bytes, other) = (noise(2_000_000, 7), noise(2_000_000, 8));
    let named = cid(&other, Profile::V1_2025);
    let answer = server.put(&named.to_string(), &bytes).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::UNPROCESSABLE_ENTITY, "content".into()));
    let sent = cid(&bytes, Profile::V1_2025);
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains(&sent.to_string()));
    for cid in [named, sent] {
        assert_eq!(server.get(&format!("/ipfs/{cid}")).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(server.node.blobs().list(None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn limits_lengths_and_names() {
    let server = Server::new();
    let auth = format!("Bearer {TOKEN}");
    let put = async |cid: &str, length: Option<&str>, body: &[u8]| {
        let mut headers = vec![("authorization", auth.as_str())];
        headers.extend(length.map(|l| ("content-length", l)));
        let body = Body::from(body.to_vec());
        let answer = server.send(request(Method::PUT, &format!("/api/v1/blobs/{cid}"), &headers, body)).await;
        (answer.status, answer.class())
    };
    let good = raw_cid(sha256(b"abc")).to_string();
    let too_big = (MAX_BLOB + 1).to_string();
    assert_eq!(put(&good, Some(&too_big), b"abc").await, (StatusCode::PAYLOAD_TOO_LARGE, "limit".into()));
    assert_eq!(put(&good, None, b"abc").await, (StatusCode::LENGTH_REQUIRED, "usage".into()));
    assert_eq!(put(&good, Some("4"), b"abc").await, (StatusCode::BAD_REQUEST, "usage".into()));
    assert_eq!(put("nonsense", Some("3"), b"abc").await, (StatusCode::BAD_REQUEST, "usage".into()));
    // An identity CID: right or wrong, there is no hash to verify.
    assert_eq!(put("bafkqaaa", Some("3"), b"abc").await, (StatusCode::BAD_REQUEST, "usage".into()));
    server.node.records().block(&Block::Content(raw_cid(sha256(b"abc"))), None).await.unwrap();
    assert_eq!(put(&good, Some("3"), b"abc").await, (StatusCode::FORBIDDEN, "blocked".into()));
}

#[tokio::test]
async fn torrents_carry_our_info_the_records_trackers_and_this_node_as_web_seed() {
    let server = Server::new();
    let bytes = noise(200_000, 9);
    let cid = server.store(&bytes, &[]).await[0];
    let magnet =
        "magnet:?xt=urn:btih:0123456789012345678901234567890123456789&tr=wss%3A%2F%2Ftracker.example%2F";
    let record = track("Over the/Hills", &cid, &[("torrent", magnet)]);
    server.post(record.to_bytes()).await;
    let blob = server.node.blobs().find(&cid).await.unwrap().unwrap();
    let infohash: String = blob.infohash.iter().map(|b| format!("{b:02x}")).collect();
    let answer = server.get(&format!("/torrents/{infohash}.torrent")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/x-bittorrent");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"Over the_Hills.torrent\"");
    let info = server.node.blobs().torrent(&blob).await.unwrap().to_bencode();
    let contains = |part: &[u8]| answer.body.windows(part.len()).any(|w| w == part);
    assert!(contains(&[&b"4:info"[..], &info].concat()), "the info dictionary of the infohash");
    assert!(contains(b"22:wss://tracker.example/"));
    let seed = format!("{PUBLIC_URL}/ipfs/{cid}");
    assert!(contains(b"8:url-list") && contains(seed.as_bytes()));
    let again = server
        .get_with(&format!("/torrents/{infohash}.torrent"), &[("if-none-match", answer.header("etag"))])
        .await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(
        server.get(&format!("/torrents/{}.torrent", infohash.to_uppercase())).await.status,
        StatusCode::OK
    );

    assert_eq!(
        server.get(&format!("/torrents/{}.torrent", "0".repeat(40))).await.status,
        StatusCode::NOT_FOUND
    );
    for bad in ["x.torrent", &infohash, ".torrent"] {
        let answer = server.get(&format!("/torrents/{bad}")).await;
        assert_eq!((answer.status, answer.class()), (StatusCode::BAD_REQUEST, "usage".into()), "{bad}");
    }
    server.node.records().block(&Block::Content(cid), None).await.unwrap();
    assert_eq!(server.get(&format!("/torrents/{infohash}.torrent")).await.status, StatusCode::GONE);
}
