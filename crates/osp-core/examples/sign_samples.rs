//! Signs a track and a profile with every known member, a withdrawal and a follow with a fixed key, and prints them,
//! one per line: samples for checking other tools (JSON-LD processors, Data Integrity verifiers) against this crate.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use osp_core::{
    json::{Json, Object},
    key::ArtistKey,
    record::{Follow, FollowState, Link, ProfileDraft, RecordId, Retraction, TrackDraft},
};

const CID: &str = "bafkreicm63aemklh3n6weljbrqfwrdwu26ck4fmyffshexgam25dry6bau";
const SEED: [u8; 32] = [7; 32];

fn main() {
    let key = ArtistKey::from_seed(&SEED);
    let mut draft = TrackDraft {
        title: "Awakening".into(),
        format: "audio/opus".into(),
        cid: CID.into(),
        members: Object::new(),
    };
    let consent =
        Object::from([("mirror".to_owned(), "allow".into()), ("aiTraining".to_owned(), "deny".into())]);
    draft
        .set("artistName", "Max McCracken".into())
        .set("album", "Endgame: Singularity".into())
        .set("trackNumber", Json::Number(1.0))
        .set("discNumber", Json::Number(1.0))
        .set("duration", Json::Number(243.125))
        .set("size", Json::Number(3_141_592.0))
        .set("torrent", "magnet:?xt=urn:btih:dd0e5814145d8187383eb8f46aa156f5b2e5dbd5&xl=3141592".into())
        .set("released", "2012-05".into())
        .set("license", "CC-BY-SA-3.0".into())
        .set("genre", vec!["ambient", "electronic"].into())
        .set("artwork", CID.into())
        .set("waveform", CID.into())
        .set("lyrics", CID.into())
        .set("consent", consent.into())
        .set("supersedes", format!("osp:track:{CID}").into())
        .set("isrcCode", "GBAYE0601498".into());
    let track = draft.sign(&key, Some("2026-01-15T12:00:00Z")).unwrap();
    println!("{}", String::from_utf8(track.to_bytes()).unwrap());
    let id = RecordId::parse(&format!("osp:track:{CID}")).unwrap();
    let retraction = Retraction::sign(&id, Some("wrong master"), &key).unwrap();
    println!("{}", String::from_utf8(retraction.to_bytes()).unwrap());
    let link = |name: &str, url: &str| Link { name: name.into(), url: url.into() };
    let profile = ProfileDraft {
        name: "Max McCracken".into(),
        bio: Some("Music for a game.\nAnd for listening.".into()),
        avatar: Some(CID.into()),
        banner: Some(CID.into()),
        links: vec![
            link("Website", "https://max.example/"),
            link("Blog", "https://blog.example/max?feed=1#top"),
        ],
        donations: vec![link("Bitcoin", "bitcoin:bc1qexample")],
        others: Object::from([("alternateName".to_owned(), "MMC".into())]),
    };
    let profile = profile.sign(&key, "2026-01-15T12:00:00Z").unwrap();
    println!("{}", String::from_utf8(profile.to_bytes()).unwrap());
    let other = ArtistKey::from_seed(&[8; 32]).did();
    let follow = Follow::sign(&other, FollowState::Follow, &key, "2026-01-15T12:00:00Z").unwrap();
    println!("{}", String::from_utf8(follow.to_bytes()).unwrap());
}
