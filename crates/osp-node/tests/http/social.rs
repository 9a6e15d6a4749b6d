//! Profiles and follows over HTTP, on the artist's page, and whose tracks come first.

use crate::support::{Answer, Server, TOKEN, artist, request};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use osp_core::{
    did::Did,
    key::ArtistKey,
    record::{Follow, FollowState, Link, ProfileDraft, Record, TrackDraft, Verified},
};
use osp_node::{
    identity::{Protection, Signatory},
    social::{
        follow::{FollowError, follow},
        profile::{Clear, ProfileEdit, edit},
        trust_ranks,
    },
};
use osp_store::{Block, Social, TrustLevel};

const UPDATED: &str = "2026-01-15T12:00:00Z";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and whatever follows";

fn profile(change: impl FnOnce(&mut ProfileDraft)) -> Verified<Record> {
    let mut draft = ProfileDraft { name: "Ana".into(), ..ProfileDraft::default() };
    change(&mut draft);
    draft.sign(&artist(), UPDATED).unwrap()
}

fn other() -> Did {
    Did::parse("did:web:bob.example").unwrap()
}

async fn hand_in(server: &Server, path: &str, record: &[u8]) -> Answer {
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", &*token), ("content-type", "application/json")];
    server.send(request(Method::POST, path, &headers, Body::from(record.to_vec()))).await
}

async fn keep(server: &Server, record: &Verified<Record>) {
    server.node.records().put(std::slice::from_ref(record)).await.unwrap();
}

async fn artist_page(server: &Server) -> String {
    let answer = server.get(&format!("/artist/{}", artist().did())).await;
    assert_eq!(answer.status, StatusCode::OK);
    String::from_utf8(answer.body.to_vec()).unwrap()
}

#[tokio::test]
async fn any_record_is_handed_in_and_the_newest_is_told() {
    let server = Server::new();
    let path = format!("/api/v1/artists/{}", artist().did());
    let nothing = server.get(&path).await;
    assert_eq!(nothing.status, StatusCode::OK);
    assert_eq!(nothing.body, &b"{\"profile\":null,\"follows\":[],\"tracks\":0}"[..]);

    let old = profile(|_| ());
    let newer = ProfileDraft { name: "Ana B.".into(), ..Default::default() };
    let newer = newer.sign(&artist(), "2026-01-16T12:00:00Z").unwrap();
    let follows = Follow::sign(&other(), FollowState::Follow, &artist(), UPDATED).unwrap();
    let song = crate::support::track("Song", &"bafkqaaa".parse().unwrap(), &[]);
    for (endpoint, record) in
        [("records", &old), ("tracks", &newer), ("records", &follows), ("records", &song)]
    {
        let answer = hand_in(&server, &format!("/api/v1/{endpoint}"), &record.to_bytes()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", record.id());
        assert_eq!(answer.json()["id"], record.id().as_str());
        if record.id() != old.id() {
            let found = server.get(answer.header("location")).await;
            assert_eq!(found.body, record.to_bytes(), "where it was said to be");
        }
    }
    // Older than what is here: nothing to do.
    assert_eq!(hand_in(&server, "/api/v1/records", &old.to_bytes()).await.status, StatusCode::OK);
    let told = server.get(&path).await;
    let (newer, follows) = (newer.to_bytes(), follows.to_bytes());
    let expected = [&b"{\"profile\":"[..], &newer, b",\"follows\":[", &follows, b"],\"tracks\":1}"];
    assert_eq!(told.body, expected.concat());
}

#[tokio::test]
async fn a_feed_goes_on_where_it_was_when_a_profile_is_replaced() {
    let server = Server::new();
    let song = crate::support::track("Song", &"bafkqaaa".parse().unwrap(), &[]);
    keep(&server, &song).await;
    keep(&server, &profile(|_| ())).await;
    let all = server.get("/api/v1/feed").await.json();
    assert_eq!(all["records"].as_array().unwrap().len(), 2);
    let newer = ProfileDraft { name: "Ana B.".into(), ..Default::default() };
    let newer = newer.sign(&artist(), "2026-01-16T12:00:00Z").unwrap();
    keep(&server, &newer).await;
    let rest = server.get(&format!("/api/v1/feed?after={}", all["next"].as_str().unwrap())).await.json();
    let ids: Vec<_> = rest["records"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [newer.id().as_str()], "not everything again");
}

#[tokio::test]
async fn what_is_not_taken_says_why() {
    let server = Server::new();
    let path = "/api/v1/records";
    let early = ProfileDraft { name: "Ana".into(), ..Default::default() };
    let early = early.sign(&artist(), "9999-01-01T00:00:00Z").unwrap();
    let answer = hand_in(&server, path, &early.to_bytes()).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::UNPROCESSABLE_ENTITY, "early".into()));

    let forged = String::from_utf8(profile(|_| ()).to_bytes()).unwrap().replace("Ana", "Eve");
    let answer = hand_in(&server, path, forged.as_bytes()).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::UNPROCESSABLE_ENTITY, "signature".into()));

    let unsigned =
        server.send(request(Method::POST, path, &[], Body::from(profile(|_| ()).to_bytes()))).await;
    assert_eq!(unsigned.status, StatusCode::UNAUTHORIZED);

    server.node.records().block(&Block::Artist(artist().did()), None).await.unwrap();
    let answer = hand_in(&server, path, &profile(|_| ()).to_bytes()).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::FORBIDDEN, "blocked".into()));
    let blocked = server.get(&format!("/api/v1/artists/{}", artist().did())).await;
    assert_eq!((blocked.status, blocked.class()), (StatusCode::GONE, "blocked".into()));
    assert_eq!(server.get("/api/v1/artists/ana").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_page_of_an_artist_shows_the_profile_as_text() {
    let server = Server::new();
    let avatar = server.store(PNG, &[]).await[0];
    let banner = server.store(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", &[]).await[0];
    let link = |name: &str, url: &str| Link { name: name.into(), url: url.into() };
    let evil = r#""><script>alert(1)</script>"#;
    let record = profile(|draft| {
        draft.name = format!("Ana {evil}");
        draft.bio = Some(format!("First line.\nSecond {evil}\n\nNext paragraph."));
        draft.avatar = Some(avatar.to_string());
        draft.banner = Some(banner.to_string());
        draft.links = vec![link(evil, "https://ana.example/?a=1&b='2'")];
        draft.donations = vec![link("Bitcoin", "bitcoin:bc1qexample"), link("Shop", "https://shop.example")];
    });
    keep(&server, &record).await;
    let page = artist_page(&server).await;
    let escaped = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;";
    for expected in [
        &*format!("<h1><bdi>Ana {escaped}</bdi></h1>"),
        &*format!("First line.<br>Second {escaped}</p>"),
        "Next paragraph.</p>",
        &*format!(r#"src="/ipfs/{avatar}""#),
        r#"href="https://ana.example/?a=1&amp;b='2'""#,
        "<code>bitcoin:bc1qexample</code>",
        r#"href="https://shop.example""#,
        "nofollow",
    ] {
        assert!(page.contains(expected), "{expected} is not in\n{page}");
    }
    for absent in ["<script>", &*banner.to_string(), r#"href="bitcoin:"#] {
        assert!(!page.contains(absent), "{absent} is in\n{page}");
    }
    assert_eq!(server.get(&format!("/ipfs/{avatar}")).await.header("content-type"), "image/png");

    server.node.records().block(&Block::Content(avatar), None).await.unwrap();
    assert!(!artist_page(&server).await.contains(&avatar.to_string()), "the operator does not serve it");
    server.node.records().block(&Block::Record(record.id()), None).await.unwrap();
    let gone = server.get(&format!("/artist/{}", artist().did())).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "no tracks, and no profile to show");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_keep_what_they_do_not_name() {
    let server = Server::new();
    let (node, key) = (&server.node, Signatory::from(artist()));
    let picture = server.home.path().join("a.png");
    std::fs::write(&picture, PNG).unwrap();
    let link = |name: &str| Link { name: name.into(), url: format!("https://{name}.example") };
    let first = ProfileEdit {
        bio: Some("Noise".into()),
        avatar: Some(picture),
        links: vec![link("a"), link("b")],
        ..ProfileEdit::default()
    };
    let record = edit(node, &key, "Ana", first, UPDATED).await.unwrap();
    let profile = record.as_profile().unwrap();
    assert_eq!((profile.name(), profile.bio(), profile.updated()), ("Ana", Some("Noise"), UPDATED));
    let avatar = profile.avatar().unwrap();
    assert!(node.blobs().find(&avatar).await.unwrap().is_some(), "the picture is here");

    // At the same second, by a clock that stands.
    let second =
        ProfileEdit { name: Some("Ana B.".into()), clear: vec![Clear::Bio], ..ProfileEdit::default() };
    let record = edit(node, &key, "Ana", second, UPDATED).await.unwrap();
    let profile = record.as_profile().unwrap();
    assert_eq!((profile.name(), profile.bio(), profile.updated()), ("Ana B.", None, "2026-01-15T12:00:01Z"));
    assert_eq!((profile.avatar(), profile.links().len()), (Some(avatar), 2));
    let kept = node.store().profile(key.artist()).await.unwrap().unwrap();
    assert_eq!(kept.id, record.id());

    let bad = ProfileEdit {
        links: vec![Link { name: "x".into(), url: "javascript:x".into() }],
        ..Default::default()
    };
    assert!(edit(node, &key, "Ana", bad, UPDATED).await.is_err());
}

#[tokio::test]
async fn following_and_stopping() {
    let server = Server::new();
    let (node, key) = (&server.node, Signatory::from(artist()));
    let stop = follow(node, &key, &other(), FollowState::Unfollow, UPDATED).await;
    assert!(matches!(stop, Err(FollowError::NotFollowed { .. })));
    let oneself = follow(node, &key, key.artist(), FollowState::Follow, UPDATED).await;
    assert!(matches!(oneself, Err(FollowError::Oneself(_))));
    let first = follow(node, &key, &other(), FollowState::Follow, UPDATED).await.unwrap();
    let again = follow(node, &key, &other(), FollowState::Follow, "2026-02-01T00:00:00Z").await.unwrap();
    assert_eq!(again.id(), first.id(), "nothing new is signed");
    follow(node, &key, &other(), FollowState::Unfollow, UPDATED).await.unwrap();
    assert!(node.store().follows(key.artist(), 10).await.unwrap().is_empty());
    follow(node, &key, &other(), FollowState::Follow, UPDATED).await.unwrap();
    assert_eq!(node.store().follows(key.artist(), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn ten_first_results_of_a_followed_artist_stay_before_spam() {
    let server = Server::new();
    let node = &server.node;
    let me = node.identities().create("Me", &Protection::None, UPDATED).unwrap();
    let mine = Signatory::from(node.identities().unlock(&me.did, None).unwrap());
    let song = |key: &ArtistKey, title: &str, n: usize| {
        let mut draft = TrackDraft {
            title: title.into(),
            format: "audio/opus".into(),
            cid: "bafkqaaa".into(),
            ..TrackDraft::default()
        };
        draft.set("genre", vec!["techno"].into()).set("isrcCode", n.to_string().into());
        draft.sign(key, None).unwrap()
    };
    let (friend, spammer) = (ArtistKey::from_seed(&[3; 32]), ArtistKey::from_seed(&[4; 32]));
    let good: Vec<_> = (0..10).map(|n| song(&friend, "Night", n)).collect();
    node.records().put(&good).await.unwrap();
    follow(node, &mine, &friend.did(), FollowState::Follow, UPDATED).await.unwrap();
    let ranks = trust_ranks(node).await.unwrap();
    assert_eq!(ranks.level(&friend.did()), Some(TrustLevel::Followed));
    assert_eq!(ranks.level(&me.did), Some(TrustLevel::Own));

    let queries = ["genre=techno", "q=night", "q=nigth", "title=night", "q=night&genre=techno"];
    let first = |query: &'static str| {
        let server = &server;
        async move {
            let page = server.get(&format!("/api/v1/tracks?limit=10&{query}")).await.json();
            let ids = page["tracks"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().to_owned());
            ids.collect::<Vec<_>>()
        }
    };
    let mut before = Vec::new();
    for query in queries {
        before.push(first(query).await);
        assert_eq!(before.last().unwrap().len(), 10);
    }
    let spam: Vec<_> = (0..400).map(|n| song(&spammer, "Night", n)).collect();
    node.records().put(&spam).await.unwrap();
    for (query, before) in queries.into_iter().zip(before) {
        assert_eq!(first(query).await, before, "{query}");
    }
    // Without anybody near, the newest come first.
    follow(node, &mine, &friend.did(), FollowState::Unfollow, "2026-01-16T00:00:00Z").await.unwrap();
    assert!(!first("genre=techno").await.contains(&good[0].id().as_str().to_owned()));
    node.store().trust(&friend.did(), None, 0).await.unwrap();
    assert!(first("genre=techno").await.contains(&good[0].id().as_str().to_owned()));
}
