//! What listeners have in hands: licence keys, and what becomes of them.
//!
//! ```text
//! PRK  = HKDF-Extract(salt = H, ikm)                       ikm: the key's text in lower case, or a passphrase's hash
//! id   = HKDF-Expand(PRK, "smsg3 id", 32)                  finds the entry or the licence; public
//! wrap = HKDF-Expand(PRK, "smsg3 wrap" || salt, 32)        salt: random in each table and licence, so wrap never repeats
//! ```
//!
//! The texts are those of [`crate::keys::licence_key`], of which a typing error is found offline and its group named. The ikm of
//! a code is its Bech32m string, `mgh1...`; of words and UUIDs the form in which they are written.

use super::{FileId, kdf};
use crate::{
    crypto::Key,
    keys::{
        Password,
        licence_key::{self, Checked, Style, Typo},
    },
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// A whole licence key. Never printed, wiped when dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceKey {
    shown: Password,
    input: Password,
}

/// Not a licence key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// A key with a mistake in it.
    #[error(transparent)]
    Typo(#[from] Typo),
    /// None of the forms that keys have. It may be a passphrase.
    #[error("this is not a licence key; type it as you were given it (a passphrase is asked for apart)")]
    NotAKey,
}

impl KeyTextError {
    /// A short stable word for programs.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::Typo(_) => "typing_error",
            Self::NotAKey => "not_a_key",
        }
    }
}

impl LicenceKey {
    /// Reads what was typed; case, white space and hyphens do not matter. Nothing is ever corrected.
    ///
    /// # Errors
    /// [`KeyTextError`], which names the place of the mistake where the checksum tells.
    pub fn parse(typed: &str) -> Result<Self, KeyTextError> {
        match licence_key::check(typed) {
            Checked::Good { style, canonical } => Ok(Self::of(style, canonical)),
            Checked::FormOnly { canonical } => Ok(Self::of(Style::Uuid, canonical)),
            Checked::Typo(typo) => Err(typo.into()),
            Checked::Unknown => Err(KeyTextError::NotAKey),
        }
    }

    /// A new one. The prefix counts for codes.
    ///
    /// # Errors
    /// [`licence_key::BadPrefix`].
    pub fn generate(
        style: Style,
        prefix: &str,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, licence_key::BadPrefix> {
        licence_key::generate(style, prefix, rng).map(|text| Self::of(style, Password::new(text)))
    }

    /// As it is shown and given to a buyer.
    #[must_use]
    pub fn shown(&self) -> &Password {
        &self.shown
    }

    /// What it is for a file.
    #[must_use]
    pub fn secret(&self, file: FileId) -> KeySecret {
        KeySecret::derive(file, self.input.as_str().as_bytes())
    }

    fn of(style: Style, shown: Password) -> Self {
        let lower = Zeroizing::new(shown.as_str().to_ascii_lowercase());
        let input = match (style, lower.split_once('-')) {
            (Style::Code, Some((prefix, rest))) => {
                let mut text = Zeroizing::new(String::with_capacity(lower.len()));
                text.push_str(prefix);
                text.push('1');
                text.extend(rest.chars().filter(|c| *c != '-'));
                Password::new(text.as_str())
            }
            _ => Password::new(lower.as_str()),
        };
        Self { shown, input }
    }
}

/// A key or passphrase, for one file.
#[derive(Clone, Debug)]
pub struct KeySecret {
    prk: Key,
    id: [u8; 32],
}

impl KeySecret {
    pub(super) fn derive(file: FileId, input: &[u8]) -> Self {
        let prk = kdf::extract(&file.0, input);
        let id = *kdf::expand(&prk, &[b"smsg3 id"]);
        Self { prk, id }
    }

    /// By which tables and licences know it. Public.
    #[must_use]
    pub fn id(&self) -> &[u8; 32] {
        &self.id
    }

    /// The key of its box in the table or licence with this salt.
    pub(super) fn wrap(&self, salt: &[u8; 32]) -> Key {
        Key::from_bytes(*kdf::expand(&self.prk, &[b"smsg3 wrap", salt]))
    }
}
