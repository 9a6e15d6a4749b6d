//! Pages in the reader's language: which one it is, and that none of them has words of another.

use crate::support::{Answer, Server, artist};
use axum::http::StatusCode;
use osp_core::{
    content::{raw_cid, sha256},
    json::{Json, Object},
    record::{ProfileDraft, Record, Retraction, TrackDraft, Verified},
};
use std::collections::BTreeSet;

/// Words that both languages have, and those of records and questions.
const SAME: &[&str] = &[
    "drone",
    "nothing",
    "OpenSound",
    "API",
    "Album",
    "BitTorrent",
    "Format",
    "Genre",
    "Genres",
    "Links",
    "Player",
    "Playlist",
    "Torrent",
];

fn object(members: &[(&str, Json)]) -> Json {
    Json::Object(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Object>())
}

fn text(text: &str) -> Json {
    Json::String(text.to_owned())
}

/// A track with everything that a record may say; its own texts are in capitals.
fn track(title: &str, format: &str, more: &[(&str, Json)]) -> Verified<Record> {
    let mut draft = TrackDraft {
        title: title.to_owned(),
        format: format.to_owned(),
        cid: raw_cid(sha256(title.as_bytes())).to_string(),
        ..TrackDraft::default()
    };
    for (member, value) in [
        ("artistName", text("ADA")),
        ("album", text("ALBUM ONE")),
        ("released", text("2012-04-01")),
        ("license", text("CC-BY-4.0")),
        ("genre", Json::Array(vec![text("DRONE")])),
        ("duration", Json::Number(208.0)),
        ("size", Json::Number(1_449_000.0)),
        ("torrent", text("magnet:?xt=urn:btih:0123456789012345678901234567890123456789")),
        (
            "consent",
            object(&[("stream", text("allow")), ("mirror", text("deny")), ("aiTraining", text("deny"))]),
        ),
    ]
    .iter()
    .chain(more)
    {
        draft.set(member, value.clone());
    }
    draft.sign(&artist(), None).unwrap()
}

/// A node with an open and a sealed track, an artist who has a profile, and a track that was taken back.
async fn with_everything() -> (Server, Vec<String>) {
    let server = Server::new();
    let offer = |members: &[(&str, Json)]| {
        let mut all = vec![
            ("type", text("Offer")),
            ("url", text("https://shop.example/")),
            ("price", text("5.00")),
            ("priceCurrency", text("EUR")),
        ];
        all.extend_from_slice(members);
        object(&all)
    };
    let offers = vec![
        offer(&[]),
        offer(&[("cut", text("CUT"))]),
        offer(&[("tier", text("TIER")), ("period", Json::Number(86_400.0))]),
        offer(&[("period", Json::Number(604_800.0))]),
    ];
    let open = track("OPEN", "audio/opus", &[]);
    let sealed = track("SEALED", "application/vnd.smsg", &[("offers", Json::Array(offers))]);
    let gone = track("GONE", "audio/opus", &[]);
    let profile = ProfileDraft { name: "ADA".into(), bio: Some("BIO".into()), ..ProfileDraft::default() };
    let profile = profile.sign(&artist(), "2026-01-15T12:00:00Z").unwrap();
    let records = [open.clone(), sealed.clone(), gone.clone(), profile];
    server.node.records().put(&records).await.unwrap();
    let retraction = Retraction::sign(&gone.id(), Some("REASON"), &artist()).unwrap();
    server.node.records().put(&[retraction]).await.unwrap();
    let did = open.artist();
    let page = |record: &Verified<Record>| format!("/track/{}", record.id().cid_text());
    let paths = vec![
        "/".into(),
        "/search".into(),
        "/search?q=open".into(),
        "/search?q=none".into(),
        "/search?genre=drone".into(),
        page(&open),
        page(&sealed),
        page(&gone),
        format!("/artist/{did}"),
        format!("/artist/{did}/album/ALBUM%20ONE"),
        "/genres".into(),
        "/genre/drone".into(),
        "/genre/nothing".into(),
        format!("/embed/{}", open.id().cid_text()),
        format!("/embed/{}", sealed.id().cid_text()),
        "/library".into(),
        "/offline".into(),
        "/fan".into(),
        "/fan/frame".into(),
        "/nowhere".into(),
        "/?cursor=x".into(),
    ];
    (server, paths)
}

fn page(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

/// Everything that a reader gets to see or hear: text between tags, and attributes with words in them.
fn words(html: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for piece in html.split('<') {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        found.insert(text.to_owned());
        for name in ["aria-label=\"", "placeholder=\"", "title=\"", "content=\""] {
            let value = tag.split(name).nth(1).and_then(|rest| rest.split('"').next());
            found.extend(value.map(str::to_owned));
        }
    }
    found.into_iter().map(|text| text.trim().to_owned()).collect()
}

/// Whether there are words in it that are no name, address, CID, number or unit.
fn has_words(text: &str) -> bool {
    text.split_whitespace()
        .map(|word| word.trim_start_matches('(').trim_end_matches([':', ',', '.', ')']))
        .any(|word| {
            let letters = word.chars().filter(|c| c.is_alphabetic()).count();
            let machines = word.contains(['/', '=', ':', '@', '.', '#']) || word.starts_with("baf");
            letters > 2 && word.chars().any(char::is_lowercase) && !machines && !SAME.contains(&word)
        })
}

#[tokio::test]
async fn no_page_has_words_of_another_language() {
    let (server, paths) = with_everything().await;
    let mut found = Vec::new();
    for path in &paths {
        let english = server.get_with(path, &[("accept-language", "en")]).await;
        let german = server.get_with(path, &[("accept-language", "de-AT,de;q=0.9,en;q=0.8")]).await;
        assert_eq!(english.status, german.status, "{path}");
        assert!(page(&german).contains(r#"<html lang="de">"#), "{path}");
        assert!(page(&english).contains(r#"<html lang="en">"#), "{path}");
        assert_eq!(german.header("content-language"), "de", "{path}");
        let both: Vec<_> = words(page(&english)).intersection(&words(page(&german))).cloned().collect();
        let same = |text: &str| text.starts_with("osp ");
        // A policy, a viewport and the like are for the browser.
        let machines = |text: &str| MACHINES.contains(&text);
        let left = both.iter().filter(|text| has_words(text) && !same(text) && !machines(text));
        found.extend(left.map(|text| format!("{path}: {text}")));
    }
    assert!(found.is_empty(), "said in both languages:\n{}", found.join("\n"));
}

/// Values of `content` that nobody reads.
const MACHINES: &[&str] =
    &["light dark", "noindex", "summary", "website", "profile", "width=device-width, initial-scale=1"];

#[tokio::test]
async fn the_listeners_choice_wins_and_caches_are_told() {
    let (server, _) = with_everything().await;
    for (accepts, cookie, lang) in
        [("de", "", "de"), ("de", "lang=en", "en"), ("en", "lang=de", "de"), ("fr", "", "en"), ("", "", "en")]
    {
        let answer = server.get_with("/", &[("accept-language", accepts), ("cookie", cookie)]).await;
        assert!(page(&answer).contains(&format!("<html lang=\"{lang}\">")), "{accepts} {cookie}");
        let vary = answer.header("vary").to_ascii_lowercase();
        assert!(vary.contains("accept-language") && vary.contains("cookie"), "{vary}");
    }
    let manifest = server.get_with("/manifest.webmanifest", &[("accept-language", "de")]).await;
    assert_eq!(manifest.json()["lang"], "de");
    assert!(manifest.header("vary").to_ascii_lowercase().contains("accept-language"));
}

#[tokio::test]
async fn a_list_for_programs_says_the_same_to_all() {
    let (server, _) = with_everything().await;
    let path = "/genre/drone/feed.xml";
    let german = server.get_with(path, &[("accept-language", "de")]).await;
    assert_eq!(german.status, StatusCode::OK);
    assert_eq!(german.body, server.get(path).await.body);
}

#[tokio::test]
async fn dates_numbers_and_plurals_are_the_languages_own() {
    let (server, paths) = with_everything().await;
    let track = paths.iter().find(|path| path.starts_with("/track/")).unwrap();
    let german = server.get_with(track, &[("accept-language", "de")]).await;
    for expected in
        [">1. April 2012</time>", "1,4 MB", "Streamen: erlaubt", "KI-Training: nicht erlaubt", "OPEN von ADA"]
    {
        assert!(page(&german).contains(expected), "{expected} is not in\n{}", page(&german));
    }
    let home = server.get_with("/", &[("accept-language", "de")]).await;
    assert!(page(&home).contains("2 Titel von 1 Künstler auf diesem Knoten"), "{}", page(&home));
}
