//! The checksum that the container format allows: hexadecimal, of the payload as it is in the file. It guards against
//! accidents, not against people: who changes the payload can change the header too.
//!
//! `checksum_algo` is `sha256`, `sha512`, `sha1` or `lthn`. The original takes every other name for SHA-256; we refuse them
//! (and `md5`, which it knows too but no writer of SMSG uses).

use crate::{ContainerError, keys::lthn, limits};
use data_encoding::HEXLOWER;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

/// `checksum` and `checksum_algo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// The algorithm's name as written.
    pub algorithm: String,
    /// Lower-case hexadecimal digest as written.
    pub digest: String,
}

/// Hashes a payload as it goes by.
pub struct ChecksumHasher {
    hash: Hash,
    expected: String,
}

enum Hash {
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
    /// Held, because the salt is the payload backwards. `None`: it is too long.
    Lthn(Option<Vec<u8>>),
}

impl ChecksumHasher {
    /// A hasher for the algorithm a header names.
    ///
    /// # Errors
    /// [`crate::ContainerError::Checksum`] for an algorithm that is not known.
    pub fn new(checksum: &Checksum) -> Result<Self, ContainerError> {
        const SHOWN: usize = 64;
        let hash = match checksum.algorithm.as_str() {
            "sha1" => Hash::Sha1(Sha1::new()),
            "sha256" => Hash::Sha256(Sha256::new()),
            "sha512" => Hash::Sha512(Sha512::new()),
            "lthn" => Hash::Lthn(Some(Vec::new())),
            other => {
                let name: String = other.chars().take(SHOWN).collect();
                return Err(ContainerError::Checksum(format!(
                    "its algorithm {name:?} is not known to this program"
                )));
            }
        };
        Ok(Self { hash, expected: checksum.digest.clone() })
    }

    /// The next bytes of the payload.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.hash {
            Hash::Sha1(hash) => hash.update(bytes),
            Hash::Sha256(hash) => hash.update(bytes),
            Hash::Sha512(hash) => hash.update(bytes),
            Hash::Lthn(held) => match held {
                Some(all) if all.len() + bytes.len() <= limits::MAX_LTHN_PAYLOAD => {
                    all.extend_from_slice(bytes)
                }
                _ => *held = None,
            },
        }
    }

    /// Compares.
    ///
    /// # Errors
    /// [`crate::ContainerError::Checksum`] when it is another; [`crate::ContainerError::OverLimit`] when the payload is longer
    /// than [`limits::MAX_LTHN_PAYLOAD`] and the algorithm is `lthn`.
    pub fn finish(self) -> Result<(), ContainerError> {
        let digest = match self.hash {
            Hash::Sha1(hash) => HEXLOWER.encode(&hash.finalize()),
            Hash::Sha256(hash) => HEXLOWER.encode(&hash.finalize()),
            Hash::Sha512(hash) => HEXLOWER.encode(&hash.finalize()),
            Hash::Lthn(Some(payload)) => HEXLOWER.encode(&lthn_of_bytes(&payload)),
            Hash::Lthn(None) => {
                let limit = limits::MAX_LTHN_PAYLOAD as u64;
                return Err(ContainerError::OverLimit { what: "a payload with an lthn checksum", limit });
            }
        };
        if digest == self.expected {
            Ok(())
        } else {
            Err(ContainerError::Checksum("the payload has another".to_owned()))
        }
    }
}

/// LTHN of bytes that need not be text: each byte that belongs to no code point becomes U+FFFD in the salt, as in Go.
fn lthn_of_bytes(payload: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new().chain_update(payload);
    let mut piece = Vec::with_capacity(PIECE);
    let mut rest = payload;
    while let Some((c, before)) = split_last_char(rest) {
        piece.extend_from_slice(lthn::mapped(c).encode_utf8(&mut [0; 4]).as_bytes());
        if piece.len() >= PIECE - 4 {
            hash.update(&piece);
            piece.clear();
        }
        rest = before;
    }
    hash.chain_update(&piece).finalize().into()
}

/// Bytes of salt that are hashed at once.
const PIECE: usize = 4 << 10;

/// The last code point and what is before it. Decoding backwards finds the same code points as forwards, because no valid
/// one is the tail of another.
fn split_last_char(bytes: &[u8]) -> Option<(char, &[u8])> {
    let (_, all_but_one) = bytes.split_last()?;
    for len in 1..=4.min(bytes.len()) {
        let (before, tail) = bytes.split_at(bytes.len() - len);
        let mut chars = std::str::from_utf8(tail).unwrap_or_default().chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return Some((c, before));
        }
    }
    Some((char::REPLACEMENT_CHARACTER, all_but_one))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Checksum, ChecksumHasher, lthn_of_bytes, split_last_char};
    use crate::{keys::lthn, limits};

    fn check(algorithm: &str, digest: &str, payload: &[u8]) -> Result<(), crate::ContainerError> {
        let checksum = Checksum { algorithm: algorithm.to_owned(), digest: digest.to_owned() };
        let mut hasher = ChecksumHasher::new(&checksum)?;
        for piece in payload.chunks(2) {
            hasher.update(piece);
        }
        hasher.finish()
    }

    #[test]
    fn each_algorithm_knows_abc() {
        // FIPS 180-4's examples; LTHN is SHA-256 of "abccb4".
        for (algorithm, digest) in [
            ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "sha512",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                 2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
            ("lthn", &data_encoding::HEXLOWER.encode(&lthn::lthn("abc"))),
        ] {
            check(algorithm, digest, b"abc").unwrap();
            assert_eq!(check(algorithm, digest, b"abd").unwrap_err().class(), "checksum", "{algorithm}");
            assert_eq!(check(algorithm, &digest.to_uppercase(), b"abc").unwrap_err().class(), "checksum");
        }
    }

    #[test]
    fn other_algorithms_are_refused() {
        for algorithm in ["", "md5", "SHA256", "crc32"] {
            assert_eq!(check(algorithm, "", b"").unwrap_err().class(), "checksum", "{algorithm}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_one_by_one() {
        fn backwards(mut bytes: &[u8]) -> String {
            let mut all = String::new();
            while let Some((c, before)) = split_last_char(bytes) {
                all.push(c);
                bytes = before;
            }
            all
        }
        assert_eq!(backwards("a\u{e9}\u{65e5}\u{1F3B5}".as_bytes()), "\u{1F3B5}\u{65e5}\u{e9}a");
        assert_eq!(backwards(b"\xff\xfea\x80"), "\u{fffd}a\u{fffd}\u{fffd}");
        // Three bytes of a code point of four, and a surrogate, which UTF-8 does not have.
        assert_eq!(backwards(b"\xf0\x9f\x8eb"), "b\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(backwards(b"\xed\xa0\x80"), "\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(backwards(b"\xe6\x97\xa5\xa5"), "\u{fffd}\u{65e5}");
        assert_eq!(
            lthn_of_bytes("tso\u{e9}".repeat(3_000).as_bytes()),
            lthn::lthn(&"tso\u{e9}".repeat(3_000))
        );
    }

    #[test]
    fn lthn_of_bytes_is_the_original_s() {
        let mut bytes: Vec<u8> = (0..=255).collect();
        bytes.extend_from_slice("na\u{ef}ve \u{65e5}\u{672c} \u{1F3B5} toast".as_bytes());
        bytes.extend_from_slice(b"\xed\xa0\x80\xf4\x90\x80\x80\xf0\x9f\x8e");
        // Of Enchantrix v0.0.2.
        let digest = "ff8babf718515fa94bbf23668e4869eef526fc5605d06848c9e7b15ef803cf60";
        check("lthn", digest, &bytes).unwrap();
    }

    #[test]
    fn what_lthn_holds_is_bounded() {
        let checksum = Checksum { algorithm: "lthn".to_owned(), digest: String::new() };
        let mut hasher = ChecksumHasher::new(&checksum).unwrap();
        hasher.update(b"1");
        hasher.update(&vec![0; limits::MAX_LTHN_PAYLOAD]);
        hasher.update(b"2");
        assert_eq!(hasher.finish().unwrap_err().class(), "over_limit");
    }
}
