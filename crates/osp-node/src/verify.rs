//! One record, and optionally the file it names, judged.

use crate::{Node, publish::hashing};
use osp_core::{
    content::same_block,
    did::Did,
    record::{Record, Refusal, RefusalClass, Verified},
};
use osp_fetch::{DidWebError, DidWebResolver};
use std::path::Path;

/// What `osp verify` says of a record (`spec/schemas/verify-result.json`).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Judgement {
    /// Whether everything that was asked for holds.
    pub valid: bool,
    /// The record's id, when it could be read at all.
    pub id: Option<String>,
    /// `malformed`, `signature`, `id`, `proof` or `content`.
    pub error: Option<&'static str>,
    /// One sentence for a person.
    pub message: String,
}

/// Why a record was not verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It was judged and refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be judged: the document of its `did:web` artist cannot be fetched now. Try again later.
    #[error("the signature cannot be checked without the artist's document: {0}")]
    Unreachable(DidWebError),
}

/// Why a record, or a file beside it, could not be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JudgeError {
    /// The file.
    #[error("cannot read {path}: {source}")]
    Content {
        /// Which.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The artist's document; see [`VerifyError::Unreachable`].
    #[error("the signature cannot be checked without the artist's document: {0}")]
    Unreachable(DidWebError),
}

/// Verifies a record of any artist; a `did:web` artist's document is fetched (and cached) by the guarded fetcher.
///
/// # Errors
/// [`VerifyError`]; a document that is there and of no use is a refusal of class signature.
pub async fn verify_record(node: &Node, bytes: &[u8]) -> Result<Verified<Record>, VerifyError> {
    verify_with(node.did_web(), bytes).await
}

async fn verify_with(did_web: &DidWebResolver, bytes: &[u8]) -> Result<Verified<Record>, VerifyError> {
    let record = Record::parse(bytes)?;
    let Did::Web(artist) = record.artist() else { return Ok(record.verify()?) };
    match did_web.keys(&artist).await {
        Ok(keys) => Ok(record.verify_with_keys(&keys)?),
        Err(e @ DidWebError::Unreachable { .. }) => Err(VerifyError::Unreachable(e)),
        Err(e) => Err(Refusal {
            class: RefusalClass::Signature,
            message: format!("the artist's document has no key for this signature: {e}"),
        }
        .into()),
    }
}

/// Judges a record and, where `content` is given, whether that file is the record's audio. Needs no home: anybody
/// can verify, without leaving a trace.
///
/// # Errors
/// [`JudgeError`] when the file or the artist's document cannot be read; everything else is part of the judgement.
pub async fn judge(
    did_web: &DidWebResolver,
    bytes: &[u8],
    content: Option<&Path>,
) -> Result<Judgement, JudgeError> {
    let record = match verify_with(did_web, bytes).await {
        Ok(record) => record,
        Err(VerifyError::Unreachable(e)) => return Err(JudgeError::Unreachable(e)),
        Err(VerifyError::Refused(refusal)) => {
            let id = Record::parse(bytes).ok().map(|r| r.id().as_str().to_owned());
            return Ok(Judgement {
                valid: false,
                id,
                error: Some(refusal.class.as_str()),
                message: refusal.message,
            });
        }
    };
    let id = Some(record.id().as_str().to_owned());
    let Some(path) = content else {
        let message = format!("signed by {}", record.artist());
        return Ok(Judgement { valid: true, id, error: None, message });
    };
    let Some(track) = record.as_track() else {
        let message = "this record is no track, so it names no content to compare the file with".to_owned();
        return Ok(Judgement { valid: false, id, error: Some("content"), message });
    };
    let wanted = track.content();
    let path_owned = path.to_owned();
    let found = tokio::task::spawn_blocking(move || hashing::cids_like(&path_owned, &wanted))
        .await
        .map_err(std::io::Error::other)
        .and_then(|r| r)
        .map_err(|source| JudgeError::Content { path: path.to_owned(), source })?;
    Ok(if found.iter().any(|cid| same_block(cid, &wanted)) {
        let message = format!("signed by {}, and the file is its content", record.artist());
        Judgement { valid: true, id, error: None, message }
    } else {
        let got = found.first().map_or_else(|| "nothing comparable".to_owned(), ToString::to_string);
        Judgement {
            valid: false,
            id,
            error: Some("content"),
            message: format!("the record is sound, but {} is {got}, not {wanted}", path.display()),
        }
    })
}
