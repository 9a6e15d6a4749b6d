//! The pages as a browser without JavaScript gets them.

use crate::support::{Answer, Server, artist, track};
use axum::http::StatusCode;
use osp_core::{
    content::{raw_cid, sha256},
    json::{Json, Object},
    key::ArtistKey,
    record::{ProfileDraft, Record, Retraction, TrackDraft, Verified},
};
use osp_store::Block;

fn cid_of(text: &str) -> osp_core::Cid {
    raw_cid(sha256(text.as_bytes()))
}

fn page_of(record: &Verified<Record>) -> String {
    format!("/track/{}", record.id().cid_text())
}

fn html(answer: &Answer) -> &str {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    std::str::from_utf8(&answer.body).unwrap()
}

/// A node that holds one record.
async fn with(title: &str, members: &[(&str, &str)]) -> (Server, Verified<Record>) {
    let server = Server::new();
    let record = track(title, &cid_of(title), members);
    server.node.records().put(std::slice::from_ref(&record)).await.unwrap();
    (server, record)
}

#[tokio::test]
async fn a_track_page_stands_on_its_own_without_script() {
    let (server, record) = with("Deep Field", &[("artistName", "Ada"), ("license", "CC-BY-4.0")]).await;
    let answer = server.get(&page_of(&record)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = html(&answer);
    let audio = format!("/api/v1/tracks/{}/audio", record.id().cid_text());
    for expected in [
        "<title>Deep Field by Ada · OpenSound</title>",
        r#"<meta property="og:title" content="Deep Field by Ada">"#,
        r#"<meta property="og:type" content="music.song">"#,
        r#"<audio controls preload="metadata""#,
        &format!(r#"<source src="{audio}""#),
        r#"href="https://creativecommons.org/licenses/by/4.0/" rel="license"#,
        r#"aria-label="Play Deep Field by Ada""#,
    ] {
        assert!(page.contains(expected), "{expected} is not in\n{page}");
    }
}

#[tokio::test]
async fn what_a_record_says_stays_text() {
    let evil = r#""><script>alert(1)</script><img src=x onerror=alert(1)>"#;
    let members =
        [("artistName", evil), ("album", evil), ("license", "javascript:alert(1)"), ("released", "2026")];
    let (server, record) = with(evil, &members).await;
    for path in ["/".into(), page_of(&record), "/search".into(), format!("/artist/{}", record.artist())] {
        let answer = server.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let page = html(&answer);
        assert!(page.contains("&lt;script&gt;alert(1)"), "{path} shows the title");
        assert!(!page.contains("<script>") && !page.contains("<img src=x"), "{path} lets markup through");
        assert!(!page.contains(r#"href="javascript:"#), "{path} links to script");
    }
}

#[tokio::test]
async fn a_title_that_turns_text_around_is_isolated() {
    let (server, record) = with("abc\u{202e}def", &[]).await;
    let page = server.get(&page_of(&record)).await;
    assert!(html(&page).contains("<h1 data-shows=\"title\"><bdi>abc\u{202e}def</bdi></h1>"));
}

#[tokio::test]
async fn a_retracted_track_is_gone_with_the_reason() {
    let (server, record) = with("Mistake", &[]).await;
    let retraction = Retraction::sign(&record.id(), Some("wrong <mix>"), &artist()).unwrap();
    server.node.records().put(&[retraction]).await.unwrap();
    let answer = server.get(&page_of(&record)).await;
    assert_eq!(answer.status, StatusCode::GONE);
    assert!(html(&answer).contains("wrong &lt;mix&gt;"));
    assert!(!html(&answer).contains("<audio"));
    assert!(!html(&server.get("/").await).contains("Mistake"));
}

#[tokio::test]
async fn a_replaced_track_points_to_the_newer_one() {
    let (server, old) = with("First take", &[]).await;
    let new = track("Second take", &cid_of("2"), &[("supersedes", old.id().as_str())]);
    server.node.records().put(std::slice::from_ref(&new)).await.unwrap();
    let answer = server.get(&page_of(&old)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(html(&answer).contains(&format!(r#"<a href="{}">Go to the newer version</a>"#, page_of(&new))));
}

#[tokio::test]
async fn what_the_operator_blocks_is_not_shown() {
    let (server, record) = with("Blocked", &[]).await;
    server.node.records().block(&Block::Artist(record.artist()), None).await.unwrap();
    assert_eq!(server.get(&page_of(&record)).await.status, StatusCode::GONE);
    assert_eq!(server.get(&format!("/artist/{}", record.artist())).await.status, StatusCode::NOT_FOUND);
    for path in ["/", "/search?q=blocked"] {
        assert!(!html(&server.get(path).await).contains(record.id().as_str()), "{path}");
    }
}

#[tokio::test]
async fn artwork_is_shown_only_when_it_is_here() {
    let server = Server::new();
    let here = server.store(b"\x89PNG not much of one", &[]).await[0].to_string();
    let away = cid_of("elsewhere").to_string();
    let with_art = track("With", &cid_of("1"), &[("artwork", &here)]);
    let without = track("Without", &cid_of("2"), &[("artwork", &away)]);
    server.node.records().put(&[with_art.clone(), without.clone()]).await.unwrap();
    assert!(html(&server.get(&page_of(&with_art)).await).contains(&format!("/ipfs/{here}")));
    let page = server.get(&page_of(&without)).await;
    assert!(!html(&page).contains(&away));
    let drawn = html(&page).split("/cover/").nth(1).unwrap().split('"').next().unwrap();
    let cover = server.get(&format!("/cover/{drawn}")).await;
    assert_eq!((cover.status, cover.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    assert!(cover.header("content-security-policy").contains("default-src 'none'"));
    // What /ipfs would answer with 410 is not asked of it.
    let blocked = osp_core::content::parse_cid(&here).unwrap();
    server.node.records().block(&Block::Content(blocked), None).await.unwrap();
    let page = server.get(&page_of(&with_art)).await;
    assert!(!html(&page).contains(&here) && html(&page).contains("/cover/"));
}

#[tokio::test]
async fn long_lists_are_turned_page_by_page() {
    let server = Server::new();
    let records: Vec<_> =
        (0..50).map(|i| track(&format!("Song {i}"), &cid_of(&i.to_string()), &[])).collect();
    server.node.records().put(&records).await.unwrap();
    let first = server.get("/").await;
    let link = html(&first).split(r#"rel="next" href=""#).nth(1).unwrap().split('"').next().unwrap();
    let second = server.get(&link.replace("&amp;", "&")).await;
    assert_eq!(second.status, StatusCode::OK);
    let shown = |answer: &Answer| html(answer).matches("data-track=").count();
    assert_eq!((shown(&first), shown(&second)), (48, 2));
    assert!(!html(&second).contains(r#"rel="next""#));
}

#[tokio::test]
async fn addresses_that_mean_nothing_get_a_page_all_the_same() {
    let server = Server::new();
    for (path, status) in [
        ("/nothing", StatusCode::NOT_FOUND),
        ("/track/nothing", StatusCode::NOT_FOUND),
        ("/track/..%2F..%2Fetc", StatusCode::NOT_FOUND),
        ("/artist/nobody", StatusCode::NOT_FOUND),
        ("/artist/did:web:example.org%253A8443", StatusCode::NOT_FOUND),
        ("/?cursor=made-up", StatusCode::BAD_REQUEST),
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(html(&answer).contains("<main"), "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
    }
    assert_eq!(server.get("/assets/../Cargo.toml").await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/cover/x.svg").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_empty_node_says_how_to_fill_it() {
    let answer = Server::new().get("/").await;
    assert!(html(&answer).contains("osp publish FOLDER"));
}

#[tokio::test]
async fn the_page_for_sealed_files_may_fetch_from_where_a_file_is_and_run_nothing_but_ours() {
    let server = Server::new();
    let answer = server.get("/fan").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(html(&answer).contains("osp unseal"), "it says what to do without JavaScript");
    let policy = answer.header("content-security-policy").to_owned();
    for part in
        ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval';", "connect-src 'self' https: http:;"]
    {
        assert!(policy.contains(part), "{part} is not in {policy}");
    }
    // The rest of the site stays with its own server.
    let home = server.get("/").await;
    assert!(home.header("content-security-policy").contains("connect-src 'self';"));
    assert!(html(&home).contains("href=\"/fan\""));
}

#[tokio::test]
async fn an_address_of_an_opened_file_leads_nowhere_on_the_server() {
    let server = Server::new();
    let answer = server.get("/fan/media/0b8f7b58-0000-4000-8000-000000000000/0").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

/// What is sold is shown with its price, and nothing in it becomes anything else than text and a link that tells nobody from where.
#[tokio::test]
async fn a_sealed_release_shows_what_keys_cost() {
    let server = Server::new();
    let offer = |price: &str, url: &str, cut: &str| {
        let texts =
            [("type", "Offer"), ("price", price), ("priceCurrency", "EUR"), ("url", url), ("cut", cut)];
        let object = texts.iter().map(|(member, text)| ((*member).to_owned(), (*text).into()));
        Json::Object(object.chain([("period".to_owned(), Json::Number(604_800.0))]).collect())
    };
    let offers = vec![
        offer("5.00", "https://max.example/shop?a=1&b=2", "<script>alert(1)</script>"),
        offer("1", "javascript:alert(1)", "drop"),
    ];
    let mut draft = TrackDraft {
        title: "Night".into(),
        format: "application/vnd.smsg".into(),
        cid: cid_of("night").to_string(),
        members: Object::new(),
    };
    draft.set("offers", Json::Array(offers));
    let record = draft.sign(&ArtistKey::from_seed(&[7; 32]), None).unwrap();
    server.node.records().put(std::slice::from_ref(&record)).await.unwrap();
    let answer = server.get(&page_of(&record)).await;
    let page = html(&answer);
    for expected in [
        "<strong>5.00 EUR</strong> for the cut <bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>",
        r#"href="https://max.example/shop?a=1&amp;b=2" rel="noopener noreferrer nofollow""#,
        "asked for 7 days from first use",
        "Time limits are requests",
        "Open with a key",
        r#"href="/fan#url="#,
        // Who must have signed what is found there.
        &format!("&amp;artist={}", record.artist()),
    ] {
        assert!(page.contains(expected), "{expected} is not in\n{page}");
    }
    assert!(!page.contains("javascript:") && !page.contains("<audio"), "{page}");
    let artist = server.get(&format!("/artist/{}", record.artist())).await;
    assert!(html(&artist).contains("Keys: 5.00 EUR"), "{}", html(&artist));
    for page in [html(&answer), html(&artist)] {
        assert!(
            page.contains("data-sealed") && !page.contains("data-play"),
            "the player cannot open it: {page}"
        );
    }
    // With a profile the artist's page begins with what is sold, though something newer is there.
    let profile = ProfileDraft { name: "Max".into(), ..ProfileDraft::default() };
    let profile = profile.sign(&ArtistKey::from_seed(&[7; 32]), "2026-01-15T12:00:00Z").unwrap();
    let draft = TrackDraft {
        title: "Morning".into(),
        format: "audio/ogg".into(),
        cid: cid_of("morning").to_string(),
        members: Object::new(),
    };
    let newer = draft.sign(&ArtistKey::from_seed(&[7; 32]), None).unwrap();
    server.node.records().put(&[profile, newer]).await.unwrap();
    let artist = server.get(&format!("/artist/{}", record.artist())).await;
    let (lead, rest) = html(&artist).split_once("</article>").unwrap();
    for expected in ["data-cue", "Night", "Buy at <bdi>max.example</bdi>, 5.00 EUR", "#offers"] {
        assert!(lead.contains(expected), "{expected} is not in\n{lead}");
    }
    assert!(!lead.contains("Morning") && rest.contains("Morning"), "{rest}");
}
