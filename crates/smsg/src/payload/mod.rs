//! The plaintext inside the boxes.
//!
//! ```text
//! v1          JSON                                    attachments base64 in `content`
//! v2          u32BE jsonLen || JSON || att 1 || att 2 ...                  the whole compressed
//! v3          JSON (compressed) in one box; att 1 || att 2 ... in another
//! v3 chunked  JSON || att 1 || att 2 ...               no length before the JSON, cut into chunks
//! ```

pub mod compression;
pub mod json;
pub mod stream;
