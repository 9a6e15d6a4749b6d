//! did:web and DID documents.

#![allow(clippy::unwrap_used)]

use osp_core::{
    did::{Did, DidDocument},
    json::{Json, Object},
    key::{ArtistKey, PublicKey},
    record::{Record, RefusalClass, TrackDraft},
};
use serde_json::{Value, json};

const CID: &str = "bafkreicm63aemklh3n6weljbrqfwrdwu26ck4fmyffshexgam25dry6bau";

fn key(n: u8) -> PublicKey {
    ArtistKey::from_seed(&[n; 32]).public()
}

#[test]
fn web_dids_become_urls() {
    for (did, url) in [
        ("did:web:example.com", "https://example.com/.well-known/did.json"),
        ("did:web:Example.COM", "https://example.com/.well-known/did.json"),
        ("did:web:example.com%3A8443", "https://example.com:8443/.well-known/did.json"),
        ("did:web:example.com%3a8443:a:b", "https://example.com:8443/a/b/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com:a%20b", "https://example.com/a%20b/did.json"),
        ("did:web:localhost%3A1", "https://localhost:1/.well-known/did.json"),
    ] {
        let parsed = Did::parse(did).unwrap();
        assert_eq!(parsed.to_string(), did, "kept as written");
        let Did::Web(web) = parsed else { panic!("{did} is a did:web") };
        assert_eq!(web.document_url(), url);
    }
}

#[test]
fn what_is_no_web_did() {
    for did in [
        "did:web:",
        "did:web:example.com:",
        "did:web::example.com",
        "did:web:example.com:a::b",
        "did:web:example.com:..",
        "did:web:example.com:%2e%2E:x",
        "did:web:example.com:.",
        "did:web:example.com:a%2Fb",
        "did:web:example.com:a%5cb",
        "did:web:example.com:a%0d%0aHost",
        "did:web:example.com%3A",
        "did:web:example.com%3A0",
        "did:web:example.com%3A65536",
        "did:web:example.com%3A+80",
        "did:web:example.com%3A80%3A80",
        "did:web:user%40example.com",
        "did:web:example.com%2Fx",
        "did:web:example.com.",
        "did:web:.example.com",
        "did:web:-example.com",
        "did:web:example.com/x",
        "did:web:example.com#key",
        "did:web:example.com?x",
        "did:web:exämple.com",
        "did:web:example.com%",
        "did:web:example.com:a%2",
    ] {
        assert!(Did::parse(did).is_err(), "{did}");
    }
}

#[test]
fn other_methods_are_dids_by_did_core() {
    for did in ["did:plc:ewvi7nxzyoun6zhxrhs64oiz", "did:example:a:b:c%20d", "did:3:x", "did:example::x"] {
        assert_eq!(Did::parse(did).unwrap().to_string(), did);
    }
    for did in
        ["did", "did:", "did:x", "did:x:", "did:X:y", "did::y", "did:x-y:z", "did:example:a b", "urn:x:y", ""]
    {
        assert!(Did::parse(did).is_err(), "{did}");
    }
}

#[test]
fn a_document_of_ours_reads_back() {
    let did = Did::parse("did:web:example.com:music").unwrap();
    let text = DidDocument::to_json(&did, &key(1));
    let document = DidDocument::parse(text.as_bytes(), &did).unwrap();
    assert_eq!(document.id, did);
    assert_eq!(document.assertion_keys, [key(1)]);
    let other = Did::parse("did:web:example.com").unwrap();
    assert!(DidDocument::parse(text.as_bytes(), &other).unwrap_err().to_string().contains("another DID"));
}

#[test]
fn every_form_of_an_ed25519_method_is_read() {
    let did = "did:web:example.com";
    let jwk = |key: &PublicKey| json!({ "kty": "OKP", "crv": "Ed25519", "x": data_encoding::BASE64URL_NOPAD.encode(&key.0) });
    let multikey = |id: &str, key: &PublicKey| json!({ "id": id, "type": "Multikey", "controller": did, "publicKeyMultibase": key.to_multikey() });
    let document = json!({
        "id": did,
        "verificationMethod": [
            multikey("did:web:example.com#absolute", &key(1)),
            multikey("#relative", &key(2)),
            { "id": "#2020", "type": "Ed25519VerificationKey2020", "controller": did, "publicKeyMultibase": key(3).to_multikey() },
            { "id": "#jwk", "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": jwk(&key(4)) },
            multikey("#not-for-assertion", &key(5)),
            { "id": "#revoked", "type": "Multikey", "controller": did, "publicKeyMultibase": key(6).to_multikey(), "revoked": "2026-01-01T00:00:00Z" },
            { "id": "#foreign", "type": "Multikey", "controller": "did:web:evil.example", "publicKeyMultibase": key(7).to_multikey() },
            { "id": "#p256", "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": { "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" } },
            { "id": "#x25519", "type": "Multikey", "controller": did, "publicKeyMultibase": "z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW" },
        ],
        "assertionMethod": [
            "#absolute", "did:web:example.com#relative", "#2020", "#jwk", "#revoked", "#foreign", "#p256", "#x25519", "#missing",
            { "id": "#embedded", "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk(&key(8)) },
            "#absolute", 7,
        ],
        "authentication": ["#not-for-assertion"],
    });
    let parsed = DidDocument::parse(document.to_string().as_bytes(), &Did::parse(did).unwrap()).unwrap();
    assert_eq!(parsed.assertion_keys, [key(1), key(2), key(3), key(4), key(8)]);
}

#[test]
fn what_is_no_document() {
    let did = Did::parse("did:web:example.com").unwrap();
    for text in [
        "",
        "[]",
        "{}",
        "not json",
        r#"{"id":7}"#,
        r#"{"id":"did:web:example.com","id":"did:web:example.com"}"#,
    ] {
        assert!(DidDocument::parse(text.as_bytes(), &did).is_err(), "{text}");
    }
    let huge = format!(r#"{{"id":"did:web:example.com","x":"{}"}}"#, "x".repeat(300_000));
    assert!(DidDocument::parse(huge.as_bytes(), &did).is_err());
    let empty = DidDocument::parse(br#"{"id":"did:web:example.com"}"#, &did).unwrap();
    assert!(empty.assertion_keys.is_empty());
}

#[test]
fn a_web_artist_verifies_with_the_keys_of_the_document() {
    let artist = Did::parse("did:web:example.com").unwrap();
    let signer = ArtistKey::from_seed(&[1; 32]);
    let draft = TrackDraft {
        title: "T".into(),
        format: "audio/opus".into(),
        cid: CID.into(),
        members: Object::new(),
    };
    let record = draft.sign_as(&artist, &signer, Some("2026-01-15T12:00:00Z")).unwrap();
    let read = || Record::parse(&record.to_bytes()).unwrap();
    assert!(read().verify_with_keys(&[key(2), key(1)]).is_ok());
    for keys in [&[][..], &[key(2)]] {
        assert_eq!(read().verify_with_keys(keys).unwrap_err().class, RefusalClass::Signature);
    }
    let message = read().verify().unwrap_err().message;
    assert!(message.contains("https://example.com/.well-known/did.json"), "{message}");
    // A proof may name any key of the document, but of this DID only.
    let mut text: Value = serde_json::from_slice(&record.to_bytes()).unwrap();
    text["proof"]["verificationMethod"] = json!(format!("did:web:evil.example#{}", key(1).to_multikey()));
    let changed = Record::parse(text.to_string().as_bytes()).unwrap();
    assert_eq!(changed.verify_with_keys(&[key(1)]).unwrap_err().class, RefusalClass::Proof);
}

#[test]
fn given_keys_do_not_replace_the_key_in_a_did_key() {
    let (alice, mallory) = (ArtistKey::from_seed(&[1; 32]), ArtistKey::from_seed(&[2; 32]));
    let mut draft =
        TrackDraft { title: "T".into(), format: "audio/opus".into(), cid: CID.into(), ..Default::default() };
    draft.set("duration", Json::Number(1.0));
    let refusal = draft.sign_as(&alice.did(), &mallory, None).unwrap_err();
    assert_eq!(refusal.class, RefusalClass::Signature);
}
