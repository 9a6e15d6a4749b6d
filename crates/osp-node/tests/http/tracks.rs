//! Records over HTTP: search, one by id, and handing one in.

use crate::support::{Server, TOKEN, artist, request, track};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use osp_core::{
    content::{raw_cid, sha256},
    record::{MAX_RECORD_BYTES, Retraction},
};
use osp_store::Block;

fn cid_of(text: &str) -> osp_core::Cid {
    raw_cid(sha256(text.as_bytes()))
}

#[tokio::test]
async fn a_record_is_taken_once_and_served_as_it_was_signed() {
    let server = Server::new();
    let record = track("Deep Field", &cid_of("a"), &[("artistName", "Ada")]);
    let bytes = record.to_bytes();
    let path = format!("/api/v1/tracks/{}", record.id().cid_text());

    let answer = server.post(bytes.clone()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.json()["id"], record.id().as_str());
    assert_eq!(answer.header("location"), path);
    assert_eq!(server.post(bytes.clone()).await.status, StatusCode::OK);

    let answer = server.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, bytes);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("etag"), format!("\"{}\"", record.id().as_str()));
    assert!(answer.header("cache-control").contains("max-age=60"), "a record may be retracted");
    let again = server.get_with(&path, &[("if-none-match", answer.header("etag"))]).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(server.head(&path).await.header("content-length"), bytes.len().to_string());
}

#[tokio::test]
async fn writing_needs_the_token() {
    let server = Server::new();
    let body = || Body::from(track("T", &cid_of("a"), &[]).to_bytes());
    let wrong = format!("Bearer {}x", &TOKEN[..TOKEN.len() - 1]);
    let basic = format!("Basic {TOKEN}");
    for header in [None, Some("Bearer "), Some(TOKEN), Some(wrong.as_str()), Some(basic.as_str())] {
        let headers: Vec<_> = header.iter().map(|value| ("authorization", *value)).collect();
        for (method, path) in [(Method::POST, "/api/v1/tracks"), (Method::PUT, "/api/v1/blobs/bafkqaaa")] {
            let answer = server.send(request(method, path, &headers, body())).await;
            assert_eq!((answer.status, answer.class()), (StatusCode::UNAUTHORIZED, "unauthorized".into()));
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    assert_eq!(server.get("/api/v1/tracks").await.json()["tracks"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn refused_records_say_which_check_failed() {
    let server = Server::new();
    let good = String::from_utf8(track("T", &cid_of("a"), &[]).to_bytes()).unwrap();
    let cases = [
        ("", "malformed"),
        ("{}", "malformed"),
        ("[1,", "malformed"),
        (&*good.replace("\"title\":\"T\"", "\"title\":\"U\""), "signature"),
        (&*format!("{good} trailing"), "malformed"),
    ];
    for (body, class) in cases {
        let answer = server.post(body.to_owned()).await;
        assert_eq!(
            (answer.status, answer.class()),
            (StatusCode::UNPROCESSABLE_ENTITY, class.into()),
            "{body}"
        );
        assert!(!answer.json()["error"]["message"].as_str().unwrap().is_empty());
    }
    let answer = server.post(vec![b' '; MAX_RECORD_BYTES + 1]).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::PAYLOAD_TOO_LARGE, "malformed".into()));
    assert_eq!(server.post("[".repeat(MAX_RECORD_BYTES)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_retraction_turns_the_track_into_410_with_the_artists_word() {
    let server = Server::new();
    let record = track("T", &cid_of("a"), &[]);
    server.post(record.to_bytes()).await;
    let retraction = Retraction::sign(&record.id(), None, &artist()).unwrap();
    let answer = server.post(retraction.to_bytes()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let answer = server.get(&format!("/api/v1/tracks/{}", record.id().as_str())).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::GONE, "retracted".into()));
    let word = serde_json::to_vec(&answer.json()["retraction"]).unwrap();
    assert_eq!(osp_core::record::Record::parse(&word).unwrap().verify().unwrap().id(), retraction.id());
    // Nobody brings it back.
    server.post(record.to_bytes()).await;
    assert_eq!(
        server.get(&format!("/api/v1/tracks/{}", record.id().as_str())).await.status,
        StatusCode::GONE
    );
}

#[tokio::test]
async fn a_superseded_track_names_its_successor() {
    let server = Server::new();
    let old = track("Tpyo", &cid_of("a"), &[]);
    let new = track("Typo", &cid_of("a"), &[("supersedes", old.id().as_str())]);
    server.post(old.to_bytes()).await;
    server.post(new.to_bytes()).await;
    let answer = server.get(&format!("/api/v1/tracks/{}", old.id().cid_text())).await;
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &old.to_bytes()[..]));
    let link = format!("</api/v1/tracks/{}>; rel=\"successor-version\"", new.id().cid_text());
    assert_eq!(answer.header("link"), link);
    let current = server.get(&format!("/api/v1/tracks/{}", new.id().cid_text())).await;
    assert_eq!(current.header("link"), "");
}

#[tokio::test]
async fn a_blocked_artist_is_neither_taken_nor_served() {
    let server = Server::new();
    let (known, late) = (track("One", &cid_of("a"), &[]), track("Two", &cid_of("b"), &[]));
    server.post(known.to_bytes()).await;
    let block = Block::Artist(artist().did());
    server.node.records().block(&block, Some("spam")).await.unwrap();
    let answer = server.post(late.to_bytes()).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::FORBIDDEN, "blocked".into()));
    let path = format!("/api/v1/tracks/{}", known.id().cid_text());
    for path in [path.clone(), format!("{path}/audio"), format!("{path}/sources")] {
        let answer = server.get(&path).await;
        assert_eq!((answer.status, answer.class()), (StatusCode::GONE, "blocked".into()), "{path}");
    }
    assert_eq!(server.get("/api/v1/tracks").await.json()["tracks"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn search_pages_through_everything_once() {
    let server = Server::new();
    let mut expected = Vec::new();
    for n in 0..7 {
        let record =
            track(&format!("Song {n}"), &cid_of(&n.to_string()), &[("album", "All"), ("artistName", "Ada")]);
        server.post(record.to_bytes()).await;
        expected.push(record.id().as_str().to_owned());
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/api/v1/tracks?limit=3&cursor={cursor}")).await.json();
        let tracks = page["tracks"].as_array().unwrap();
        assert!(tracks.len() <= 3);
        found.extend(tracks.iter().map(|t| t["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = percent(next),
            None => break,
        }
    }
    found.sort();
    expected.sort();
    assert_eq!(found, expected);

    let count = |path: String| {
        let server = &server;
        async move { server.get(&path).await.json()["tracks"].as_array().unwrap().len() }
    };
    assert_eq!(count("/api/v1/tracks?q=song%203".into()).await, 1);
    assert_eq!(count("/api/v1/tracks?title=SONG%204&scope=network".into()).await, 1);
    assert_eq!(count("/api/v1/tracks?album=all&q=&genre=".into()).await, 7);
    assert_eq!(count(format!("/api/v1/tracks?artist={}", artist().did())).await, 7);
    assert_eq!(count("/api/v1/tracks?limit=100000&unknown=parameter".into()).await, 7);
    assert_eq!(count("/api/v1/tracks?genre=none".into()).await, 0);
}

#[tokio::test]
async fn a_page_holds_the_records_byte_for_byte() {
    let server = Server::new();
    let record = track("Zürich \u{1F3B5}", &cid_of("a"), &[("x-unknown", "kept")]);
    server.post(record.to_bytes()).await;
    let answer = server.get("/api/v1/tracks").await;
    let want = [&b"{\"tracks\":["[..], &record.to_bytes(), b"],\"next\":null}"].concat();
    assert_eq!(answer.body, want);
}

#[tokio::test]
async fn parameters_that_cannot_be_read_are_usage_errors() {
    let server = Server::new();
    let long = format!("q={}", "a".repeat(2000));
    for bad in [
        "limit=0",
        "limit=-1",
        "limit=many",
        "limit=1&limit=2",
        "cursor=nonsense",
        "artist=ada",
        "artist=did:key:z6Mknope",
        "scope=universe",
        &long,
    ] {
        let answer = server.get(&format!("/api/v1/tracks?{bad}")).await;
        assert_eq!((answer.status, answer.class()), (StatusCode::BAD_REQUEST, "usage".into()), "{bad}");
    }
}

#[tokio::test]
async fn sources_are_the_records_and_this_nodes() {
    let server = Server::new();
    let cid = server.store(b"OggS and so on", &[]).await[0];
    let elsewhere = "magnet:?xt=urn:btih:0123456789012345678901234567890123456789&xl=14\
                     &ws=https%3A%2F%2Fmirror.example%2Fa&ws=javascript%3Aalert(1)&tr=wss%3A%2F%2Ftracker.example%2F";
    let record = track("T", &cid, &[("torrent", elsewhere)]);
    server.post(record.to_bytes()).await;
    let sources = server.get(&format!("/api/v1/tracks/{}/sources", record.id().cid_text())).await.json();
    let seed = format!("http://node.example/ipfs/{cid}");
    assert_eq!(sources["mirrors"], serde_json::json!(["https://mirror.example/a", seed]));
    let trackers = ["wss://tracker.example/", "ws://node.example/announce", "http://node.example/announce"];
    assert_eq!(sources["trackers"], serde_json::json!(trackers));
    assert_eq!(sources["providers"], serde_json::json!([]));
    let blob = server.node.blobs().find(&cid).await.unwrap().unwrap();
    let infohash: String = blob.infohash.iter().map(|b| format!("{b:02x}")).collect();
    let magnet = sources["magnet"].as_str().unwrap();
    assert!(magnet.starts_with(&format!("magnet:?xt=urn:btih:{infohash}&xl=14&ws=")), "{magnet}");

    // Without the bytes the artist's word is all there is; without either there is no magnet.
    let absent = track("U", &cid_of("absent"), &[("torrent", elsewhere)]);
    server.post(absent.to_bytes()).await;
    let sources = server.get(&format!("/api/v1/tracks/{}/sources", absent.id().cid_text())).await.json();
    assert_eq!(sources["mirrors"], serde_json::json!(["https://mirror.example/a"]));
    assert!(sources["magnet"].as_str().unwrap().contains("0123456789012345678901234567890123456789"));
    let plain = track("V", &cid_of("absent"), &[]);
    server.post(plain.to_bytes()).await;
    let sources = server.get(&format!("/api/v1/tracks/{}/sources", plain.id().cid_text())).await.json();
    assert!(sources["magnet"].is_null());
}

fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02x}")).collect()
}
