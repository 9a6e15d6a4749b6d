//! `osp site export`: what lies in the folder, what a second export does to it, and how other programs use it.

use crate::support::{Machine, fixture, http::Files, text};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// All files below a folder, by their paths with slashes.
fn below(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"), path);
            }
        }
    }
    found
}

fn key(record: &serde_json::Value) -> &str {
    text(record, "id").strip_prefix("osp:track:").unwrap()
}

#[test]
fn an_export_has_pages_records_and_audio_and_a_second_one_touches_only_what_changed() {
    let artist = Machine::of_artist();
    let records = artist.publish([fixture("tagged.opus"), fixture("tagged.mp3")]);
    let first =
        artist.json(["site", "export", "site", "--public-url", "https://max.example/music/"]).remove(0);
    assert_eq!((&first["tracks"], &first["publicUrl"]), (&2.into(), &"https://max.example/music".into()));
    let site = artist.path("site");
    let files = below(&site);
    assert_eq!(first["files"], files.len() - 1, "all but the list of them");

    for record in &records {
        // As it was signed, and verified by who has nothing else.
        let file = &files[&format!("track/{}.json", key(record))];
        artist.ok(["verify".as_ref(), file.as_os_str()]);
        let page = fs::read_to_string(&files[&format!("track/{}.html", key(record))]).unwrap();
        let own = format!("https://max.example/music/track/{}.html", key(record));
        assert!(page.contains(&format!(r#"<link rel="canonical" href="{own}">"#)), "{page}");
        assert!(page.contains(r#"http-equiv="Content-Security-Policy""#));
        for rooted in [r#"href="/"#, r#"src="/"#, r#"action="/"#, r#"content="/"#] {
            assert!(!page.contains(rooted), "{rooted} leads out of the folder");
        }
    }
    let audio = format!("audio/{}.opus", text(&records[0], "cid"));
    assert_eq!(fs::read(&files[&audio]).unwrap(), fs::read(fixture("tagged.opus")).unwrap());
    let feed = files.iter().find(|(path, _)| path.starts_with("artist/") && path.ends_with("feed.xml"));
    let feed = fs::read_to_string(feed.unwrap().1).unwrap();
    assert!(feed.contains(&format!("https://max.example/music/{audio}")), "{feed}");

    // A host's own file stays; what the artist takes back goes, and the rest is not written again.
    fs::write(site.join("CNAME"), "max.example").unwrap();
    let kept = &files[&format!("track/{}.json", key(&records[0]))];
    let before = fs::metadata(kept).unwrap().modified().unwrap();
    artist.ok(["retract", text(&records[1], "id")]);
    let second =
        artist.json(["site", "export", "site", "--public-url", "https://max.example/music"]).remove(0);
    assert_eq!(second["tracks"], 1);
    assert!(second["removed"].as_u64().unwrap() >= 6, "{second}");
    assert!(site.join("CNAME").exists());
    let now = below(&site);
    assert!(!now.keys().any(|path| path.contains(key(&records[1]))), "{now:?}");
    assert_eq!(fs::metadata(kept).unwrap().modified().unwrap(), before);
    let third =
        artist.json(["site", "export", "site", "--public-url", "https://max.example/music"]).remove(0);
    assert_eq!((&third["written"], &third["removed"]), (&0.into(), &0.into()));
}

#[test]
fn an_export_speaks_the_language_that_it_is_told() {
    let artist = Machine::of_artist();
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    let page = |folder: &str, path: &str| fs::read_to_string(artist.path(folder).join(path)).unwrap();
    let track = format!("track/{}.html", key(&record));
    artist.ok(["site", "export", "site", "--lang", "de", "--public-url", "https://max.example"]);
    for (path, words) in [
        ("index.html", "Neue Musik"),
        (&*track, "Unterschriebener Eintrag"),
        ("search.html", "Suchen"),
        ("fan.html", "Versiegelte Datei öffnen"),
        ("404.html", "Unter dieser Adresse ist nichts."),
        (&*format!("embed/{}-card.html", key(&record)), " von "),
    ] {
        let page = page("site", path);
        assert!(page.contains(r#"<html lang="de">"#) && page.contains(words), "{path}: {page}");
    }
    let rows = page("site", "search/rows-0.json");
    assert!(rows.contains("abspielen"), "{rows}");
    let files = below(&artist.path("site"));
    let mut feeds = files.iter().filter(|(path, _)| path.ends_with("feed.xml"));
    assert!(feeds.any(|(_, file)| fs::read_to_string(file).unwrap().contains("unterschrieben mit")));
    // Told nothing, it is English; the same folder takes either.
    artist.ok(["site", "export", "site"]);
    assert!(page("site", &track).contains(r#"<html lang="en">"#));
    artist.run(["site", "export", "site", "--lang", "fr"]).failed(2, "possible values: en, de");
}

#[test]
fn one_link_to_an_exported_page_brings_the_record_and_the_audio() {
    let artist = Machine::of_artist();
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    artist.ok(["site", "export", "site"]);
    let files = below(&artist.path("site"));
    let page =
        files.keys().find(|path| path.starts_with("artist/") && path.ends_with(".html")).unwrap().clone();
    let served = files.into_iter().map(|(path, file)| (format!("/music/{path}"), fs::read(file).unwrap()));
    let host = Files::new(served.collect(), true);

    let listener = Machine::new();
    let track = format!("{}/music/track/{}.html?t=1m08s", host.url, key(&record));
    let got = listener.json(["resolve", &track, "--output", "song.opus"]).remove(0);
    assert_eq!(got["record"], record);
    assert_eq!(fs::read(listener.path("song.opus")).unwrap(), fs::read(fixture("tagged.opus")).unwrap());
    let other = Machine::new();
    other.ok(["resolve", &format!("{}/music/{page}", host.url)]);
    assert_eq!(other.json(["search"]), [record]);
    other.run(["resolve", &format!("{}/music/genre/none-1a2b3c4d.html", host.url)]).failed(4, "404");
}

#[test]
fn another_folder_is_refused_and_nothing_is_an_error() {
    let artist = Machine::of_artist();
    artist.run(["site", "export", "site"]).failed(4, "nothing is published here");
    assert!(!artist.path("site").exists());
    artist.publish([fixture("tagged.opus")]);
    fs::create_dir(artist.path("thesis")).unwrap();
    fs::write(artist.path("thesis/chapter.txt"), "x").unwrap();
    artist.run(["--json", "site", "export", "thesis"]).failed_json(1, "exists");
    assert_eq!(fs::read_dir(artist.path("thesis")).unwrap().count(), 1);
    artist.run(["site", "export", "site", "--public-url", "max.example"]).failed(2, "whole address");
    artist.run(["site", "export", "site", "--artist", "did:web:nobody.example"]).failed(4, "nothing by");
}
