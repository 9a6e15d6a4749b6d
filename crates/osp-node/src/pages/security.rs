//! Headers of every page: what a browser may do with it.

use axum::{
    http::{
        HeaderMap, HeaderValue,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS},
    },
    response::Response,
};

/// Scripts, styles and connections of this origin only, nothing inline; WebAssembly for the browser's own checks;
/// covers and audio also from memory. No page of ours may be framed.
pub const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the headers; what a handler has set itself stays.
pub async fn page_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    set(headers, CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, REFERRER_POLICY, "no-referrer");
    // Records come and go (osp publish, osp retract, osp block): every view asks again.
    set(headers, CACHE_CONTROL, "no-cache");
    set(headers, VARY, "Accept-Encoding");
    response
}

fn set(headers: &mut HeaderMap, name: axum::http::HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
