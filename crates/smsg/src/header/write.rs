//! From a header to the JSON that the original would write.
use super::Header;

pub(super) fn write(header: &Header) -> Vec<u8> {
    todo!("{header:?}")
}
