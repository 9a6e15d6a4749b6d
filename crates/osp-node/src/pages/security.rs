//! Headers of every page: what a browser may do with it.

use super::{
    assets::Client,
    language::{Language, VARY},
};
use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue,
        header::{
            self, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};
use maud::{Markup, html};

/// Scripts, styles and connections of this origin only, nothing inline; WebAssembly for the browser's own checks;
/// covers and audio also from memory. No page of ours may be framed but `/fan/frame` and the embeds; a sealed release is unlocked in its
/// own page by framing the former, which may ask other servers: what is around it may not.
pub const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; frame-src 'self'; \
     manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Of `/fan`. A file may be given by its address, and nobody knows beforehand which server that is: `connect-src` names
/// every http(s) address. What is really asked for is what the listener typed, by a worker with a policy of its own; tests
/// hold the page to it. Frames are what saves are started in, without leaving the page.
pub const FAN_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
     style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self' https: http:; \
     frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Of `/fan/frame`: as [`FAN_POLICY`], and any page may frame it, as RFC-001 section 11.3 wants a player. There is no account
/// and nothing stored that a page around it could make a visitor misuse; what is typed into it stays in it.
pub const FAN_FRAME_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
     style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self' https: http:; \
     frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors *";

/// Of `/embed/…`: any page may frame it. The sandbox gives it an origin of its own, so that neither it nor who frames it can
/// reach what this site keeps in the browser; links open in windows that are not sandboxed.
pub const EMBED_POLICY: &str = "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
     script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'none'; base-uri 'none'; \
     frame-ancestors *";

/// Of the worker that reads sealed files: it runs our module, and fetches from the address it was given.
pub const FAN_WORKER_POLICY: &str =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' https: http:";

/// Of the worker that speaks with trackers and mirrors for a page whose listener agreed to peers. A record names them, so
/// nobody knows beforehand which servers those are; the page itself asks nobody but this origin.
pub const SWARM_WORKER_POLICY: &str = "default-src 'none'; connect-src 'self' https: http: wss: ws:";

/// Of the service workers: they fetch from this origin, and from nobody else.
pub const SERVICE_WORKER_POLICY: &str = "default-src 'none'; connect-src 'self'";

/// The policy of a page that comes without headers, as an element. What only a header can say is left out: who may frame the page
/// is up to the host.
#[must_use]
pub fn in_page(client: Client) -> Markup {
    let policy = match client {
        Client::Site => CONTENT_POLICY,
        Client::Fan => FAN_POLICY,
        Client::Embed => EMBED_POLICY,
    };
    let parts = policy
        .split("; ")
        .filter(|part| !part.starts_with("frame-ancestors") && !part.starts_with("sandbox"));
    html! { meta http-equiv="Content-Security-Policy" content=(parts.collect::<Vec<_>>().join("; ")); }
}

/// Adds the headers; what a handler has set itself stays.
pub async fn page_headers(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        set(headers, CONTENT_LANGUAGE, language.code());
    }
    set(headers, CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, REFERRER_POLICY, "no-referrer");
    // Records come and go (osp publish, osp retract, osp block): every view asks again.
    set(headers, CACHE_CONTROL, "no-cache");
    set(headers, header::VARY, VARY);
    response
}

fn set(headers: &mut HeaderMap, name: axum::http::HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::{FAN_FRAME_POLICY, FAN_POLICY};

    #[test]
    fn the_framed_page_differs_in_who_may_frame_it_and_in_nothing_else() {
        assert_eq!(FAN_FRAME_POLICY.replace("frame-ancestors *", "frame-ancestors 'none'"), FAN_POLICY);
    }
}
