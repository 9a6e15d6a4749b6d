//! Writing needs the bearer token of the node's home (RFC 6750).

use super::{ApiError, AppState};
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

/// Proof that a request carried the token; handlers that write ask for one.
#[derive(Clone, Copy, Debug)]
pub struct Authorized(());

impl FromRequestParts<AppState> for Authorized {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let header = parts
            .headers
            .get(header::AUTHORIZATION)
            .ok_or_else(|| ApiError::unauthorized("writing needs the node's token"))?;
        let given = bearer(header.as_bytes()).ok_or_else(|| {
            ApiError::unauthorized("the Authorization header is not of the form «Bearer TOKEN»")
        })?;
        if same(given, state.token.as_bytes()) {
            Ok(Self(()))
        } else {
            Err(ApiError::unauthorized("that is not this node's token"))
        }
    }
}

/// The token in `Bearer TOKEN`; the scheme's case does not matter (RFC 9110 section 11.1).
fn bearer(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked(7)?;
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then(|| token.trim_ascii())
}

/// Whether two secrets are equal, in a time that tells nothing but their lengths: every byte is looked at, and
/// `black_box` keeps the compiler from leaving the loop early. An empty token opens nothing.
fn same(given: &[u8], token: &[u8]) -> bool {
    if given.len() != token.len() || token.is_empty() {
        return false;
    }
    let difference = given.iter().zip(token).fold(0u8, |sum, (a, b)| std::hint::black_box(sum | (a ^ b)));
    std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_after_bearer_counts() {
        assert_eq!(bearer(b"Bearer abc"), Some(&b"abc"[..]));
        assert_eq!(bearer(b"bEARER abc "), Some(&b"abc"[..]));
        for bad in [&b""[..], b"Bearer", b"Bearer ", b"Basic abc", b"abc", b"Bearerabc"] {
            assert_eq!(bearer(bad), None, "{}", String::from_utf8_lossy(bad));
        }
        assert!(same(b"abc", b"abc"));
        for bad in [&b""[..], b"ab", b"abd", b"abcd", b"xbc"] {
            assert!(!same(bad, b"abc"), "{}", String::from_utf8_lossy(bad));
        }
        assert!(!same(b"", b""));
    }
}
