//! The trustless gateway: raw blocks, files, headers, and what is refused.

use crate::support::{Server, noise, track};
use axum::http::StatusCode;
use osp_core::{
    content::{dag_pb_cid, digest_of, raw_cid, sha256},
    context,
    unixfs::Profile,
};
use osp_store::Block;

#[tokio::test]
async fn raw_blocks_hash_to_their_cid() {
    let server = Server::new();
    let bytes = noise(2_500_000, 1);
    let roots = server.store(&bytes, &[Profile::V0_2015]).await;
    for root in &roots {
        let layout = server.node.blobs().layout(root).await.unwrap().unwrap();
        let all =
            layout.nodes.iter().map(|n| n.cid).chain(layout.leaves.iter().map(|l| l.cid())).chain([*root]);
        for cid in all {
            for (path, headers) in [
                (format!("/ipfs/{cid}?format=raw"), vec![]),
                (format!("/ipfs/{cid}"), vec![("accept", "application/vnd.ipld.raw")]),
            ] {
                let answer = server.get_with(&path, &headers).await;
                assert_eq!(answer.status, StatusCode::OK, "{path}");
                assert_eq!(sha256(&answer.body), digest_of(&cid).unwrap());
                assert_eq!(answer.header("content-type"), "application/vnd.ipld.raw");
            }
        }
    }
    let path = format!("/ipfs/{}?format=raw", roots[0]);
    let (get, head) = (server.get(&path).await, server.head(&path).await);
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn raw_headers() {
    let server = Server::new();
    let cid = server.store(b"hello", &[]).await[0];
    let answer = server.get(&format!("/ipfs/{cid}?format=raw")).await;
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{cid}.bin\""));
    assert_eq!(answer.header("etag"), format!("\"{cid}.raw\""));
    assert_eq!(answer.header("x-ipfs-path"), format!("/ipfs/{cid}"));
    assert_eq!(answer.header("x-ipfs-roots"), cid.to_string());
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-location"), "");
    let max_age: u64 = answer
        .header("cache-control")
        .split("max-age=")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(max_age >= 29_030_400 && answer.header("cache-control").ends_with("immutable"));
    let chosen =
        server.get_with(&format!("/ipfs/{cid}?x=1"), &[("accept", "application/vnd.ipld.raw")]).await;
    assert_eq!(chosen.header("content-location"), format!("/ipfs/{cid}?x=1&format=raw"));
    assert!(chosen.header("vary").to_ascii_lowercase().contains("accept"));
    let etag = answer.header("etag");
    let again = server.get_with(&format!("/ipfs/{cid}?format=raw"), &[("if-none-match", etag)]).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    // The file has another ETag than its block.
    let file = server.get_with(&format!("/ipfs/{cid}"), &[("if-none-match", etag)]).await;
    assert_eq!(file.status, StatusCode::OK);
}

#[tokio::test]
async fn files_come_in_ranges_under_any_form_of_their_cid() {
    let server = Server::new();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(noise(1_500_000, 2));
    let roots = server.store(&bytes, &[Profile::V0_2015]).await;
    let v0_as_v1 = dag_pb_cid(digest_of(&roots[1]).unwrap());
    let hex: String = roots[0].to_bytes().iter().map(|b| format!("{b:02x}")).collect();
    let base16 = format!("f{hex}");
    for name in [roots[0].to_string(), roots[1].to_string(), v0_as_v1.to_string(), base16] {
        for slash in ["", "/"] {
            let answer = server.get_with(&format!("/ipfs/{name}{slash}"), &[("range", "bytes=1-7")]).await;
            assert_eq!(
                (answer.status, &answer.body[..]),
                (StatusCode::PARTIAL_CONTENT, &bytes[1..8]),
                "{name}"
            );
            assert_eq!(answer.header("etag"), format!("\"{name}\""));
            assert_eq!(answer.header("content-type"), "image/png");
            assert_eq!(answer.header("content-disposition"), format!("inline; filename=\"{name}.png\""));
            assert_eq!(answer.header("x-ipfs-roots"), name);
        }
    }
    let named = server.get(&format!("/ipfs/{}?filename=a%2F..%22b.png&download=true", roots[0])).await;
    assert_eq!(named.header("content-disposition"), "attachment; filename=\"a_.._b.png\"");
}

#[tokio::test]
async fn a_leaf_is_a_file_of_its_own_and_an_inner_block_is_not() {
    let server = Server::new();
    let bytes = noise(1_200_000, 3);
    let roots = server.store(&bytes, &[Profile::V0_2015]).await;
    let leaf = raw_cid(sha256(&bytes[1 << 20..]));
    let answer = server.get(&format!("/ipfs/{leaf}")).await;
    assert!(answer.body == bytes[1 << 20..]);
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    let layout = server.node.blobs().layout(&roots[1]).await.unwrap().unwrap();
    let wrapped = layout.leaves[1].cid();
    assert_eq!(server.get(&format!("/ipfs/{wrapped}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_not_here_not_readable_or_not_offered() {
    let server = Server::new();
    let cid = server.store(b"hello", &[]).await[0];
    let absent = raw_cid(sha256(b"absent"));
    let blake3 = "bafkr4ifq5g2ytkc7rkbxqn3pcxe2nn6brpm2wphcnaf3h5v54t3c6ezxl4";
    let cases = [
        (format!("/ipfs/{absent}"), "*/*", StatusCode::NOT_FOUND),
        (format!("/ipfs/{absent}?format=raw"), "*/*", StatusCode::NOT_FOUND),
        (format!("/ipfs/{absent}?format=car"), "*/*", StatusCode::NOT_FOUND),
        (format!("/ipfs/{blake3}?format=raw"), "*/*", StatusCode::NOT_FOUND),
        (format!("/ipfs/{cid}/below"), "*/*", StatusCode::NOT_FOUND),
        (format!("/ipfs/{cid}?format=dag-json"), "*/*", StatusCode::NOT_ACCEPTABLE),
        (format!("/ipfs/{cid}?format=tar"), "*/*", StatusCode::NOT_ACCEPTABLE),
        (format!("/ipfs/{cid}"), "application/vnd.ipfs.ipns-record", StatusCode::NOT_ACCEPTABLE),
        (format!("/ipfs/{cid}?format=car&car-version=2"), "*/*", StatusCode::NOT_ACCEPTABLE),
        (format!("/ipfs/{cid}?format=car&dag-scope=some"), "*/*", StatusCode::BAD_REQUEST),
        (format!("/ipfs/{cid}?format=car&entity-bytes=5:1"), "*/*", StatusCode::BAD_REQUEST),
        ("/ipfs/QmNotACid".to_owned(), "*/*", StatusCode::BAD_REQUEST),
        (format!("/ipfs/{}", "b".repeat(5000)), "*/*", StatusCode::BAD_REQUEST),
        (format!("/ipfs/{cid}?format=raw&format=car"), "*/*", StatusCode::BAD_REQUEST),
    ];
    for (path, accept, status) in cases {
        let answer = server.get_with(&path, &[("accept", accept)]).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(!answer.class().is_empty());
    }
    let cached =
        server.get_with(&format!("/ipfs/{absent}?format=raw"), &[("cache-control", "only-if-cached")]).await;
    assert_eq!(cached.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn the_probe_and_the_context_document_are_on_every_node() {
    let server = Server::new();
    for path in ["/ipfs/bafkqaaa?format=raw", "/ipfs/bafkqaaa"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
        assert_eq!(server.head(path).await.status, StatusCode::OK);
    }
    let cid = context::uri().strip_prefix("ipfs://").unwrap().to_owned();
    for query in ["", "?format=raw"] {
        let answer = server.get(&format!("/ipfs/{cid}{query}")).await;
        assert_eq!(answer.body, context::DOCUMENT);
    }
    let file = server.get(&format!("/ipfs/{cid}")).await;
    assert_eq!(file.header("content-type"), "application/ld+json");
}

#[tokio::test]
async fn blocked_content_is_gone_in_every_form_and_shared_blocks_stay() {
    let server = Server::new();
    // Two files whose first MiB is the same block.
    let (common, tail_a, tail_b) = (noise(1 << 20, 4), noise(300_000, 5), noise(300_000, 6));
    let (a, b) = ([&common[..], &tail_a].concat(), [&common[..], &tail_b].concat());
    let (root_a, root_b) = (server.store(&a, &[Profile::V0_2015]).await, server.store(&b, &[]).await);
    for roots in [&root_a, &root_b] {
        server.post(track("T", &roots[0], &[]).to_bytes()).await;
    }
    let leaf = raw_cid(sha256(&tail_a));
    let shared = raw_cid(sha256(&common));
    let of_a = [
        format!("/ipfs/{}", root_a[0]),
        format!("/ipfs/{}", root_a[1]),
        format!("/ipfs/{}?format=car", root_a[1]),
        format!("/ipfs/{}?format=raw", root_a[0]),
        format!("/ipfs/{leaf}?format=raw"),
        format!("/ipfs/{leaf}?format=car"),
        format!("/ipfs/{leaf}"),
    ];
    for path in &of_a {
        assert_eq!(server.get(path).await.status, StatusCode::OK, "{path}");
    }
    server.node.records().block(&Block::Content(root_a[1]), None).await.unwrap();
    for path in &of_a {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.class()), (StatusCode::GONE, "blocked".into()), "{path}");
    }
    for path in [format!("/ipfs/{shared}?format=raw"), format!("/ipfs/{}?format=car", root_b[0])] {
        assert_eq!(server.get(&path).await.status, StatusCode::OK, "{path}");
    }
    // Blocked by its own name it is gone, whoever shares it.
    server.node.records().block(&Block::Content(shared), None).await.unwrap();
    assert_eq!(server.get(&format!("/ipfs/{shared}?format=raw")).await.status, StatusCode::GONE);
}
