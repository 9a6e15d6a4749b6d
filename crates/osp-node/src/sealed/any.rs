//! A sealed file of any format.

use super::{
    InspectError, SealedFile,
    file::unreadable,
    input::Input,
    release::{ReleaseError, ReleaseFile, open::is_release},
    signing::needs_look_up,
};
use osp_fetch::DidWebError;
use smsg::v3::{header::PREFIX, limits::MAX_JSON};
use std::{
    io::{Read as _, Seek as _},
    path::Path,
};

/// A sealed file whose header was read and understood.
#[derive(Debug)]
pub enum AnyFile {
    /// v1, v2 or v3: nothing in the clear is authenticated.
    Older(Box<SealedFile>),
    /// Version 3.0: the header is the artist's.
    Release(Box<ReleaseFile>),
}

impl AnyFile {
    /// Opens a file, `-` for standard input, and reads its header and no more. `look_up` is called with the beginning of a file
    /// of a `did:web` artist, before its signature is judged ([`super::signing::look_up`]).
    ///
    /// # Errors
    /// [`InspectError`].
    pub fn open(
        path: &Path,
        look_up: &dyn Fn(&[u8]) -> Result<(), DidWebError>,
    ) -> Result<Self, InspectError> {
        let input = Input::open_sealed(path).map_err(|e| unreadable(path, e))?;
        Self::of(path, input, look_up)
    }

    /// [`Self::open`] for what comes from elsewhere, called `name`: it is brought to the disk, into a file without a name.
    ///
    /// # Errors
    /// [`InspectError`].
    pub fn read(
        name: &Path,
        mut from: impl std::io::Read,
        look_up: &dyn Fn(&[u8]) -> Result<(), DidWebError>,
    ) -> Result<Self, InspectError> {
        let input = Input::spool(&mut from).map_err(|e| unreadable(name, e))?;
        Self::of(name, input, look_up)
    }

    pub(super) fn of(
        path: &Path,
        mut input: Input,
        look_up: &dyn Fn(&[u8]) -> Result<(), DidWebError>,
    ) -> Result<Self, InspectError> {
        let fail = |e| unreadable(path, e);
        let mut head = Vec::new();
        input.file.by_ref().take((PREFIX + MAX_JSON) as u64).read_to_end(&mut head).map_err(fail)?;
        input.file.rewind().map_err(fail)?;
        if !is_release(&head) {
            return SealedFile::of(path, input).map(Box::new).map(Self::Older);
        }
        if needs_look_up(&head) {
            look_up(&head).map_err(ReleaseError::from)?;
        }
        Ok(Self::Release(Box::new(ReleaseFile::of(path, input)?)))
    }
}
