//! The sealed box: what every encrypted part of every format is.
//!
//! ```text
//! box(k, pt) = nonce 24 || XChaCha20-Poly1305(k, nonce, pt XOR ks) || tag 16        no associated data; 40 bytes longer than pt
//! ks         = SHA-256(nonce || u64BE 0) || SHA-256(nonce || u64BE 1) || ...        32 bytes each
//! ```
//!
//! The key stream `ks` hides nothing (its nonce is public) and costs more time than the cipher; it is part of the format, so
//! [`keystream`] makes it fast. XChaCha20-Poly1305 is draft-irtf-cfrg-xchacha-03.

mod aead;
mod cipher;
pub(crate) mod ietf;
pub mod key;
pub mod keystream;
mod mac;
pub mod sealed_box;
mod simd;
#[cfg(test)]
mod tests;
pub mod two_pass;

pub use key::{Cek, Key, Nonce, PasswordKey, StreamKey};
