//! From what a listener was given to the key that opens.
//!
//! ```text
//! v1, v2   key        = SHA-256(password)
//! v3       streamKey  = SHA-256(lower-case hex of LTHN(period ":" license ":" fingerprint))
//!          wrapped    = base64(box(streamKey, cek))              for this period and the next
//!          LTHN(s)    = SHA-256(s || salt(s))                    salt: s reversed, o<->0 l<->1 e<->3 a<->4 t<->7, s->z
//! ```

pub mod licence_key;
pub mod lthn;
pub mod period;
pub mod wrap;

pub use period::{Cadence, Period};

use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

/// What opens a v3 file. Never printed, and wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Licence {
    /// The licence id, as given by whoever sold it.
    pub id: String,
    /// The device or buyer it is bound to; may be empty.
    pub fingerprint: String,
}

impl Drop for Licence {
    fn drop(&mut self) {
        self.id.zeroize();
        self.fingerprint.zeroize();
    }
}

impl std::fmt::Debug for Licence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Licence(..)")
    }
}

/// What a listener has in hands.
#[derive(Clone, Debug)]
pub enum Credential {
    /// v1, v2: a licence key.
    Password(Password),
    /// v3: a licence, and the moment that decides which period counts.
    Licence {
        /// Which.
        licence: Licence,
        /// Now.
        at: crate::UnixTime,
        /// Used when the header names none.
        cadence: Option<Cadence>,
    },
    /// v3: the content key itself.
    Cek(crate::crypto::Cek),
}

/// A licence key as typed, or a part of one. Never printed, wiped when dropped, compared in constant time (for texts of one
/// length).
#[derive(Clone)]
pub struct Password(zeroize::Zeroizing<String>);

impl Password {
    /// Takes the text as it is: no trimming, no normalisation, as the format wants it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(zeroize::Zeroizing::new(text.into()))
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Password {}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}
