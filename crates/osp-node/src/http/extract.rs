//! Path and query extractors whose rejections are errors of this interface.

use super::ApiError;
use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

/// Path parameters, percent-decoded.
pub(super) struct PathParams<T>(pub(super) T);

/// Query parameters. Unknown ones are ignored, one given twice is refused.
pub(super) struct QueryParams<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathParams<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(value) = Path::from_request_parts(parts, state)
            .await
            .map_err(|e| ApiError::usage(format!("the path cannot be read: {}", e.body_text())))?;
        Ok(Self(value))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryParams<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(value) = Query::from_request_parts(parts, state)
            .await
            .map_err(|e| ApiError::usage(format!("the query cannot be read: {}", e.body_text())))?;
        Ok(Self(value))
    }
}
