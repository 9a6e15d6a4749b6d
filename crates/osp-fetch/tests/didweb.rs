//! `did:web`: an artist's keys from a web server.
#![allow(clippy::unwrap_used)]

mod server;

use osp_core::{
    did::{Did, DidDocument, WebDid},
    key::ArtistKey,
};
use osp_fetch::{DidWebError, DidWebResolver, Fetcher, Policy};
use server::{Reply, Server};

fn resolver(allow_private: bool) -> DidWebResolver {
    DidWebResolver::new(Fetcher::new(&Policy { allow_private, extra_ca: None }).unwrap())
}

fn did(server: &Server, path: &str) -> WebDid {
    let text = format!("did:web:localhost%3A{}{path}", server.address.port());
    let Did::Web(did) = Did::parse(&text).unwrap() else { panic!("{text} is no did:web") };
    did
}

/// Answers with the document of whatever DID belongs to the path asked for.
async fn artists() -> Server {
    Server::start(|seen| {
        let host = seen.header("host").unwrap().replace(':', "%3A");
        let document = |path: &str| {
            let did = Did::parse(&format!("did:web:{host}{path}")).unwrap();
            DidDocument::to_json(&did, &ArtistKey::from_seed(&[7; 32]).public())
        };
        match seen.path.as_str() {
            "/.well-known/did.json" => Reply::ok(document("").as_bytes()),
            "/other/did.json" => Reply::ok(document(":somebody").as_bytes()),
            "/keyless/did.json" => Reply::ok(format!("{{\"id\":\"did:web:{host}:keyless\"}}").as_bytes()),
            "/huge/did.json" => Reply::ok(&[b' '; 70_000]),
            _ => Reply::status(404),
        }
    })
    .await
}

#[tokio::test]
async fn keys_are_found_once_and_remembered() {
    let server = artists().await;
    let resolver = resolver(true);
    for _ in 0..3 {
        let keys = resolver.keys(&did(&server, "")).await.unwrap();
        assert_eq!(*keys, [ArtistKey::from_seed(&[7; 32]).public()]);
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn what_is_not_the_artists_document_is_refused() {
    let server = artists().await;
    let resolver = resolver(true);
    for (path, usable, reason) in [
        (":other", false, "another DID"),
        (":keyless", false, "no Ed25519 key"),
        (":huge", true, "65536 bytes"),
        (":missing", true, "404"),
    ] {
        for _ in 0..2 {
            let error = resolver.keys(&did(&server, path)).await.unwrap_err();
            assert_eq!(matches!(error, DidWebError::Unreachable { .. }), usable, "{error}");
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
    assert_eq!(server.seen().len(), 4, "a failure is remembered too");
}

#[tokio::test]
async fn a_local_document_needs_permission() {
    let server = artists().await;
    let error = resolver(false).keys(&did(&server, "")).await.unwrap_err();
    assert!(error.to_string().contains("--allow-private"), "{error}");
    assert!(server.seen().is_empty());
}
