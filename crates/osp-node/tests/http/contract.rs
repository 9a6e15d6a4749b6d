//! What holds for every answer: the contract in spec/openapi.json, CORS, error shape, and no script.

use crate::support::{Server, noise, request, track};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use osp_node::http::{about::OPENAPI, documented_routes};
use std::collections::BTreeSet;

fn contract() -> BTreeSet<(String, String)> {
    let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let methods = |(path, item): (&String, &serde_json::Value)| {
        let path = path.clone();
        let methods: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(move |method| (method, path.clone()))
    };
    paths.iter().flat_map(methods).filter(|(method, _)| method != "parameters").collect()
}

#[test]
fn every_route_is_in_the_contract() {
    let contract = contract();
    let missing: Vec<_> = documented_routes()
        .into_iter()
        // Every GET answers HEAD; the contract names HEAD where it says more than GET.
        .filter(|(method, path)| {
            let method = if *method == "head" { "get" } else { method };
            !contract.contains(&(method.to_owned(), (*path).to_owned()))
        })
        .collect();
    assert_eq!(missing, []);
}

#[tokio::test]
async fn everything_in_the_contract_is_routed() {
    let server = Server::new();
    let contract = contract();
    assert!(contract.len() > 10, "the contract was read");
    for (method, template) in contract {
        let path = template
            .replace("{infohash}", &"0".repeat(40))
            .replace("{cid}", "bafkqabiaaebagba")
            .replace("{id}", "bafkqabiaaebagba");
        let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let answer = server.send(request(verb.clone(), &path, &[], Body::empty())).await;
        assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {template}");
        let routed = documented_routes().into_iter().any(|(m, p)| m == method && p == template);
        assert!(routed, "{method} {template} is not in the table of routes");
        if answer.status == StatusCode::NOT_FOUND && verb != Method::HEAD {
            assert_eq!(answer.class(), "not-found", "{template} was answered by its own handler");
            assert!(!String::from_utf8_lossy(&answer.body).contains("nothing at this path"), "{template}");
        }
    }
}

#[test]
fn the_contract_names_the_statuses_that_writing_and_the_gateway_end_with() {
    let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
    for (path, method, statuses) in [
        ("/api/v1/tracks", "post", &["401", "403", "408", "413", "422", "502", "507"][..]),
        ("/api/v1/blobs/{cid}", "put", &["200", "401", "403", "408", "411", "413", "422", "507"]),
        ("/ipfs/{cid}", "get", &["406", "410", "412", "416"]),
    ] {
        for status in statuses {
            let answer = &document["paths"][path][method]["responses"][status];
            assert!(answer.is_object(), "{method} {path} does not say what {status} means");
        }
    }
}

#[tokio::test]
async fn errors_have_one_shape() {
    let server = Server::new();
    let cases = [
        (Method::GET, "/api/v1/nothing", StatusCode::NOT_FOUND),
        (Method::GET, "/api/v1/tracks/bafkqabiaaebagba", StatusCode::NOT_FOUND),
        (Method::DELETE, "/api/v1/tracks", StatusCode::METHOD_NOT_ALLOWED),
        (Method::POST, "/ipfs/bafkqaaa", StatusCode::METHOD_NOT_ALLOWED),
        (Method::PUT, "/api/v1/blobs/bafkqaaa", StatusCode::UNAUTHORIZED),
        (Method::GET, "/ipfs/nonsense", StatusCode::BAD_REQUEST),
    ];
    for (method, path, status) in cases {
        let answer = server.send(request(method, path, &[], Body::empty())).await;
        assert_eq!(answer.status, status, "{path}");
        let allow = answer.headers.contains_key("allow");
        assert_eq!(allow, status == StatusCode::METHOD_NOT_ALLOWED, "{path}: RFC 9110 section 15.5.6");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        let json = answer.json();
        let error = json["error"].as_object().unwrap();
        assert_eq!(error["code"], status.as_u16());
        assert_eq!(
            error.keys().map(String::as_str).collect::<BTreeSet<_>>(),
            ["class", "code", "hint", "message"].into()
        );
    }
}

#[tokio::test]
async fn any_page_may_read_errors_included_and_none_may_write() {
    let server = Server::new();
    let cid = server.store(b"abc", &[]).await[0];
    let found = format!("/ipfs/{cid}");
    for path in ["/api/v1/node", "/api/v1/tracks", &found, "/ipfs/nonsense", "/api/v1/nothing", "/healthz"] {
        let answer = server.get_with(path, &[("origin", "https://elsewhere.example")]).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
        for name in ["content-range", "content-length", "etag"] {
            assert!(exposed.split(',').any(|e| e.trim() == name), "{path}: {name} in {exposed}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let ask = |method| {
        [
            ("origin", "https://elsewhere.example"),
            ("access-control-request-method", method),
            ("access-control-request-headers", "range"),
        ]
    };
    let answer = server.send(request(Method::OPTIONS, &found, &ask("GET"), Body::empty())).await;
    assert!(answer.status.is_success());
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-allow-methods").contains("GET"));
    assert!(answer.header("access-control-allow-headers").to_ascii_lowercase().contains("range"));
    let answer = server.send(request(Method::OPTIONS, "/api/v1/tracks", &ask("POST"), Body::empty())).await;
    assert!(!answer.header("access-control-allow-methods").contains("POST"));
    assert!(!answer.header("access-control-allow-headers").to_ascii_lowercase().contains("authorization"));
}

#[tokio::test]
async fn what_users_put_here_cannot_run_script_on_this_origin() {
    let server = Server::new();
    let harmful: [&[u8]; 3] = [
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
    ];
    for content in harmful {
        let cid = server.store(content, &[]).await[0];
        let record = track("T", &cid, &[]);
        server.post(record.to_bytes()).await;
        for path in [
            format!("/ipfs/{cid}"),
            format!("/ipfs/{cid}?filename=x.html"),
            format!("/ipfs/{cid}?filename=x.svg&download=false"),
            format!("/ipfs/{cid}?format=raw&filename=x.html"),
            format!("/ipfs/{cid}?format=car"),
        ] {
            let answer = server.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox", "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert!(answer.header("content-type").starts_with("application/"), "{path}");
            assert!(!answer.header("content-type").contains("ml"), "{path}");
            assert!(answer.header("content-disposition").starts_with("attachment"), "{path}");
        }
        let answer = server.get(&crate::support::audio_path(&record)).await;
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn the_node_about_itself() {
    let server = Server::new();
    server.publish("T", &noise(5000, 1)).await;
    let node = server.get("/api/v1/node").await.json();
    assert_eq!(node["publicUrl"], crate::support::PUBLIC_URL);
    assert_eq!(node["protocol"], serde_json::json!(["0.1"]));
    assert_eq!(node["counts"], serde_json::json!({"tracks": 1, "artists": 1, "blobs": 1, "bytes": 5000}));
    assert_eq!(node["offers"]["gateway"], format!("{}/ipfs/", crate::support::PUBLIC_URL));
    assert_eq!(node["offers"]["tracker"], "ws://node.example/announce");
    assert_eq!(server.get("/api/v1/openapi.json").await.body, OPENAPI);
    let health = server.get("/healthz").await;
    assert_eq!((health.status, health.json()), (StatusCode::OK, serde_json::json!({"status": "ok"})));
}

#[tokio::test]
async fn metrics_count_by_route_and_never_by_what_was_asked() {
    let server = Server::new();
    let record = server.publish("T", &noise(5000, 2)).await;
    let path = crate::support::audio_path(&record);
    server.get_with(&path, &[("range", "bytes=0-99")]).await;
    server.get_with(&path, &[("range", "bytes=0-199")]).await;
    server.get("/api/v1/tracks/secret-looking-id").await;
    let answer = server.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for line in [
        "osp_http_requests_total{route=\"/api/v1/tracks/{id}/audio\",status=\"206\"} 2",
        "osp_http_requests_total{route=\"/api/v1/tracks/{id}\",status=\"400\"} 1",
        "osp_http_content_bytes_total 300",
        "osp_tracks 1",
        "osp_blob_bytes 5000",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in:\n{text}");
    }
    assert!(!text.contains("secret") && !text.contains("bafk"));
}
