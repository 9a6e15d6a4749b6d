//! Content paths: `/ipfs/{cid}[/{path}]`.

use crate::http::ApiError;
use osp_core::{Cid, content::parse_cid};

/// What a content path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ContentPath {
    /// The root.
    pub(super) cid: Cid,
    /// The root as the client wrote it, for the headers that repeat it.
    pub(super) written: String,
}

/// Reads a content path. The node stores files, no directories, so a CID is all that can lead anywhere; a slash at
/// the end is harmless.
///
/// # Errors
/// 400 for what is no CID; 404 for a path below a file.
pub(super) fn parse(cid: &str, rest: &str) -> Result<ContentPath, ApiError> {
    let parsed = parse_cid(cid)
        .map_err(|e| ApiError::usage(e.to_string()).hint("the form is /ipfs/CID, with any multibase"))?;
    if rest.split('/').any(|segment| !segment.is_empty()) {
        return Err(ApiError::not_found(format!("{cid} is a file here: nothing lies below it")));
    }
    Ok(ContentPath { cid: parsed, written: cid.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    #[test]
    fn a_path_below_a_file_leads_nowhere() {
        let cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
        assert_eq!(parse(cid, "").map(|p| p.written).ok().as_deref(), Some(cid));
        assert!(parse(cid, "/").is_ok());
        let status = |cid, rest| parse(cid, rest).err().map(|e| e.status());
        assert_eq!(status(cid, "a/b"), Some(StatusCode::NOT_FOUND));
        assert_eq!(status("nonsense", ""), Some(StatusCode::BAD_REQUEST));
        assert_eq!(status("", ""), Some(StatusCode::BAD_REQUEST));
    }
}
