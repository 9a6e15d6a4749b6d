//! Handing in a record of any kind.

use super::{ApiError, AppState, auth::Authorized, body::Incoming, state::BODY_IDLE, tracks::path_of};
use crate::verify;
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use osp_core::record::MAX_RECORD_BYTES;
use osp_store::Put;

/// `POST /api/v1/records`, and by its older name `POST /api/v1/tracks`: any signed record.
///
/// # Errors
/// 401, 403 blocked, 413 over 64 KiB, 422 with the class of the refusal; early and limit for what is sound but not
/// taken (spec section 4.11).
pub(super) async fn post(
    _: Authorized,
    State(state): State<AppState>,
    body: Body,
) -> Result<Response, ApiError> {
    let bytes = Incoming::new(body, BODY_IDLE).collect(MAX_RECORD_BYTES).await?.ok_or_else(|| {
        ApiError::too_large("malformed", format!("a record has at most {MAX_RECORD_BYTES} bytes"))
    })?;
    let record = verify::verify_record(&state.node, &bytes).await?;
    if record.to_bytes().len() > MAX_RECORD_BYTES {
        // Valid, but kept and served in canonical form, which nobody would take from us.
        let message =
            format!("the record has more than {MAX_RECORD_BYTES} bytes in canonical form (RFC 8785)");
        return Err(ApiError::too_large("malformed", message));
    }
    let records = state.node.records();
    if records.is_blocked(&record).await? {
        return Err(ApiError::refused_by_operator());
    }
    let id = record.id();
    let status = match records.put(&[record]).await?.first() {
        Some(Put::Known) => StatusCode::OK,
        Some(Put::Early) => return Err(early()),
        Some(Put::Full) => return Err(full()),
        Some(Put::New) | None => StatusCode::CREATED,
    };
    let body = Json(serde_json::json!({ "id": id.as_str() }));
    Ok((status, [(header::LOCATION, path_of(&id))], body).into_response())
}

fn early() -> ApiError {
    let message = "the record is sound, but dated more than a day ahead of this node's clock";
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "early", message)
        .hint("send it again when its time has come; one of the two clocks may be wrong")
}

fn full() -> ApiError {
    let message = "the record is sound, but this node keeps no more follows by its artist";
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "limit", message)
        .hint("records that change a follow which is here are still taken")
}
