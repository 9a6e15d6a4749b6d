//! Conditional requests by ETag (RFC 9110 section 13). Everything served by CID has a strong ETag and no date.

use axum::http::{HeaderMap, HeaderValue, header};

/// The strong ETag of something that `name` (a CID, perhaps with a suffix) identifies.
pub(super) fn etag(name: &str) -> HeaderValue {
    // A CID is ASCII letters and digits in every multibase OSP reads; anything else gets no validator worth trusting.
    HeaderValue::from_str(&format!("\"{name}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether `If-None-Match` names what the client would get: answer 304. Weak comparison, `*` matches.
pub(super) fn not_modified(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let ours = etag.as_bytes();
    headers.get_all(header::IF_NONE_MATCH).iter().any(|line| {
        line.as_bytes()
            .split(|b| *b == b',')
            .map(<[u8]>::trim_ascii)
            .any(|given| given == b"*" || given.strip_prefix(b"W/").unwrap_or(given) == ours)
    })
}

/// Whether `Range` counts: there is no `If-Range`, or it is this very ETag. Strong comparison; a date never
/// matches, because nothing here has one.
pub(super) fn range_applies(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    headers.get(header::IF_RANGE).is_none_or(|given| given.as_bytes().trim_ascii() == etag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn if_none_match_takes_lists_weak_tags_and_a_star() {
        let ours = etag("bafk");
        for value in ["\"bafk\"", "W/\"bafk\"", "\"x\", \"bafk\"", "*", " \"bafk\" "] {
            assert!(not_modified(&with(header::IF_NONE_MATCH, value), &ours), "{value}");
        }
        for value in ["\"bafk.raw\"", "bafk", "", "\"\""] {
            assert!(!not_modified(&with(header::IF_NONE_MATCH, value), &ours), "{value}");
        }
    }

    #[test]
    fn if_range_is_strong_and_dates_never_match() {
        let ours = etag("bafk");
        assert!(range_applies(&HeaderMap::new(), &ours));
        assert!(range_applies(&with(header::IF_RANGE, "\"bafk\""), &ours));
        for value in ["W/\"bafk\"", "\"other\"", "Wed, 21 Oct 2026 07:28:00 GMT", "*"] {
            assert!(!range_applies(&with(header::IF_RANGE, value), &ours), "{value}");
        }
    }
}
