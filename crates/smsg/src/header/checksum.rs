//! The checksum that the container format allows: hexadecimal, of the payload as it is in the file.

/// `checksum` and `checksum_algo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// The algorithm's name as written.
    pub algorithm: String,
    /// Lower-case hexadecimal digest as written.
    pub digest: String,
}

/// Hashes a payload as it goes by.
pub struct ChecksumHasher(());

impl ChecksumHasher {
    /// A hasher for the algorithm a header names.
    ///
    /// # Errors
    /// [`crate::ContainerError::Checksum`] for an algorithm that is not known.
    pub fn new(checksum: &Checksum) -> Result<Self, crate::ContainerError> {
        todo!("{checksum:?}")
    }
    /// The next bytes of the payload.
    pub fn update(&mut self, bytes: &[u8]) {
        todo!("{bytes:?}")
    }
    /// Compares.
    ///
    /// # Errors
    /// [`crate::ContainerError::Checksum`] when it is another.
    pub fn finish(self) -> Result<(), crate::ContainerError> {
        todo!()
    }
}
