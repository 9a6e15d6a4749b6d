//! Addresses in a manifest are a stranger's text. Here it is decided what they may be, before anything is fetched.

use crate::limits::MAX_VARIANT_URL;

/// What a variant's address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariantUrl<'u> {
    /// A plain path below the manifest's own folder: no `.` or `..`, no percent escapes, no query, no colon. Means the same to a
    /// browser and to a file system, and cannot lead out of the folder.
    Below(&'u str),
    /// Another relative reference (RFC 3986 section 4.2) on the manifest's own host: for the web, not for files.
    Relative(&'u str),
    /// `http:` or `https:` with a host, and without user name.
    Absolute(&'u str),
}

/// An address that is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// Nothing there.
    #[error("there is no address")]
    Empty,
    /// Longer than [`MAX_VARIANT_URL`] bytes.
    #[error("the address is longer than {MAX_VARIANT_URL} bytes")]
    TooLong,
    /// Control characters (which URL parsers drop, so that they hide a scheme), a backslash, or white space at an end.
    #[error("the address has characters that no address has")]
    Characters,
    /// A scheme other than `http` and `https`: `javascript:`, `data:`, `file:` and the like, also the drive of a Windows path.
    #[error("the address is neither relative nor http nor https")]
    Scheme,
    /// `//host/...`, an empty host, or a user name in it.
    #[error("the address names its host in a way that is not followed")]
    Authority,
}

/// Judges the address of a variant, or of a player in a frame: relative, or `http` or `https`; nothing else is followed.
///
/// # Errors
/// [`BadUrl`].
pub fn judge_url(url: &str) -> Result<VariantUrl<'_>, BadUrl> {
    if url.is_empty() {
        return Err(BadUrl::Empty);
    }
    if url.len() > MAX_VARIANT_URL {
        return Err(BadUrl::TooLong);
    }
    if url.contains(|c: char| c.is_control() || c == '\\') || url.trim() != url {
        return Err(BadUrl::Characters);
    }
    // A colon before any of `/?#` ends a scheme; a relative reference cannot have one there.
    let first = url.find([':', '/', '?', '#']);
    if let Some(colon) = first.filter(|at| url[*at..].starts_with(':')) {
        let scheme = &url[..colon];
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(BadUrl::Scheme);
        }
        let rest = url[colon + 1..].strip_prefix("//").ok_or(BadUrl::Authority)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() || host.starts_with(':') || host.contains(|c: char| c == '@' || c.is_whitespace())
        {
            return Err(BadUrl::Authority);
        }
        return Ok(VariantUrl::Absolute(url));
    }
    if url.starts_with("//") {
        return Err(BadUrl::Authority);
    }
    let plain = !url.contains([':', '?', '#', '%']);
    let inside = url.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
    Ok(if plain && inside { VariantUrl::Below(url) } else { VariantUrl::Relative(url) })
}
