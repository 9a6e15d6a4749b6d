//! Redirects, DNS answers, sizes, silences: what the client follows and what it refuses.
#![allow(clippy::unwrap_used)]

mod server;

use bytes::Bytes;
use osp_fetch::{
    Body, FetchError, Fetcher, Limits, MAX_REDIRECTS, Policy, Request, Response, SetupError, StatusCode,
    Target, resolve::Lookup,
};
use server::{Reply, Server, Then};
use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

fn guarded() -> Fetcher {
    Fetcher::new(&Policy::default()).unwrap()
}
fn allowing() -> Fetcher {
    Fetcher::new(&Policy { allow_private: true, extra_ca: None }).unwrap()
}
fn typed(url: &str) -> Target {
    Target::typed(url).unwrap()
}
fn learned(url: &str) -> Target {
    Target::learned(url).unwrap()
}
fn error(result: Result<Response, FetchError>) -> FetchError {
    result.map(|r| r.status()).unwrap_err()
}
const LIMITS: Limits =
    Limits { max_bytes: 100_000, idle: Duration::from_secs(20), total: Duration::from_secs(40) };

/// Answers every name with the same addresses, and counts.
struct Fixed(Vec<IpAddr>, AtomicUsize);
#[async_trait::async_trait]
impl Lookup for Fixed {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Ok(self.0.clone())
    }
}
fn resolving(addresses: &[&str], allow_private: bool) -> (Fetcher, Arc<Fixed>) {
    let lookup = Arc::new(Fixed(addresses.iter().map(|a| a.parse().unwrap()).collect(), AtomicUsize::new(0)));
    let policy = Policy { allow_private, extra_ca: None };
    (Fetcher::with_lookup(&policy, Arc::clone(&lookup) as Arc<dyn Lookup>).unwrap(), lookup)
}

#[tokio::test]
async fn a_typed_private_address_is_fetched_and_a_learned_one_is_not() {
    let server =
        Server::start(|_| Reply::new(200, &[("content-type", "Text/Plain; charset=x")], b"hello")).await;
    let response = guarded().get(typed(&server.url("/a?b=c")), LIMITS).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.media_type().as_deref(), Some("text/plain"));
    assert_eq!(response.content_length(), Some(5));
    assert_eq!(response.bytes().await.unwrap(), "hello");
    assert_eq!(server.seen()[0].path, "/a?b=c");

    let refused = error(guarded().get(learned(&server.url("/")), LIMITS).await);
    assert!(matches!(refused, FetchError::Private { kind: "a loopback address", .. }), "{refused}");
    assert_eq!(server.seen().len(), 1, "the refused request was not sent");
    assert!(allowing().get(learned(&server.url("/")), LIMITS).await.is_ok());
}

#[tokio::test]
async fn a_name_is_judged_by_the_addresses_it_resolves_to() {
    let server = Server::start(|_| Reply::ok(b"inside")).await;
    let url = format!("http://music.example:{}/", server.address.port());
    for addresses in [&["127.0.0.1"][..], &["::ffff:127.0.0.1", "10.0.0.1"]] {
        let (fetcher, _) = resolving(addresses, false);
        let refused = error(fetcher.get(learned(&url), LIMITS).await);
        assert!(matches!(refused, FetchError::Private { .. }), "{refused}");
        assert!(refused.to_string().contains("music.example"), "{refused}");
    }
    assert!(server.seen().is_empty());
    // The same name typed, or with --allow-private, is reached through the same resolver.
    let (fetcher, lookup) = resolving(&["127.0.0.1"], false);
    assert_eq!(fetcher.get(typed(&url), LIMITS).await.unwrap().bytes().await.unwrap(), "inside");
    assert_eq!(
        lookup.1.load(Ordering::SeqCst),
        1,
        "one look-up for one connection: no second answer to differ"
    );
    let (fetcher, _) = resolving(&["127.0.0.1"], true);
    assert!(fetcher.get(learned(&url), LIMITS).await.is_ok());
}

#[tokio::test]
async fn a_connection_to_a_typed_name_does_not_serve_learned_requests() {
    // Were the pool shared, the learned request would ride the open connection past the resolver.
    let server = Server::start(|_| Reply::ok(b"")).await;
    let url = format!("http://rebind.example:{}/", server.address.port());
    let (fetcher, _) = resolving(&["127.0.0.1"], false);
    fetcher.get(typed(&url), LIMITS).await.unwrap().bytes().await.unwrap();
    assert!(matches!(error(fetcher.get(learned(&url), LIMITS).await), FetchError::Private { .. }));
}

#[tokio::test]
async fn redirects_are_learned_unless_they_stay_at_the_typed_origin() {
    let inside = Server::start(|_| Reply::ok(b"inside")).await;
    let elsewhere = inside.url("/secret");
    let server = Server::start(move |seen| match seen.path.as_str() {
        "/start" => Reply::redirect("/next?x=1"),
        "/away" => Reply::redirect(&elsewhere),
        "/metadata" => Reply::redirect("http://169.254.169.254/latest/"),
        "/file" => Reply::redirect("file:///etc/passwd"),
        "/user" => Reply::redirect("http://user:pw@1.1.1.1/"),
        "/nowhere" => Reply::status(302),
        _ => Reply::ok(b"done"),
    })
    .await;
    let get = async |path: &str| guarded().get(typed(&server.url(path)), LIMITS).await;

    let response = get("/start").await.unwrap();
    assert!(response.target().url().as_str().ends_with("/next?x=1"));
    assert_eq!(response.bytes().await.unwrap(), "done");

    for path in ["/away", "/metadata"] {
        let refused = error(get(path).await);
        assert!(matches!(refused, FetchError::Private { .. }), "{path}: {refused}");
    }
    assert!(inside.seen().is_empty());
    for path in ["/file", "/user", "/nowhere"] {
        let refused = error(get(path).await);
        assert!(matches!(refused, FetchError::Redirect { .. }), "{path}: {refused}");
    }
    let followed = allowing().get(typed(&server.url("/away")), LIMITS).await.unwrap();
    assert_eq!(followed.bytes().await.unwrap(), "inside");
}

#[tokio::test]
async fn redirects_end_after_five() {
    let server = Server::start(|seen| {
        let n: usize = seen.path[1..].parse().unwrap();
        if n == 0 { Reply::ok(b"end") } else { Reply::redirect(&format!("/{}", n - 1)) }
    })
    .await;
    let get = async |n: usize| guarded().get(typed(&server.url(&format!("/{n}"))), LIMITS).await;
    assert!(get(MAX_REDIRECTS).await.is_ok());
    assert!(matches!(error(get(MAX_REDIRECTS + 1).await), FetchError::Redirect { .. }));
}

#[tokio::test]
async fn tokens_go_to_the_first_origin_only_and_bodies_are_not_sent_on() {
    let other = Server::start(|_| Reply::ok(b"")).await;
    let away = other.url("/b");
    let server = Server::start(move |seen| match seen.path.as_str() {
        "/same" => Reply::redirect("/end"),
        "/away" => Reply::redirect(&away),
        _ => Reply::ok(b""),
    })
    .await;
    let fetcher = allowing();
    for path in ["/same", "/away"] {
        let request = Request::get(typed(&server.url(path)), LIMITS).bearer(" secret\n");
        fetcher.send(request).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|s| s.header("authorization") == Some("Bearer secret")));
    assert_eq!(other.seen()[0].header("authorization"), None);

    let upload = Request::put(typed(&server.url("/away")), Body::Bytes(Bytes::from_static(b"x")));
    assert!(matches!(error(fetcher.send(upload).await), FetchError::Redirect { .. }));
    assert_eq!(other.seen().len(), 1);
}

#[tokio::test]
async fn uploads_ranges_and_heads_arrive_as_asked() {
    let server = Server::start(|seen| match seen.method.as_str() {
        "HEAD" => Reply::new(200, &[], b""),
        _ => Reply::new(201, &[], b"made"),
    })
    .await;
    let fetcher = guarded();
    let parts: Vec<io::Result<Bytes>> = vec![Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"cde"))];
    let body = Body::stream(futures_util::stream::iter(parts), 5);
    let response = fetcher.send(Request::put(typed(&server.url("/u")), body).bearer("t")).await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.bytes().await.unwrap(), "made");
    let post = Request::post(typed(&server.url("/p")), Body::Bytes(Bytes::from_static(b"{}")));
    fetcher.send(post.content_type("application/json")).await.unwrap();
    fetcher.send(Request::head(typed(&server.url("/h")))).await.unwrap();
    for last in [None, Some(9)] {
        fetcher.send(Request::get(typed(&server.url("/r")), LIMITS).range(3, last)).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!((seen[0].body.as_slice(), seen[0].header("content-length")), (&b"abcde"[..], Some("5")));
    assert_eq!(
        (seen[1].body.as_slice(), seen[1].header("content-type")),
        (&b"{}"[..], Some("application/json"))
    );
    assert_eq!(seen[2].method, "HEAD");
    assert_eq!(seen[3].header("range"), Some("bytes=3-"));
    assert_eq!(seen[4].header("range"), Some("bytes=3-9"));
    assert!(seen[0].header("user-agent").unwrap().starts_with("osp/"));
}

#[tokio::test]
async fn bodies_end_at_the_size_limit_whatever_they_announce() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/exact" => Reply::ok(&[7; 100_000]),
        "/announced" => Reply::ok(&[7; 100_001]),
        _ => Reply::unbounded(&[], b"", Then::Endless),
    })
    .await;
    let get = async |path: &str| guarded().get(typed(&server.url(path)), LIMITS).await;
    assert_eq!(get("/exact").await.unwrap().bytes().await.unwrap().len(), 100_000);
    assert!(matches!(error(get("/announced").await), FetchError::TooBig { limit: 100_000, .. }));
    let endless = get("/endless").await.unwrap().bytes().await;
    assert!(matches!(endless, Err(FetchError::TooBig { limit: 100_000, .. })));
}

#[tokio::test]
async fn silence_and_breaks_are_told_apart() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/mute" => Reply::silence(),
        "/stuck" => Reply::unbounded(&[], b"some", Then::Hang),
        "/drip" => Reply::unbounded(&[], b"some", Then::Endless),
        "/short" => {
            Reply { bytes: b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nshort".to_vec(), then: Then::Close }
        }
        _ => Reply { bytes: b"SSH-2.0-x\r\n".to_vec(), then: Then::Close },
    })
    .await;
    let limits =
        Limits { max_bytes: u64::MAX, idle: Duration::from_millis(150), total: Duration::from_secs(60) };
    let get = async |path: &str, limits| guarded().get(typed(&server.url(path)), limits).await;

    let mute = error(get("/mute", limits).await);
    assert!(matches!(mute, FetchError::Timeout { what: "gave no answer", .. }), "{mute}");
    let stuck = get("/stuck", limits).await.unwrap().bytes().await.unwrap_err();
    assert!(matches!(stuck, FetchError::Timeout { what: "sent nothing", .. }), "{stuck}");
    let hasty = Limits { total: Duration::from_millis(200), idle: Duration::from_secs(60), ..limits };
    let drip = get("/drip", hasty).await.unwrap().bytes().await.unwrap_err();
    assert!(matches!(drip, FetchError::Timeout { what: "was not done", .. }), "{drip}");

    let short = get("/short", LIMITS).await.unwrap().bytes().await.unwrap_err();
    assert!(matches!(short, FetchError::Broken { .. }), "{short}");
    let no_http = error(get("/no-http", LIMITS).await);
    assert!(matches!(no_http, FetchError::Broken { .. }), "{no_http}");
}

#[tokio::test]
async fn nothing_listening_cannot_be_reached() {
    let address = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let refused = error(guarded().get(typed(&format!("http://{address}/?token=1")), LIMITS).await);
    assert!(matches!(refused, FetchError::Connect { .. }), "{refused}");
    assert!(!refused.to_string().contains("token"), "{refused}");
    let (fetcher, _) = resolving(&[], false);
    let no_name = error(fetcher.get(typed("http://nobody.example/"), LIMITS).await);
    assert!(matches!(no_name, FetchError::Connect { .. }), "{no_name}");
}

#[test]
fn a_bad_file_of_authorities_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    for content in [None, Some(""), Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")] {
        if let Some(text) = content {
            std::fs::write(&path, text).unwrap();
        }
        let policy = Policy { allow_private: false, extra_ca: Some(path.clone()) };
        let error = Fetcher::new(&policy).err().unwrap();
        assert!(matches!(error, SetupError::ExtraCa { .. }), "{content:?}");
        assert!(error.to_string().contains("ca.pem"), "{error}");
    }
}
