//! Albums, genres, lists for other programs, and players for other people's pages.

use crate::support::{Answer, PUBLIC_URL, Server, artist, track};
use axum::http::StatusCode;
use osp_core::{
    content::{raw_cid, sha256},
    json::Json,
    record::{Record, Retraction, TrackDraft, Verified},
};
use xml::reader::{EventReader, XmlEvent};

const ALBUM: &str = "Day & <Night>";

fn song(title: &str, number: f64) -> Verified<Record> {
    let mut draft = TrackDraft {
        title: title.to_owned(),
        format: "audio/ogg; codecs=opus".to_owned(),
        cid: raw_cid(sha256(title.as_bytes())).to_string(),
        ..TrackDraft::default()
    };
    for (member, text) in [("artistName", "Ada"), ("album", ALBUM), ("released", "2012-04-01")] {
        draft.set(member, Json::String(text.to_owned()));
    }
    for (member, value) in [("trackNumber", number), ("duration", 208.4), ("size", 1_331_000.0)] {
        draft.set(member, Json::Number(value));
    }
    draft.set("genre", Json::Array(vec![Json::String("Dub Techno".to_owned())]));
    draft.sign(&artist(), None).unwrap()
}

/// A node with an album of two tracks, put in the wrong order.
async fn with_album() -> (Server, [Verified<Record>; 2]) {
    let server = Server::new();
    let songs = [song("One\u{b} <&>", 1.0), song("Two", 2.0)];
    server.node.records().put(&[songs[1].clone(), songs[0].clone()]).await.unwrap();
    (server, songs)
}

fn album_path() -> String {
    format!("/artist/{}/album/Day%20%26%20%3CNight%3E", artist().did())
}

fn text(answer: &Answer) -> &str {
    assert_eq!(answer.status, StatusCode::OK);
    std::str::from_utf8(&answer.body).unwrap()
}

fn key(record: &Verified<Record>) -> String {
    record.id().cid_text().to_owned()
}

#[tokio::test]
async fn an_album_has_a_page_with_its_tracks_in_order() {
    let (server, songs) = with_album().await;
    let answer = server.get(&album_path()).await;
    let page = text(&answer);
    let places = songs.each_ref().map(|song| page.find(&format!("/track/{}", key(song))).unwrap());
    assert!(places[0] < places[1]);
    for expected in [
        "<h1><bdi>Day &amp; &lt;Night&gt;</bdi></h1>",
        "2 tracks, 6:56",
        r#"<meta property="og:type" content="music.album">"#,
        r#"type="application/rss+xml""#,
        r#"type="application/json+oembed""#,
    ] {
        assert!(page.contains(expected), "{expected} is not in\n{page}");
    }
    let other = server.get(&format!("/artist/{}/album/Dusk", artist().did())).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    // Where the album is named, the link leads there.
    assert!(text(&server.get("/").await).contains(&format!("href=\"{}\"", album_path())));
}

#[tokio::test]
async fn genres_can_be_browsed() {
    let (server, songs) = with_album().await;
    let home = server.get("/").await;
    assert!(text(&home).contains(r#"href="/genre/dub%20techno""#), "{}", text(&home));
    assert!(text(&server.get("/genres").await).contains(r#"href="/genre/dub%20techno""#));
    let page = server.get("/genre/dub%20techno").await;
    assert!(text(&page).contains(&format!("/track/{}", key(&songs[0]))));
    assert_eq!(server.get("/genre/polka").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_feed_is_rss_that_says_music() {
    let (server, songs) = with_album().await;
    let did = artist().did();
    for path in [format!("/artist/{did}"), album_path(), "/genre/dub%20techno".to_owned()] {
        let answer = server.get(&format!("{path}/feed.xml")).await;
        assert_eq!(answer.header("content-type"), "application/rss+xml; charset=utf-8");
        let (mut inside, mut titles, mut sounds, mut facts) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for event in EventReader::new(&*answer.body) {
            match event.unwrap() {
                XmlEvent::StartElement { name, attributes, .. } => {
                    let prefixed = match name.prefix {
                        Some(prefix) => format!("{prefix}:{}", name.local_name),
                        None => name.local_name,
                    };
                    if prefixed == "enclosure" {
                        sounds.push(attributes.into_iter().map(|a| a.value).collect::<Vec<_>>());
                    }
                    inside.push(prefixed);
                }
                XmlEvent::EndElement { .. } => {
                    inside.pop();
                }
                XmlEvent::Characters(text) => match inside.join("/").as_str() {
                    "rss/channel/item/title" => titles.push(text),
                    "rss/channel/podcast:medium" => facts.push(text),
                    "rss/channel/item/pubDate" | "rss/channel/item/itunes:duration" => facts.push(text),
                    _ => {}
                },
                _ => {}
            }
        }
        titles.sort();
        assert_eq!(titles, ["One <&>", "Two"], "characters that XML lacks are left out: {path}");
        assert_eq!(facts[0], "music");
        assert_eq!(facts[1..3], ["Sun, 01 Apr 2012 00:00:00 +0000", "3:28"]);
        let audio = format!("{PUBLIC_URL}/api/v1/tracks/{}/audio", key(&songs[1]));
        assert!(sounds.contains(&vec![audio, "1331000".to_owned(), "audio/ogg".to_owned()]), "{sounds:?}");
    }
}

#[tokio::test]
async fn a_playlist_has_a_line_for_each_fact_and_no_other() {
    let (server, songs) = with_album().await;
    let broken = track("Bad\n#EXTM3U\nhttp://evil.example/", &raw_cid(sha256(b"x")), &[("album", "Dusk")]);
    server.node.records().put(&[broken]).await.unwrap();
    let answer = server.get(&format!("{}/tracks.m3u8", album_path())).await;
    let [one, two] = songs.each_ref().map(|song| format!("{PUBLIC_URL}/api/v1/tracks/{}/audio", key(song)));
    let expected = format!(
        "#EXTM3U\n#PLAYLIST:{ALBUM}\n#EXTINF:208,Ada - One  <&>\n#EXTALB:{ALBUM}\n{one}\n#EXTINF:208,Ada - Two\n#EXTALB:{ALBUM}\n{two}\n"
    );
    assert_eq!(text(&answer), expected);
    let all = server.get(&format!("/artist/{}/tracks.m3u8", artist().did())).await;
    assert!(
        text(&all).lines().all(|line| line.starts_with('#') || line.starts_with(PUBLIC_URL)),
        "{}",
        text(&all)
    );
}

#[tokio::test]
async fn an_export_has_the_signed_records_as_they_are() {
    let (server, songs) = with_album().await;
    let answer = server.get(&format!("{}/tracks.json", album_path())).await;
    let list = answer.json();
    assert_eq!(list["tracks"].as_array().unwrap().len(), 2);
    for (entry, song) in list["tracks"].as_array().unwrap().iter().zip(&songs) {
        let record = Record::parse(entry["record"].to_string().as_bytes()).unwrap();
        assert_eq!(record.id(), song.id());
        assert_eq!(entry["url"], format!("{PUBLIC_URL}/track/{}", key(song)));
    }
    for missing in
        ["/artist/did:key:nobody/feed.xml", "/genre/polka/tracks.json", "/genre/dub%20techno/x.zip"]
    {
        assert_eq!(server.get(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn an_embed_is_framed_by_anybody_and_reaches_nothing() {
    let (server, songs) = with_album().await;
    for (size, class) in [("card", "embed-card"), ("compact", "embed-compact"), ("strip", "embed-strip")] {
        let answer = server.get(&format!("/embed/{}?size={size}&t=1m08s", key(&songs[0]))).await;
        let page = text(&answer);
        assert!(
            page.contains(class) && page.contains("data-start=\"68\"") && page.contains("<audio controls")
        );
        assert!(!page.contains("data-audio"), "no list was asked for");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("sandbox allow-scripts ") && policy.contains("frame-ancestors *"),
            "{policy}"
        );
        assert!(!policy.contains("allow-same-origin") && !policy.contains("connect-src"), "{policy}");
    }
    let with_list = server.get(&format!("/embed/{}?list=album", key(&songs[1]))).await;
    assert_eq!(text(&with_list).matches("data-audio").count(), 2);
    let retraction = Retraction::sign(&songs[0].id(), None, &artist()).unwrap();
    server.node.records().put(&[retraction]).await.unwrap();
    assert_eq!(server.get(&format!("/embed/{}", key(&songs[0]))).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn oembed_turns_a_link_into_a_frame() {
    let (server, songs) = with_album().await;
    let page = server.get(&format!("/track/{}", key(&songs[1]))).await;
    let (_, link) = text(&page).split_once("application/json+oembed\" href=\"").unwrap();
    let (link, _) = link.split_once('"').unwrap();
    let found = server.get(link.strip_prefix(PUBLIC_URL).unwrap()).await.json();
    assert_eq!((&found["version"], &found["type"]), (&"1.0".into(), &"rich".into()));
    assert_eq!((&found["title"], &found["author_name"]), (&"Two".into(), &"Ada".into()));
    let src = format!("src=\"{PUBLIC_URL}/embed/{}?size=card\"", key(&songs[1]));
    assert!(found["html"].as_str().unwrap().contains(&src), "{found}");

    let asked = |path: &str, more: &str| {
        let url: String =
            format!("{PUBLIC_URL}{path}").replace(':', "%3A").replace('%', "%25").replace("%253A", "%3A");
        format!("/oembed?url={}{more}", url.replace('&', "%26"))
    };
    let album = server.get(&asked(&album_path(), "&maxheight=200&maxwidth=400")).await.json();
    assert_eq!(album["title"], ALBUM);
    assert!(album["html"].as_str().unwrap().contains("size=compact&amp;list=album"), "{album}");
    assert!(album["html"].as_str().unwrap().contains(r#"width="400" height="152""#), "{album}");
    assert_eq!((&album["width"], &album["height"]), (&400.into(), &152.into()));
    assert_eq!(server.get(&asked("/track/bafkqaaa", "")).await.status, StatusCode::NOT_FOUND);
    let foreign = server.get("/oembed?url=https://other.example/track/x").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let xml = server.get(&asked(&format!("/track/{}", key(&songs[0])), "&format=xml")).await;
    assert_eq!(xml.status, StatusCode::NOT_IMPLEMENTED);
}
