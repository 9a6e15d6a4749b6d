//! The Diffie-Hellman exchange over 768 bits.

use crypto_bigint::{Encoding, U192, U768, impl_modulus, modular::constant_mod::Residue};

/// Bytes of a private key.
pub const PRIVATE_KEY_BYTES: usize = 20;
/// Bytes of a public key, and of the shared secret.
pub(super) const KEY_BYTES: usize = 96;

/// What both sides come to.
pub(super) type Secret = [u8; KEY_BYTES];

impl_modulus!(
    Prime,
    U768,
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563"
);

const GENERATOR: U768 = U768::from_u8(2);

/// What is sent to the other side.
pub(super) fn public_key(private: &[u8; PRIVATE_KEY_BYTES]) -> [u8; KEY_BYTES] {
    power(&GENERATOR, private)
}

/// What both sides can compute. Degenerate keys of the other side are not refused: the secret would be known to
/// everybody, but nobody is authenticated, so whoever wanted it so could have the real one.
pub(super) fn secret(private: &[u8; PRIVATE_KEY_BYTES], other: &[u8; KEY_BYTES]) -> Secret {
    power(&U768::from_be_bytes(*other), private)
}

/// In time that does not depend on the exponent.
fn power(base: &U768, exponent: &[u8; PRIVATE_KEY_BYTES]) -> [u8; KEY_BYTES] {
    let mut wide = [0; U192::BYTES];
    wide[U192::BYTES - PRIVATE_KEY_BYTES..].copy_from_slice(exponent);
    let base = Residue::<Prime, { U768::LIMBS }>::new(base);
    base.pow_bounded_exp(&U192::from_be_bytes(wide), PRIVATE_KEY_BYTES * 8).retrieve().to_be_bytes()
}
