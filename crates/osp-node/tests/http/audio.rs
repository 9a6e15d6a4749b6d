//! Audio over HTTP: ranges, conditions, headers, and what happens when bytes are missing or damaged.

use crate::support::{Server, audio_path, noise, request, track};
use axum::{
    body::{Body, to_bytes},
    http::{Method, StatusCode},
};
use osp_core::{record::Retraction, unixfs::Profile};
use osp_store::Block;

#[tokio::test]
async fn the_whole_file_with_the_headers_a_player_needs() {
    let server = Server::new();
    let bytes = noise(3_000_000, 1);
    let record = server.publish("Ünder / the \"Sea\"", &bytes).await;
    let cid = record.as_track().unwrap().content().to_string();
    let answer = server.get(&audio_path(&record)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body == bytes);
    assert_eq!(answer.header("content-length"), "3000000");
    assert_eq!(answer.header("content-type"), "audio/ogg; codecs=opus");
    assert_eq!(answer.header("accept-ranges"), "bytes");
    assert_eq!(answer.header("etag"), format!("\"{cid}\""));
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(
        answer.header("content-disposition"),
        "inline; filename=\"_nder _ the _Sea_.opus\"; filename*=UTF-8''%C3%9Cnder%20_%20the%20_Sea_.opus"
    );
    let head = server.head(&audio_path(&record)).await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (StatusCode::OK, "3000000", 0));
    assert_eq!(head.header("etag"), answer.header("etag"));
}

#[tokio::test]
async fn a_track_goes_by_its_id_its_cid_part_and_its_escaped_id() {
    let server = Server::new();
    let record = server.publish("T", b"OggS").await;
    let id = record.id();
    let escaped = id.as_str().replace(':', "%3A");
    for name in [id.as_str(), id.cid_text(), &escaped] {
        assert_eq!(
            server.get(&format!("/api/v1/tracks/{name}/audio")).await.status,
            StatusCode::OK,
            "{name}"
        );
    }
}

#[tokio::test]
async fn ranges_give_just_those_bytes() {
    let server = Server::new();
    let bytes = noise(2_500_000, 2);
    let path = audio_path(&*server.publish("T", &bytes).await);
    let cases = [
        ("bytes=0-0", 0..1),
        ("bytes=1000-1999", 1000..2000),
        // Across the store's 1 MiB leaves and the body's steps.
        ("bytes=1048570-1048590", 1_048_570..1_048_591),
        ("bytes=100-2400000", 100..2_400_001),
        ("bytes=2499999-", 2_499_999..2_500_000),
        ("bytes=-500", 2_499_500..2_500_000),
        ("bytes=2000000-9999999999", 2_000_000..2_500_000),
    ];
    for (range, want) in cases {
        let answer = server.get_with(&path, &[("range", range)]).await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        let content_range = format!("bytes {}-{}/2500000", want.start, want.end - 1);
        assert_eq!(answer.header("content-range"), content_range);
        assert_eq!(answer.header("content-length"), (want.end - want.start).to_string());
        assert!(answer.body == bytes[want], "{range}");
    }
}

#[tokio::test]
async fn ranges_that_cannot_be_or_need_not_be_served() {
    let server = Server::new();
    let bytes = noise(1000, 3);
    let path = audio_path(&*server.publish("T", &bytes).await);
    let answer = server.get_with(&path, &[("range", "bytes=1000-")]).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::RANGE_NOT_SATISFIABLE, "range".into()));
    assert_eq!(answer.header("content-range"), "bytes */1000");
    for ignored in ["bytes=0-1,5-6", "lines=1-2", "bytes=9-1", "nonsense"] {
        let answer = server.get_with(&path, &[("range", ignored)]).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 1000), "{ignored}");
    }
}

#[tokio::test]
async fn conditions_by_etag() {
    let server = Server::new();
    let path = audio_path(&*server.publish("T", &noise(1000, 4)).await);
    let etag = server.get(&path).await.header("etag").to_owned();
    let answer = server.get_with(&path, &[("if-none-match", &etag), ("range", "bytes=0-1")]).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(answer.header("etag"), etag);
    let answer = server.get_with(&path, &[("if-range", &etag), ("range", "bytes=0-1")]).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::PARTIAL_CONTENT, 2));
    let answer = server.get_with(&path, &[("if-range", "\"old\""), ("range", "bytes=0-1")]).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 1000));
}

#[tokio::test]
async fn a_record_that_names_the_v0_form_plays_too() {
    let server = Server::new();
    let bytes = noise(700_000, 5);
    let v0 = server.store(&bytes, &[Profile::V0_2015]).await[1];
    let record = track("T", &v0, &[]);
    server.node.records().put(std::slice::from_ref(&record)).await.unwrap();
    let answer = server.get_with(&audio_path(&record), &[("range", "bytes=5-9")]).await;
    assert!(answer.body == bytes[5..10]);
    assert_eq!(answer.header("etag"), format!("\"{v0}\""));
}

#[tokio::test]
async fn unknown_tracks_missing_bytes_and_nonsense() {
    let server = Server::new();
    let cid = osp_core::content::raw_cid(osp_core::content::sha256(b"elsewhere"));
    let record = track("T", &cid, &[]);
    server.node.records().put(std::slice::from_ref(&record)).await.unwrap();
    let answer = server.get(&audio_path(&record)).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::NOT_FOUND, "not-found".into()));
    assert!(answer.json()["error"]["hint"].as_str().unwrap().contains("sources"));
    // Nothing of "not here" may be remembered: the bytes can come at any time.
    server.store(b"elsewhere", &[]).await;
    assert_eq!(server.get(&audio_path(&record)).await.status, StatusCode::OK);

    let unknown = server.get(&format!("/api/v1/tracks/{cid}/audio")).await;
    assert_eq!((unknown.status, unknown.class()), (StatusCode::NOT_FOUND, "not-found".into()));
    for bad in ["nonsense", "osp:track:nonsense", "%ff", "..%2f..%2fetc%2fpasswd"] {
        let answer = server.get(&format!("/api/v1/tracks/{bad}/audio")).await;
        assert_eq!((answer.status, answer.class()), (StatusCode::BAD_REQUEST, "usage".into()), "{bad}");
    }
}

#[tokio::test]
async fn blocks_and_retractions_take_effect_at_once_and_blocks_can_be_lifted() {
    let server = Server::new();
    let record = server.publish("T", &noise(1000, 6)).await;
    let path = audio_path(&record);
    let block = Block::Content(record.as_track().unwrap().content());
    assert_eq!(server.get(&path).await.status, StatusCode::OK);
    server.node.records().block(&block, None).await.unwrap();
    let answer = server.get(&path).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::GONE, "blocked".into()));
    server.node.records().unblock(&block).await.unwrap();
    assert_eq!(server.get(&path).await.status, StatusCode::OK);

    let retraction = Retraction::sign(&record.id(), Some("a mistake"), &crate::support::artist()).unwrap();
    server.node.records().put(std::slice::from_ref(&retraction)).await.unwrap();
    let answer = server.get(&path).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::GONE, "retracted".into()));
    assert_eq!(answer.json()["retraction"]["reason"], "a mistake");
}

#[tokio::test]
async fn damaged_bytes_break_the_answer_instead_of_going_out() {
    let server = Server::new();
    let bytes = noise(3 * 1024 * 1024, 7);
    let path = audio_path(&*server.publish("T", &bytes).await);
    damage_last_byte(server.home.path(), bytes.len() as u64);
    // The damage is found half way: the head is out already, so the body has to fail.
    let response = server.start(request(Method::GET, &path, &[], Body::empty())).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(to_bytes(response.into_body(), usize::MAX).await.is_err());
    // The damage is found before the head is out: an error that can be read.
    let answer = server.get_with(&path, &[("range", "bytes=-10")]).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::INTERNAL_SERVER_ERROR, "local".into()));
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains("damaged"));
    // Sound leaves are still served.
    let answer = server.get_with(&path, &[("range", "bytes=0-99")]).await;
    assert!(answer.body == bytes[..100]);
}

/// Turns a bit in the one file of this size below the store.
fn damage_last_byte(folder: &std::path::Path, size: u64) {
    use std::os::unix::fs::{FileExt, PermissionsExt};
    let mut found = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let meta = entry.metadata().unwrap();
            if meta.is_dir() {
                folders.push(entry.path());
            } else if meta.len() == size {
                std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
                let file = std::fs::OpenOptions::new().read(true).write(true).open(entry.path()).unwrap();
                let mut last = [0];
                file.read_exact_at(&mut last, size - 1).unwrap();
                file.write_all_at(&[last[0] ^ 1], size - 1).unwrap();
                found += 1;
            }
        }
    }
    assert_eq!(found, 1, "the store keeps a blob as one file");
}
