//! Not read yet.
use std::io::{Read, Seek};

use super::{Found, Window};

pub(super) fn read<R: Read + Seek>(_: &mut Window<R>, _: u64) -> Found {
    Ok(None)
}
