//! A sealed file inside a page or an API's answer (RFC-001 section 11.3).
//!
//! ```text
//! <div data-smsg="U01TRwI..."></div>                       base64 in a data attribute
//! {"type":"smsg","encoding":"base64","content":"U01TRwI..."}   a JSON wrapper; `content` is what counts
//! <iframe src="https://.../embed/ID" width="400" height="200"></iframe>
//! ```

mod html;
mod wrapper;

use crate::{
    abr::{BadUrl, judge_url},
    container, text,
};
use std::borrow::Cow;

/// Not something a sealed file can be taken out of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// No `data-smsg` attribute, no `content` member.
    #[error("there is no sealed file in it; look for a data-smsg attribute, or for a member named content")]
    Nothing,
    /// There is one, and its base64 is damaged.
    #[error(transparent)]
    Text(#[from] crate::ContainerError),
}

/// An element that carries the file.
#[must_use]
pub fn to_html(file: &[u8]) -> String {
    format!("<div data-smsg=\"{}\"></div>", text::encode(file))
}

/// A JSON wrapper.
#[must_use]
pub fn to_json(file: &[u8]) -> Vec<u8> {
    wrapper::write(file)
}

/// A frame that shows a player's page at its own address, in the size RFC-001 gives it. `url` is escaped for an attribute, and
/// judged: a frame of `javascript:` would run in the page around it.
///
/// # Errors
/// [`BadUrl`]: neither relative, nor `http` nor `https`.
pub fn to_iframe(url: &str) -> Result<String, BadUrl> {
    judge_url(url)?;
    let url = url.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    Ok(format!("<iframe src=\"{url}\" width=\"400\" height=\"200\"></iframe>"))
}

/// The file out of HTML with a `data-smsg` attribute, out of a JSON wrapper, or out of plain base64 or binary. The first
/// sealed file counts. White space around and inside the base64 is taken out, as people's editors put it there.
///
/// # Errors
/// [`EmbedError`].
pub fn extract(bytes: &[u8]) -> Result<Vec<u8>, EmbedError> {
    if bytes.starts_with(&container::MAGIC) {
        return Ok(bytes.to_vec());
    }
    let trimmed = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    let found: Cow<'_, [u8]> = if is_sealed_text(trimmed) {
        trimmed.into()
    } else if trimmed.starts_with(b"{") {
        wrapper::find(trimmed).map(|content| content.into_bytes().into()).ok_or(EmbedError::Nothing)?
    } else {
        html::attributes(trimmed, is_sealed_text)
            .find(|value| is_sealed_text(value))
            .ok_or(EmbedError::Nothing)?
            .into()
    };
    let kept: Vec<u8> = found.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    Ok(text::decode_bytes(&kept)?)
}

/// Whether this begins like base64 of a sealed file.
fn is_sealed_text(value: &[u8]) -> bool {
    text::detect(value.trim_ascii_start()) == text::Encoding::Base64
}
