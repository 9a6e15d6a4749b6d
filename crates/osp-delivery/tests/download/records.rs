//! Records from nodes: honest, withholding, lying.

use crate::server::{Reply, Server, Then};
use osp_core::{
    content::{raw_cid, sha256},
    did::Did,
    json::{Json, Object},
    key::ArtistKey,
    record::{Record, RecordId, Retraction, TrackDraft, Verified},
};
use osp_delivery::{
    Outcome,
    records::{Found, RecordClient, RecordsError},
};
use osp_fetch::{DidWebResolver, Fetcher, Policy, Target};

fn client() -> RecordClient {
    let fetcher = Fetcher::new(&Policy::default()).unwrap();
    RecordClient::new(fetcher.clone(), DidWebResolver::new(fetcher))
}
fn nodes(servers: &[&Server]) -> Vec<Target> {
    servers.iter().map(|s| Target::typed(&s.url("/")).unwrap()).collect()
}
fn artist(seed: u8) -> ArtistKey {
    ArtistKey::from_seed(&[seed; 32])
}
fn track(key: &ArtistKey, title: &str) -> Verified<Record> {
    let draft = TrackDraft {
        title: title.to_owned(),
        format: "audio/opus".to_owned(),
        cid: raw_cid(sha256(title.as_bytes())).to_string(),
        members: Object::new(),
    };
    draft.sign(key, None).unwrap()
}
async fn answering(status: u16, body: Vec<u8>) -> Server {
    Server::start(move |_| Reply::new(status, &[], &body)).await
}
fn tampered(record: &Record) -> Vec<u8> {
    let mut members = record.members().clone();
    members.insert("title".to_owned(), Json::String("another".to_owned()));
    osp_core::json::canonical(&Json::Object(members))
}
fn gone(retraction: &Record) -> Vec<u8> {
    let error = r#"{"code":410,"class":"retracted","message":"m","hint":null}"#;
    format!(r#"{{"error":{error},"retraction":{}}}"#, String::from_utf8(retraction.to_bytes()).unwrap())
        .into_bytes()
}
async fn ask(servers: &[&Server], id: &RecordId) -> Result<Found, RecordsError> {
    client().record(&nodes(servers), id).await
}

#[tokio::test]
async fn a_record_comes_from_the_first_node_that_has_it() {
    let record = track(&artist(1), "one");
    let (absent, honest) = (answering(404, vec![]).await, answering(200, record.to_bytes()).await);
    let Found::Record { record: found, node, attempts } =
        ask(&[&absent, &honest], &record.id()).await.unwrap()
    else {
        panic!("not withdrawn")
    };
    assert_eq!(found.to_bytes(), record.to_bytes());
    assert_eq!((node, attempts.len()), (honest.url("/"), 1));
    assert_eq!(honest.seen()[0].path, format!("/api/v1/tracks/{}", record.id().as_str()));
}

#[tokio::test]
async fn a_node_that_sends_anything_else_is_named() {
    let (wanted, other) = (track(&artist(1), "one"), track(&artist(1), "two"));
    let honest = answering(200, wanted.to_bytes()).await;
    for (body, reason) in [
        (tampered(&wanted), "its record is refused (signature)"),
        (other.to_bytes(), "instead"),
        (b"{}".to_vec(), "its record is refused (malformed)"),
        (vec![b' '; 200_000], "more than"),
    ] {
        let liar = answering(200, body).await;
        let error = ask(&[&liar], &wanted.id()).await.unwrap_err();
        assert!(matches!(error, RecordsError::Lied { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(&liar.url("/")) && text.contains("lied") && text.contains(reason), "{text}");
        // The next one is asked.
        let found = ask(&[&liar, &honest], &wanted.id()).await.unwrap();
        assert!(matches!(found, Found::Record { attempts, .. } if attempts[0].outcome.is_lie()));
    }
    let endless = Server::start(|_| Reply::unbounded(&[], b"", Then::Endless)).await;
    assert!(matches!(ask(&[&endless], &wanted.id()).await, Err(RecordsError::Lied { .. })));
}

#[tokio::test]
async fn who_has_nothing_is_no_liar() {
    let id = track(&artist(1), "one").id();
    let (absent, failing) = (answering(404, vec![]).await, answering(500, vec![]).await);
    let unserved = answering(410, b"{\"error\":{}}".to_vec()).await;
    let error = ask(&[&absent, &failing, &unserved], &id).await.unwrap_err();
    let RecordsError::NotFound { attempts, .. } = &error else { panic!("{error}") };
    assert!(matches!(attempts[0].outcome, Outcome::Absent(_)));
    assert!(matches!(attempts[1].outcome, Outcome::Failed(_)));
    assert!(matches!(attempts[2].outcome, Outcome::Absent(_)));
    assert!(matches!(ask(&[], &id).await, Err(RecordsError::NotFound { .. })));
}

#[tokio::test]
async fn a_withdrawal_counts_against_a_record_of_the_same_artist_only() {
    let key = artist(1);
    let record = track(&key, "one");
    let by_artist = Retraction::sign(&record.id(), Some("mistake"), &key).unwrap();
    let by_stranger = Retraction::sign(&record.id(), None, &artist(2)).unwrap();
    let of_another = Retraction::sign(&track(&key, "two").id(), None, &key).unwrap();
    let honest = answering(200, record.to_bytes()).await;

    let withdrawing = answering(410, gone(&by_artist)).await;
    for (servers, sure) in [(&[&withdrawing][..], false), (&[&withdrawing, &honest], true)] {
        let found = ask(servers, &record.id()).await.unwrap();
        let Found::Withdrawn { retraction, proven } = found else { panic!("served") };
        assert_eq!((retraction.as_retraction().unwrap().reason(), proven), (Some("mistake"), sure));
    }
    let stranger = answering(410, gone(&by_stranger)).await;
    let found = ask(&[&stranger, &honest], &record.id()).await.unwrap();
    let Found::Record { attempts, .. } = found else { panic!("withdrawn by a stranger") };
    assert!(attempts.iter().any(|a| a.outcome.is_lie()), "the forger is named: {attempts:?}");
    for body in [gone(&of_another), gone(&record)] {
        let liar = answering(410, body).await;
        assert!(matches!(ask(&[&liar], &record.id()).await, Err(RecordsError::Lied { .. })));
    }
}

#[tokio::test]
async fn a_record_whose_artists_document_is_out_of_reach_is_no_lie() {
    // did:web at a private address, which learned addresses may not be
    let key = artist(1);
    let did = Did::parse("did:web:localhost%3A1").unwrap();
    let draft = TrackDraft {
        title: "one".to_owned(),
        format: "audio/opus".to_owned(),
        cid: raw_cid(sha256(b"x")).to_string(),
        members: Object::new(),
    };
    let record = draft.sign_as(&did, &key, None).unwrap();
    let node = answering(200, record.to_bytes()).await;
    let error = ask(&[&node], &record.id()).await.unwrap_err();
    assert!(matches!(error, RecordsError::NotFound { .. }), "{error}");
    assert!(error.to_string().contains("--allow-private"), "{error}");
}

fn page(records: &[Verified<Record>], next: Option<&str>) -> Vec<u8> {
    let tracks: Vec<_> = records.iter().map(|r| String::from_utf8(r.to_bytes()).unwrap()).collect();
    let next = next.map_or("null".to_owned(), |n| format!("\"{n}\""));
    format!("{{\"tracks\":[{}],\"next\":{next}}}", tracks.join(",")).into_bytes()
}

#[tokio::test]
async fn an_artists_tracks_are_read_page_by_page() {
    let key = artist(1);
    let tracks: Vec<_> = ["a", "b", "c"].iter().map(|t| track(&key, t)).collect();
    let (first, second) = (page(&tracks[..2], Some("c&2")), page(&tracks[2..], None));
    let server = Server::start(move |seen| {
        Reply::ok(if seen.path.ends_with("&cursor=c%262") { &second } else { &first })
    })
    .await;
    let empty = answering(200, page(&[], None)).await;
    let found = client().by_artist(&nodes(&[&empty, &server]), &key.did()).await.unwrap();
    assert_eq!(
        found.iter().map(|r| r.id()).collect::<Vec<_>>(),
        tracks.iter().map(|r| r.id()).collect::<Vec<_>>()
    );
    let asked = &server.seen()[0].path;
    assert!(asked.starts_with("/api/v1/tracks?artist=did%3Akey%3Az6Mk"), "{asked}");
}

#[tokio::test]
async fn a_list_with_anything_false_in_it_is_refused_whole() {
    let key = artist(1);
    let good = track(&key, "a");
    let tampered = format!("{{\"tracks\":[{}],\"next\":null}}", String::from_utf8(tampered(&good)).unwrap());
    for body in [page(&[good.clone(), track(&artist(2), "b")], None), tampered.into_bytes()] {
        let liar = answering(200, body).await;
        let error = client().by_artist(&nodes(&[&liar]), &key.did()).await.unwrap_err();
        assert!(matches!(error, RecordsError::Lied { .. }), "{error}");
    }
    for body in [b"[]".to_vec(), b"{\"tracks\":1}".to_vec(), b"<html>".to_vec(), page(&[], Some("x"))] {
        let node = answering(200, body).await;
        let error = client().by_artist(&nodes(&[&node]), &key.did()).await.unwrap_err();
        assert!(matches!(error, RecordsError::NotFound { .. }), "{error}");
    }
    // A cursor that never ends is followed no further than it brings something new.
    let looping = answering(200, page(std::slice::from_ref(&good), Some("again"))).await;
    assert_eq!(client().by_artist(&nodes(&[&looping]), &key.did()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_record_nested_to_the_limit_is_read_inside_a_page() {
    let key = artist(1);
    // The record's own brackets are the first level.
    let deep = (1..osp_core::json::MAX_DEPTH).fold(Json::Bool(true), |inner, _| Json::Array(vec![inner]));
    let mut draft = TrackDraft {
        title: "deep".to_owned(),
        format: "audio/opus".to_owned(),
        cid: raw_cid(sha256(b"deep")).to_string(),
        members: Object::new(),
    };
    draft.set("extra", deep);
    let record = draft.sign(&key, None).unwrap();
    let page = [br#"{"tracks":["#.as_slice(), &record.to_bytes(), br#"],"next":null}"#].concat();
    let node = answering(200, page).await;
    let found = client().by_artist(&nodes(&[&node]), &key.did()).await.unwrap();
    assert_eq!(found.len(), 1);
}
