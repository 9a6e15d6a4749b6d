//! From JSON to a header that is understood, or a refusal.
use super::Header;
use crate::error::ContainerError;

pub(super) fn parse(json: &[u8]) -> Result<Header, ContainerError> {
    todo!("{json:?}")
}
