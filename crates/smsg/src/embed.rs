//! A sealed file inside a page or an API's answer (RFC-001 section 11.3).
//!
//! ```text
//! <div data-smsg="U01TRwI..."></div>                       base64 in a data attribute
//! {"type":"smsg","encoding":"base64","content":"U01TRwI..."}   a JSON wrapper; `content` is what counts
//! <iframe src="https://.../embed/ID" width="400" height="200"></iframe>
//! ```

/// Not something a sealed file can be taken out of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// No `data-smsg` attribute, no `content` member.
    #[error("there is no sealed file in it")]
    Nothing,
    /// There is one, and its base64 is damaged.
    #[error(transparent)]
    Text(#[from] crate::ContainerError),
}

/// An element that carries the file.
#[must_use]
pub fn to_html(file: &[u8]) -> String {
    todo!("{file:?}")
}

/// A JSON wrapper.
#[must_use]
pub fn to_json(file: &[u8]) -> Vec<u8> {
    todo!("{file:?}")
}

/// The file out of HTML with a `data-smsg` attribute, out of a JSON wrapper, or out of plain base64 or binary.
///
/// # Errors
/// [`EmbedError`].
pub fn extract(bytes: &[u8]) -> Result<Vec<u8>, EmbedError> {
    todo!("{bytes:?}")
}
